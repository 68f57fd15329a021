/* SPDX-License-Identifier: ISC */
/* Text in, configuration or mistakes out. No file is opened and nothing of the system is
 * looked up. */
#include <stdlib.h>
#include <string.h>

#include "conf/draft.h"
#include "conf/grammar.h"

/* The buffer that the scanner and the tokens live on: the text, and two NULs. */
static char *
scan_copy(const char *text, size_t len)
{
	char *copy = malloc(len + 2);

	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = copy[len + 1] = '\0';
	return copy;
}

static void
draft_clean(struct draft *d)
{
	draft_link_end(d);
	for (size_t i = 0; i < d->nlinks; i++) {
		draft_free_targets(&d->links[i]);
		conf_free_targets(&d->links[i].link);
	}
	conf_free_service(&d->no_target.target);
	free(d->links);
	free(d->pins);
	free(d->hooks);
}

/* Some editors begin a file with a byte order mark; it says nothing. */
static void
skip_byte_order_mark(const char **text, size_t *len)
{
	if (*len < 3 || memcmp(*text, "\xef\xbb\xbf", 3) != 0)
		return;
	*text += 3;
	*len -= 3;
}

/* Reads and checks; the statements before a mistake and after it count alike. */
static int
read_draft(struct draft *d, char *copy, size_t size)
{
	if (conf_scan_open(d, copy, size) != 0) {
		draft_no_memory(d);
		return -1;
	}
	conf_yyparse(d);
	draft_link_end(d);
	return draft_check(d);
}

struct conf *
conf_parse(const char *text, size_t len, const char *name, conf_complain *complain, void *arg)
{
	struct draft *d = calloc(1, sizeof *d);
	struct conf *conf = calloc(1, sizeof *conf);
	char *copy = NULL;
	int failed = -1;

	if (d == NULL || conf == NULL) {
		complain(arg, true, name, 1, "not enough memory to read it");
		goto done;
	}
	*d =
	    (struct draft){.file = name, .complain = complain, .arg = arg, .conf = conf, .line = 1};
	if (len > CONF_TEXT_MAX) {
		draft_error(d, 1, "the file is larger than %d octets: it can't be a configuration",
			    CONF_FILE_MAX);
		goto done;
	}
	skip_byte_order_mark(&text, &len);
	copy = scan_copy(text, len);
	if (copy == NULL)
		draft_no_memory(d);
	else
		failed = read_draft(d, copy, len + 2);
	conf_scan_close(d);
	draft_clean(d);
done:
	free(copy);
	free(d);
	if (failed != 0) {
		conf_free(conf);
		conf = NULL;
	}
	return conf;
}

/* SPDX-License-Identifier: ISC */
/* Any octets as a configuration: whatever comes out, a file that is taken prints
 * as one that is taken and the same, and every message is one clean line about a
 * line of the text. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/order.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct listener {
	int lines;
	unsigned mistakes;
};

static void
must(int condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "broken: %s\n", what);
		abort();
	}
}

/* text_ok takes short texts only, so piece by piece, at the boundaries of characters. */
static int
clean(const char *text)
{
	size_t left = strlen(text);

	while (left > TEXT_LEN) {
		size_t n = TEXT_LEN;
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
		if (n == 0 || !text_ok(text, n))
			return 0;
		text += n;
		left -= n;
	}
	return text_ok(text, left);
}

static void
hear(void *arg, bool error, const char *file, int line, const char *message)
{
	struct listener *l = arg;

	(void)file;
	l->mistakes += error;
	must(line >= 1 && line <= l->lines, "a message has a line of the text");
	must(message[0] != '\0' && clean(message), "a message is one line of text");
}

static struct conf *
parse(const char *text, size_t len, unsigned *mistakes)
{
	struct listener l = {.lines = 1};

	for (size_t i = 0; i < len; i++)
		l.lines += text[i] == '\n';
	struct conf *conf = conf_parse(text, len, "fuzz.conf", hear, &l);
	must((conf == NULL) == (l.mistakes > 0), "no configuration means a mistake was told");
	*mistakes = l.mistakes;
	return conf;
}

static char *
print(const struct conf *conf, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	must(out != NULL, "memory");
	conf_print(conf, out);
	fclose(out);
	return text;
}

/* Indexes too: what was assigned is handed over unchanged. */
static void
assign(struct conf *conf)
{
	static struct conf_index_map map;
	char error[256];

	memset(&map, 0, sizeof map);
	if (conf_assign_indexes(conf, &map, error, sizeof error) != 0)
		must(clean(error), "a reason is one line of text");
	else
		for (size_t i = 0; i < conf->nlinks; i++)
			must(conf_link_by_index(conf, conf->links[i].index) == &conf->links[i],
			     "each link has an index of its own");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t first_len, second_len;
	unsigned mistakes;
	struct conf *conf = parse((const char *)data, size, &mistakes);

	if (conf == NULL)
		return 0;
	assign(conf);
	char *first = print(conf, &first_len);
	struct conf *again = parse(first, first_len, &mistakes);
	must(again != NULL, "what was printed is taken");
	char *second = print(again, &second_len);
	must(first_len == second_len && memcmp(first, second, first_len) == 0,
	     "what was printed prints the same");
	conf_free(again);
	conf_free(conf);
	free(first);
	free(second);
	return 0;
}

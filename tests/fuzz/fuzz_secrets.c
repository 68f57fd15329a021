/* SPDX-License-Identifier: ISC */
/* Any text as the file of secrets: what is taken has names and secrets that end, long
 * enough ones, and no name twice; and no message has more of the text in it than a
 * name. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/secrets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned mistakes;

static void
complain(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	(void)file;
	if (line < 1 || message[0] == '\0')
		abort();
	mistakes += error;
}

static void
check(const struct conf_secrets *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct conf_secret *own = &s->list[i];

		if (memchr(own->name, '\0', sizeof(own->name)) == NULL ||
		    memchr(own->auth, '\0', sizeof(own->auth)) == NULL ||
		    memchr(own->priv, '\0', sizeof(own->priv)) == NULL || own->auth[0] == '\0' ||
		    conf_secret(s, own->community, own->name) != own)
			abort();
		if (!own->community && strlen(own->auth) < AGENT_PASSPHRASE_MIN)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_secrets *s;

	mistakes = 0;
	s = conf_secrets_parse((const char *)data, size, "secrets", complain, NULL);
	if ((s == NULL) != (mistakes > 0))
		abort();
	if (s != NULL)
		check(s);
	conf_secrets_free(s);
	return 0;
}

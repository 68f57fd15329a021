/* SPDX-License-Identifier: ISC */
/* What pfctl(8) shows, read: the counts of the links' labels, and interfaces that pf skips. Lines
 * that are not known are passed over. Pure. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"
#include "system/openbsd/pf.h"

static const char *const family_words[FAMILIES] = {"inet", "inet6"};

/* ---- labels ---- */

/* The number that the text begins with; the text behind it and a space. */
static bool
take_number(const char **text, uint64_t *n)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*n = strtoull(*text, &end, 10);
	if (errno != 0 || (*end != ' ' && *end != '\0'))
		return false;
	*text = *end == ' ' ? end + 1 : end;
	return true;
}

/* "LABEL EVALUATIONS PACKETS BYTES PACKETS-IN BYTES-IN PACKETS-OUT BYTES-OUT STATES" */
static void
read_label(const char *line, struct pf_counter counters[FAMILIES][LINKS_MAX + 1])
{
	enum { LINK, PACKETS_OUT = 6, BYTES_OUT, STATES, NUMBERS };
	uint64_t n[NUMBERS];

	for (int family = 0; family < FAMILIES; family++) {
		char begin[32];
		int len = snprintf(begin, sizeof(begin), "%s-%s-", OWN_LABEL, family_words[family]);
		const char *at = line + len;
		struct pf_counter *c;
		int got = 0;

		if (strncmp(line, begin, (size_t)len) != 0)
			continue;
		while (got < NUMBERS && take_number(&at, &n[got]))
			got++;
		if (got < NUMBERS || n[LINK] < 1 || n[LINK] > LINKS_MAX)
			return;
		c = &counters[family][n[LINK]];
		c->seen = true;
		c->packets += n[PACKETS_OUT];
		c->octets += n[BYTES_OUT];
		c->states += n[STATES];
	}
}

void
pf_read_labels(const char *text, size_t len, struct pf_counter counters[FAMILIES][LINKS_MAX + 1])
{
	char line[256];

	while (len > 0) {
		const char *newline = memchr(text, '\n', len);
		size_t n = newline != NULL ? (size_t)(newline - text) : len;

		if (n < sizeof(line)) {
			memcpy(line, text, n);
			line[n] = '\0';
			read_label(line, counters);
		}
		if (newline == NULL)
			return;
		len -= n + 1;
		text = newline + 1;
	}
}

/* ---- interfaces ---- */

static bool
is_skipped(const char *text, const char *ifname)
{
	char line[IFNAME_LEN + 16];
	size_t len = (size_t)snprintf(line, sizeof(line), "%s (skip)\n", ifname);

	for (const char *at = text; at != NULL && *at != '\0';) {
		if (strncmp(at, line, len) == 0)
			return true;
		at = strchr(at, '\n');
		if (at != NULL)
			at++;
	}
	return false;
}

static bool
stands_before(const struct conf *conf, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(conf->links[i].interface, conf->links[n].interface) == 0)
			return true;
	return false;
}

void
pf_print_skips(const struct conf *conf, const char *text, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < conf->nlinks; i++) {
		const char *ifname = conf->links[i].interface;

		if (stands_before(conf, i) || !is_skipped(text, ifname))
			continue;
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 used > 0 ? ", " : "set skip on ", ifname);
		if (used >= size)
			return; /* that much is enough */
	}
}

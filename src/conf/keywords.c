/* SPDX-License-Identifier: ISC */
/* The words of the language, in one table: the lexer, the mistakes that name a
 * nearest word, and the test of the manual page read it. */
#include <stdlib.h>
#include <string.h>

#include "conf/draft.h"
#include "conf/grammar.h"

#define IN_FILE "the file: write it outside of any { } block"
#define IN_LINK "a link: write it within link { }"
#define IN_SNMP "the SNMP side: write it within snmp { }"
#define IN_PROBE "the file, a link or a target"
#define IN_BOTH "the file or a link"
#define IN_TARGET "a target: write it behind the target's address"

const struct keyword conf_keywords[] = {
    {"after", T_AFTER, NULL},
    {"agentx", T_AGENTX, IN_SNMP},
    {"alias", T_ALIAS, IN_LINK},
    {"arp", T_ARP, IN_TARGET},
    {"auth", T_AUTH, NULL},
    {"auto", T_AUTO, NULL},
    {"budget", T_BUDGET, IN_BOTH},
    {"ca", T_CA, NULL},
    {"ceiling", T_CEILING, NULL},
    {"clamp", T_CLAMP, NULL},
    {"clients", T_CLIENTS, NULL},
    {"command", T_COMMAND, IN_TARGET},
    {"community", T_COMMUNITY, IN_SNMP},
    {"confirm", T_CONFIRM, IN_FILE},
    {"contact", T_CONTACT, IN_SNMP},
    {"control", T_CONTROL, IN_SNMP},
    {"day", T_DAY, NULL},
    {"deadline", T_DEADLINE, NULL},
    {"default", T_DEFAULT, IN_SNMP},
    {"degraded", T_DEGRADED, NULL},
    {"deprecate", T_DEPRECATE, IN_FILE},
    {"dns", T_DNS, IN_TARGET},
    {"down", T_DOWN, IN_PROBE},
    {"drain", T_DRAIN, IN_BOTH},
    {"exclude", T_EXCLUDE, NULL},
    {"expect", T_EXPECT, NULL},
    {"flap", T_FLAP, IN_BOTH},
    {"flows", T_FLOWS, IN_FILE},
    {"from", T_FROM, NULL},
    {"gateway", T_GATEWAY, IN_LINK},
    {"group", T_GROUP, IN_FILE},
    {"half", T_HALF, NULL},
    {"hold", T_HOLD, IN_BOTH},
    {"host", T_HOST, NULL},
    {"http", T_HTTP, IN_TARGET},
    {"https", T_HTTPS, IN_TARGET},
    {"icmp", T_ICMP, IN_TARGET},
    {"idle", T_IDLE, NULL},
    {"include", T_INCLUDE, NULL},
    {"index", T_INDEX, IN_BOTH},
    {"inet", T_INET, NULL},
    {"inet6", T_INET6, NULL},
    {"inform", T_INFORM, IN_SNMP},
    {"interface", T_INTERFACE, IN_LINK},
    {"interval", T_INTERVAL, IN_PROBE},
    {"jitter", T_JITTER, NULL},
    {"kernel", T_KERNEL, NULL},
    {"kill", T_KILL, IN_BOTH},
    {"last", T_LAST, IN_LINK},
    {"leave", T_LEAVE, NULL},
    {"life", T_LIFE, NULL},
    {"limit", T_LIMIT, IN_BOTH},
    {"link", T_LINK, IN_FILE},
    {"listen", T_LISTEN, IN_SNMP},
    {"location", T_LOCATION, IN_SNMP},
    {"loss", T_LOSS, NULL},
    {"mark", T_MARK, IN_FILE},
    {"marks", T_MARKS, NULL},
    {"mask", T_MASK, NULL},
    {"masquerade", T_MASQUERADE, NULL},
    {"mss", T_MSS, IN_BOTH},
    {"nat", T_NAT, IN_BOTH},
    {"nat6", T_NAT6, IN_BOTH},
    {"nd", T_ND, IN_TARGET},
    {"no", T_NO, NULL},
    {"none", T_NONE, NULL},
    {"notify", T_NOTIFY, IN_SNMP},
    {"on", T_ON, IN_BOTH},
    {"path", T_PATH, NULL},
    {"per", T_PER, NULL},
    {"pmtu", T_PMTU, NULL},
    {"port", T_PORT, NULL},
    {"prefix", T_PREFIX, IN_LINK},
    {"priv", T_PRIV, NULL},
    {"query", T_QUERY, NULL},
    {"quorum", T_QUORUM, IN_LINK},
    {"rcode", T_RCODE, NULL},
    {"read", T_READ, NULL},
    {"realtime", T_REALTIME, IN_FILE},
    {"rebalance", T_REBALANCE, IN_BOTH},
    {"reset", T_RESET, IN_FILE},
    {"resort", T_RESORT, NULL},
    {"reuse", T_REUSE, NULL},
    {"rtt", T_RTT, NULL},
    {"rule", T_RULE, IN_FILE},
    {"run", T_RUN, NULL},
    {"secrets", T_SECRETS, IN_SNMP},
    {"site", T_SITE, IN_FILE},
    {"size", T_SIZE, NULL},
    {"snat", T_SNAT, NULL},
    {"snmp", T_SNMP, IN_FILE},
    {"source", T_SOURCE, IN_LINK},
    {"standby", T_STANDBY, IN_BOTH},
    {"status", T_STATUS, NULL},
    {"stay", T_STAY, NULL},
    {"suppress", T_SUPPRESS, NULL},
    {"suspicion", T_SUSPICION, IN_FILE},
    {"table", T_TABLE, IN_FILE},
    {"target", T_TARGET, IN_LINK},
    {"targets", T_TARGETS, NULL},
    {"tcp", T_TCP, IN_TARGET},
    {"tier", T_TIER, IN_LINK},
    {"timeout", T_TIMEOUT, IN_PROBE},
    {"to", T_TO, NULL},
    {"trap", T_TRAP, IN_SNMP},
    {"ttl", T_TTL, NULL},
    {"type", T_TYPE, NULL},
    {"up", T_UP, IN_PROBE},
    {"user", T_USER, NULL},
    {"view", T_VIEW, IN_SNMP},
    {"weight", T_WEIGHT, IN_LINK},
    {"when", T_WHEN, IN_BOTH},
    {"window", T_WINDOW, IN_PROBE},
    {"write", T_WRITE, NULL},
    {"yes", T_YES, NULL},
    {NULL, 0, NULL},
};

enum { KEYWORDS = sizeof conf_keywords / sizeof *conf_keywords - 1 };

static int
compare(const void *key, const void *element)
{
	const struct token *t = key;
	const struct keyword *k = element;
	int order = strncmp(t->text, k->word, t->len);

	return order != 0 ? order : k->word[t->len] == '\0' ? 0 : -1;
}

const struct keyword *
conf_keyword(const char *text, size_t len)
{
	struct token t = {.text = text, .len = (uint32_t)len};

	if (memchr(text, '\0', len) != NULL)
		return NULL;
	return bsearch(&t, conf_keywords, KEYWORDS, sizeof *conf_keywords, compare);
}

enum { WORD_MAX = 16, FAR = 99 };

/* Damerau's distance with neighbours swapped, over three rows. */
unsigned
conf_word_distance(const char *a, size_t alen, const char *b)
{
	unsigned rows[3][WORD_MAX + 1];
	size_t blen = strlen(b);

	if (alen > WORD_MAX || blen > WORD_MAX)
		return FAR;
	for (unsigned j = 0; j <= blen; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= alen; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3],
			 *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= blen; j++) {
			unsigned best = above[j - 1] + (a[i - 1] != b[j - 1]);
			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    two_above[j - 2] + 1 < best)
				best = two_above[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[alen % 3][blen];
}

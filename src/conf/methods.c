/* SPDX-License-Identifier: ISC */
/* The ways to ask a target, and what they need to know. */
#include "conf/draft.h"

#include <stdio.h>
#include <string.h>

#include "conf/methods.h"

struct word {
	const char *name;
	uint16_t value;
};

/* RFC 1035, 2782, 3596. */
static const struct word types[] = {{"a", 1},   {"ns", 2},   {"cname", 5}, {"soa", 6}, {"ptr", 12},
				    {"mx", 15}, {"txt", 16}, {"aaaa", 28}, {"srv", 33}};
static const struct word rcodes[] = {
    {"noerror", 0}, {"servfail", 2}, {"nxdomain", 3}, {"refused", 5}, {"any", CONF_RCODE_ANY}};

enum { TYPES = sizeof types / sizeof *types, RCODES = sizeof rcodes / sizeof *rcodes };

static const char *
name_of(const struct word *words, size_t n, unsigned value)
{
	for (size_t i = 0; i < n; i++)
		if (words[i].value == value)
			return words[i].name;
	return "?";
}

static const struct word *
find(const struct word *words, size_t n, const struct token *t)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i].name) == t->len && memcmp(words[i].name, t->text, t->len) == 0)
			return &words[i];
	return NULL;
}

const char *
conf_query_type_name(unsigned type)
{
	return name_of(types, TYPES, type);
}

const char *
conf_rcode_name(unsigned rcode)
{
	return name_of(rcodes, RCODES, rcode);
}

void
draft_method(struct draft *d, enum method method)
{
	struct conf_target *t = &d->target->target;

	t->method = (uint8_t)method;
	if (method != METHOD_DNS)
		return;
	t->query_type = types[0].value;
	t->rcode = (uint8_t)rcodes[0].value;
}

/* arp and nd: each is one IP version's way to ask a neighbour. */
void
draft_neighbour(struct draft *d, const struct token *name, int family)
{
	struct conf_target *t = &d->target->target;

	draft_method(d, METHOD_NEIGHBOUR);
	if (!t->gateway)
		draft_error(d, name->line,
			    "%.*s asks the gateway, and no other host: write target gateway %.*s",
			    (int)name->len, name->text, (int)name->len, name->text);
	else if (t->family != family && t->family != FAMILIES)
		draft_error(d, name->line, "%.*s is for IPv%d: use %s here", (int)name->len,
			    name->text, family == V4 ? 4 : 6, family == V4 ? "nd" : "arp");
	else
		t->family = (uint8_t)family;
}

static bool
label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

/* Labels of 1 to 63 letters, digits, - or _; a dot at the end is for the root. */
static bool
name_ok(const char *name)
{
	size_t label = 0;

	if (strcmp(name, ".") == 0)
		return true;
	for (const char *c = name; *c != '\0'; c++) {
		if (*c == '.' ? label == 0 : !label_char(*c) || label == 63)
			return false;
		label = *c == '.' ? 0 : label + 1;
	}
	return name[0] != '\0';
}

void
draft_query(struct draft *d, const struct token *t)
{
	char *name = d->target->target.query;
	size_t len;

	if (draft_read_text(d, t, "the name to query", name, sizeof d->target->target.query) != 0)
		return;
	len = strlen(name);
	if (!name_ok(name)) {
		draft_error(d, t->line,
			    "the name to query has labels of 1 to 63 letters, digits, - or _, with "
			    "dots between them: write such a one, or \".\" for the root");
		name[0] = '\0';
	} else if (len > 1 && name[len - 1] == '.') {
		name[len - 1] = '\0';
	}
}

static void
list_words(const struct word *words, size_t n, char *buf, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 i == 0       ? ""
					 : i + 1 == n ? " or "
						      : ", ",
					 words[i].name);
}

static const struct word *
read_word(struct draft *d, const struct token *t, const char *what, const struct word *words,
	  size_t n)
{
	const struct word *found = find(words, n, t);
	char quoted[QUOTE_LEN], list[120];

	if (found != NULL)
		return found;
	list_words(words, n, list, sizeof list);
	draft_error(d, t->line, "%s %s is not known: write %s", what, draft_quote(t, quoted), list);
	return NULL;
}

static bool
once(struct draft *d, int *set, const char *name, int line)
{
	if (*set != 0)
		draft_error(d, line, "%s is set twice: remove one", name);
	else
		*set = line;
	return *set == line;
}

void
draft_query_type(struct draft *d, const struct token *t)
{
	const struct word *word = read_word(d, t, "type", types, TYPES);

	if (word != NULL && once(d, &d->target->type_line, "type", t->line))
		d->target->target.query_type = word->value;
}

void
draft_rcode(struct draft *d, const struct token *t)
{
	const struct word *word = read_word(d, t, "rcode", rcodes, RCODES);

	if (word != NULL && once(d, &d->target->rcode_line, "rcode", t->line))
		d->target->target.rcode = (uint8_t)word->value;
}

/* SPDX-License-Identifier: ISC */
/* The statements of snmp { } that make it an agent of its own, as they are read. What
 * needs the whole of them is checked in agent_check.c. */
#include "conf/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

static const char *const auth_names[] = {"none", "sha256", "sha384", "sha512"};
static const char *const priv_names[] = {"none", "aes", "aes256"};

const char *
conf_auth_name(unsigned auth)
{
	return auth < sizeof auth_names / sizeof *auth_names ? auth_names[auth] : "?";
}

const char *
conf_priv_name(unsigned priv)
{
	return priv < sizeof priv_names / sizeof *priv_names ? priv_names[priv] : "?";
}

static bool
is_word(const struct token *t, const char *word)
{
	return t->len == strlen(word) && memcmp(t->text, word, t->len) == 0;
}

const struct conf_view *
conf_view(const struct conf_agent *a, const char *name)
{
	for (unsigned i = 0; i < a->nviews; i++)
		if (strcmp(a->views[i].name, name) == 0)
			return &a->views[i];
	return NULL;
}

const struct conf_user *
conf_user(const struct conf_agent *a, const char *name)
{
	for (unsigned i = 0; i < a->nusers; i++)
		if (strcmp(a->users[i].name, name) == 0)
			return &a->users[i];
	return NULL;
}

const struct conf_community *
conf_community(const struct conf_agent *a, const char *name)
{
	for (unsigned i = 0; i < a->ncommunities; i++)
		if (strcmp(a->communities[i].name, name) == 0)
			return &a->communities[i];
	return NULL;
}

/* ---- where it listens ---- */

static const struct {
	const char *prefix;
	bool tcp;
	uint8_t family;
} transports[] = {
    {"udp:", false, V4}, {"udp6:", false, V6}, {"tcp:", true, V4}, {"tcp6:", true, V6}};

const char *
conf_listen_text(const struct conf_listen *l, char buf[static LISTEN_TEXT_LEN])
{
	char addr[ADDR_STRLEN];
	const char *prefix = l->tcp            ? l->family == V4 ? "tcp" : "tcp6"
			     : l->family == V4 ? "udp"
					       : "udp6";

	if (!addr_is_set(&l->addr))
		snprintf(buf, LISTEN_TEXT_LEN, "%s:%u", prefix, l->port);
	else
		snprintf(buf, LISTEN_TEXT_LEN, l->family == V4 ? "%s:%s:%u" : "%s:[%s]:%u", prefix,
			 addr_text(&l->addr, addr), l->port);
	return buf;
}

/* ADDRESS: or [ADDRESS]: before the port. Returns what follows it, or NULL. */
static const char *
read_listen_address(const char *text, struct conf_listen *l)
{
	char addr[ADDR_STRLEN];
	bool bracket = *text == '[';
	const char *end = bracket ? strchr(text, ']') : strrchr(text, ':');
	size_t len;

	if (end == NULL)
		return strchr(text, ':') == NULL ? text : NULL; /* a port alone */
	text += bracket;
	len = (size_t)(end - text);
	if (len >= sizeof addr || (bracket && end[1] != ':') || bracket != (l->family == V6))
		return NULL;
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (addr_parse(addr, &l->addr) != 0 || addr_family(&l->addr) != l->family)
		return NULL;
	return end + 1 + bracket;
}

static int
read_listen(const char *text, struct conf_listen *l)
{
	const char *port = NULL;
	char *end;
	unsigned long n;

	for (size_t i = 0; i < sizeof transports / sizeof *transports; i++)
		if (strncmp(text, transports[i].prefix, strlen(transports[i].prefix)) == 0) {
			l->tcp = transports[i].tcp;
			l->family = transports[i].family;
			port = read_listen_address(text + strlen(transports[i].prefix), l);
		}
	if (port == NULL || *port < '0' || *port > '9')
		return -1;
	n = strtoul(port, &end, 10);
	if (*end != '\0' || n < 1 || n > 65535)
		return -1;
	l->port = (uint16_t)n;
	return 0;
}

void
draft_listen(struct draft *d, const struct token *t)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	struct conf_listen l = {.line = t->line};
	char text[LISTEN_TEXT_LEN], quoted[QUOTE_LEN];

	if (a->nlistens == AGENT_LISTENS_MAX) {
		draft_error(d, t->line, "more than %d lines with listen: remove some",
			    AGENT_LISTENS_MAX);
		return;
	}
	if (draft_read_text(d, t, "listen", text, sizeof text) != 0)
		return;
	if (read_listen(text, &l) != 0) {
		draft_error(d, t->line,
			    "listen %s is not TRANSPORT:PORT or TRANSPORT:ADDRESS:PORT: write "
			    "\"udp:161\", \"udp:192.0.2.1:161\", \"udp6:[2001:db8::1]:161\" or the "
			    "same with tcp and tcp6",
			    draft_quote(t, quoted));
		return;
	}
	for (unsigned i = 0; i < a->nlistens; i++)
		if (a->listens[i].tcp == l.tcp && a->listens[i].family == l.family &&
		    a->listens[i].port == l.port && addr_equal(&a->listens[i].addr, &l.addr)) {
			draft_error(d, t->line, "listen %s stands in line %d already: remove one",
				    draft_quote(t, quoted), a->listens[i].line);
			return;
		}
	a->listens[a->nlistens++] = l;
}

/* ---- texts ---- */

void
draft_agent_text(struct draft *d, enum setting setting, const struct token *t)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	bool contact = setting == SET_CONTACT;
	const char *name = contact ? "contact" : "location";

	if (draft_once(d, setting, name, t->line))
		draft_read_text(d, t, name, contact ? a->contact : a->location, sizeof a->contact);
}

void
draft_secrets(struct draft *d, const struct token *t)
{
	char *path = d->conf->snmp.agent.secrets;

	if (!draft_once(d, SET_SECRETS, "secrets", t->line) ||
	    draft_read_path(d, t, "secrets", path, sizeof d->conf->snmp.agent.secrets) != 0)
		return;
	if (path[0] != '/')
		draft_error(d, t->line, "secrets needs the path of a file: begin it with /");
}

/* ---- views ---- */

/* 1.3.6.1, with or without a dot before it. */
static int
read_subtree(const struct token *t, struct conf_subtree *s)
{
	char text[SUBTREE_LEN * 11 + 2], *p = text;

	if (t->len == 0 || t->len >= sizeof text || memchr(t->text, '\0', t->len) != NULL)
		return -1;
	memcpy(text, t->text, t->len);
	text[t->len] = '\0';
	p += *p == '.';
	for (;;) {
		unsigned long id;

		if (*p < '0' || *p > '9' || s->length == SUBTREE_LEN)
			return -1;
		id = strtoul(p, &p, 10);
		if (id > UINT32_MAX)
			return -1;
		s->id[s->length++] = (uint32_t)id;
		if (*p == '\0')
			return 0;
		if (*p++ != '.')
			return -1;
	}
}

static struct conf_view *
this_view(struct draft *d)
{
	struct conf_agent *a = &d->conf->snmp.agent;

	return d->no_agent_part ? NULL : &a->views[a->nviews - 1];
}

/* The name of something new of the agent; false where the mistake was told. */
static bool
read_name(struct draft *d, const struct token *t, const char *what, char *name, size_t size)
{
	if (draft_read_text(d, t, what, name, size) != 0)
		return false;
	if (name[0] == '\0')
		draft_error(d, t->line, "%s is empty: give it one", what);
	return name[0] != '\0';
}

/* Is there room for one more, and is it the first of its name? */
static bool
may_add(struct draft *d, const struct token *t, const char *what, unsigned count, unsigned max,
	int line_of_first)
{
	char quoted[QUOTE_LEN];

	d->no_agent_part = true; /* what follows belongs to nothing */
	if (line_of_first != 0)
		draft_error(d, t->line, "%s %s stands in line %d already: remove one", what,
			    draft_quote(t, quoted), line_of_first);
	else if (count == max)
		draft_error(d, t->line, "more than %u lines with %s: remove some", max, what);
	else
		d->no_agent_part = false;
	return !d->no_agent_part;
}

void
draft_view(struct draft *d, const struct token *t)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	struct conf_view v = {.line = t->line};
	const struct conf_view *first;

	d->no_agent_part = true;
	if (!read_name(d, t, "the view's name", v.name, sizeof v.name))
		return;
	if (strcmp(v.name, CONF_VIEW_ALL) == 0) {
		draft_error(d, t->line,
			    "view \"all\" is everything, always: give this one another name");
		return;
	}
	first = conf_view(a, v.name);
	if (may_add(d, t, "view", a->nviews, AGENT_VIEWS_MAX, first != NULL ? first->line : 0))
		a->views[a->nviews++] = v;
}

void
draft_subtree(struct draft *d, const struct token *t, bool include)
{
	struct conf_view *v = this_view(d);
	struct conf_subtree s = {.include = include};
	char quoted[QUOTE_LEN];

	if (is_word(t, "uplinkMIB"))
		s.name = SUBTREE_UPLINK;
	else if (is_word(t, "system"))
		s.name = SUBTREE_SYSTEM;
	else if (read_subtree(t, &s) != 0) {
		draft_error(d, t->line,
			    "%s is not a subtree: write its number, such as 1.3.6.1.2.1, or "
			    "uplinkMIB or system",
			    draft_quote(t, quoted));
		return;
	}
	if (v == NULL)
		return;
	if (v->nsubtrees == VIEW_SUBTREES_MAX)
		draft_error(d, t->line, "more than %d subtrees in one view: remove some",
			    VIEW_SUBTREES_MAX);
	else
		v->subtrees[v->nsubtrees++] = s;
}

/* ---- users and communities ---- */

void
draft_user(struct draft *d, const struct token *t)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	struct conf_user u = {.line = t->line};
	const struct conf_user *first;

	d->no_agent_part = true;
	if (!read_name(d, t, "the user's name", u.name, sizeof u.name))
		return;
	first = conf_user(a, u.name);
	if (may_add(d, t, "user", a->nusers, AGENT_USERS_MAX, first != NULL ? first->line : 0))
		a->users[a->nusers++] = u;
}

void
draft_community(struct draft *d, const struct token *t)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	struct conf_community c = {.line = t->line};
	const struct conf_community *first;

	d->no_agent_part = true;
	if (!read_name(d, t, "the community's name", c.name, sizeof c.name))
		return;
	first = conf_community(a, c.name);
	if (may_add(d, t, "community", a->ncommunities, AGENT_COMMUNITIES_MAX,
		    first != NULL ? first->line : 0))
		a->communities[a->ncommunities++] = c;
}

static bool
first_time(struct draft *d, bool first, const char *what, int line)
{
	if (!first)
		draft_error(d, line, "%s stands twice in this statement: remove one", what);
	return first;
}

void
draft_auth(struct draft *d, const struct token *t)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	char quoted[QUOTE_LEN];
	unsigned auth = CONF_AUTH_SHA512;

	while (auth != CONF_AUTH_NONE && !is_word(t, auth_names[auth]))
		auth--;
	if (auth == CONF_AUTH_NONE) {
		draft_error(d, t->line,
			    "auth %s is not possible: write sha256, sha384 or sha512 (md5 and sha1 "
			    "are broken)",
			    draft_quote(t, quoted));
		auth = CONF_AUTH_SHA256; /* told once is enough */
	}
	if (!d->no_agent_part &&
	    first_time(d, a->users[a->nusers - 1].auth == CONF_AUTH_NONE, "auth", t->line))
		a->users[a->nusers - 1].auth = (uint8_t)auth;
}

void
draft_priv(struct draft *d, const struct token *t)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	char quoted[QUOTE_LEN];
	unsigned priv = CONF_PRIV_AES256;

	while (priv != CONF_PRIV_NONE && !is_word(t, priv_names[priv]))
		priv--;
	if (priv == CONF_PRIV_NONE)
		draft_error(d, t->line,
			    "priv %s is not possible: write aes or aes256 (des is broken)",
			    draft_quote(t, quoted));
	else if (!d->no_agent_part &&
		 first_time(d, a->users[a->nusers - 1].priv == CONF_PRIV_NONE, "priv", t->line))
		a->users[a->nusers - 1].priv = (uint8_t)priv;
}

static void
name_view(struct draft *d, const struct token *t, const char *what, char *name, int *line)
{
	if (first_time(d, *line == 0, what, t->line) &&
	    draft_read_text(d, t, "the view's name", name, NAME_LEN + 1) == 0)
		*line = t->line;
}

void
draft_user_view(struct draft *d, const struct token *t, bool write)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	struct conf_user *u = &a->users[a->nusers - (a->nusers > 0)];

	if (d->no_agent_part)
		return;
	name_view(d, t, write ? "write" : "read", write ? u->write : u->read,
		  write ? &u->write_line : &u->read_line);
}

void
draft_community_view(struct draft *d, const struct token *t)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	struct conf_community *c = &a->communities[a->ncommunities - (a->ncommunities > 0)];

	if (!d->no_agent_part)
		name_view(d, t, "read", c->read, &c->read_line);
}

void
draft_community_from(struct draft *d, const struct token *t)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	char quoted[QUOTE_LEN];
	struct addr from;

	if (draft_read_octets(t, &from, addr_parse_prefix) != 0 &&
	    draft_read_octets(t, &from, addr_parse) != 0)
		draft_error(d, t->line,
			    "from %s is not a prefix: write ADDRESS/LENGTH without bits behind the "
			    "length, such as 192.0.2.0/24",
			    draft_quote(t, quoted));
	else if (!d->no_agent_part &&
		 first_time(d, !addr_is_set(&a->communities[a->ncommunities - 1].from), "from",
			    t->line))
		a->communities[a->ncommunities - 1].from = from;
}

/* ---- who is told ---- */

void
draft_sink(struct draft *d, const struct token *t, bool inform)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	struct conf_sink s = {.line = t->line, .inform = inform, .port = 0};
	const char *what = inform ? "inform" : "trap";
	char quoted[QUOTE_LEN];

	d->no_agent_part = true;
	if (a->nsinks == SINKS_MAX)
		draft_error(d, t->line, "more than %d lines with trap or inform: remove some",
			    SINKS_MAX);
	else if (draft_read_octets(t, &s.addr, addr_parse) != 0 || addr_is_linklocal(&s.addr))
		draft_error(d, t->line,
			    "%s %s is not the address of a receiver: write a numeric IPv4 or IPv6 "
			    "address that is not link-local",
			    what, draft_quote(t, quoted));
	else
		d->no_agent_part = false;
	if (!d->no_agent_part)
		a->sinks[a->nsinks++] = s;
}

void
draft_sink_port(struct draft *d, const struct token *t)
{
	const struct setting_range *range = &setting_ranges[SET_PORT];
	struct conf_agent *a = &d->conf->snmp.agent;
	uint64_t port;
	int bad = draft_read_count(t, &port);

	if (bad != 0 || port < range->min || port > range->max)
		draft_complain_range(d, range, t, bad == 0);
	else if (!d->no_agent_part &&
		 first_time(d, a->sinks[a->nsinks - 1].port == 0, "port", t->line))
		a->sinks[a->nsinks - 1].port = (uint16_t)port;
}

void
draft_sink_as(struct draft *d, const struct token *t, bool user)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	struct conf_sink *s = &a->sinks[a->nsinks - (a->nsinks > 0)];

	if (d->no_agent_part)
		return;
	if (s->user[0] != '\0' || s->community[0] != '\0')
		draft_error(d, t->line,
			    "a receiver is told with one user or one community: remove "
			    "the other");
	else
		draft_read_text(d, t, user ? "the user's name" : "the community's name",
				user ? s->user : s->community, sizeof s->user);
}

/* SPDX-License-Identifier: ISC */
/* An agent of its own as text, which reads back as the same. */
#include "conf/draft.h"

#include <stdio.h>

static void
print_view(FILE *out, const struct conf_view *v)
{
	conf_print_named(out, "\t", "view", v->name);
	for (unsigned i = 0; i < v->nsubtrees; i++) {
		const struct conf_subtree *s = &v->subtrees[i];

		fputs(s->include ? " include " : " exclude ", out);
		if (s->name != SUBTREE_NUMERIC)
			fputs(s->name == SUBTREE_UPLINK ? "uplinkMIB" : "system", out);
		for (unsigned k = 0; k < s->length; k++)
			fprintf(out, k > 0 ? ".%u" : "%u", s->id[k]);
	}
	putc('\n', out);
}

static void
print_option(FILE *out, const char *name, const char *text)
{
	if (text[0] != '\0')
		conf_print_named(out, " ", name, text);
}

static void
print_community(FILE *out, const struct conf_community *c)
{
	char text[ADDR_STRLEN];
	struct addr bare = c->from;

	conf_print_named(out, "\t", "community", c->name);
	print_option(out, "read", c->read);
	bare.plen = c->from.version == 4 ? 32 : 128;
	if (addr_is_set(&c->from))
		fprintf(out, " from %s/%u", addr_text(&bare, text), c->from.plen);
	putc('\n', out);
}

static void
print_user(FILE *out, const struct conf_user *u)
{
	conf_print_named(out, "\t", "user", u->name);
	fprintf(out, " auth %s", conf_auth_name(u->auth));
	if (u->priv != CONF_PRIV_NONE)
		fprintf(out, " priv %s", conf_priv_name(u->priv));
	print_option(out, "read", u->read);
	print_option(out, "write", u->write);
	putc('\n', out);
}

static void
print_sink(FILE *out, const struct conf_sink *s)
{
	char text[ADDR_STRLEN];

	fprintf(out, "\t%s %s port %u", s->inform ? "inform" : "trap", addr_text(&s->addr, text),
		s->port);
	print_option(out, "user", s->user);
	print_option(out, "community", s->community);
	putc('\n', out);
}

static void
print_line(FILE *out, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	conf_print_named(out, "\t", name, text);
	putc('\n', out);
}

void
conf_print_agent(const struct conf_agent *a, FILE *out)
{
	char text[LISTEN_TEXT_LEN];

	for (unsigned i = 0; i < a->nlistens; i++)
		print_line(out, "listen", conf_listen_text(&a->listens[i], text));
	print_line(out, "secrets", a->secrets);
	print_line(out, "contact", a->contact);
	print_line(out, "location", a->location);
	for (unsigned i = 0; i < a->nviews; i++)
		print_view(out, &a->views[i]);
	for (unsigned i = 0; i < a->nusers; i++)
		print_user(out, &a->users[i]);
	for (unsigned i = 0; i < a->ncommunities; i++)
		print_community(out, &a->communities[i]);
	for (unsigned i = 0; i < a->nsinks; i++)
		print_sink(out, &a->sinks[i]);
}

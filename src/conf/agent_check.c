/* SPDX-License-Identifier: ISC */
/* The agent of its own as a whole: whether all that its statements name is there, and
 * whether anybody may use it. Also writes it as text again. */
#include "conf/draft.h"

#include <string.h>

/* ---- checks ---- */

/* The first line of a setting that only an agent of its own has, with its name; 0. */
static int
agent_line(const struct draft *d, const char **name)
{
	const struct conf_agent *a = &d->conf->snmp.agent;
	const struct {
		const char *name;
		int line;
	} lines[] = {
	    {"secrets", d->set[SET_SECRETS].line},
	    {"contact", d->set[SET_CONTACT].line},
	    {"location", d->set[SET_LOCATION].line},
	    {"view", a->nviews > 0 ? a->views[0].line : 0},
	    {"user", a->nusers > 0 ? a->users[0].line : 0},
	    {"community", a->ncommunities > 0 ? a->communities[0].line : 0},
	    {a->nsinks > 0 && a->sinks[0].inform ? "inform" : "trap",
	     a->nsinks > 0 ? a->sinks[0].line : 0},
	};
	int first = 0;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (lines[i].line != 0 && (first == 0 || lines[i].line < first)) {
			first = lines[i].line;
			*name = lines[i].name;
		}
	return first;
}

static void
check_view_name(struct draft *d, const char *name, int line)
{
	if (name[0] != '\0' && strcmp(name, CONF_VIEW_ALL) != 0 &&
	    conf_view(&d->conf->snmp.agent, name) == NULL)
		draft_error(d, line, "there is no view \"%s\": add one, or say \"all\"", name);
}

static void
check_user(struct draft *d, const struct conf_user *u)
{
	if (u->auth == CONF_AUTH_NONE)
		draft_error(d, u->line,
			    "user \"%s\" has no auth: add auth sha256 or auth sha512, and priv aes "
			    "to encrypt",
			    u->name);
	check_view_name(d, u->read, u->read_line);
	check_view_name(d, u->write, u->write_line);
}

static void
check_sink(struct draft *d, struct conf_sink *s)
{
	const struct conf_agent *a = &d->conf->snmp.agent;
	const char *what = s->inform ? "inform" : "trap";

	if (s->port == 0)
		s->port = AGENT_TRAP_PORT;
	if (s->user[0] == '\0' && s->community[0] == '\0')
		draft_error(d, s->line,
			    "%s lacks how the receiver is told: add user NAME, or community NAME",
			    what);
	else if (s->user[0] != '\0' && conf_user(a, s->user) == NULL)
		draft_error(d, s->line, "%s: there is no user \"%s\": add one", what, s->user);
	else if (s->community[0] != '\0' && conf_community(a, s->community) == NULL)
		draft_error(d, s->line, "%s: there is no community \"%s\": add one", what,
			    s->community);
	for (const struct conf_sink *other = a->sinks; other < s; other++)
		if (other->port == s->port && addr_equal(&other->addr, &s->addr))
			draft_error(d, s->line,
				    "this receiver stands in line %d already: remove one",
				    other->line);
}

/* What an older subtree of the same view says of the very same name. */
static void
check_view(struct draft *d, const struct conf_view *v)
{
	for (unsigned i = 0; i < v->nsubtrees; i++)
		for (unsigned k = 0; k < i; k++)
			if (v->subtrees[i].name == v->subtrees[k].name &&
			    v->subtrees[i].length == v->subtrees[k].length &&
			    memcmp(v->subtrees[i].id, v->subtrees[k].id,
				   sizeof v->subtrees[i].id) == 0) {
				draft_error(d, v->line,
					    "view \"%s\" names a subtree twice: remove one",
					    v->name);
				return;
			}
}

static bool
is_told_as(const struct conf_agent *a, const char *user, const char *community)
{
	for (unsigned i = 0; i < a->nsinks; i++)
		if ((user != NULL && strcmp(a->sinks[i].user, user) == 0) ||
		    (community != NULL && strcmp(a->sinks[i].community, community) == 0))
			return true;
	return false;
}

void
draft_check_agent(struct draft *d)
{
	struct conf_agent *a = &d->conf->snmp.agent;
	const char *name = "";
	int line = agent_line(d, &name);

	if (d->conf->snmp.enabled && a->nlistens == 0 && line != 0 && !d->broken)
		draft_error(d, line,
			    "%s is of an agent of its own: add listen \"udp:161\", or leave it to "
			    "the configuration of snmpd",
			    name);
	if (a->nlistens > 0 && d->set[SET_AGENTX].line != 0)
		draft_error(d, d->set[SET_AGENTX].line,
			    "agentx and listen exclude each other: with listen there is no snmpd");
	for (unsigned i = 0; i < a->nviews; i++)
		check_view(d, &a->views[i]);
	for (unsigned i = 0; i < a->nusers; i++)
		check_user(d, &a->users[i]);
	for (unsigned i = 0; i < a->ncommunities; i++)
		check_view_name(d, a->communities[i].read, a->communities[i].read_line);
	for (unsigned i = 0; i < a->nsinks; i++)
		check_sink(d, &a->sinks[i]);
	if (a->nusers + a->ncommunities > 0 && a->secrets[0] == '\0' &&
	    d->set[SET_SECRETS].line == 0 && !d->broken)
		draft_error(
		    d, a->nusers > 0 ? a->users[0].line : a->communities[0].line,
		    "the secrets are nowhere: add secrets \"FILE\", with the path of a file "
		    "that only root can read");
}

void
draft_warn_agent(struct draft *d)
{
	const struct conf_agent *a = &d->conf->snmp.agent;
	bool readable = false;

	for (unsigned i = 0; i < a->nusers; i++) {
		const struct conf_user *u = &a->users[i];

		readable |= u->read[0] != '\0';
		if (u->read[0] == '\0' && u->write[0] == '\0' && !is_told_as(a, u->name, NULL))
			draft_warn(d, u->line,
				   "user \"%s\" may do nothing: add read all, or read and a view",
				   u->name);
	}
	for (unsigned i = 0; i < a->ncommunities; i++) {
		const struct conf_community *c = &a->communities[i];

		readable |= c->read[0] != '\0';
		if (c->read[0] == '\0' && !is_told_as(a, NULL, c->name))
			draft_warn(d, c->line,
				   "community \"%s\" may do nothing: add read all, or read and a "
				   "view",
				   c->name);
	}
	if (a->nlistens > 0 && !readable)
		draft_warn(d, a->listens[0].line,
			   "nobody may read anything here: add user NAME auth sha256 priv aes read "
			   "all");
}

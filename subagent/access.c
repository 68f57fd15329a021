/* SPDX-License-Identifier: ISC */
/* Views and those who have them: see access.h. */
#include "config.h"

#include "subagent/access.h"

#include <stdlib.h>
#include <string.h>

struct subtree {
	bool include;
	struct mib_name name;
};

struct access_view {
	char name[NAME_LEN + 1];
	struct subtree subtrees[VIEW_SUBTREES_MAX];
	unsigned n;
};

struct member {
	struct principal principal;
	char name[NAME_LEN + 1];
	uint8_t community[SECRET_LEN];
	size_t length;    /* of the community; 0: a user */
	struct addr from; /* of a community */
};

struct access {
	struct access_view all;
	struct access_view views[AGENT_VIEWS_MAX];
	unsigned nviews;
	struct member members[AGENT_USERS_MAX + AGENT_COMMUNITIES_MAX];
	unsigned n;
};

/* ---- views ---- */

static void
name_subtree(const struct conf_subtree *from, struct mib_name *name)
{
	static const uint32_t uplink[] = {MIB_OID}, system[] = {1, 3, 6, 1, 2, 1, 1};
	const uint32_t *id = from->id;
	size_t n = from->length;

	if (from->name == SUBTREE_UPLINK) {
		id = uplink;
		n = sizeof(uplink) / sizeof(uplink[0]);
	} else if (from->name == SUBTREE_SYSTEM) {
		id = system;
		n = sizeof(system) / sizeof(system[0]);
	}
	name->length = n;
	memcpy(name->id, id, n * sizeof(id[0]));
}

static void
make_views(struct access *a, const struct conf_agent *agent)
{
	strcpy(a->all.name, CONF_VIEW_ALL);
	a->all.subtrees[0].include = true; /* of everything: its name has no length */
	a->all.n = 1;
	a->nviews = agent->nviews;
	for (unsigned i = 0; i < agent->nviews; i++) {
		const struct conf_view *from = &agent->views[i];
		struct access_view *v = &a->views[i];

		memcpy(v->name, from->name, sizeof(v->name));
		v->n = from->nsubtrees;
		for (unsigned k = 0; k < from->nsubtrees; k++) {
			v->subtrees[k].include = from->subtrees[k].include;
			name_subtree(&from->subtrees[k], &v->subtrees[k].name);
		}
	}
}

static const struct access_view *
find_view(const struct access *a, const char *name)
{
	if (strcmp(name, a->all.name) == 0)
		return &a->all;
	for (unsigned i = 0; i < a->nviews; i++)
		if (strcmp(a->views[i].name, name) == 0)
			return &a->views[i];
	return NULL;
}

static bool
is_within(const struct mib_name *name, const struct mib_name *subtree)
{
	return name->length >= subtree->length &&
	       memcmp(name->id, subtree->id, subtree->length * sizeof(name->id[0])) == 0;
}

bool
access_has(const struct access_view *v, const struct mib_name *name)
{
	const struct subtree *best = NULL;

	if (v == NULL)
		return true;
	for (unsigned i = 0; i < v->n; i++) {
		const struct subtree *s = &v->subtrees[i];

		if (is_within(name, &s->name) &&
		    (best == NULL || s->name.length > best->name.length))
			best = s;
	}
	return best != NULL && best->include;
}

bool
access_has_all(const struct access_view *v)
{
	return v->n == 1 && v->subtrees[0].include && v->subtrees[0].name.length == 0;
}

/* The first name behind a whole subtree. False: nothing is. */
static bool
end_of(const struct mib_name *subtree, struct mib_name *end)
{
	*end = *subtree;
	while (end->length > 0 && end->id[end->length - 1] == UINT32_MAX)
		end->length--;
	if (end->length == 0)
		return false;
	end->id[end->length - 1]++;
	return true;
}

static void
take_nearer(const struct mib_name *candidate, const struct mib_name *after, struct mib_name *best)
{
	if (mib_name_compare(candidate, after) > 0 &&
	    (best->length == 0 || mib_name_compare(candidate, best) < 0))
		*best = *candidate;
}

/* What a name's being within depends on changes only where a subtree begins or ends. */
bool
access_skip(const struct access_view *v, struct mib_name *name)
{
	for (;;) {
		struct mib_name best = {.length = 0}, end;

		for (unsigned i = 0; i < v->n; i++) {
			take_nearer(&v->subtrees[i].name, name, &best);
			if (end_of(&v->subtrees[i].name, &end))
				take_nearer(&end, name, &best);
		}
		if (best.length == 0)
			return false;
		*name = best;
		if (access_has(v, name))
			return true;
	}
}

/* ---- who ---- */

static void
add_user(struct access *a, const struct conf_user *u)
{
	struct member *m = &a->members[a->n++];

	memcpy(m->name, u->name, sizeof(m->name));
	m->principal = (struct principal){.name = m->name,
					  .priv = u->priv != CONF_PRIV_NONE,
					  .read = find_view(a, u->read),
					  .write = find_view(a, u->write)};
}

static void
add_community(struct access *a, const struct conf_community *c, const struct conf_secret *secret)
{
	struct member *m = &a->members[a->n++];

	memcpy(m->name, c->name, sizeof(m->name));
	m->length = strlen(secret->auth);
	memcpy(m->community, secret->auth, m->length);
	m->from = c->from;
	m->principal = (struct principal){.name = m->name, .read = find_view(a, c->read)};
}

struct access *
access_new(const struct conf_agent *agent, const struct conf_secrets *secrets)
{
	struct access *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	make_views(a, agent);
	for (unsigned i = 0; i < agent->nusers; i++)
		add_user(a, &agent->users[i]);
	for (unsigned i = 0; i < agent->ncommunities; i++) {
		const struct conf_secret *secret =
		    conf_secret(secrets, true, agent->communities[i].name);

		if (secret != NULL)
			add_community(a, &agent->communities[i], secret);
	}
	return a;
}

void
access_free(struct access *a)
{
	if (a == NULL)
		return;
	explicit_bzero(a, sizeof(*a));
	free(a);
}

const struct principal *
access_user(const struct access *a, const char *name, size_t length)
{
	for (unsigned i = 0; i < a->n; i++) {
		const struct member *m = &a->members[i];

		if (m->length == 0 && strlen(m->name) == length &&
		    memcmp(m->name, name, length) == 0)
			return &m->principal;
	}
	return NULL;
}

/* Takes as long wherever they differ. */
static bool
same_octets(const uint8_t *a, const uint8_t *b, size_t length)
{
	unsigned differ = 0;

	for (size_t i = 0; i < length; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

const struct principal *
access_community(const struct access *a, const uint8_t *community, size_t length,
		 const struct addr *from)
{
	for (unsigned i = 0; i < a->n; i++) {
		const struct member *m = &a->members[i];

		if (m->length != 0 && m->length == length &&
		    same_octets(m->community, community, length) &&
		    (!addr_is_set(&m->from) || addr_in_prefix(from, &m->from)))
			return &m->principal;
	}
	return NULL;
}

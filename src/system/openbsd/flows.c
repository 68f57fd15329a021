/* SPDX-License-Identifier: ISC */
/* Flows, NAT and counters by pf(4): the face towards the worker. What is loaded part by part is
 * remembered, so that only what differs is loaded again. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"
#include "system/openbsd/lookups.h"
#include "system/openbsd/pf.h"
#include "system/openbsd/pfctl.h"
#include "system/openbsd/pfio.h"
#include "system/openbsd/states.h"
#include "system/system.h"

enum {
	HURRY_EVERY = 1024,
	ROW = LINKS_MAX + 1,
	SKIPS_EVERY = 10, /* it takes a process */
};

struct loaded {
	char *text; /* as given to pfctl; NULL: not by this process */
	size_t len;
	char *shown; /* as pfctl showed it right after */
	size_t shown_len;
};

struct sys_flows {
	int fd;
	struct loaded loaded[PF_PARTS];
	int look_at; /* the part that is compared next */
	struct pf_keys keys;
	struct pf_counter counters[FAMILIES][ROW]; /* as last read */
	struct pf_counter before[FAMILIES][ROW];   /* of rules that were replaced since */
	uint32_t epoch;
	char skips[160]; /* as last seen */
	unsigned skips_due;
};

struct sys_flows *
sys_flows_open(void)
{
	struct sys_flows *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->epoch = 1;
	f->fd = pfio_open();
	if (f->fd >= 0)
		return f;
	free(f);
	return NULL;
}

static void
forget(struct loaded *l)
{
	free(l->text);
	free(l->shown);
	memset(l, 0, sizeof(*l));
}

void
sys_flows_close(struct sys_flows *f)
{
	if (f == NULL)
		return;
	for (int part = 0; part < PF_PARTS; part++)
		forget(&f->loaded[part]);
	pf_keys_free(&f->keys);
	pfio_close(f->fd);
	free(f);
}

/* Nothing that the rules need is missing in the parent's facts. */
bool
sys_flows_neighbours(const struct conf *conf, struct link_facts *facts, size_t nfacts)
{
	(void)conf;
	(void)facts;
	(void)nfacts;
	return false;
}

int
sys_flows_facts(struct sys_flows *f, const struct conf *conf, const struct link_facts *facts,
		size_t nfacts)
{
	return pf_keys_make(&f->keys, conf, facts, nfacts);
}

/* ---- rules ---- */

const char sys_ruleset_name[] = "anchor " OWN_ANCHOR;
const char sys_flows_hint[] = ": /dev/pf must be there, and pf enabled";

bool
sys_ruleset_follows_plan(void)
{
	return true;
}

int
sys_ruleset_print(const struct conf *conf, const struct link_facts *facts, size_t nfacts,
		  const struct plan *plan, FILE *out)
{
	return pf_print(conf, facts, nfacts, plan, out);
}

static void
add(struct pf_counter *to, const struct pf_counter *c)
{
	to->packets += c->packets;
	to->octets += c->octets;
	to->states += c->states;
	to->seen |= c->seen;
}

static int
read_labels(struct sys_flows *f)
{
	static struct pf_counter now[FAMILIES][ROW];
	char error[256];
	size_t len;
	char *text = pfctl_show(PF_NAT, "labels", &len, error, sizeof(error));
	bool fell = false;

	if (text == NULL)
		return -1;
	memset(now, 0, sizeof(now));
	pf_read_labels(text, len, now);
	free(text);
	for (int family = 0; family < FAMILIES; family++)
		for (int link = 0; link < ROW; link++)
			fell |= now[family][link].seen &&
				now[family][link].packets < f->counters[family][link].packets;
	/* somebody else made them afresh */
	if (fell) {
		f->epoch++;
		memset(f->before, 0, sizeof(f->before));
	}
	memcpy(f->counters, now, sizeof(f->counters));
	return 0;
}

/* New rules count from 0: what the old ones have counted is kept here. */
static void
keep_counters(struct sys_flows *f)
{
	if (f->loaded[PF_NAT].text == NULL || read_labels(f) != 0)
		return;
	for (int family = 0; family < FAMILIES; family++)
		for (int link = 0; link < ROW; link++)
			add(&f->before[family][link], &f->counters[family][link]);
	memset(f->counters, 0, sizeof(f->counters));
}

static int
load_part(struct sys_flows *f, enum pf_part part, const char *text, size_t len, char *error,
	  size_t error_size)
{
	struct loaded *l = &f->loaded[part];
	char *copy;

	if (l->text != NULL && l->len == len && memcmp(l->text, text, len) == 0)
		return 0;
	if (part == PF_NAT)
		keep_counters(f);
	copy = malloc(len + 1);
	if (copy == NULL || pfctl_load(part, text, len, error, error_size) != 0) {
		free(copy);
		return -1;
	}
	memcpy(copy, text, len);
	forget(l);
	l->text = copy;
	l->len = len;
	l->shown = pfctl_show(part, "rules", &l->shown_len, error, error_size);
	return 0;
}

/* Rules that nothing evaluates do nothing. */
static bool
is_evaluated(char *error, size_t error_size)
{
	size_t len;
	char *text = pfctl_show_main(&len, error, error_size);
	bool is;

	if (text == NULL)
		return false;
	is = strstr(text, "anchor \"" OWN_ANCHOR "/nat\"") != NULL ||
	     strstr(text, "anchor \"" OWN_ANCHOR "/*\"") != NULL;
	free(text);
	if (!is)
		strlcpy(error,
			"it is, but no line of pf.conf evaluates anchor \"" OWN_ANCHOR
			"/nat\": see uplinkd-pf(7)",
			error_size);
	return is;
}

int
sys_ruleset_load(struct sys_flows *f, const char *text, size_t len, char *error, size_t error_size)
{
	/* who is led where comes first: it may be about a link that just died */
	static const enum pf_part order[PF_PARTS] = {PF_INSIDE, PF_NAT, PF_SELF, PF_INBOUND};

	for (int i = 0; i < PF_PARTS; i++) {
		size_t part_len;
		const char *part = pf_part_of(text, len, order[i], &part_len);

		if (part != NULL && load_part(f, order[i], part, part_len, error, error_size) != 0)
			return -1;
	}
	return is_evaluated(error, error_size) ? 0 : -1;
}

/* pf tells nobody of its rules. */
int
sys_ruleset_watch(const struct sys_flows *f)
{
	(void)f;
	return -1;
}

void
sys_ruleset_seen(struct sys_flows *f)
{
	(void)f;
}

/* pf sees every packet but those of the interfaces that it was told to skip. */
const char *
sys_bypass(struct sys_flows *f, const struct conf *conf)
{
	char error[256];
	size_t len;
	char *text;

	if (f->skips_due > 0) {
		f->skips_due--;
		return f->skips;
	}
	f->skips_due = SKIPS_EVERY;
	text = pfctl_show_interfaces(&len, error, sizeof(error));
	if (text != NULL)
		pf_print_skips(conf, text, f->skips, sizeof(f->skips));
	free(text);
	return f->skips;
}

/* One part at a time, as it takes a process each. */
bool
sys_ruleset_intact(struct sys_flows *f)
{
	struct loaded *l = &f->loaded[f->look_at];
	char error[256];
	size_t len;
	char *now;
	bool same;

	f->look_at = (f->look_at + 1) % PF_PARTS;
	if (l->text == NULL || l->shown == NULL)
		return true;
	now = pfctl_show((enum pf_part)(l - f->loaded), "rules", &len, error, sizeof(error));
	if (now == NULL)
		return true;
	same = len == l->shown_len && memcmp(now, l->shown, len) == 0;
	free(now);
	if (!same)
		forget(l);
	return same;
}

int
sys_ruleset_release(struct sys_flows *f)
{
	char error[256];
	int rc = 0;

	for (int part = 0; part < PF_PARTS; part++) {
		rc |= pfctl_flush((enum pf_part)part, error, sizeof(error));
		forget(&f->loaded[part]);
	}
	if (rc != 0)
		errno = EIO;
	return rc == 0 ? 0 : -1;
}

/* ---- counters ---- */

int
sys_counters_read(struct sys_flows *f, sys_counter *each, void *arg)
{
	if (f->loaded[PF_NAT].text == NULL) {
		errno = ENOENT;
		return -1;
	}
	if (read_labels(f) != 0) {
		errno = EIO;
		return -1;
	}
	for (int family = 0; family < FAMILIES; family++)
		for (unsigned link = 1; link < ROW; link++) {
			struct pf_counter sum = f->before[family][link];

			if (!f->counters[family][link].seen)
				continue;
			add(&sum, &f->counters[family][link]);
			each(arg, link, family, sum.packets, sum.octets, sum.states);
		}
	return 0;
}

int
sys_lookups_read(struct sys_flows *f, sys_lookups *each, void *arg)
{
	return lookups_read(&f->keys, each, arg);
}

uint32_t
sys_counters_epoch(const struct sys_flows *f)
{
	return f->epoch;
}

/* ---- states ---- */

struct killing {
	struct sys_flows *f;
	unsigned link;
	int64_t flows;
	int error;
};

static bool
kill_one(void *arg, const struct pf_flow *s)
{
	struct killing *k = arg;
	bool flow;
	int killed;

	if (pf_flow_link(&k->f->keys, s, &flow) != k->link)
		return true;
	killed = pfio_kill(k->f->fd, s);
	if (killed < 0)
		k->error = errno;
	else if (killed > 0 && flow)
		k->flows++;
	return true;
}

int64_t
sys_flows_kill(struct sys_flows *f, const struct conf *conf, unsigned link)
{
	struct killing k = {.f = f, .link = link};

	(void)conf;
	if (pfio_states(f->fd, kill_one, &k) != 0)
		return -1;
	errno = k.error;
	return k.error != 0 && k.flows == 0 ? -1 : k.flows;
}

struct counting {
	const struct sys_flows *f;
	uint64_t *counts;
	const uint32_t *idle_s; /* by link */
	sys_hurry *hurry;
	void *arg;
	unsigned seen;
	bool given_up;
};

static bool
count_one(void *arg, const struct pf_flow *s)
{
	struct counting *c = arg;
	bool flow;
	unsigned link = pf_flow_link(&c->f->keys, s, &flow);

	if (link != 0 && flow && s->idle_s <= c->idle_s[link])
		c->counts[link]++;
	c->given_up = ++c->seen % HURRY_EVERY == 0 && c->hurry != NULL && c->hurry(c->arg);
	return !c->given_up;
}

int
sys_flows_count(struct sys_flows *f, const struct conf *conf, uint64_t *counts, sys_hurry *hurry,
		void *arg)
{
	static uint32_t idle_s[ROW];
	struct counting c = {
	    .f = f, .counts = counts, .idle_s = idle_s, .hurry = hurry, .arg = arg};

	memset(idle_s, 0, sizeof(idle_s));
	for (size_t i = 0; i < conf->nlinks; i++)
		idle_s[conf->links[i].index] = conf->links[i].drain_idle_s;
	memset(counts, 0, ROW * sizeof(*counts));
	if (pfio_states(f->fd, count_one, &c) != 0)
		return -1;
	if (!c.given_up)
		return 0;
	errno = EINTR;
	return -1;
}

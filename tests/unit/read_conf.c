/* SPDX-License-Identifier: ISC */
/* Reads a configuration for the tests and keeps all that was said about it. */
#include "read_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
keep(void *arg, bool error, const char *file, int line, const char *message)
{
	struct reading *r = arg;

	assert_string_equal(file, "test.conf");
	r->mistakes += error;
	r->warnings += !error;
	if (r->nsaid == sizeof r->said / sizeof *r->said)
		return;
	struct said *said = &r->said[r->nsaid++];
	said->error = error;
	said->line = line;
	snprintf(said->message, sizeof said->message, "%s", message);
}

void
read_conf_octets(struct reading *r, const char *text, size_t len)
{
	memset(r, 0, sizeof *r);
	r->conf = conf_parse(text, len, "test.conf", keep, r);
	assert_true((r->conf == NULL) == (r->mistakes > 0));
}

void
read_conf(struct reading *r, const char *text)
{
	read_conf_octets(r, text, strlen(text));
}

void
forget_conf(struct reading *r)
{
	conf_free(r->conf);
	r->conf = NULL;
}

void
show_said(const struct reading *r)
{
	for (size_t i = 0; i < r->nsaid; i++)
		print_error("%d: %s%s\n", r->said[i].line,
			    r->said[i].error ? "" : "warning: ", r->said[i].message);
}

/* One text with what is expected to be said of it. */
static void
expect_said(const struct mistake *m, bool error)
{
	struct reading r;
	const struct said *said = &r.said[0];

	read_conf(&r, m->text);
	if (r.nsaid != (m->message != NULL) || r.mistakes != (error && m->message != NULL) ||
	    (r.nsaid == 1 &&
	     (said->line != m->line || strstr(said->message, m->message) == NULL))) {
		print_error("%s\nexpected %d: %s\n", m->text, m->line,
			    m->message ? m->message : "nothing");
		show_said(&r);
		fail();
	}
	forget_conf(&r);
}

void
expect_mistakes(const struct mistake *mistakes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_said(&mistakes[i], true);
}

void
expect_warnings(const struct mistake *warnings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_said(&warnings[i], false);
}

struct conf *
must_read(const char *text)
{
	static struct reading r;

	read_conf(&r, text);
	if (r.conf == NULL) {
		print_error("%s\n", text);
		show_said(&r);
	}
	assert_non_null(r.conf);
	return r.conf;
}

static bool
same_route(const struct conf_route *a, const struct conf_route *b)
{
	return a->gateway_kind == b->gateway_kind && a->if_there == b->if_there &&
	       addr_equal(&a->gateway, &b->gateway) && addr_equal(&a->source, &b->source) &&
	       addr_equal(&a->prefix, &b->prefix) && a->prefix.plen == b->prefix.plen &&
	       a->nat == b->nat && addr_equal(&a->nat_addr, &b->nat_addr) &&
	       a->nat_addr.plen == b->nat_addr.plen && addr_equal(&a->nat_inside, &b->nat_inside) &&
	       a->nat_inside.plen == b->nat_inside.plen;
}

static bool
same_target(const struct conf_target *a, const struct conf_target *b)
{
	return conf_same_target(a, b) && addr_equal(&a->addr, &b->addr) &&
	       a->gateway == b->gateway && a->family == b->family && a->method == b->method &&
	       a->port == b->port && a->size == b->size && a->ttl == b->ttl &&
	       a->query_type == b->query_type && a->rcode == b->rcode &&
	       strcmp(a->query, b->query) == 0 && a->probe.interval_ms == b->probe.interval_ms &&
	       a->probe.timeout_ms == b->probe.timeout_ms &&
	       a->probe.down_after == b->probe.down_after && a->probe.up_after == b->probe.up_after;
}

static bool
same_link(const struct conf_link *a, const struct conf_link *b)
{
	if (a->index != b->index || a->pinned != b->pinned || strcmp(a->name, b->name) != 0 ||
	    strcmp(a->alias, b->alias) != 0 || strcmp(a->interface, b->interface) != 0 ||
	    a->tier != b->tier || a->weight != b->weight || a->hold_ms != b->hold_ms ||
	    a->budget != b->budget || a->standby_interval_ms != b->standby_interval_ms ||
	    a->quorum != b->quorum || a->kill_flows != b->kill_flows ||
	    a->rebalance != b->rebalance || a->last_resort != b->last_resort || a->mss != b->mss ||
	    a->drain_idle_s != b->drain_idle_s || a->drain_deadline_s != b->drain_deadline_s ||
	    a->gateway_only != b->gateway_only || a->ntargets != b->ntargets)
		return false;
	if (memcmp(&a->limits, &b->limits, sizeof a->limits) != 0 ||
	    memcmp(&a->flap, &b->flap, sizeof a->flap) != 0 || a->degraded != b->degraded ||
	    a->degraded_weight != b->degraded_weight)
		return false;
	for (int family = 0; family < FAMILIES; family++)
		if (!same_route(&a->route[family], &b->route[family]))
			return false;
	for (size_t i = 0; i < a->ntargets; i++)
		if (!same_target(&a->targets[i], &b->targets[i]))
			return false;
	return true;
}

bool
same_conf(const struct conf *a, const struct conf *b)
{
	if (strcmp(a->site, b->site) != 0 || strcmp(a->group, b->group) != 0 ||
	    a->mark_mask != b->mark_mask || a->table_base != b->table_base ||
	    a->rule_base != b->rule_base || a->realtime != b->realtime ||
	    a->confirm != b->confirm || a->suspicion != b->suspicion || a->flows != b->flows ||
	    a->ndeprecate != b->ndeprecate ||
	    memcmp(a->deprecate_on, b->deprecate_on, sizeof a->deprecate_on) != 0 ||
	    a->reset_clients != b->reset_clients || a->snmp.enabled != b->snmp.enabled ||
	    strcmp(a->snmp.agentx, b->snmp.agentx) != 0 || a->snmp.control != b->snmp.control ||
	    a->snmp.default_timeout_s != b->snmp.default_timeout_s || a->nlinks != b->nlinks)
		return false;
	for (size_t i = 0; i < a->nlinks; i++)
		if (!same_link(&a->links[i], &b->links[i]))
			return false;
	/* which are written within their links, so after those of the file */
	for (size_t i = 0; i < a->nhooks; i++) {
		size_t k = 0;

		while (k < b->nhooks && !conf_same_hook(&a->hooks[i], &b->hooks[k]))
			k++;
		if (k == b->nhooks)
			return false;
	}
	return a->nhooks == b->nhooks;
}

char *
must_load(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (f == NULL)
		print_error("%s can't be opened\n", path);
	assert_non_null(f);
	if (getdelim(&text, &size, '\0', f) < 0)
		fail_msg("%s can't be read", path);
	fclose(f);
	return text;
}

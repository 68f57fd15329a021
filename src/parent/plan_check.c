/* SPDX-License-Identifier: ISC */
/* Whether a plan from the engine may be installed. */
#include "parent/plan_check.h"

#include <stdio.h>

static const char *const family_names[FAMILIES] = {"IPv4", "IPv6"};

static enum plan_verdict
check_member(const struct plan_member *m, unsigned previous, int family, const struct conf *conf,
	     const struct conf_index_map *known, char *error, size_t error_size)
{
	const struct conf_link *link;

	if (m->link == 0 || m->link > LINKS_MAX || m->weight > WEIGHT_MAX) {
		snprintf(error, error_size, "%s: link %u with weight %u", family_names[family],
			 m->link, m->weight);
		return PLAN_MALFORMED;
	}
	if (m->link <= previous) {
		snprintf(error, error_size, "%s: link %u after link %u", family_names[family],
			 m->link, previous);
		return PLAN_MALFORMED;
	}
	link = conf_link_by_index(conf, m->link);
	if (link != NULL && link->route[family].gateway_kind != CONF_GATEWAY_NONE)
		return PLAN_GOOD;
	if (link == NULL && known->name[m->link][0] == '\0') {
		snprintf(error, error_size, "%s: link %u never was one", family_names[family],
			 m->link);
		return PLAN_MALFORMED;
	}
	snprintf(error, error_size, "%s: link %u is no longer configured", family_names[family],
		 m->link);
	return PLAN_STALE;
}

static enum plan_verdict
check_family(const struct plan_family *f, int family, const struct conf *conf,
	     const struct conf_index_map *known, char *error, size_t error_size)
{
	enum plan_verdict worst = PLAN_GOOD;
	unsigned previous = 0;

	if (f->count > LINKS_MAX) {
		snprintf(error, error_size, "%s: %u members", family_names[family], f->count);
		return PLAN_MALFORMED;
	}
	for (unsigned i = 0; i < f->count; i++) {
		enum plan_verdict v =
		    check_member(&f->members[i], previous, family, conf, known, error, error_size);

		if (v == PLAN_MALFORMED)
			return v;
		if (v > worst)
			worst = v;
		previous = f->members[i].link;
	}
	return worst;
}

enum plan_verdict
plan_check(const struct plan *plan, uint64_t last_serial, const struct conf *conf,
	   const struct conf_index_map *known, char *error, size_t error_size)
{
	enum plan_verdict worst = PLAN_GOOD;

	if (plan->serial == 0 || plan->serial <= last_serial) {
		snprintf(error, error_size, "serial %llu after %llu",
			 (unsigned long long)plan->serial, (unsigned long long)last_serial);
		return PLAN_MALFORMED;
	}
	for (int family = 0; family < FAMILIES; family++) {
		enum plan_verdict v =
		    check_family(&plan->family[family], family, conf, known, error, error_size);

		if (v > worst)
			worst = v;
		if (worst == PLAN_MALFORMED)
			break;
	}
	return worst;
}

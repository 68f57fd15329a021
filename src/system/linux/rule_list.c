/* SPDX-License-Identifier: ISC */
/* Which policy rules there should be. Pure.
 *
 * The kernel walks its rules one by one for every packet that it forwards, and twice
 * where it checks the way back, so there are as few as can be on the way of most
 * packets: flows and probes of a link share its rule, since both go to its table, and
 * where there are many links, a mark's upper bits lead to a block of some rules, one of
 * which is the link's own. */
#include "config.h"

#include "system/linux/rule_list.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

static void
want(struct rule_list *list, const struct rule *rule)
{
	list->rule[list->count++] = *rule;
}

bool
rules_carries(const struct sys_routing *r, unsigned link, int family)
{
	return r->by_index[link] != NULL &&
	       r->by_index[link]->conf->route[family].gateway_kind != CONF_GATEWAY_NONE;
}

static void
want_goto(const struct conf *conf, uint32_t pref, uint32_t mark, uint32_t mask, uint32_t target,
	  struct rule_list *list)
{
	want(list, &(struct rule){.pref = conf->rule_base + pref,
				  .mark = mark,
				  .mask = mask,
				  .target = conf->rule_base + target,
				  .action = FR_ACT_GOTO});
}

static unsigned
count_links(const struct sys_routing *r, int family)
{
	unsigned n = 0;

	for (unsigned link = 1; link <= LINKS_MAX; link++)
		n += rules_carries(r, link, family);
	return n;
}

/* From the upper bits of a mark to the first rule of the links that have them: of
 * blocks of many links to smaller blocks, and from those to the links. */
static void
want_blocks(const struct sys_routing *r, int family, const struct rule *marked, unsigned size,
	    uint32_t pref, unsigned next_size, uint32_t next_pref, struct rule_list *list)
{
	const struct conf *conf = r->conf;
	uint32_t within = conf_link_mark(conf, size - 1);

	for (unsigned link = 1, last = LINKS_MAX; link <= LINKS_MAX; link++) {
		if (!rules_carries(r, link, family) || link / size == last)
			continue;
		last = link / size;
		want_goto(conf, pref + last, marked->mark | (conf_link_mark(conf, link) & ~within),
			  marked->mask & ~within, next_pref + link / next_size, list);
	}
}

/* What has a link's mark goes to its table: flows and probes, or where flows have no
 * marks, probes only. A probe that finds no way there has none. */
static void
want_marks(const struct sys_routing *r, int family, struct rule_list *list)
{
	const struct conf *conf = r->conf;
	uint32_t probe = conf_probe_mark(conf), links = conf_link_mark_mask(conf);
	bool flows = conf->flows == CONF_FLOWS_MARKS,
	     many = count_links(r, family) > 2 * RULES_BLOCK;
	const struct rule marked = {.mark = flows ? 0 : probe,
				    .mask = flows ? links : links | probe};

	if (many) {
		want_goto(conf, PREF_NO_MARK, 0, links | probe, PREF_MARK_END, list);
		want_blocks(r, family, &marked, RULES_BLOCKS, PREF_BLOCKS, RULES_BLOCK, PREF_BLOCK,
			    list);
		want_blocks(r, family, &marked, RULES_BLOCK, PREF_BLOCK, 1, PREF_MARK, list);
	}
	for (unsigned link = 1; link <= LINKS_MAX; link++)
		if (rules_carries(r, link, family))
			want(list, &(struct rule){.pref = conf->rule_base + PREF_MARK + link,
						  .mark = marked.mark | conf_link_mark(conf, link),
						  .mask = marked.mask,
						  .table = conf->table_base + link,
						  .action = FR_ACT_TO_TBL,
						  .link = (uint16_t)link});
	want(list, &(struct rule){.pref = conf->rule_base + PREF_PROBE_END,
				  .mark = probe,
				  .mask = probe,
				  .action = FR_ACT_UNREACHABLE});
	if (many) /* a place to go on at */
		want(list,
		     &(struct rule){.pref = conf->rule_base + PREF_MARK_END, .action = FR_ACT_NOP});
}

static void
want_sources(const struct sys_routing *r, struct rule_list *list)
{
	const struct conf *conf = r->conf;
	const struct plan_family *plan = &r->plan[V6];

	for (unsigned i = 0; r->planned[V6] && i < plan->count; i++) {
		unsigned link = plan->members[i].link;
		const struct addr *prefix;

		if (!rules_carries(r, link, V6))
			continue;
		prefix = &r->by_index[link]->facts.route[V6].prefix;
		if (addr_is_set(prefix))
			want(list, &(struct rule){.pref = conf->rule_base + PREF_SOURCE + link,
						  .table = conf->table_base + link,
						  .source = *prefix,
						  .action = FR_ACT_TO_TBL,
						  .link = (uint16_t)link});
	}
}

void
rules_want(const struct sys_routing *r, int family, struct rule_list *list)
{
	const struct conf *conf = r->conf;

	list->count = 0;
	if (conf == NULL || !r->carried[family])
		return;
	want(list, &(struct rule){.pref = conf->rule_base + PREF_MAIN,
				  .mask = conf_probe_mark(conf), /* not of probes */
				  .table = RT_TABLE_MAIN,
				  .action = FR_ACT_TO_TBL,
				  .suppress_main = true});
	want_marks(r, family, list);
	if (family == V6)
		want_sources(r, list);
	want(list, &(struct rule){.pref = conf->rule_base + PREF_DEFAULT,
				  .table = conf->table_base,
				  .action = FR_ACT_TO_TBL});
}

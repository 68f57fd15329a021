/* SPDX-License-Identifier: ISC */
/* Policy rules: made, compared and removed. A rule without the daemon's protocol
 * id is never changed, whatever its preference is. */
#include "config.h"

#include "system/linux/rule_list.h"
#include "system/linux/rules.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/linux/limits.h"
#include "system/linux/message.h"

enum { RULE_BYTES = 512 }; /* of one rule as a message: about 130 */

/* Rules as the kernel gave them, to be sent back as deletions. */
struct leftovers {
	char *bytes;
	size_t used, room;
	bool failed;
};

struct scan {
	const struct sys_routing *r;
	int family;
	struct rule_list wanted;
	bool stands[RULES_MAX];
	bool left[LINKS_MAX + 1]; /* the link's source rule of an earlier run stays */
	struct leftovers leftovers;
};

/* Before the first plan nobody knows which prefixes should be led to their
 * links: what an earlier run left stays. */
static bool
left_for_plan(const struct scan *s, const struct rule *rule)
{
	uint32_t link;

	if (s->r->conf == NULL || s->family != V6 || s->r->planned[V6])
		return false;
	link = rule->pref - s->r->conf->rule_base - PREF_SOURCE;
	return link >= 1 && link <= LINKS_MAX && rules_carries(s->r, link, V6) &&
	       rule->table == s->r->conf->table_base + link && addr_is_set(&rule->source);
}

/* ---- what is there ---- */

static uint32_t
get_u32(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U32) == 0 ? mnl_attr_get_u32(attr) : 0;
}

/* The two attributes that the kernel always gives and that say nothing. */
static bool
is_default_attr(const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case FRA_SUPPRESS_PREFIXLEN:
		return get_u32(attr) == UINT32_MAX;
	case FRA_PAD:
		return true;
	}
	return false;
}

/* One attribute into rule; false: the daemon makes no rule with such a one. */
static bool
parse_attr(const struct nlattr *attr, const struct fib_rule_hdr *frh, struct rule *rule)
{
	switch (mnl_attr_get_type(attr)) {
	case FRA_TABLE:
		rule->table = get_u32(attr);
		return true;
	case FRA_PRIORITY:
		rule->pref = get_u32(attr);
		return true;
	case FRA_FWMARK:
		rule->mark = get_u32(attr);
		return true;
	case FRA_FWMASK:
		rule->mask = get_u32(attr);
		return true;
	case FRA_SRC:
		message_addr(attr, frh->family, &rule->source);
		rule->source.plen = frh->src_len;
		return true;
	case FRA_GOTO:
		rule->target = get_u32(attr);
		return true;
	case FRA_PROTOCOL:
		return true;
	case FRA_SUPPRESS_PREFIXLEN:
		rule->suppress_main = get_u32(attr) == 0;
		return rule->suppress_main || is_default_attr(attr);
	}
	return is_default_attr(attr);
}

/* False: a rule of a kind that the daemon never makes. */
static bool
parse_rule(const struct nlmsghdr *nlh, struct rule *rule)
{
	const struct fib_rule_hdr *frh = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	bool plain = frh->dst_len == 0 && frh->tos == 0 && (frh->flags & FIB_RULE_INVERT) == 0;

	memset(rule, 0, sizeof(*rule));
	rule->action = frh->action;
	rule->table = frh->table;
	mnl_attr_for_each(attr, nlh, sizeof(*frh)) plain = parse_attr(attr, frh, rule) && plain;
	if (rule->action != FR_ACT_TO_TBL)
		rule->table = 0;
	return plain;
}

static int
rule_protocol(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(
	    attr, nlh, sizeof(struct fib_rule_hdr)) if (mnl_attr_get_type(attr) == FRA_PROTOCOL &&
							mnl_attr_validate(attr, MNL_TYPE_U8) ==
							    0) return mnl_attr_get_u8(attr);
	return 0;
}

static bool
rule_equal(const struct rule *a, const struct rule *b)
{
	return a->pref == b->pref && a->mark == b->mark && a->mask == b->mask &&
	       a->table == b->table && a->target == b->target && a->action == b->action &&
	       a->suppress_main == b->suppress_main && addr_equal(&a->source, &b->source) &&
	       a->source.plen == b->source.plen;
}

static int
compare_pref(const void *key, const void *member)
{
	const struct rule *a = key, *b = member;

	return a->pref < b->pref ? -1 : a->pref > b->pref;
}

static void
keep_leftover(struct leftovers *l, const struct nlmsghdr *nlh)
{
	size_t size = MNL_ALIGN(nlh->nlmsg_len);

	if (l->used + size > l->room) {
		size_t room = (l->room + size) * 2;
		char *bytes = realloc(l->bytes, room);

		if (bytes == NULL) {
			l->failed = true;
			return;
		}
		l->bytes = bytes;
		l->room = room;
	}
	memcpy(l->bytes + l->used, nlh, nlh->nlmsg_len);
	l->used += size;
}

static void
each_rule(void *arg, const struct nlmsghdr *nlh)
{
	struct scan *s = arg;
	const struct fib_rule_hdr *frh = mnl_nlmsg_get_payload(nlh);
	const struct rule *same;
	struct rule rule;
	bool plain;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*frh) ||
	    frh->family != (s->family == V4 ? AF_INET : AF_INET6) ||
	    rule_protocol(nlh) != OWN_PROTOCOL)
		return;
	plain = parse_rule(nlh, &rule);
	/* no two of the wanted have one preference */
	same = bsearch(&rule, s->wanted.rule, s->wanted.count, sizeof(rule), compare_pref);
	if (plain && same != NULL && rule_equal(&rule, same) && !s->stands[same - s->wanted.rule])
		s->stands[same - s->wanted.rule] = true;
	else if (plain && left_for_plan(s, &rule))
		s->left[rule.table - s->r->conf->table_base] = true;
	else
		keep_leftover(&s->leftovers, nlh);
}

static void
restart(void *arg)
{
	struct scan *s = arg;

	memset(s->stands, 0, sizeof(s->stands));
	memset(s->left, 0, sizeof(s->left));
	s->leftovers.used = 0;
	s->leftovers.failed = false;
}

static void
scan_free(struct scan *s)
{
	if (s != NULL)
		free(s->leftovers.bytes);
	free(s);
}

/* Everything wanted, and which of it stands; NULL with errno. */
static struct scan *
scan(struct sys_routing *r, int family, bool nothing_wanted)
{
	struct scan *s = calloc(1, sizeof(*s));
	const struct netlink_reader reader = {each_rule, restart, s};
	const struct fib_rule_hdr frh = {.family = family == V4 ? AF_INET : AF_INET6};
	char buf[256] __attribute__((aligned(8)));

	if (s == NULL)
		return NULL;
	s->r = r;
	s->family = family;
	if (!nothing_wanted)
		rules_want(r, family, &s->wanted);
	if (netlink_dump(&r->command, netlink_message(buf, RTM_GETRULE, 0, &frh, sizeof(frh)),
			 &reader) != 0) {
		/* a kernel without this IP version has no rules of it either */
		if ((errno == EOPNOTSUPP || errno == EAFNOSUPPORT) && s->wanted.count == 0)
			return s;
		scan_free(s);
		return NULL;
	}
	return s;
}

/* ---- changing ---- */

static int
add_rule(struct sys_routing *r, int family, const struct rule *rule)
{
	const struct fib_rule_hdr frh = {
	    .family = family == V4 ? AF_INET : AF_INET6,
	    .src_len = rule->source.plen,
	    .action = rule->action,
	};
	char buf[RULE_BYTES] __attribute__((aligned(8))) = {0}; /* what pads is sent, too */
	struct nlmsghdr *nlh = netlink_message(buf, RTM_NEWRULE, NLM_F_CREATE, &frh, sizeof(frh));

	mnl_attr_put_u32(nlh, FRA_PRIORITY, rule->pref);
	mnl_attr_put_u8(nlh, FRA_PROTOCOL, OWN_PROTOCOL);
	if (rule->mask != 0) {
		mnl_attr_put_u32(nlh, FRA_FWMARK, rule->mark);
		mnl_attr_put_u32(nlh, FRA_FWMASK, rule->mask);
	}
	if (rule->table != 0)
		mnl_attr_put_u32(nlh, FRA_TABLE, rule->table);
	if (rule->target != 0)
		mnl_attr_put_u32(nlh, FRA_GOTO, rule->target);
	if (rule->suppress_main)
		mnl_attr_put_u32(nlh, FRA_SUPPRESS_PREFIXLEN, 0);
	if (addr_is_set(&rule->source))
		mnl_attr_put(nlh, FRA_SRC, addr_size(&rule->source), rule->source.octets);
	return netlink_request(&r->command, nlh);
}

static void
add_missing(struct sys_routing *r, struct scan *s, struct rules_result *result)
{
	for (size_t i = 0; i < s->wanted.count; i++) {
		if (s->stands[i])
			continue;
		if (add_rule(r, s->family, &s->wanted.rule[i]) != 0) {
			routing_failed(r, "%s rule %u", family_name(s->family),
				       s->wanted.rule[i].pref);
			continue;
		}
		s->stands[i] = true;
		result->adds++;
	}
}

static void
delete_leftovers(struct sys_routing *r, struct scan *s, struct rules_result *result)
{
	const struct leftovers *l = &s->leftovers;

	for (size_t at = 0; at < l->used;) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)(l->bytes + at);

		at += MNL_ALIGN(nlh->nlmsg_len);
		nlh->nlmsg_type = RTM_DELRULE;
		nlh->nlmsg_flags = NLM_F_REQUEST;
		nlh->nlmsg_pid = 0;
		if (netlink_request(&r->command, nlh) == 0)
			result->deletes++;
		else if (errno != ENOENT)
			routing_failed(r, "removing an old %s rule", family_name(s->family));
	}
	if (l->failed) {
		errno = ENOMEM;
		routing_failed(r, "removing old %s rules", family_name(s->family));
	}
}

static void
tell_sources(const struct scan *s, bool *source)
{
	memcpy(source, s->left, sizeof(s->left));
	for (size_t i = 0; i < s->wanted.count; i++)
		if (s->stands[i] && addr_is_set(&s->wanted.rule[i].source))
			source[s->wanted.rule[i].link] = true;
}

int
rules_sync(struct sys_routing *r, int family, struct rules_result *result)
{
	struct scan *s;
	unsigned before = r->failures;

	memset(result, 0, sizeof(*result));
	s = scan(r, family, false);
	if (s == NULL) {
		routing_failed(r, "reading the %s rules", family_name(family));
		return -1;
	}
	add_missing(r, s, result);
	delete_leftovers(r, s, result);
	tell_sources(s, result->source);
	scan_free(s);
	return before == r->failures ? 0 : -1;
}

int
rules_read_sources(struct sys_routing *r, bool *source)
{
	struct scan *s = scan(r, V6, false);

	if (s == NULL)
		return -1;
	tell_sources(s, source);
	scan_free(s);
	return 0;
}

int
rules_check(struct sys_routing *r, int family, routing_missing *missing, void *arg)
{
	struct scan *s = scan(r, family, false);
	char text[80];

	if (s == NULL)
		return -1;
	for (size_t i = 0; i < s->wanted.count; i++) {
		if (s->stands[i])
			continue;
		snprintf(text, sizeof(text), "%s rule %u was removed or changed",
			 family_name(family), s->wanted.rule[i].pref);
		missing(arg, s->wanted.rule[i].link, family, text);
	}
	scan_free(s);
	return 0;
}

int
rules_release(struct sys_routing *r, int family)
{
	struct rules_result result = {0};
	struct scan *s = scan(r, family, true);
	unsigned before = r->failures;

	if (s == NULL) {
		routing_failed(r, "reading the %s rules", family_name(family));
		return -1;
	}
	delete_leftovers(r, s, &result);
	scan_free(s);
	return before == r->failures ? 0 : -1;
}

int
rules_event_family(const struct sys_routing *r, const struct nlmsghdr *nlh)
{
	const struct fib_rule_hdr *frh = mnl_nlmsg_get_payload(nlh);

	if (r->conf == NULL || mnl_nlmsg_get_payload_len(nlh) < sizeof(*frh) ||
	    rule_protocol(nlh) != OWN_PROTOCOL)
		return -1;
	switch (frh->family) {
	case AF_INET:
		return V4;
	case AF_INET6:
		return V6;
	}
	return -1;
}

/* SPDX-License-Identifier: ISC */
/* Probes are not tracked, and neither are their answers. */
#include "config.h"

#include <inttypes.h>
#include <netinet/in.h>

#include "system/linux/probe_filter.h"
#include "system/linux/ruleset.h"
#include "system/system.h"

/* Which probes by TCP or UDP are under way, so that their answers are not tracked either: a
 * firewall that drops what is invalid would drop them. The target's port, then ours. A file
 * without such targets does not need them, nor the look-up for each packet. */
static const struct port_set {
	const char *name, *ip, *proto;
	uint8_t method, family;
} port_sets[] = {
    {"probes_tcp4", "ip", "tcp", METHOD_TCP, V4},
    {"probes_tcp6", "ip6", "tcp", METHOD_TCP, V6},
    {"probes_udp4", "ip", "udp", METHOD_DNS, V4},
    {"probes_udp6", "ip6", "udp", METHOD_DNS, V6},
};

enum { PORT_SETS = sizeof(port_sets) / sizeof(port_sets[0]) };

static bool
asks_by(const struct conf *conf, const struct port_set *set)
{
	for (size_t i = 0; i < conf->nlinks; i++)
		for (size_t k = 0; k < conf->links[i].ntargets; k++) {
			const struct conf_target *t = &conf->links[i].targets[k];

			if (t->method == set->method && t->family == set->family)
				return true;
		}
	return false;
}

static void
print_port_set(const struct ruleset *r, const struct port_set *s)
{
	if (asks_by(r->conf, s))
		fprintf(r->out,
			"\tset %s { typeof %s saddr . %s daddr . %s sport . %s dport; size 65535; "
			"flags dynamic,timeout; timeout 1m; }\n",
			s->name, s->ip, s->ip, s->proto, s->proto);
}

static void
print_port_set_update(const struct ruleset *r, const struct port_set *s)
{
	if (asks_by(r->conf, s))
		fprintf(r->out, "\t\tupdate @%s { %s daddr . %s saddr . %s dport . %s sport }\n",
			s->name, s->ip, s->ip, s->proto, s->proto);
}

static void
print_port_set_match(const struct ruleset *r, const struct port_set *s)
{
	if (asks_by(r->conf, s))
		fprintf(r->out, "\t\t%s saddr . %s daddr . %s sport . %s dport @%s notrack\n",
			s->ip, s->ip, s->proto, s->proto, s->name);
}

void
ruleset_print_probe_sets(const struct ruleset *r)
{
	for (size_t i = 0; i < PORT_SETS; i++)
		print_port_set(r, &port_sets[i]);
}

/* Answers to echo requests are known by what these begin with: that costs less than a set
 * for each packet, and those to another daemon's behind this one are left alone. The protocol
 * by its number: nft has the names from /etc/protocols, which not every system has. */
static void
print_echo_match(const struct ruleset *r, int protocol, const char *name)
{
	fprintf(r->out,
		"\t\tmeta l4proto %d %s type echo-reply %s id & %#x == %#x @th,64,32 %#" PRIx32
		" notrack\n",
		protocol, name, name, PROBE_ID_MASK, PROBE_ID, sys_probe_token());
}

/* Probes have no flow: what they find must not depend on the state of a table
 * that others can fill, and no rule of NAT may touch them. */
void
ruleset_print_probe_chains(const struct ruleset *r)
{
	uint32_t probe = conf_probe_mark(r->conf);

	fprintf(r->out,
		"\tchain probe_out {\n"
		"\t\ttype filter hook output priority raw; policy accept;\n"
		"\t\tmeta mark & %#" PRIx32 " == 0 accept\n",
		probe);
	for (size_t i = 0; i < PORT_SETS; i++)
		print_port_set_update(r, &port_sets[i]);
	fputs("\t\tnotrack\n"
	      "\t}\n"
	      "\tchain probe_in {\n"
	      "\t\ttype filter hook prerouting priority raw; policy accept;\n",
	      r->out);
	if (ruleset_carries(r, V4))
		print_echo_match(r, IPPROTO_ICMP, "icmp");
	if (ruleset_carries(r, V6))
		print_echo_match(r, IPPROTO_ICMPV6, "icmpv6");
	for (size_t i = 0; i < PORT_SETS; i++)
		print_port_set_match(r, &port_sets[i]);
	fputs("\t}\n", r->out);
}

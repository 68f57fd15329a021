/* SPDX-License-Identifier: ISC */
/* Probes are not tracked, and neither are their answers. */
#include "config.h"

#include <inttypes.h>

#include "system/linux/ruleset.h"

/* Which probes are under way, so that their answers are not tracked either: a
 * firewall that drops what is invalid would drop them. Never flushed. */
static const char probe_sets[] =
    "\tset probes4 { typeof ip saddr . ip daddr . icmp id; size 65535; flags dynamic,timeout; "
    "timeout 2m; }\n"
    "\tset probes6 { typeof ip6 saddr . ip6 daddr . icmpv6 id; size 65535; flags dynamic,timeout; "
    "timeout 2m; }\n";

/* The same for targets that are asked by TCP or UDP: the target's port, then ours. A
 * file without such targets does not need them, nor the look-up for each packet. */
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
	fputs(probe_sets, r->out);
	for (size_t i = 0; i < PORT_SETS; i++)
		print_port_set(r, &port_sets[i]);
}

/* Probes have no flow: what they find must not depend on the state of a table
 * that others can fill, and no rule of NAT may touch them. */
void
ruleset_print_probe_chains(const struct ruleset *r)
{
	uint32_t probe = conf_probe_mark(r->conf);

	fprintf(
	    r->out,
	    "\tchain probe_out {\n"
	    "\t\ttype filter hook output priority raw; policy accept;\n"
	    "\t\tmeta mark & %#" PRIx32 " == 0 accept\n"
	    "\t\ticmp type echo-request update @probes4 { ip daddr . ip saddr . icmp id }\n"
	    "\t\ticmpv6 type echo-request update @probes6 { ip6 daddr . ip6 saddr . icmpv6 id }\n",
	    probe);
	for (size_t i = 0; i < PORT_SETS; i++)
		print_port_set_update(r, &port_sets[i]);
	fputs("\t\tnotrack\n"
	      "\t}\n"
	      "\tchain probe_in {\n"
	      "\t\ttype filter hook prerouting priority raw; policy accept;\n",
	      r->out);
	/* by number: nft has the names from /etc/protocols, which not every system has */
	if (ruleset_carries(r, V4))
		fputs("\t\tmeta l4proto 1 icmp type echo-reply "
		      "ip saddr . ip daddr . icmp id @probes4 notrack\n",
		      r->out);
	if (ruleset_carries(r, V6))
		fputs("\t\tmeta l4proto 58 icmpv6 type echo-reply "
		      "ip6 saddr . ip6 daddr . icmpv6 id @probes6 notrack\n",
		      r->out);
	for (size_t i = 0; i < PORT_SETS; i++)
		print_port_set_match(r, &port_sets[i]);
	fputs("\t}\n", r->out);
}

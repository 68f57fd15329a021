/* SPDX-License-Identifier: ISC */
/* Address translation: what leaves by a link gets an address that its provider
 * takes. */
#include "config.h"

#include "system/linux/ruleset.h"

/* After the administrator's own source NAT: what that has decided stays. Link-local
 * and multicast packets (DHCPv6) keep their source. */
void
ruleset_print_nat(const struct ruleset *r)
{
	FILE *out = r->out;

	fputs("\tchain nat {\n"
	      "\t\ttype nat hook postrouting priority srcnat + 10; policy accept;\n"
	      "\t\tip6 saddr fe80::/10 accept\n"
	      "\t\tip6 daddr ff00::/8 accept\n",
	      out);
	for (unsigned family = V4; family < FAMILIES; family++) {
		const char *ip = ruleset_ip(family);
		int digit = family == V4 ? 4 : 6;

		if (places_count(r, false, 1u << family, place_snat) > 0)
			fprintf(out, "\t\tsnat %s to oifname map @snat_if%d\n", ip, digit);
		if (places_count(r, true, 1u << family, place_snat) > 0)
			fprintf(out, "\t\tsnat %s to oifname . rt %s nexthop map @snat_gw%d\n", ip,
				ip, digit);
		if (places_count(r, true, 1u << family, place_masquerade) > 0)
			fprintf(out, "\t\toifname . rt %s nexthop @masq_gw%d masquerade\n", ip,
				digit);
	}
	if (places_count(r, false, BOTH, place_masquerade) > 0)
		fputs("\t\tmeta nfproto . oifname @masq_if masquerade\n", out);
	fputs("\t}\n", out);
}

/* SPDX-License-Identifier: ISC */
/* What would be installed, in the words of route(8), for a person to look at before anything is.
 * Asks nobody: facts are guessed from the configuration alone. */
#include "config.h"

#include "system/openbsd/limits.h"
#include "system/openbsd/links.h"
#include "system/system.h"

static void
print_route(unsigned table, const struct conf_link *link, int family, FILE *out)
{
	const struct conf_route *route = &link->route[family];
	struct addr gateway = route->gateway;
	char text[ADDR_STRLEN];

	if (route->gateway_kind == CONF_GATEWAY_STATIC && addr_family(&gateway) != family) {
		fprintf(out, "(link \"%s\": the kernel has no IPv4 route by an IPv6 gateway)\n",
			link->name);
		return;
	}
	fputs("route", out);
	if (table != MAIN_TABLE)
		fprintf(out, " -T %u", table);
	fprintf(out, " add -%s -mpath -priority %d -label %s default ",
		family == V4 ? "inet" : "inet6", OWN_PRIORITY, OWN_LABEL);
	gateway.scope = 0;
	if (route->gateway_kind == CONF_GATEWAY_AUTO)
		fprintf(out, "LEARNED (by %s)\n", link->interface);
	else if (addr_is_linklocal(&gateway))
		fprintf(out, "%s%%%s\n", addr_text(&gateway, text), link->interface);
	else
		fprintf(out, "%s\n", addr_text(&gateway, text));
}

static void
print_own_table(const struct conf *conf, const struct conf_link *link, int family, FILE *out)
{
	uint16_t table = link_table(conf, link->index);

	if (link->route[family].gateway_kind == CONF_GATEWAY_NONE)
		return;
	if (table != 0)
		print_route(table, link, family, out);
	else
		fprintf(out, "(link \"%s\": index %u is too large for a table of its own)\n",
			link->name, link->index);
}

static void
print_main_table(const struct conf *conf, int family, FILE *out)
{
	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_link *link = &conf->links[i];

		if (!conf_carries_first(conf, link, family))
			continue;
		print_route(MAIN_TABLE, link, family, out);
		/* without translation each source leaves by its own link, others by the first */
		if (family == V6 && link->route[V6].nat == CONF_NAT_NONE)
			return;
	}
}

void
sys_routing_print(const struct conf *conf, FILE *out)
{
	for (int family = 0; family < FAMILIES; family++) {
		for (size_t i = 0; i < conf->nlinks; i++)
			print_own_table(conf, &conf->links[i], family, out);
		print_main_table(conf, family, out);
	}
}

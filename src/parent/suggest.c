/* SPDX-License-Identifier: ISC */
/* A configuration to start from: a link for each default route, judged by the name
 * servers that the machine asks where they stand behind a provider. Reads only, and
 * says in comments what a person must look at. */
#include "config.h"

#include "parent/suggest.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"

enum { WAYS_MAX = 256, SERVERS_MAX = 4, LINE_LEN = 256 };

/* One link of the file: the ways of an interface that belong together. */
struct suggestion {
	const struct sys_way *route[FAMILIES];
	unsigned number; /* of several links on one interface, from 1; 0: the only one */
};

/* ---- name servers ---- */

static bool
in_any(const struct addr *a, const char *const *prefixes)
{
	for (; *prefixes != NULL; prefixes++) {
		struct addr prefix;

		if (addr_parse_prefix(*prefixes, &prefix) == 0 && addr_in_prefix(a, &prefix))
			return true;
	}
	return false;
}

/* Asked over any link it is the same host, and not this one. */
static bool
behind_a_provider(const struct addr *a)
{
	static const char *const inside[] = {"0.0.0.0/8",   "10.0.0.0/8",     "100.64.0.0/10",
					     "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
					     "224.0.0.0/3", "::/96",          "fc00::/7",
					     "fe80::/10",   "192.168.0.0/16", "ff00::/8",
					     NULL};

	return !in_any(a, inside);
}

size_t
suggest_servers(FILE *in, struct addr *servers, size_t max)
{
	char line[LINE_LEN], text[LINE_LEN];
	size_t n = 0;

	while (n < max && fgets(line, sizeof(line), in) != NULL) {
		struct addr a;
		bool known = false;

		if (sscanf(line, " nameserver %255s", text) != 1 || addr_parse(text, &a) != 0)
			continue;
		for (size_t i = 0; i < n; i++)
			known |= addr_equal(&servers[i], &a);
		if (!known && behind_a_provider(&a))
			servers[n++] = a;
	}
	return n;
}

/* systemd's resolver is named in the one, those that it asks in the other. */
static size_t
find_servers(struct addr *servers, size_t max)
{
	static const char *const files[] = {"/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && n == 0; i++) {
		FILE *in = fopen(files[i], "r");

		if (in == NULL)
			continue;
		n = suggest_servers(in, servers, max);
		fclose(in);
	}
	return n;
}

/* ---- links ---- */

static bool
same_interface(const struct sys_way *a, const struct sys_way *b)
{
	return strcmp(a->ifname, b->ifname) == 0;
}

/* Of several routes of one interface and version by the same gateway the first counts. */
static bool
seen_before(const struct sys_way *ways, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (ways[k].way && ways[k].family == ways[i].family &&
		    same_interface(&ways[k], &ways[i]) &&
		    addr_equal(&ways[k].gateway, &ways[i].gateway))
			return true;
	return false;
}

/* The link that the way belongs to: the first of its interface that lacks its version. */
static struct suggestion *
place(struct suggestion *list, size_t *n, const struct sys_way *way)
{
	unsigned number = 1;

	for (size_t i = 0; i < *n; i++) {
		const struct sys_way *other =
		    list[i].route[V4] ? list[i].route[V4] : list[i].route[V6];

		if (!same_interface(other, way))
			continue;
		if (list[i].route[way->family] == NULL)
			return &list[i];
		list[i].number = number++;
	}
	list[*n] = (struct suggestion){.number = number > 1 ? number : 0};
	return &list[(*n)++];
}

static size_t
gather(const struct sys_way *ways, size_t nways, struct suggestion *list)
{
	size_t n = 0;

	for (size_t i = 0; i < nways; i++)
		if (ways[i].way && !seen_before(ways, i))
			place(list, &n, &ways[i])->route[ways[i].family] = &ways[i];
	return n;
}

/* ---- text ---- */

/* pppd sets no default route where there is one; nor does the daemon need it. */
static bool
is_ppp(const char *ifname)
{
	return strncmp(ifname, "ppp", 3) == 0;
}

static bool
is_cellular(const char *ifname)
{
	static const char *const prefixes[] = {"wwan", "wwp", "usb", "rmnet", "umb", NULL};

	for (size_t i = 0; prefixes[i] != NULL; i++)
		if (strncmp(ifname, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* What may change by itself is learned from what DHCP, PPP and the like set: that needs
 * a version of the interface for this link alone. */
static void
print_gateway(const struct suggestion *s, int family, FILE *out)
{
	const struct sys_way *way = s->route[family];
	char text[ADDR_STRLEN];

	if (way == NULL)
		return;
	if (addr_is_set(&way->gateway) && (!way->learned || s->number != 0))
		fprintf(out, "\tgateway %s\n", addr_text(&way->gateway, text));
	else
		fprintf(out, "\tgateway auto %s # now %s\n", family == V4 ? "inet" : "inet6",
			addr_is_set(&way->gateway) ? addr_text(&way->gateway, text)
						   : "the other end of the line");
}

static unsigned
print_targets(const struct suggestion *s, const struct addr *servers, size_t nservers, FILE *out)
{
	char text[ADDR_STRLEN];
	unsigned n = 0;

	for (size_t i = 0; i < nservers; i++)
		if (s->route[addr_family(&servers[i])] != NULL) {
			fprintf(out, "\ttarget %s dns query \".\" type ns\n",
				addr_text(&servers[i], text));
			n++;
		}
	return n;
}

static void
print_link(const struct suggestion *s, const struct addr *servers, size_t nservers, FILE *out)
{
	const struct sys_way *way = s->route[V4] ? s->route[V4] : s->route[V6];

	fprintf(out, "\nlink \"%s", way->ifname);
	if (s->number != 0)
		fprintf(out, "-%u", s->number);
	fprintf(out, "\" {%s\n", way->carrier ? "" : " # has no carrier now");
	fprintf(out, "\tinterface %s\n", way->ifname);
	for (int family = V4; family < FAMILIES; family++)
		print_gateway(s, family, out);
	if (s->number != 0)
		fputs("\t# several links on one interface: give each its own source address\n",
		      out);
	if (is_cellular(way->ifname))
		fputs("\ttier 2          # carries only when no link of tier 1 can\n"
		      "\tinterval 10s    # its volume may be metered\n",
		      out);
	if (print_targets(s, servers, nservers, out) == 0)
		fprintf(out, "\t# target %s   # name two hosts that answer behind this provider\n",
			s->route[V4] != NULL ? "203.0.113.1" : "2001:db8::53");
	fputs("}\n", out);
}

static void
print_others(const struct sys_way *ways, size_t nways, FILE *out)
{
	char text[ADDR_STRLEN];
	bool any = false;

	for (size_t i = 0; i < nways; i++) {
		if (ways[i].way)
			continue;
		if (!any)
			fputs("\n# Interfaces without a default route: inner networks, or links "
			      "whose "
			      "gateway you must name.\n",
			      out);
		any = true;
		fprintf(out, "#   %s, address %s%s%s\n", ways[i].ifname,
			addr_text(&ways[i].address, text), ways[i].carrier ? "" : ", no carrier",
			is_ppp(ways[i].ifname) ? ": say gateway auto inet" : "");
	}
}

static void
print_head(size_t nlinks, size_t nservers, FILE *out)
{
	fputs("# Made by uplinkd --suggest. Look through it, then:\n"
	      "#   uplinkd --suggest > /etc/uplinkd.conf\n"
	      "#   uplinkd -n          names mistakes, and what could be better\n"
	      "# Every setting: uplinkd.conf(5).\n",
	      out);
	if (nlinks == 1)
		fputs("#\n# There is one default route only. Bring up the second line (its DHCP or "
		      "PPP "
		      "client may\n# set its own default route, with any metric) and ask again.\n",
		      out);
	if (nservers > 0)
		fputs(
		    "#\n# The targets are the name servers that this machine asks now. Better are "
		    "two hosts behind\n# each provider that are always there, such as its own name "
		    "servers.\n",
		    out);
}

unsigned
suggest_print(const struct sys_way *ways, size_t nways, const struct addr *servers, size_t nservers,
	      FILE *out)
{
	static struct suggestion list[WAYS_MAX];
	size_t n = gather(ways, nways < WAYS_MAX ? nways : WAYS_MAX, list);

	print_head(n, nservers, out);
	for (size_t i = 0; i < n; i++)
		print_link(&list[i], servers, nservers, out);
	print_others(ways, nways, out);
	fputs("\n# IPv4 is translated to each link's own address; nat none turns that off.\n"
	      "# SNMP needs a snmpd with AgentX, see uplinkd-mib(7); without one say: snmp no\n",
	      out);
	return (unsigned)n;
}

int
suggest_main(void)
{
	static struct sys_way ways[WAYS_MAX];
	struct addr servers[SERVERS_MAX];
	int n = sys_ways(ways, WAYS_MAX);

	if (n < 0) {
		fprintf(stderr, "uplinkd: the system's routes can't be read: %s\n",
			strerror(errno));
		return 1;
	}
	if (suggest_print(ways, (size_t)n, servers, find_servers(servers, SERVERS_MAX), stdout) > 0)
		return fflush(stdout) == 0 ? 0 : 1;
	fprintf(stderr,
		"uplinkd: there is no default route to make a link of: bring your lines up first "
		"(DHCP, PPP, ip route add default ...), or write the file by hand: "
		"uplinkd.conf(5)\n");
	return 1;
}

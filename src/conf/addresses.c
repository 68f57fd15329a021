/* SPDX-License-Identifier: ISC */
/* Settings that are addresses: gateways, sources, prefixes, NAT. Numeric only, no
 * name is ever looked up. */
#include "conf/draft.h"

#include <string.h>

int
draft_read_octets(const struct token *t, struct addr *a, int (*parse)(const char *, struct addr *))
{
	char text[ADDR_STRLEN];

	memset(a, 0, sizeof *a);
	if (t->len >= sizeof text || memchr(t->text, '\0', t->len) != NULL)
		return -1;
	memcpy(text, t->text, t->len);
	text[t->len] = '\0';
	return parse(text, a);
}

/* Why no host has this address, or NULL. */
static const char *
not_a_host(const struct addr *a)
{
	static const uint8_t zero[16], loopback[16] = {[15] = 1},
				       mapped[12] = {[10] = 0xff, [11] = 0xff};
	const uint8_t *o = a->octets;

	if (a->version == 4)
		return o[0] == 0     ? "in 0.0.0.0/8"
		       : o[0] == 127 ? "a loopback address"
		       : o[0] >= 240 ? "reserved"
		       : o[0] >= 224 ? "a multicast address"
				     : NULL;
	if (memcmp(o, zero, sizeof zero) == 0)
		return "the unspecified address";
	if (memcmp(o, loopback, sizeof loopback) == 0)
		return "the loopback address";
	if (memcmp(o, mapped, sizeof mapped) == 0)
		return "an IPv4 address in the form of IPv6: write it as IPv4";
	return o[0] == 0xff ? "a multicast address" : NULL;
}

/* The address of one host. what and hint are for the mistake. */
int
draft_read_host(struct draft *d, const struct token *t, const char *what, const char *hint,
		struct addr *a)
{
	char quoted[QUOTE_LEN];
	const char *why;

	draft_quote(t, quoted);
	if (draft_read_octets(t, a, addr_parse) != 0) {
		if (memchr(t->text, '%', t->len) != NULL)
			hint = "leave % and what follows away, the link's interface is meant";
		draft_error(d, t->line, "%s %s is not an address: %s", what, quoted, hint);
		return -1;
	}
	why = not_a_host(a);
	if (why != NULL) {
		draft_error(d, t->line, "%s %s can't be used, it is %s", what, quoted, why);
		return -1;
	}
	return 0;
}

void
draft_gateway(struct draft *d, const struct token *t)
{
	draft_gateway_of(d, t, FAMILIES);
}

/* IPv4 may have an IPv6 next hop (RFC 5549), not the other way round. */
void
draft_gateway_of(struct draft *d, const struct token *t, int family)
{
	static const char *const names[] = {"the IPv4 gateway", "the IPv6 gateway"};
	struct addr a;

	if (draft_read_host(d, t, "gateway", "write a numeric IPv4 or IPv6 address, or auto", &a) !=
	    0)
		return;
	if (family == FAMILIES)
		family = addr_family(&a);
	if (family == V6 && a.version == 4) {
		draft_error(d, t->line, "IPv6 can't go by an IPv4 gateway: say inet, or nothing");
		return;
	}
	if (draft_once(d, family == V4 ? SET_GATEWAY : SET_GATEWAY6, names[family], t->line)) {
		d->link->link.route[family].gateway_kind = CONF_GATEWAY_STATIC;
		d->link->link.route[family].gateway = a;
	}
}

void
draft_gateway_auto(struct draft *d, int line, int family)
{
	const struct value *set = draft_scope(d);

	if (family == FAMILIES && (set[SET_GATEWAY].line != 0) != (set[SET_GATEWAY6].line != 0)) {
		draft_error(
		    d, line,
		    "gateway auto is for both IP versions, and one has its gateway already: "
		    "say gateway auto %s for the other",
		    set[SET_GATEWAY].line != 0 ? "inet6" : "inet");
		return;
	}
	for (int f = 0; f < FAMILIES && family == FAMILIES; f++)
		d->link->link.route[f].if_there = true;
	if (family != V6 && draft_once(d, SET_GATEWAY, "the IPv4 gateway", line))
		d->link->link.route[V4].gateway_kind = CONF_GATEWAY_AUTO;
	if (family != V4 && draft_once(d, SET_GATEWAY6, "the IPv6 gateway", line))
		d->link->link.route[V6].gateway_kind = CONF_GATEWAY_AUTO;
}

void
draft_source(struct draft *d, const struct token *t)
{
	static const char *const names[] = {"the IPv4 source", "the IPv6 source"};
	struct addr a;

	if (draft_read_host(d, t, "source", "write a numeric IPv4 or IPv6 address", &a) != 0)
		return;
	int family = addr_family(&a);
	if (draft_once(d, family == V4 ? SET_SOURCE : SET_SOURCE6, names[family], t->line))
		d->link->link.route[family].source = a;
}

/* An IPv6 prefix that hosts may have. 0, or -1 where the mistake was told. */
static int
read_prefix(struct draft *d, const struct token *t, struct addr *a)
{
	char quoted[QUOTE_LEN];

	if (draft_read_octets(t, a, addr_parse_prefix) != 0 || a->version != 6)
		draft_error(d, t->line,
			    "prefix %s is not an IPv6 prefix: write ADDRESS/LENGTH without bits "
			    "behind the length, "
			    "such as 2001:db8:1::/48",
			    draft_quote(t, quoted));
	else if (a->plen < 16 || addr_is_linklocal(a) || not_a_host(a) != NULL)
		draft_error(
		    d, t->line,
		    "prefix %s is no provider's prefix: it needs a length of 16 to 128, and "
		    "neither link-local nor multicast addresses",
		    draft_quote(t, quoted));
	else
		return 0;
	return -1;
}

void
draft_prefix(struct draft *d, const struct token *t)
{
	struct addr a;

	if (read_prefix(d, t, &a) == 0 && draft_once(d, SET_PREFIX, "prefix", t->line))
		d->link->link.route[V6].prefix = a;
}

void
draft_nat_prefix(struct draft *d, const struct token *inside, const struct token *outside)
{
	struct conf_route *route = &d->link->link.route[V6];
	struct addr in, out;

	if (read_prefix(d, inside, &in) != 0 || read_prefix(d, outside, &out) != 0)
		return;
	if (in.plen != out.plen) {
		draft_error(d, inside->line,
			    "nat6 prefix: /%u becomes /%u: both must have the same length", in.plen,
			    out.plen);
		return;
	}
	if (!draft_once(d, SET_NAT6, "nat6", inside->line))
		return;
	d->link->set[SET_NAT6].value = CONF_NAT_PREFIX;
	route->nat_inside = in;
	route->nat_addr = out;
}

void
draft_nat(struct draft *d, int family, enum conf_nat kind, int line, const struct token *t)
{
	const char *name = family == V4 ? "nat" : "nat6";
	enum setting setting = family == V4 ? SET_NAT : SET_NAT6;
	struct addr a;

	if (t != NULL) {
		if (d->link == NULL) {
			draft_error(
			    d, line,
			    "%s snat names an address of one link: write it within link { }", name);
			return;
		}
		if (draft_read_host(d, t, "snat", "write a numeric address", &a) != 0)
			return;
		if (addr_family(&a) != family) {
			draft_error(d, line, "%s snat needs an IPv%d address: use %s for this one",
				    name, family == V4 ? 4 : 6, family == V4 ? "nat6" : "nat");
			return;
		}
		d->link->link.route[family].nat_addr = a;
	}
	if (draft_once(d, setting, name, line))
		draft_scope(d)[setting].value = kind;
}

/* SPDX-License-Identifier: ISC */
/* Takes the statements one by one as the grammar reads them: turns words into
 * values, checks each value by itself, and notes the line it came from. What
 * needs the whole file is checked in check.c. */
#include "conf/draft.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/order.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* Tables and preferences: see the numbers in conf.h. The tables 253 to 255 and
 * the rules from 32766 on are the system's. */
const struct setting_range setting_ranges[SET_NUMBER_END] = {
    [SET_INTERVAL] = {"interval", 10, HOUR, SECOND, true},
    [SET_TIMEOUT] = {"timeout", 10, MINUTE, SECOND, true},
    [SET_DOWN_AFTER] = {"down after", 1, 1000, 3, false},
    [SET_UP_AFTER] = {"up after", 1, 1000, 5, false},
    [SET_HOLD] = {"hold", 0, DAY, 30 * SECOND, true},
    [SET_TIER] = {"tier", 1, TIER_MAX, 1, false},
    [SET_WEIGHT] = {"weight", 1, WEIGHT_MAX, 1, false},
    [SET_INDEX] = {"index", 1, LINKS_MAX, 0, false},
    [SET_QUORUM] = {"quorum", 1, LINK_TARGETS_MAX, 1, false},
    [SET_TABLE] = {"table", 256, INT32_MAX - LINKS_MAX, 7000, false},
    [SET_RULE] = {"rule", 1, 32765 - 4999, 7000, false},
    [SET_DEFAULT_TIMEOUT] = {"default timeout", 0, 365 * (uint64_t)DAY, 0, true},
};

static void
tell(struct draft *d, bool error, int line, const char *fmt, va_list args)
{
	char message[640];

	vsnprintf(message, sizeof message, fmt, args);
	d->complain(d->arg, error, d->file, line, message);
}

void
draft_error(struct draft *d, int line, const char *fmt, ...)
{
	va_list args;

	d->mistakes++;
	if (d->link != NULL)
		d->link->broken = true;
	else
		d->broken = true;
	if (d->mistakes < MISTAKES_MAX) {
		va_start(args, fmt);
		tell(d, true, line, fmt, args);
		va_end(args);
	} else if (d->mistakes == MISTAKES_MAX) {
		d->complain(d->arg, true, d->file, line,
			    "too many mistakes: the others are not shown");
	}
}

void
draft_warn(struct draft *d, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(d, false, line, fmt, args);
	va_end(args);
}

void
draft_no_memory(struct draft *d)
{
	draft_error(d, d->line, "not enough memory to read on");
}

const char *
draft_quote(const struct token *t, char buf[static QUOTE_LEN])
{
	enum { SHOWN = QUOTE_LEN - 8 }; /* leaves room for quotes, dots and the last escape */
	size_t used = 0;

	buf[used++] = '"';
	for (size_t i = 0; i < t->len; i++) {
		unsigned char c = (unsigned char)t->text[i];
		if (used >= SHOWN - 4) {
			used += (size_t)snprintf(buf + used, QUOTE_LEN - used, "...");
			break;
		}
		if (c >= ' ' && c < 0x7f)
			buf[used++] = (char)c;
		else
			used += (size_t)snprintf(buf + used, QUOTE_LEN - used, "\\x%02x", c);
	}
	buf[used++] = '"';
	buf[used] = '\0';
	return buf;
}

const char *
draft_time_text(uint64_t ms, char buf[static TIME_LEN])
{
	static const struct {
		uint64_t ms;
		const char *name;
	} units[] = {{DAY, "d"}, {HOUR, "h"}, {MINUTE, "m"}, {SECOND, "s"}};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (ms > 0 && ms % units[i].ms == 0) {
			snprintf(buf, TIME_LEN, "%" PRIu64 "%s", ms / units[i].ms, units[i].name);
			return buf;
		}
	snprintf(buf, TIME_LEN, ms == 0 ? "0s" : "%" PRIu64 "ms", ms);
	return buf;
}

struct value *
draft_scope(struct draft *d)
{
	return d->target != NULL ? d->target->set : d->link != NULL ? d->link->set : d->set;
}

bool
draft_once(struct draft *d, enum setting setting, const char *name, int line)
{
	struct value *v = &draft_scope(d)[setting];

	if (v->line != 0) {
		draft_error(d, line, "%s is set twice: remove one (the first is in line %d)", name,
			    v->line);
		return false;
	}
	v->line = line;
	return true;
}

void
draft_flag(struct draft *d, enum setting setting, const char *name, int line, bool value)
{
	if (draft_once(d, setting, name, line))
		draft_scope(d)[setting].value = value;
}

/* ---- numbers and times ---- */

/* Up to 12 digits, so that no unit makes it overflow. */
static size_t
read_digits(const struct token *t, uint64_t *value)
{
	size_t i = 0;

	*value = 0;
	while (i < t->len && i < 12 && t->text[i] >= '0' && t->text[i] <= '9')
		*value = *value * 10 + (uint64_t)(t->text[i++] - '0');
	return i;
}

static int
read_count(const struct token *t, uint64_t *value)
{
	size_t n = read_digits(t, value);

	return n > 0 && n == t->len ? 0 : -1;
}

/* Into milliseconds; a bare number is seconds. */
static int
read_time(const struct token *t, uint64_t *ms)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {{"", SECOND},  {"ms", 1},   {"s", SECOND},
		     {"m", MINUTE}, {"h", HOUR}, {"d", DAY}};
	size_t n = read_digits(t, ms);

	if (n == 0)
		return -1;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strlen(units[i].name) == t->len - n &&
		    memcmp(units[i].name, t->text + n, t->len - n) == 0) {
			*ms *= units[i].ms;
			return 0;
		}
	return -1;
}

static void
complain_range(struct draft *d, const struct setting_range *range, const struct token *t,
	       bool readable)
{
	char quoted[QUOTE_LEN], least[TIME_LEN], most[TIME_LEN];

	if (range->time) {
		draft_time_text(range->min, least);
		draft_time_text(range->max, most);
	} else {
		snprintf(least, sizeof least, "%" PRIu64, range->min);
		snprintf(most, sizeof most, "%" PRIu64, range->max);
	}
	draft_quote(t, quoted);
	if (readable)
		draft_error(d, t->line, "%s %s is out of range: it may be %s to %s", range->name,
			    quoted, least, most);
	else if (range->time)
		draft_error(d, t->line,
			    "%s %s is not a time: write a whole number with ms, s, m, h or d, from "
			    "%s to %s",
			    range->name, quoted, least, most);
	else
		draft_error(d, t->line, "%s %s is not a number: write a whole number from %s to %s",
			    range->name, quoted, least, most);
}

void
draft_number(struct draft *d, enum setting setting, const struct token *t)
{
	const struct setting_range *range = &setting_ranges[setting];
	uint64_t value;
	int bad = range->time ? read_time(t, &value) : read_count(t, &value);

	if (bad == 0 && setting == SET_TABLE && value < range->min)
		draft_error(d, t->line,
			    "table %" PRIu64 ": the tables %" PRIu64 " to %" PRIu64
			    " would meet the system's own (0, 253 to 255): use %" PRIu64 " or more",
			    value, value, value + LINKS_MAX, range->min);
	else if (bad != 0 || value < range->min || value > range->max)
		complain_range(d, range, t, bad == 0);
	else if (setting == SET_DEFAULT_TIMEOUT && value % SECOND != 0)
		draft_error(
		    d, t->line,
		    "default timeout is in whole seconds: write 1s or more, or 0 for no end");
	else if (draft_once(d, setting, range->name, t->line))
		draft_scope(d)[setting].value = value;
}

static int
read_mask(const struct token *t, uint64_t *mask)
{
	char text[12], *end;

	if (t->len < 3 || t->len >= sizeof text || t->text[0] != '0' || t->text[1] != 'x')
		return -1;
	memcpy(text, t->text, t->len);
	text[t->len] = '\0';
	if (text[2] == '-' || text[2] == '+' || text[2] == ' ')
		return -1;
	*mask = strtoull(text, &end, 16);
	return *end == '\0' && *mask <= UINT32_MAX ? 0 : -1;
}

void
draft_mark(struct draft *d, const struct token *t)
{
	char quoted[QUOTE_LEN];
	uint64_t mask, low;

	if (read_mask(t, &mask) != 0) {
		draft_error(
		    d, t->line,
		    "mark mask %s is not a mask: write 32 bits in hexadecimal, such as 0x7ff00",
		    draft_quote(t, quoted));
		return;
	}
	low = mask & -mask;
	if (mask == 0 || mask == low)
		draft_error(d, t->line,
			    "mark mask 0x%" PRIx64
			    " is too narrow: the top bit marks probes, the others the link, "
			    "so at least 2 bits are needed",
			    mask);
	else if (((mask / low) & (mask / low + 1)) != 0)
		draft_error(d, t->line,
			    "mark mask 0x%" PRIx64 " has a gap: its bits must stand side by side",
			    mask);
	else if (draft_once(d, SET_MARK, "mark mask", t->line))
		d->set[SET_MARK].value = mask;
}

/* ---- texts ---- */

/* What stands for \" and \\ in a text in quotes. */
static int
unescape(struct draft *d, const struct token *t, const char *what, char *dst, size_t size,
	 size_t *len)
{
	*len = 0;
	for (size_t i = 0; i < t->len; i++) {
		if (t->quoted && t->text[i] == '\\') {
			i++;
			if (i >= t->len || (t->text[i] != '"' && t->text[i] != '\\')) {
				draft_error(d, t->line,
					    "%s has a \\ that stands for nothing: write \\\\ for "
					    "one, \\\" for a quote",
					    what);
				return -1;
			}
		}
		if (*len + 1 >= size) {
			draft_error(d, t->line, "%s is longer than %zu octets: shorten it", what,
				    size - 1);
			return -1;
		}
		dst[(*len)++] = t->text[i];
	}
	dst[*len] = '\0';
	return 0;
}

/* Into dst, which is left empty when the text may not be taken. */
static int
read_text(struct draft *d, const struct token *t, const char *what, char *dst, size_t size)
{
	size_t len;

	if (unescape(d, t, what, dst, size, &len) == 0) {
		if (text_ok(dst, len))
			return 0;
		draft_error(d, t->line,
			    "%s has a control character or is not UTF-8: remove what is not text",
			    what);
	}
	dst[0] = '\0';
	return -1;
}

void
draft_site(struct draft *d, const struct token *t)
{
	if (draft_once(d, SET_SITE, "site", t->line))
		read_text(d, t, "site", d->conf->site, sizeof d->conf->site);
}

void
draft_group(struct draft *d, const struct token *t)
{
	if (draft_once(d, SET_GROUP, "group", t->line) &&
	    read_text(d, t, "group", d->conf->group, sizeof d->conf->group) == 0 &&
	    d->conf->group[0] == '\0')
		draft_error(d, t->line, "group is empty: name a group of the system");
}

void
draft_alias(struct draft *d, const struct token *t)
{
	if (draft_once(d, SET_ALIAS, "alias", t->line))
		read_text(d, t, "alias", d->link->link.alias, sizeof d->link->link.alias);
}

/* The path goes to the SNMP library as it is: plain characters only. */
void
draft_agentx(struct draft *d, const struct token *t)
{
	struct conf_snmp *snmp = &d->conf->snmp;
	char path[sizeof snmp->agentx];
	size_t len;

	if (!draft_once(d, SET_AGENTX, "agentx", t->line) ||
	    unescape(d, t, "agentx", path, sizeof path, &len) != 0)
		return;
	if (path[0] != '/') {
		draft_error(d, t->line,
			    "agentx needs the path of the master's socket: begin it with /");
		return;
	}
	for (size_t i = 0; i < len; i++)
		if (path[i] <= ' ' || path[i] > '~' || path[i] == ',') {
			draft_error(
			    d, t->line,
			    "agentx: the path may have letters, digits and signs of ASCII only, "
			    "without blanks and commas");
			return;
		}
	memcpy(snmp->agentx, path, len + 1);
}

/* What the kernel takes is wider, but the name also goes into rulesets. */
void
draft_interface(struct draft *d, const struct token *t)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@+=~-";
	char *name = d->link->link.interface;

	if (!draft_once(d, SET_INTERFACE, "interface", t->line) ||
	    read_text(d, t, "interface", name, sizeof d->link->link.interface) != 0)
		return;
	if (name[0] == '\0' || name[strspn(name, allowed)] != '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		draft_error(d, t->line,
			    "interface: a name has 1 to %d letters, digits or _ . @ + = ~ -",
			    IFNAME_LEN);
}

/* ---- addresses ---- */

static int
read_octets(const struct token *t, struct addr *a, int (*parse)(const char *, struct addr *))
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
static int
read_host(struct draft *d, const struct token *t, const char *what, const char *hint,
	  struct addr *a)
{
	char quoted[QUOTE_LEN];
	const char *why;

	draft_quote(t, quoted);
	if (read_octets(t, a, addr_parse) != 0) {
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
	static const char *const names[] = {"the IPv4 gateway", "the IPv6 gateway"};
	struct addr a;

	if (read_host(d, t, "gateway", "write a numeric IPv4 or IPv6 address, or auto", &a) != 0)
		return;
	int family = addr_family(&a);
	if (draft_once(d, family == V4 ? SET_GATEWAY : SET_GATEWAY6, names[family], t->line)) {
		d->link->link.route[family].gateway_kind = CONF_GATEWAY_STATIC;
		d->link->link.route[family].gateway = a;
	}
}

void
draft_gateway_auto(struct draft *d, int line, int family)
{
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

	if (read_host(d, t, "source", "write a numeric IPv4 or IPv6 address", &a) != 0)
		return;
	int family = addr_family(&a);
	if (draft_once(d, family == V4 ? SET_SOURCE : SET_SOURCE6, names[family], t->line))
		d->link->link.route[family].source = a;
}

void
draft_prefix(struct draft *d, const struct token *t)
{
	char quoted[QUOTE_LEN];
	struct addr a;

	if (read_octets(t, &a, addr_parse_prefix) != 0 || a.version != 6)
		draft_error(d, t->line,
			    "prefix %s is not an IPv6 prefix: write ADDRESS/LENGTH without bits "
			    "behind the length, "
			    "such as 2001:db8:1::/48",
			    draft_quote(t, quoted));
	else if (a.plen < 16 || addr_is_linklocal(&a) || not_a_host(&a) != NULL)
		draft_error(
		    d, t->line,
		    "prefix %s is no provider's prefix: it needs a length of 16 to 128, and "
		    "neither link-local nor multicast addresses",
		    draft_quote(t, quoted));
	else if (draft_once(d, SET_PREFIX, "prefix", t->line))
		d->link->link.route[V6].prefix = a;
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
		if (read_host(d, t, "snat", "write a numeric address", &a) != 0)
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

/* ---- blocks ---- */

/* Room for one more in an array that doubles; NULL for want of memory. */
static void *
grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	size_t more = *room == 0 ? 4 : *room * 2;
	void *p = realloc(array, more * size);
	if (p != NULL)
		*room = more;
	return p;
}

/* The next link, or the stand-in where there is no room for it. */
static struct link_draft *
next_link(struct draft *d, int line)
{
	if (d->nlinks == LINKS_MAX) {
		if (!d->links_full)
			draft_error(d, line, "more than %d links: remove some", LINKS_MAX);
		d->links_full = true;
		return &d->no_link;
	}
	struct link_draft *links = grow(d->links, d->nlinks, &d->room, sizeof *links);
	if (links == NULL) {
		draft_no_memory(d);
		return &d->no_link;
	}
	d->links = links;
	return &links[d->nlinks++];
}

void
draft_link_begin(struct draft *d, const struct token *name)
{
	struct link_draft *l = next_link(d, name->line);

	memset(l, 0, sizeof *l);
	l->link.line = name->line;
	d->link = l;
	d->targets_full = false;
	if (read_text(d, name, "the link's name", l->link.name, sizeof l->link.name) == 0 &&
	    l->link.name[0] == '\0')
		draft_error(d, name->line, "the link's name is empty: give it one");
}

void
draft_link_end(struct draft *d)
{
	draft_target_end(d);
	free(d->no_link.targets);
	memset(&d->no_link, 0, sizeof d->no_link);
	d->link = NULL;
}

static struct target_draft *
next_target(struct draft *d, int line)
{
	struct link_draft *l = d->link;

	if (l->ntargets == LINK_TARGETS_MAX) {
		if (!d->targets_full)
			draft_error(d, line, "more than %d targets for one link: remove some",
				    LINK_TARGETS_MAX);
		d->targets_full = true;
		return &d->no_target;
	}
	struct target_draft *targets = grow(l->targets, l->ntargets, &l->room, sizeof *targets);
	if (targets == NULL) {
		draft_no_memory(d);
		return &d->no_target;
	}
	l->targets = targets;
	return &targets[l->ntargets++];
}

static void
begin_target(struct draft *d, int line)
{
	d->target = next_target(d, line);
	memset(d->target, 0, sizeof *d->target);
	d->target->target.line = line;
	d->target->target.method = METHOD_ICMP;
}

void
draft_target_begin(struct draft *d, const struct token *t)
{
	begin_target(d, t->line);
	struct conf_target *target = &d->target->target;
	if (read_host(d, t, "target", "write a numeric IPv4 or IPv6 address, or gateway",
		      &target->addr) != 0)
		memset(&target->addr, 0, sizeof target->addr);
	else if (addr_is_linklocal(&target->addr))
		draft_error(d, t->line,
			    "a link-local target is not possible: use target gateway inet6 for the "
			    "gateway");
	else
		target->family = (uint8_t)addr_family(&target->addr);
}

void
draft_target_gateway(struct draft *d, int line, int family)
{
	begin_target(d, line);
	d->target->target.gateway = true;
	d->target->target.family = (uint8_t)family;
}

void
draft_target_end(struct draft *d)
{
	d->target = NULL;
}

void
draft_not_built(struct draft *d, const struct token *method)
{
	draft_error(d, method->line, "target method %.*s is not built into this version: use icmp",
		    (int)method->len, method->text);
}

void
draft_pin(struct draft *d, const struct token *name, const struct token *number)
{
	const struct setting_range *range = &setting_ranges[SET_INDEX];
	struct pin_draft pin = {.line = name->line};
	uint64_t value;
	int bad = read_count(number, &value);

	if (bad != 0 || value < range->min || value > range->max) {
		complain_range(d, range, number, bad == 0);
		return;
	}
	if (read_text(d, name, "the link's name", pin.name, sizeof pin.name) != 0)
		return;
	if (d->npins == LINKS_MAX) {
		draft_error(d, name->line, "more than %d lines with an index: remove some",
			    LINKS_MAX);
		return;
	}
	struct pin_draft *pins = grow(d->pins, d->npins, &d->pins_room, sizeof *pins);
	if (pins == NULL) {
		draft_no_memory(d);
		return;
	}
	pin.index = (uint16_t)value;
	d->pins = pins;
	pins[d->npins++] = pin;
}

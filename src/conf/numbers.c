/* SPDX-License-Identifier: ISC */
/* Settings that are numbers, times or masks, each with its bounds. */
#include "conf/draft.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
enum { PERCENT = 10000 }; /* parts per million */
enum { KILO = 1000 };
#define MEGA (1000 * (uint64_t)KILO)
#define GIGA (1000 * MEGA)

/* Tables and preferences: see the numbers in conf.h. The tables 253 to 255 and
 * the rules from 32766 on are the system's. */
const struct setting_range setting_ranges[SET_RANGE_END] = {
    [SET_INTERVAL] = {"interval", 10, HOUR, SECOND, KIND_TIME},
    [SET_TIMEOUT] = {"timeout", 10, MINUTE, SECOND, KIND_TIME},
    [SET_DOWN_AFTER] = {"down after", 1, 1000, 3, KIND_COUNT},
    [SET_UP_AFTER] = {"up after", 1, 1000, 5, KIND_COUNT},
    [SET_WINDOW] = {"window", 5 * SECOND, 10 * MINUTE, MINUTE, KIND_TIME},
    [SET_SIZE] = {"size", 16, 8952, 16, KIND_COUNT},
    [SET_TTL] = {"ttl", 1, 255, 64, KIND_COUNT},
    [SET_PORT] = {"port", 1, 65535, 0, KIND_COUNT},
    [SET_STATUS] = {"status", 200, 599, 200, KIND_COUNT},
    [SET_HOLD] = {"hold", 0, DAY, 30 * SECOND, KIND_TIME},
    [SET_TIER] = {"tier", 1, TIER_MAX, 1, KIND_COUNT},
    [SET_WEIGHT] = {"weight", 1, WEIGHT_MAX, 1, KIND_COUNT},
    [SET_INDEX] = {"index", 1, LINKS_MAX, 0, KIND_COUNT},
    [SET_QUORUM] = {"quorum", 1, LINK_TARGETS_MAX, 1, KIND_COUNT},
    [SET_TABLE] = {"table", 256, INT32_MAX - LINKS_MAX, 7000, KIND_COUNT},
    [SET_RULE] = {"rule", 1, 32765 - 4999, 7000, KIND_COUNT},
    [SET_DEFAULT_TIMEOUT] = {"default timeout", 0, 365 * (uint64_t)DAY, 0, KIND_TIME},
    [SET_LIMIT_LOSS] = {"limit loss", PERCENT / 10, 100 * PERCENT, 0, KIND_SHARE},
    [SET_LIMIT_RTT] = {"limit rtt", 1, MINUTE, 0, KIND_TIME},
    [SET_LIMIT_JITTER] = {"limit jitter", 1, MINUTE, 0, KIND_TIME},
    [SET_FLAP_SUPPRESS] = {"flap suppress", 1000, 1000000, 3000, KIND_COUNT},
    [SET_FLAP_REUSE] = {"flap reuse", 1, 1000000, 1000, KIND_COUNT},
    [SET_FLAP_HALF_LIFE] = {"flap half life", SECOND, DAY, 2 * MINUTE, KIND_TIME},
    [SET_FLAP_CEILING] = {"flap ceiling", 1000, 1000000, 12000, KIND_COUNT},
    [SET_NOTIFY_LIMIT] = {"notify limit", 1, 10000, 20, KIND_COUNT},
    [SET_DRAIN_IDLE] = {"drain idle", SECOND, DAY, 5 * MINUTE, KIND_TIME},
    [SET_DRAIN_DEADLINE] = {"drain deadline", SECOND, 30 * (uint64_t)DAY, 0, KIND_TIME},
    [SET_MSS] = {"mss clamp", 536, 65495, 0, KIND_COUNT},
    [SET_STANDBY] = {"standby interval", 10, HOUR, 0, KIND_TIME},
    [SET_BUDGET] = {"budget", 100 * KILO, 1000 * GIGA, 0, KIND_OCTETS},
    [SET_LEAVE_LOSS] = {"limit loss leave", 0, 100 * PERCENT, 0, KIND_SHARE},
    [SET_LEAVE_RTT] = {"limit rtt leave", 0, MINUTE, 0, KIND_TIME},
    [SET_LEAVE_JITTER] = {"limit jitter leave", 0, MINUTE, 0, KIND_TIME},
    [SET_HOOK_TIMEOUT] = {"timeout of a program", SECOND, HOUR, 10 * SECOND, KIND_TIME},
    [SET_DEGRADED_WEIGHT] = {"when degraded weight", 1, WEIGHT_MAX, 0, KIND_COUNT},
};

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

const char *
draft_share_text(uint64_t ppm, char buf[static TIME_LEN])
{
	int n = snprintf(buf, TIME_LEN, "%" PRIu64 ".%04" PRIu64, ppm / PERCENT, ppm % PERCENT);

	while (n > 1 && buf[n - 1] == '0')
		n--;
	if (buf[n - 1] == '.')
		n--;
	buf[n] = '%';
	buf[n + 1] = '\0';
	return buf;
}

static const struct {
	const char *name;
	uint64_t octets;
} octet_units[] = {{"G", GIGA}, {"M", MEGA}, {"K", KILO}, {"", 1}};

static const char *
octets_text(uint64_t value, char buf[static TIME_LEN])
{
	for (size_t i = 0; i < sizeof octet_units / sizeof *octet_units; i++)
		if (value % octet_units[i].octets == 0) {
			snprintf(buf, TIME_LEN, "%" PRIu64 "%s", value / octet_units[i].octets,
				 octet_units[i].name);
			break;
		}
	return buf;
}

const char *
draft_value_text(enum setting_kind kind, uint64_t value, char buf[static TIME_LEN])
{
	if (kind == KIND_TIME)
		return draft_time_text(value, buf);
	if (kind == KIND_SHARE)
		return draft_share_text(value, buf);
	if (kind == KIND_OCTETS)
		return octets_text(value, buf);
	snprintf(buf, TIME_LEN, "%" PRIu64, value);
	return buf;
}

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

int
draft_read_count(const struct token *t, uint64_t *value)
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

/* Into parts per million: a number with up to four decimals, and the sign. */
static int
read_share(const struct token *t, uint64_t *ppm)
{
	size_t n = read_digits(t, ppm);
	uint64_t unit = PERCENT;

	if (n == 0)
		return -1;
	*ppm *= PERCENT;
	if (n < t->len && t->text[n] == '.') {
		for (n++; n < t->len && unit > 1 && t->text[n] >= '0' && t->text[n] <= '9'; n++) {
			unit /= 10;
			*ppm += (uint64_t)(t->text[n] - '0') * unit;
		}
		if (unit == PERCENT)
			return -1;
	}
	return n + 1 == t->len && t->text[n] == '%' ? 0 : -1;
}

/* A whole number of octets, with K, M or G for a thousand, a million or more. */
static int
read_octets(const struct token *t, uint64_t *octets)
{
	size_t n = read_digits(t, octets);

	for (size_t i = 0; n > 0 && n < 10 && i < sizeof octet_units / sizeof *octet_units; i++)
		if (strlen(octet_units[i].name) == t->len - n &&
		    memcmp(octet_units[i].name, t->text + n, t->len - n) == 0) {
			*octets *= octet_units[i].octets;
			return 0;
		}
	return -1;
}

static int
read_value(enum setting_kind kind, const struct token *t, uint64_t *value)
{
	switch (kind) {
	case KIND_TIME:
		return read_time(t, value);
	case KIND_SHARE:
		return read_share(t, value);
	case KIND_OCTETS:
		return read_octets(t, value);
	default:
		return draft_read_count(t, value);
	}
}

void
draft_complain_range(struct draft *d, const struct setting_range *range, const struct token *t,
		     bool readable)
{
	char quoted[QUOTE_LEN], least[TIME_LEN], most[TIME_LEN];

	draft_value_text(range->kind, range->min, least);
	draft_value_text(range->kind, range->max, most);
	draft_quote(t, quoted);
	if (readable)
		draft_error(d, t->line, "%s %s is out of range: it may be %s to %s", range->name,
			    quoted, least, most);
	else if (range->kind == KIND_SHARE)
		draft_error(d, t->line,
			    "%s %s is not a share: write a number with %%, from %s to %s",
			    range->name, quoted, least, most);
	else if (range->kind == KIND_OCTETS)
		draft_error(d, t->line,
			    "%s %s is not a number of octets: write a whole number with K, M or G, "
			    "from %s to %s",
			    range->name, quoted, least, most);
	else if (range->kind == KIND_TIME)
		draft_error(d, t->line,
			    "%s %s is not a time: write a whole number with ms, s, m, h or d, from "
			    "%s to %s",
			    range->name, quoted, least, most);
	else
		draft_error(d, t->line, "%s %s is not a number: write a whole number from %s to %s",
			    range->name, quoted, least, most);
}

int
draft_read_number(struct draft *d, enum setting setting, const struct token *t, uint64_t *value)
{
	const struct setting_range *range = &setting_ranges[setting];
	int bad = read_value(range->kind, t, value);

	if (bad == 0 && *value >= range->min && *value <= range->max)
		return 0;
	draft_complain_range(d, range, t, bad == 0);
	return -1;
}

void
draft_number(struct draft *d, enum setting setting, const struct token *t)
{
	const struct setting_range *range = &setting_ranges[setting];
	uint64_t value;
	int bad = read_value(range->kind, t, &value);

	if (bad == 0 && setting == SET_TABLE && value < range->min)
		draft_error(d, t->line,
			    "table %" PRIu64 ": the tables %" PRIu64 " to %" PRIu64
			    " would meet the system's own (0, 253 to 255): use %" PRIu64 " or more",
			    value, value, value + LINKS_MAX, range->min);
	else if (bad != 0 || value < range->min || value > range->max)
		draft_complain_range(d, range, t, bad == 0);
	else if (setting == SET_DEFAULT_TIMEOUT && value % SECOND != 0)
		draft_error(
		    d, t->line,
		    "default timeout is in whole seconds: write 1s or more, or 0 for no end");
	else if (draft_once(d, setting, range->name, t->line))
		draft_scope(d)[setting].value = value;
}

void
draft_limit_off(struct draft *d, enum setting setting, int line)
{
	if (draft_once(d, setting, setting_ranges[setting].name, line))
		draft_scope(d)[setting].value = 0;
}

void
draft_degraded(struct draft *d, enum conf_degraded what, int line, const struct token *weight)
{
	if (!draft_once(d, SET_DEGRADED, "when degraded", line))
		return;
	draft_scope(d)[SET_DEGRADED].value = what;
	if (weight != NULL)
		draft_number(d, SET_DEGRADED_WEIGHT, weight);
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

/* SPDX-License-Identifier: ISC */
/* A line has each member once and of its kind, or it is refused: a recording that
 * was damaged on its way must not pass for another outage. */
#include "config.h"

#include "engine/recording.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/board.h"
#include "common/clock.h"
#include "common/names.h"
#include "common/order.h"

static void
put_time(json_t *o, uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / NSEC_PER_SEC);
	char text[40], all[64];
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	snprintf(all, sizeof(all), "%s.%03uZ", text,
		 (unsigned)(wall_ns % NSEC_PER_SEC / NSEC_PER_MSEC));
	json_object_set_new(o, "time", json_string(all));
}

json_t *
recording_write(const struct recorded *r)
{
	json_t *o = json_object();
	struct addr plain = r->address;
	char address[ADDR_STRLEN];

	plain.scope = 0; /* another machine has other interfaces */
	put_time(o, r->wall_ns);
	json_object_set_new(o, "link", json_string(r->link));
	if (addr_is_set(&plain))
		json_object_set_new(o, "target", json_string(addr_text(&plain, address)));
	if (r->gateway)
		json_object_set_new(o, "gateway", json_true());
	json_object_set_new(o, "version", json_integer(r->family == V4 ? 4 : 6));
	json_object_set_new(o, "method", json_string(method_name(r->method)));
	if (r->port != 0)
		json_object_set_new(o, "port", json_integer(r->port));
	if (r->query[0] != '\0') {
		json_object_set_new(o, "query", json_string(r->query));
		json_object_set_new(o, "query_type", json_integer(r->query_type));
	}
	json_object_set_new(o, "number", json_integer(r->number));
	json_object_set_new(o, "at_ns", json_integer((json_int_t)r->at_ns));
	json_object_set_new(o, "sent_ns", json_integer((json_int_t)r->sent_ns));
	if (r->rtt_us != RTT_UNKNOWN)
		json_object_set_new(o, "rtt_us", json_integer(r->rtt_us));
	else
		json_object_set_new(o, "lost", json_true());
	if (r->late)
		json_object_set_new(o, "late", json_true());
	return o;
}

/* Of ".123Z" or "Z": the nanoseconds. */
static bool
read_fraction(const char *text, uint64_t *ns)
{
	uint64_t digit_ns = NSEC_PER_SEC / 10;

	*ns = 0;
	if (text[0] == '.' && text[1] != 'Z')
		for (text++; *text >= '0' && *text <= '9' && digit_ns > 0; text++, digit_ns /= 10)
			*ns += (uint64_t)(*text - '0') * digit_ns;
	return strcmp(text, "Z") == 0;
}

/* "2025-05-01T12:00:05.123Z", or more or less exact. */
static bool
read_time(const json_t *value, uint64_t *wall_ns)
{
	struct tm tm = {0};
	const char *text = json_string_value(value), *rest;
	time_t seconds;

	if (text == NULL || (rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm)) == NULL)
		return false;
	seconds = timegm(&tm);
	if (seconds < 0 || !read_fraction(rest, wall_ns))
		return false;
	*wall_ns += (uint64_t)seconds * NSEC_PER_SEC;
	return true;
}

static bool
read_uint(const json_t *value, uint64_t max, uint64_t *out)
{
	json_int_t n = json_integer_value(value);

	*out = (uint64_t)n;
	return json_is_integer(value) && n >= 0 && (uint64_t)n <= max;
}

static bool
read_method(const json_t *value, uint8_t *method)
{
	const char *name = json_string_value(value);

	for (uint8_t m = METHOD_ICMP; name != NULL && m <= METHOD_COMMAND; m++)
		if (strcmp(method_name(m), name) == 0) {
			*method = m;
			return true;
		}
	return false;
}

static bool
read_link(const json_t *value, struct recorded *r)
{
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len == 0 || len > NAME_LEN ||
	    !text_ok(json_string_value(value), len))
		return false;
	memcpy(r->link, json_string_value(value), len + 1);
	return true;
}

static bool
read_query(const json_t *o, struct recorded *r)
{
	const json_t *query = json_object_get(o, "query");
	size_t len = json_string_length(query);
	uint64_t type;

	if (query == NULL)
		return json_object_get(o, "query_type") == NULL;
	if (!json_is_string(query) || len == 0 || len > CONF_QUERY_LEN ||
	    !text_ok(json_string_value(query), len) ||
	    !read_uint(json_object_get(o, "query_type"), UINT16_MAX, &type))
		return false;
	memcpy(r->query, json_string_value(query), len + 1);
	r->query_type = (uint16_t)type;
	return true;
}

static const char *
read_sample(const json_t *o, struct recorded *r)
{
	const json_t *target = json_object_get(o, "target"), *rtt = json_object_get(o, "rtt_us"),
		     *port = json_object_get(o, "port");
	uint64_t version, number, rtt_us = RTT_UNKNOWN, port_number = 0;

	r->gateway = json_is_true(json_object_get(o, "gateway"));
	r->late = json_is_true(json_object_get(o, "late"));
	if (!read_link(json_object_get(o, "link"), r))
		return "link must be a link's name";
	if (target != NULL &&
	    (!json_is_string(target) || addr_parse(json_string_value(target), &r->address) != 0))
		return "target must be an address";
	if (target == NULL && !r->gateway)
		return "target is missing";
	if (!read_uint(json_object_get(o, "version"), 6, &version) ||
	    (version != 4 && version != 6))
		return "version must be 4 or 6";
	if (target != NULL && r->address.version != version)
		return "target and version do not go together";
	if (!read_method(json_object_get(o, "method"), &r->method))
		return "method must be one of this program";
	if (port != NULL && !read_uint(port, UINT16_MAX, &port_number))
		return "port must be a port";
	if (!read_query(o, r))
		return "query must be a name, with its query_type";
	if (!read_uint(json_object_get(o, "number"), UINT32_MAX, &number))
		return "number must be a number";
	if (!read_uint(json_object_get(o, "at_ns"), INT64_MAX / 2, &r->at_ns) ||
	    !read_uint(json_object_get(o, "sent_ns"), INT64_MAX / 2, &r->sent_ns) ||
	    r->sent_ns > r->at_ns)
		return "at_ns and sent_ns must be times, the second not after the first";
	if (!read_time(json_object_get(o, "time"), &r->wall_ns))
		return "time must be like 2025-05-01T12:00:05.123Z";
	if ((rtt != NULL) == json_is_true(json_object_get(o, "lost")))
		return "there must be either rtt_us or lost";
	if (rtt != NULL && !read_uint(rtt, RTT_UNKNOWN - 1, &rtt_us))
		return "rtt_us must be microseconds";
	if (r->late && rtt == NULL)
		return "a late answer must have rtt_us";
	r->family = version == 4 ? V4 : V6;
	r->port = (uint16_t)port_number;
	r->number = (uint32_t)number;
	r->rtt_us = (uint32_t)rtt_us;
	return NULL;
}

int
recording_read(const char *line, size_t len, struct recorded *r, uint64_t *missed, const char **why)
{
	json_t *o = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *lost;
	int result = -1;
	uint64_t n;

	*r = (struct recorded){.rtt_us = RTT_UNKNOWN};
	*why = "it is not one JSON object";
	if (json_is_object(o) && (lost = json_object_get(o, "missed")) != NULL) {
		result = read_uint(lost, INT64_MAX, &n) ? 0 : -1;
		*why = "missed must be a number";
		*missed += result == 0 ? n : 0;
	} else if (json_is_object(o)) {
		*why = read_sample(o, r);
		result = *why == NULL ? 1 : -1;
	}
	json_decref(o);
	return result;
}

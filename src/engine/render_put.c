/* SPDX-License-Identifier: ISC */
/* See render_put.h. */
#include "config.h"

#include "engine/render_put.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"

void
put_uint(json_t *o, const char *key, uint64_t v)
{
	json_object_set_new(o, key, json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v));
}

void
put_bool(json_t *o, const char *key, bool v)
{
	json_object_set_new(o, key, json_boolean(v));
}

void
put_name(json_t *o, const char *key, const char *name)
{
	json_object_set_new(o, key, json_string(name));
}

void
put_text(json_t *o, const char *key, const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	if (len > 0)
		json_object_set_new(o, key, json_stringn(text, len));
}

void
put_measured(json_t *o, const char *key, uint32_t v)
{
	if (v != UINT32_MAX)
		put_uint(o, key, v);
}

void
put_time(json_t *o, const char *key, uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / NSEC_PER_SEC);
	char text[40], all[64];
	struct tm tm;

	if (wall_ns == 0 || gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	snprintf(all, sizeof(all), "%s.%03uZ", text,
		 (unsigned)(wall_ns % NSEC_PER_SEC / NSEC_PER_MSEC));
	put_name(o, key, all);
}

void
put_age(json_t *o, const char *key, uint64_t at_ns, uint64_t now_ns, uint64_t unit_ns)
{
	if (at_ns != 0)
		put_uint(o, key, now_ns > at_ns ? (now_ns - at_ns) / unit_ns : 0);
}

void
put_age_s(json_t *o, const char *key, uint64_t at_ns, uint64_t now_ns)
{
	put_age(o, key, at_ns, now_ns, NSEC_PER_SEC);
}

void
put_left_s(json_t *o, const char *key, uint64_t until_ns, uint64_t now_ns)
{
	if (until_ns != 0)
		put_uint(o, key,
			 until_ns > now_ns ? (until_ns - now_ns + NSEC_PER_SEC - 1) / NSEC_PER_SEC
					   : 0);
}

void
put_addr(json_t *o, const char *key, const struct addr *a, const struct board_link *l)
{
	char text[ADDR_STRLEN], all[ADDR_STRLEN + 32];
	struct addr plain = *a;

	if (!addr_is_set(a))
		return;
	plain.scope = 0;
	addr_text(&plain, text);
	if (a->scope == 0)
		snprintf(all, sizeof(all), "%s", text);
	else if (a->scope == l->ifindex && l->ifname[0] != '\0')
		snprintf(all, sizeof(all), "%s%%%.*s", text, IFNAME_LEN, l->ifname);
	else
		snprintf(all, sizeof(all), "%s%%%u", text, a->scope);
	put_name(o, key, all);
}

void
put_link_name(json_t *o, const struct board_link *l)
{
	put_text(o, "link", l->name, sizeof(l->name));
	put_uint(o, "link_index", l->index);
}

/* SPDX-License-Identifier: ISC */
/* How the board's fields become values. */
#include "config.h"

#include "subagent/value.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "common/board.h"
#include "common/clock.h"

void
value_number(struct mib_value *v, uint64_t number)
{
	v->present = true;
	v->number = number;
}

void
value_gauge(struct mib_value *v, uint64_t number)
{
	value_number(v, number < UINT32_MAX ? number : UINT32_MAX);
}

void
value_truth(struct mib_value *v, bool truth)
{
	value_number(v, truth ? 1 : 2);
}

void
value_text(struct mib_value *v, const char *text)
{
	size_t length = strnlen(text, sizeof(v->octets));

	/* A cut that falls into a character takes all of it away. */
	if (length == sizeof(v->octets)) {
		length--;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	v->present = true;
	v->length = length;
	memcpy(v->octets, text, length);
}

void
value_object(struct mib_value *v, const uint32_t *ids, size_t n)
{
	v->present = true;
	v->number = 0;
	v->length = n * sizeof(ids[0]) < sizeof(v->octets) ? n * sizeof(ids[0]) : sizeof(v->octets);
	memcpy(v->octets, ids, v->length);
}

void
value_micros(struct mib_value *v, uint32_t us)
{
	if (us != RTT_UNKNOWN)
		value_number(v, us);
}

void
value_loss(struct mib_value *v, uint32_t ppm)
{
	/* 1 ppm is 1/10 of a thousandth of a percent. */
	if (ppm != LOSS_UNKNOWN)
		value_number(v, ppm / 10);
}

void
value_age(struct mib_value *v, uint64_t now_ns, uint64_t then_ns)
{
	if (then_ns != 0)
		value_gauge(v, now_ns > then_ns ? (now_ns - then_ns) / NSEC_PER_SEC : 0);
}

void
value_left(struct mib_value *v, uint64_t now_ns, uint64_t until_ns)
{
	uint64_t left = until_ns > now_ns ? until_ns - now_ns : 0;

	value_gauge(v, left / NSEC_PER_SEC + (left % NSEC_PER_SEC != 0));
}

void
value_date(struct mib_value *v, uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / NSEC_PER_SEC);
	struct tm tm;

	if (wall_ns == 0 || gmtime_r(&seconds, &tm) == NULL)
		return;
	v->present = true;
	v->length = 11;
	v->octets[0] = (uint8_t)((tm.tm_year + 1900) >> 8);
	v->octets[1] = (uint8_t)((tm.tm_year + 1900) & 0xff);
	v->octets[2] = (uint8_t)(tm.tm_mon + 1);
	v->octets[3] = (uint8_t)tm.tm_mday;
	v->octets[4] = (uint8_t)tm.tm_hour;
	v->octets[5] = (uint8_t)tm.tm_min;
	v->octets[6] = (uint8_t)tm.tm_sec;
	v->octets[7] = (uint8_t)(wall_ns % NSEC_PER_SEC / (100 * NSEC_PER_MSEC));
	v->octets[8] = '+';
	v->octets[9] = 0;
	v->octets[10] = 0;
}

static bool
has_zone(const struct addr *a)
{
	return a->version == 6 && a->scope != 0;
}

void
value_address(struct mib_value *v, const struct addr *a)
{
	uint32_t zone = htonl(a->scope);

	v->present = true;
	v->length = a->version == 4 ? 4 : a->version == 6 ? 16 : 0;
	memcpy(v->octets, a->octets, v->length);
	if (has_zone(a)) {
		memcpy(v->octets + v->length, &zone, sizeof(zone));
		v->length += sizeof(zone);
	}
}

void
value_address_type(struct mib_value *v, const struct addr *a)
{
	enum { UNKNOWN = 0, IPV4 = 1, IPV6 = 2, IPV6Z = 4 };

	value_number(v, a->version == 4   ? IPV4
			: a->version != 6 ? UNKNOWN
			: has_zone(a)     ? IPV6Z
					  : IPV6);
}

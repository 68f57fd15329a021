/* SPDX-License-Identifier: ISC */
/* Values for people: three significant figures are enough at 3 in the morning. */
#include "config.h"

#include "ctl/format.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, DURATION_MAX = 365 * DAY };

static uint32_t
unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return MINUTE;
	case 'h':
		return HOUR;
	case 'd':
		return DAY;
	}
	return 0;
}

bool
format_parse_duration(const char *text, uint32_t *s)
{
	uint64_t total = 0;
	bool first = true;

	while (*text != '\0') {
		uint64_t n = 0;
		uint32_t unit;

		if (!isdigit((unsigned char)*text))
			return false;
		while (isdigit((unsigned char)*text) && n <= DURATION_MAX)
			n = n * 10 + (uint64_t)(*text++ - '0');
		/* Only a number that stands alone may go without a unit. */
		unit = *text == '\0' && first ? 1 : unit_seconds(*text);
		if (unit == 0)
			return false;
		if (*text != '\0')
			text++;
		total += n * unit;
		if (total > DURATION_MAX)
			return false;
		first = false;
	}
	*s = (uint32_t)total;
	return total > 0;
}

const char *
format_duration(long long s, char buf[static FORMAT_LEN])
{
	if (s < 0)
		snprintf(buf, FORMAT_LEN, "-");
	else if (s < MINUTE)
		snprintf(buf, FORMAT_LEN, "%llds", s);
	else if (s < HOUR)
		snprintf(buf, FORMAT_LEN, "%lldm%02llds", s / MINUTE, s % MINUTE);
	else if (s < DAY)
		snprintf(buf, FORMAT_LEN, "%lldh%02lldm", s / HOUR, s % HOUR / MINUTE);
	else
		snprintf(buf, FORMAT_LEN, "%lldd%lldh", s / DAY, s % DAY / HOUR);
	return buf;
}

const char *
format_us(long long us, char buf[static FORMAT_LEN])
{
	double ms = (double)us / 1e3;

	if (us < 0)
		snprintf(buf, FORMAT_LEN, "-");
	else if (us < 9995)
		snprintf(buf, FORMAT_LEN, "%.2f ms", ms);
	else if (us < 99950)
		snprintf(buf, FORMAT_LEN, "%.1f ms", ms);
	else if (us < 999500)
		snprintf(buf, FORMAT_LEN, "%.0f ms", ms);
	else
		snprintf(buf, FORMAT_LEN, "%.2f s", ms / 1e3);
	return buf;
}

/* Neither a small loss nor a small rest is rounded away. */
const char *
format_loss(long long ppm, char buf[static FORMAT_LEN])
{
	if (ppm < 0)
		snprintf(buf, FORMAT_LEN, "-");
	else if (ppm == 0 || ppm >= 1000000)
		snprintf(buf, FORMAT_LEN, "%s %%", ppm ? "100" : "0");
	else if (ppm < 500)
		snprintf(buf, FORMAT_LEN, "<0.1 %%");
	else if (ppm >= 999500)
		snprintf(buf, FORMAT_LEN, ">99.9 %%");
	else
		snprintf(buf, FORMAT_LEN, "%.1f %%", (double)ppm / 1e4);
	return buf;
}

const char *
format_count(long long n, char buf[static FORMAT_LEN])
{
	static const char units[] = "kMGTPE";
	double v = (double)n;
	size_t unit = 0;

	if (n < 1000) {
		snprintf(buf, FORMAT_LEN, n < 0 ? "-" : "%lld", n);
		return buf;
	}
	for (v /= 1e3; v >= 999.5 && unit + 2 < sizeof(units); unit++)
		v /= 1e3;
	snprintf(buf, FORMAT_LEN, "%.*f %c", v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v, units[unit]);
	return buf;
}

bool
format_parse_time(const char *rfc3339, long long *s)
{
	struct tm tm = {0};
	int used = 0;

	if (sscanf(rfc3339, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6 ||
	    (rfc3339[used] != '.' && rfc3339[used] != 'Z') || strchr(rfc3339, 'Z') == NULL)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*s = timegm(&tm);
	return true;
}

const char *
format_time(const char *rfc3339, char buf[static FORMAT_LEN])
{
	struct tm local;
	long long s;
	time_t t;

	if (format_parse_time(rfc3339, &s)) {
		t = s;
		if (localtime_r(&t, &local) != NULL &&
		    strftime(buf, FORMAT_LEN, "%Y-%m-%d %H:%M:%S", &local) > 0)
			return buf;
	}
	snprintf(buf, FORMAT_LEN, "%s", rfc3339);
	return buf;
}

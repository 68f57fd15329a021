/* SPDX-License-Identifier: ISC */
/* The names of what table inet uplinkd has once per link, and the way back from a
 * name to the link. Pure. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "system/linux/flows.h"

static const char *const object_prefix[FLOWS_OBJECTS] = {"use4_", "use6_", "new4_", "new6_",
							 "flow_", "keep_", "npt_",  "mss_"};

const char *
flows_object_name(enum flows_object kind, unsigned link, char name[static FLOWS_NAME_LEN])
{
	snprintf(name, FLOWS_NAME_LEN, "%s%u", object_prefix[kind], link % 10000);
	return name;
}

bool
flows_object_is_chain(enum flows_object kind)
{
	return kind >= FLOWS_BEGIN;
}

bool
flows_object_parse(const char *name, size_t len, enum flows_object *kind, unsigned *link)
{
	unsigned n = 0;

	for (int k = 0; k < FLOWS_OBJECTS; k++) {
		size_t prefix = strlen(object_prefix[k]);

		if (len <= prefix || len > prefix + 4 ||
		    memcmp(name, object_prefix[k], prefix) != 0)
			continue;
		for (size_t i = prefix; i < len; i++) {
			if (name[i] < '0' || name[i] > '9')
				return false;
			n = n * 10 + (unsigned)(name[i] - '0');
		}
		*kind = (enum flows_object)k;
		*link = n;
		return n >= 1 && n <= LINKS_MAX && name[prefix] != '0';
	}
	return false;
}

void
flows_text_objects(const char *text, size_t len, struct flows_seen *declared)
{
	const char *end = text + len;

	memset(declared, 0, sizeof(*declared));
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		enum flows_object kind;
		unsigned link;
		size_t skip = 0;

		if (stop - text > 9 && memcmp(text, "\tcounter ", 9) == 0)
			skip = 9;
		else if (stop - text > 7 && memcmp(text, "\tchain ", 7) == 0)
			skip = 7;
		if (skip > 0) {
			const char *name = text + skip;
			const char *space = memchr(name, ' ', (size_t)(stop - name));

			if (space && flows_object_parse(name, (size_t)(space - name), &kind, &link))
				declared->seen[kind][link] = true;
		}
		text = newline ? newline + 1 : end;
	}
}

bool
flows_text_declares(const char *text, size_t len, const struct flows_set *set)
{
	char line[FLOWS_SET_NAME_LEN + 8];
	int n = snprintf(line, sizeof(line), "\t%s %s {", set->is_map ? "map" : "set", set->name);

	return memmem(text, len, line, (size_t)n) != NULL;
}

/* SPDX-License-Identifier: ISC */
/* Events become variables here, by the lists that are made from UPLINK-MIB. */
#include "config.h"

#include "subagent/notification.h"

#include <string.h>

enum { OBJECTS_MAX = 14 };

struct object {
	uint32_t arc, number; /* group and column */
};

struct kind {
	uint32_t number; /* the event type's, and below uplinkNotifications */
	const char *label;
	struct object objects[OBJECTS_MAX]; /* arc 0 ends it */
};

#define KIND(name, number, label, ...) {number, label, {__VA_ARGS__, {0, 0}}},

static const struct kind kinds[] = {MIB_NOTIFICATIONS(KIND)};

static const struct kind *
kind_of(unsigned type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].number == type)
			return &kinds[i];
	return NULL;
}

bool
notification_exists(unsigned type)
{
	return kind_of(type) != NULL;
}

static const struct mib_group *
group_of(uint32_t arc)
{
	for (const struct mib_group *const *g = mib_groups; *g != NULL; g++)
		if ((*g)->arc == arc)
			return *g;
	return NULL;
}

/* The value of an object as it is in this event. A link can have left the
 * configuration since, so its name comes from the event. */
static int
add_object(const struct object *o, const struct mib_row *row, netsnmp_variable_list ***end)
{
	const struct mib_group *group = group_of(o->arc);
	const struct mib_column *column = mib_column(group, o->number);
	uint32_t index = o->arc == MIB_ARC_EVENT  ? row->index[0]
			 : o->arc == MIB_ARC_LINK ? row->event.link
						  : 0;
	struct mib_name name;
	struct mib_value value = {0};

	mib_name_of(group, column, &index, &name);
	if (o->arc == MIB_ARC_LINK)
		value_text(&value, row->event.link_name);
	else
		mib_read(column, row, &value);
	/* An object that may not be absent, on a board that holds no valid value. */
	if (!value.present)
		return 0;
	return codec_add(end, &name, column->type, &value);
}

static int
add_kind(const struct kind *kind, netsnmp_variable_list ***end)
{
	static const uint32_t trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
	static const uint32_t base[] = {MIB_OID, MIB_ARC_NOTIFICATIONS};
	struct mib_name name = {.length = sizeof(trap_oid) / sizeof(trap_oid[0])};
	struct mib_name value = {.length = sizeof(base) / sizeof(base[0])};

	memcpy(name.id, trap_oid, sizeof(trap_oid));
	memcpy(value.id, base, sizeof(base));
	value.id[value.length++] = kind->number;
	return codec_add_oid(end, &name, &value);
}

netsnmp_variable_list *
notification_of(struct view *v, const struct board_event *ev, uint32_t suppressed)
{
	const struct kind *kind = kind_of(ev->type);
	struct mib_row row = {
	    .view = v, .index = {(uint32_t)ev->number}, .event = *ev, .suppressed = suppressed};
	netsnmp_variable_list *variables = NULL, **end = &variables;
	int failed;

	if (kind == NULL)
		return NULL;
	failed = add_kind(kind, &end);
	for (const struct object *o = kind->objects; o->arc != 0 && !failed; o++)
		failed = add_object(o, &row, &end);
	if (!failed)
		return variables;
	snmp_free_varbind(variables);
	return NULL;
}

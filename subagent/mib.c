/* SPDX-License-Identifier: ISC */
/* Finding objects by name and in order. A walk goes through the columns of a
 * group and, within a column, through its rows; absent values are passed over. */
#include "config.h"

#include "subagent/mib.h"

#include <string.h>

static const uint32_t prefix[] = {MIB_OID, MIB_ARC_OBJECTS};

enum { PREFIX_LENGTH = MIB_OID_LEN + 1, ENTRY = 1 };

const struct mib_group *const mib_groups[] = {&mib_global, &mib_link,    &mib_control, &mib_route,
					      &mib_target, &mib_history, &mib_event,   NULL};

static const struct mib_group *const *served = mib_groups;

void
mib_serve(const struct mib_group *const *groups)
{
	served = groups;
}

int
mib_name_compare(const struct mib_name *a, const struct mib_name *b)
{
	size_t shorter = a->length < b->length ? a->length : b->length;

	for (size_t i = 0; i < shorter; i++)
		if (a->id[i] != b->id[i])
			return a->id[i] < b->id[i] ? -1 : 1;
	return a->length < b->length ? -1 : a->length > b->length;
}

static void
append(struct mib_name *name, uint32_t id)
{
	name->id[name->length++] = id;
}

/* The name up to, and without, the column's number. */
static void
group_name(const struct mib_group *group, struct mib_name *name)
{
	const uint32_t *root = group->root != NULL ? group->root : prefix;

	name->length = group->root != NULL ? group->root_length : PREFIX_LENGTH;
	memcpy(name->id, root, name->length * sizeof(root[0]));
	append(name, group->arc);
	if (!group->scalars)
		append(name, ENTRY);
}

void
mib_name_of(const struct mib_group *group, const struct mib_column *column, const uint32_t *index,
	    struct mib_name *name)
{
	group_name(group, name);
	append(name, column->number);
	for (unsigned i = 0; i < group->indexes; i++)
		append(name, index[i]);
}

const struct mib_column *
mib_column(const struct mib_group *group, uint32_t number)
{
	for (size_t i = 0; i < group->ncolumns; i++)
		if (group->columns[i].number == number)
			return &group->columns[i];
	return NULL;
}

void
mib_read(const struct mib_column *column, const struct mib_row *row, struct mib_value *value)
{
	uint64_t size;

	value->present = false;
	column->get(row, value);
	if (!value->present)
		return;
	/* What the module does not allow is not said, whatever the board holds. */
	size = column->type == MIB_OCTETS ? value->length : value->number;
	value->present = size >= column->low && size <= column->high;
}

static bool
starts_with(const struct mib_name *name, const struct mib_name *start)
{
	return name->length >= start->length &&
	       memcmp(name->id, start->id, start->length * sizeof(start->id[0])) == 0;
}

void
mib_find(const struct mib_name *name, struct mib_place *place)
{
	memset(place, 0, sizeof(*place));
	for (const struct mib_group *const *g = served; *g != NULL; g++) {
		struct mib_name start;

		group_name(*g, &start);
		if (!starts_with(name, &start))
			continue;
		place->group = *g;
		if (name->length == start.length)
			return;
		place->column = mib_column(*g, name->id[start.length]);
		if (place->column == NULL)
			continue; /* a table may stand below a group of scalars */
		if (place->column->access == MIB_NOTIFY_ONLY)
			place->column = NULL;
		place->instance = name->length == start.length + 1 + (*g)->indexes;
		for (unsigned i = 0; place->instance && i < (*g)->indexes; i++)
			place->index[i] = name->id[start.length + 1 + i];
		return;
	}
}

static bool
seek_exact(struct view *v, const struct mib_place *place, struct mib_row *row)
{
	size_t size = place->group->indexes * sizeof(place->index[0]);

	row->view = v;
	memcpy(row->index, place->index, sizeof(row->index));
	return place->instance && place->group->seek(row) &&
	       memcmp(row->index, place->index, size) == 0;
}

enum mib_presence
mib_row_presence(struct view *v, const struct mib_place *place)
{
	struct mib_row row = {0};

	if (seek_exact(v, place, &row))
		return MIB_ROW_THERE;
	return view_busy(v) ? MIB_ROW_BUSY : MIB_ROW_ABSENT;
}

enum mib_got
mib_get(struct view *v, const struct mib_name *name, enum mib_type *type, struct mib_value *value)
{
	struct mib_place place;
	struct mib_row row = {0};

	mib_find(name, &place);
	if (place.column == NULL)
		return MIB_GOT_NO_OBJECT;
	if (!seek_exact(v, &place, &row))
		return MIB_GOT_NO_INSTANCE;
	mib_read(place.column, &row, value);
	if (!value->present)
		return MIB_GOT_NO_INSTANCE;
	*type = place.column->type;
	return MIB_GOT_VALUE;
}

/* ---- next ---- */

/* The index after this one in order; false: it was the last that can be. */
static bool
step(uint32_t *index, unsigned n)
{
	while (n-- > 0)
		if (++index[n] != 0)
			return true;
	return false;
}

/* The smallest index that stands after what follows the column's number in the
 * name (or at it, if inclusive). False: none does. */
static bool
first_index(const struct mib_group *group, const uint32_t *rest, size_t n, bool inclusive,
	    uint32_t *index)
{
	memset(index, 0, MIB_INDEXES_MAX * sizeof(index[0]));
	for (unsigned i = 0; i < group->indexes && i < n; i++)
		index[i] = rest[i];
	/* A name that is shorter than a row's stands before it. */
	if (n < group->indexes || (n == group->indexes && inclusive))
		return true;
	return step(index, group->indexes);
}

/* The first value of a column from row->index on. */
static bool
next_in_column(const struct mib_group *group, const struct mib_column *column, struct mib_row *row,
	       struct mib_value *value)
{
	do {
		if (!group->seek(row))
			return false;
		mib_read(column, row, value);
		if (value->present)
			return true;
	} while (step(row->index, group->indexes));
	return false;
}

static bool
next_in_group(struct view *v, const struct mib_group *group, const struct mib_name *name,
	      bool inclusive, struct mib_name *found, enum mib_type *type, struct mib_value *value)
{
	struct mib_name start;
	struct mib_row row = {.view = v};
	const uint32_t *rest = name->id; /* from the column's number on */
	size_t nrest = 0;

	group_name(group, &start);
	if (starts_with(name, &start)) {
		rest = name->id + start.length;
		nrest = name->length - start.length;
	} else if (mib_name_compare(name, &start) > 0) {
		return false;
	}
	for (size_t i = 0; i < group->ncolumns; i++) {
		const struct mib_column *column = &group->columns[i];
		bool within = nrest > 0 && column->number == rest[0];

		if (column->access == MIB_NOTIFY_ONLY || (nrest > 0 && column->number < rest[0]))
			continue;
		if (!first_index(group, rest + (within ? 1 : 0), within ? nrest - 1 : 0, inclusive,
				 row.index) ||
		    !next_in_column(group, column, &row, value))
			continue;
		mib_name_of(group, column, row.index, found);
		*type = column->type;
		return true;
	}
	return false;
}

bool
mib_next(struct view *v, struct mib_name *name, bool inclusive, const struct mib_name *end,
	 enum mib_type *type, struct mib_value *value)
{
	for (const struct mib_group *const *g = served; *g != NULL; g++) {
		struct mib_name found;

		if (!next_in_group(v, *g, name, inclusive, &found, type, value))
			continue;
		if (end->length != 0 && mib_name_compare(&found, end) >= 0)
			return false;
		memcpy(name, &found,
		       offsetof(struct mib_name, id) + found.length * sizeof(found.id[0]));
		return true;
	}
	return false;
}

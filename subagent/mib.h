/* SPDX-License-Identifier: ISC */
/* UPLINK-MIB over the board: which object stands where, and which comes next.
 * Knows nothing of AgentX or net-snmp, so that any way in can use it. */
#ifndef UPLINK_SUBAGENT_MIB_H
#define UPLINK_SUBAGENT_MIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subagent/mib_objects.h"
#include "subagent/value.h"
#include "subagent/view.h"

enum { MIB_NAME_MAX = 128, MIB_INDEXES_MAX = 2 };

struct mib_name {
	size_t length;
	uint32_t id[MIB_NAME_MAX];
};

/* One row, as the getters of its columns see it. Those pointers are set that its
 * group has. */
struct mib_row {
	struct view *view;
	uint32_t index[MIB_INDEXES_MAX];
	const struct board_link *link;
	const struct board_route *route;
	const struct board_target *target;
	struct board_event event;
	struct board_minute minute;
	uint32_t suppressed; /* in a notification: how many were left out before it */
};

typedef void mib_getter(const struct mib_row *row, struct mib_value *value);

/* What stands in notifications only can be neither read nor written. */
enum mib_access { MIB_READ_ONLY, MIB_READ_WRITE, MIB_NOTIFY_ONLY };

struct mib_column {
	uint32_t number;
	enum mib_type type;
	enum mib_access access;
	uint64_t low, high; /* range of the number, or of the length of octets */
	const char *label;  /* "uplinkLinkName" */
	mib_getter *get;
};

/* A table, or the scalars: one row with the index 0 below each object. */
struct mib_group {
	const uint32_t *root; /* NULL: uplinkObjects */
	size_t root_length;
	uint32_t arc; /* below the root */
	bool scalars;
	uint8_t indexes;
	const struct mib_column *columns; /* by number */
	size_t ncolumns;
	/* Finds the first row whose index is at least row->index, writes it there. */
	bool (*seek)(struct mib_row *row);
};

extern const struct mib_group mib_global, mib_link, mib_control, mib_route, mib_target, mib_history,
    mib_event;
extern const struct mib_group *const mib_groups[]; /* UPLINK-MIB's, by arc; NULL ends it */
/* What is served: mib_groups, or others in the order of their names. */
void mib_serve(const struct mib_group *const *groups);

/* An entry of a group's column table, for MIB_GLOBAL(X) and the like. */
#define MIB_DECLARE(name, number, type, access, low, high, label) static mib_getter get_##name;
#define MIB_COLUMN(name, number, type, access, low, high, label) \
	{number, type, access, low, high, label, get_##name},

/* Where a name points to, as far as it points to something. */
struct mib_place {
	const struct mib_group *group;   /* NULL: no such group */
	const struct mib_column *column; /* NULL: no such object */
	bool instance;                   /* the rest has the form of an index: */
	uint32_t index[MIB_INDEXES_MAX];
};

void mib_find(const struct mib_name *name, struct mib_place *place);
/* Is there such a row now? */
enum mib_presence { MIB_ROW_THERE, MIB_ROW_ABSENT, MIB_ROW_BUSY };
enum mib_presence mib_row_presence(struct view *v, const struct mib_place *place);

enum mib_got { MIB_GOT_VALUE, MIB_GOT_NO_OBJECT, MIB_GOT_NO_INSTANCE };

/* GET. *type is set with a value. */
enum mib_got mib_get(struct view *v, const struct mib_name *name, enum mib_type *type,
		     struct mib_value *value);

/* GETNEXT: the first instance after name (or at it, if inclusive) and before end
 * (length 0: no end). name becomes its name. False: there is none. */
bool mib_next(struct view *v, struct mib_name *name, bool inclusive, const struct mib_name *end,
	      enum mib_type *type, struct mib_value *value);

/* One column of one row whose pointers are set, range-checked. */
void mib_read(const struct mib_column *column, const struct mib_row *row, struct mib_value *value);
const struct mib_column *mib_column(const struct mib_group *group, uint32_t number);
/* The name of an instance. */
void mib_name_of(const struct mib_group *group, const struct mib_column *column,
		 const uint32_t *index, struct mib_name *name);
int mib_name_compare(const struct mib_name *a, const struct mib_name *b);

#endif

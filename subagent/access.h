/* SPDX-License-Identifier: ISC */
/* Who may read and write what, where this process is its own master: the view-based
 * access control of RFC 3415 with what the configuration can say of it. Pure. */
#ifndef UPLINK_SUBAGENT_ACCESS_H
#define UPLINK_SUBAGENT_ACCESS_H

#include "conf/secrets.h"
#include "subagent/mib.h"

struct access;
struct access_view; /* what is within it */

struct principal {
	const char *name;
	bool priv;                              /* only what is encrypted is taken from it */
	const struct access_view *read, *write; /* NULL: nothing */
};

/* NULL without memory. Both are copied as far as they are needed. */
struct access *access_new(const struct conf_agent *agent, const struct conf_secrets *secrets);
void access_free(struct access *a);

/* The user of that name, or NULL. */
const struct principal *access_user(const struct access *a, const char *name, size_t length);
/* Whoever sends that community from there, or NULL. */
const struct principal *access_community(const struct access *a, const uint8_t *community,
					 size_t length, const struct addr *from);

/* Is that name within the view? A NULL view has everything in it. */
bool access_has(const struct access_view *v, const struct mib_name *name);
/* Is everything within it? */
bool access_has_all(const struct access_view *v);
/* Moves a name that is not within the view to the first one behind it that may be.
 * False: there is none. */
bool access_skip(const struct access_view *v, struct mib_name *name);

#endif

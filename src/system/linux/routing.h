/* SPDX-License-Identifier: ISC */
/* The state that the rooms of routing share: what should be (configuration,
 * plan) and what the kernel has. Only routing.c changes the former. */
#ifndef UPLINK_LINUX_ROUTING_H
#define UPLINK_LINUX_ROUTING_H

#include "system/linux/links.h"
#include "system/linux/netlink.h"
#include "system/linux/view.h"
#include "system/system.h"

/* Preferences of the rules, above conf->rule_base. */
enum {
	PREF_MAIN = 1850,
	PREF_NO_MARK = 1851,
	PREF_BLOCKS = 1852, /* + N / RULES_BLOCKS: up to 16 */
	PREF_BLOCK = 1868,  /* + N / RULES_BLOCK: up to 128 */
	PREF_MARK = 2000,   /* + N */
	PREF_PROBE_END = 3098,
	PREF_MARK_END = 3099,
	PREF_SOURCE = 3100, /* + N */
	PREF_DEFAULT = 4500,
	PREF_LAST = 4999,
};

struct sys_routing {
	struct sys_routing_hooks hooks;
	struct netlink command;
	struct mnl_socket *events;
	const struct conf *conf; /* NULL: not configured yet */
	struct view view;
	bool seen;          /* the view was read at least once */
	struct link *links; /* in the order of the file */
	size_t nlinks;
	struct link *by_index[LINKS_MAX + 1];
	bool carried[FAMILIES]; /* some link carries this IP version */
	/* the last plan that was applied, by IP version */
	struct plan_family plan[FAMILIES];
	bool planned[FAMILIES];
	struct plan_family told[FAMILIES]; /* what was last read back */
	bool outlived[FAMILIES]; /* then a next hop stood there whose link has no usable one */
	char *error;             /* where the first failure is named, or NULL */
	size_t error_size;
	int error_number;  /* its errno */
	unsigned failures; /* how many there were, ever */
};

/* From now on the first failure is named in text, which may be NULL. */
void routing_note_errors(struct sys_routing *r, char *text, size_t size);

/* Notes a failure: errno, the kernel's words, and what was being done. Only the
 * first counts. */
void routing_failed(struct sys_routing *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

const char *family_name(int family); /* "IPv4" */

/* Something of the daemon's that is missing or differs. */
typedef void routing_missing(void *arg, unsigned link, int family, const char *text);

#endif

/* SPDX-License-Identifier: ISC */
/* The state that the rooms of routing share: what should be (configuration, plan) and what the
 * kernel has. Only routing.c changes the former. */
#ifndef UPLINK_OPENBSD_ROUTING_H
#define UPLINK_OPENBSD_ROUTING_H

#include "system/openbsd/links.h"
#include "system/openbsd/world.h"
#include "system/system.h"

/* What a run of messages calls for. */
struct batch {
	bool touched[LINKS_MAX + 1]; /* the link's facts or table may have changed */
	bool any_touched;
	bool reread_routes;       /* the kernel may have taken some away without a word */
	bool reread_all;          /* it had more to say than there was room for */
	struct world_route *gone; /* of the daemon's own, removed by another process */
	uint32_t *by;             /* whose pid */
	size_t ngone, gone_room;
};

struct sys_routing {
	struct sys_routing_hooks hooks;
	int fd;
	const struct conf *conf; /* NULL: not configured yet */
	struct world world;
	struct link *links; /* in the order of the file */
	size_t nlinks;
	struct link *by_index[LINKS_MAX + 1];
	bool carried[FAMILIES]; /* some link carries this IP version */
	/* the last plan that was applied, by IP version */
	struct plan_family plan[FAMILIES];
	bool planned[FAMILIES];
	struct plan_family told[FAMILIES]; /* what was last read back */
	bool outlived[FAMILIES]; /* then a route stood there whose link has no usable gateway */
	struct batch batch;      /* of what was read and not settled yet */
	/* the request that is out: the kernel's answer has its number and our pid */
	uint32_t seq;
	bool answered;
	struct rtmsg answer;
	char *error; /* where the first failure is named, or NULL */
	size_t error_size;
	int error_number;  /* its errno */
	unsigned failures; /* how many there were, ever */
};

const char *family_name(int family); /* "IPv4" */

/* From now on the first failure is named in text, which may be NULL. */
void routing_note_errors(struct sys_routing *r, char *text, size_t size);
/* Notes a failure: errno, and what was being done. Only the first counts. */
void routing_failed(struct sys_routing *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- talk.c: requests and what the kernel tells ---- */

/* Reads what there is, notes it in world and batch. 0, or -1 with errno. */
int talk_listen(struct sys_routing *r);
/* Sends a request and reads what the kernel tells of it. 0, or errno as the kernel decided. The
 * answer is in r->answer where r->answered. */
int talk_request(struct sys_routing *r, struct rtmsg *m);
/* Reads everything again. 0, or -1 with errno. */
int talk_read_interfaces(struct sys_routing *r);
/* Of all tables, or only of those that the configuration calls for. */
int talk_read_routes(struct sys_routing *r, bool all_tables);

/* ---- settle.c: what the messages mean ---- */

/* Everything may have changed. */
void settle_everything(struct sys_routing *r);
void settle_forget(struct sys_routing *r);
/* Does what the batch calls for: derives, puts back what the kernel took away, finds what others
 * removed, and calls the hooks; losses first. 0, or -1 with errno. */
int settle(struct sys_routing *r);
/* One message more for the batch. */
void settle_note(struct sys_routing *r, const struct rtmsg *m);

#endif

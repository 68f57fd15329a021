/* SPDX-License-Identifier: ISC */
/* What the parent tells its children, and what a new child must be told. */
#ifndef UPLINK_HANDOVER_H
#define UPLINK_HANDOVER_H

#include "parent/probe_sockets.h"
#include "parent/state.h"

/* The child has just been started: it is owed everything. */
void handover_all(struct child *c);
/* The channel to that peer, at both children; a new pair in place of an older. */
int handover_channel(struct child *a, struct child *b);
/* Owe one thing; it is sent from the event loop. Nothing happens to a child that
 * is not running. */
void handover_config(struct child *c);
void handover_facts(struct child *c, unsigned link);
/* The probe sockets of the link, but for those that it had before. */
void handover_sockets(struct child *c, unsigned link, const struct probe_sockets *had,
		      const struct probe_sockets *needed);
/* The interface of a link is another one now: so are those that keep to it. */
void handover_other_interface(struct child *c, const struct conf_link *link);
void handover_plan_result(struct child *c, const struct ipc_plan_result *result);
/* What stands now, to the worker, where its rules follow it. */
void handover_installed(struct child *c);
void handover_indexes(struct child *c);
void handover_settings(struct child *c);
void handover_stats(struct child *c);
void handover_release(struct child *c);
void handover_exit(struct child *c);
/* A copy of body is kept. Too many at a time: the child is killed. */
void handover_note(struct child *c, enum ipc_type type, const void *body, size_t length);

/* Sends what is owed as far as there is room. */
void handover_flush(struct child *c);

#endif

/* SPDX-License-Identifier: ISC */
/* Orders arriving: from the SNMP process in phases, from the control socket at
 * once. Both go through the same check and the same application. */
#ifndef UPLINK_ORDERING_H
#define UPLINK_ORDERING_H

#include <stddef.h>

#include "engine/model.h"

/* SET_TEST, SET_APPLY and SET_END of the SNMP process. The first two are answered. */
void ordering_test(struct engine *e, const struct ipc_set *set);
void ordering_apply(struct engine *e, const struct ipc_set_id *id);
void ordering_end(struct engine *e, const struct ipc_set_id *id);

/* The SNMP process is gone: a reservation that was not applied is forgotten. */
void ordering_forget(struct engine *e);

/* What was applied may still be taken back: no flow of that link is to be cut. */
bool ordering_may_undo(const struct engine *e, const struct link *link);
/* Nobody ends it: then it stands, from this time on. 0: nothing is applied. */
uint64_t ordering_lapses_at(const struct engine *e);
void ordering_lapse(struct engine *e, uint64_t now_ns);

/* Publishes the event about the link's order, if there is one to tell. */
void ordering_tell(struct link *link);

/* Takes back what an engine that died has left half done. */
void ordering_adopt(struct engine *e);

/* One order of the control socket. On refusal why says what and what to do. */
enum order_verdict ordering_now(struct engine *e, const struct order *order, uint32_t uid,
				char *why, size_t why_size);

/* Ends orders whose time is over, to be told of. Returns true when there was one. */
bool ordering_expire(struct engine *e, uint64_t now_ns);

#endif

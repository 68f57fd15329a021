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

/* One order of the control socket. On refusal why says what and what to do. */
enum order_verdict ordering_now(struct engine *e, const struct order *order, uint32_t uid,
				char *why, size_t why_size);

/* Ends orders whose time is over. Returns true when there was one. */
bool ordering_expire(struct engine *e, uint64_t now_ns);

#endif

/* SPDX-License-Identifier: ISC */
/* Whether an order may be taken, and what it makes of the order in force. Pure. */
#ifndef UPLINK_ORDERS_H
#define UPLINK_ORDERS_H

#include <stddef.h>
#include <stdint.h>

#include "common/order.h"
#include "engine/planner.h"

enum { ORDER_TIMEOUT_MAX_S = 366 * 24 * 3600 };

/* Is the order well-formed by itself: enumeration, range, text? On refusal *field
 * is the ORDER_* at fault. */
enum order_verdict order_check_values(const struct order *order, uint8_t *field);

/* Puts the order on top of the standing one: a new admin status starts afresh,
 * the same one restarts its timer and keeps what the order does not name; auto
 * ends it. ORDER_INCONSISTENT: timeout, owner or comment together with auto.
 * default_timeout_s is what an order has that names none. */
enum order_verdict order_merge(const struct standing_order *standing, const struct order *order,
			       enum actor actor, uint32_t default_timeout_s, uint64_t now_ns,
			       uint64_t now_wall_ns, struct standing_order *result, uint8_t *field);

/* May these orders come into force together? before and after are the links with
 * the orders as they stand and as they would: refused (ORDER_INCONSISTENT, *at =
 * the link at fault in links[]) when one takes traffic from an IP version's last
 * usable link. */
enum order_verdict orders_leave_a_way(const struct plan_link *before, const struct plan_link *after,
				      size_t n, size_t *at);

#endif

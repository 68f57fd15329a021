/* SPDX-License-Identifier: ISC */
/* The rules of ordering. What an order would lead to is asked of the planner, so
 * that there is one truth about it. */
#include "config.h"

#include "engine/orders.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "engine/judge.h"

static int
text_field_ok(const char *text)
{
	size_t len = strnlen(text, TEXT_LEN + 1);

	return len <= TEXT_LEN && text_ok(text, len);
}

enum order_verdict
order_check_values(const struct order *order, uint8_t *field)
{
	*field = 0;
	if ((order->fields & ORDER_ADMIN) &&
	    (order->admin < ADMIN_AUTO || order->admin > ADMIN_FORCE_DOWN))
		*field = ORDER_ADMIN;
	else if ((order->fields & ORDER_TIMEOUT) && order->timeout_s > ORDER_TIMEOUT_MAX_S)
		*field = ORDER_TIMEOUT;
	else if ((order->fields & ORDER_OWNER) && !text_field_ok(order->owner))
		*field = ORDER_OWNER;
	else if ((order->fields & ORDER_COMMENT) && !text_field_ok(order->comment))
		*field = ORDER_COMMENT;
	return *field ? ORDER_WRONG_VALUE : ORDER_OK;
}

/* A timeout, owner or comment says something about an order; auto is none. An
 * empty text and a timeout of 0 say nothing, so they go with it. */
static uint8_t
field_that_needs_an_order(const struct order *order)
{
	if ((order->fields & ORDER_TIMEOUT) && order->timeout_s != 0)
		return ORDER_TIMEOUT;
	if ((order->fields & ORDER_OWNER) && order->owner[0] != '\0')
		return ORDER_OWNER;
	if ((order->fields & ORDER_COMMENT) && order->comment[0] != '\0')
		return ORDER_COMMENT;
	return 0;
}

enum order_verdict
order_merge(const struct standing_order *standing, const struct order *order, enum actor actor,
	    uint32_t default_timeout_s, uint64_t now_ns, uint64_t now_wall_ns,
	    struct standing_order *result, uint8_t *field)
{
	uint8_t admin = order->fields & ORDER_ADMIN ? order->admin : standing->admin;

	*result = *standing;
	if (admin == ADMIN_AUTO) {
		*field = field_that_needs_an_order(order);
		if (*field)
			return ORDER_INCONSISTENT;
		*result = (struct standing_order){.admin = ADMIN_AUTO,
						  .actor = (uint8_t)actor,
						  .since_ns = now_ns,
						  .since_wall_ns = now_wall_ns};
		return ORDER_OK;
	}
	if (admin != standing->admin) {
		memset(result, 0, sizeof(*result));
		result->timeout_s = default_timeout_s;
		result->since_ns = now_ns;
		result->since_wall_ns = now_wall_ns;
	}
	result->admin = admin;
	result->actor = (uint8_t)actor;
	result->forced = order->force;
	if (order->fields & ORDER_TIMEOUT)
		result->timeout_s = order->timeout_s;
	if (order->fields & ORDER_OWNER)
		memcpy(result->owner, order->owner, sizeof(result->owner));
	if (order->fields & ORDER_COMMENT)
		memcpy(result->comment, order->comment, sizeof(result->comment));
	if (order->fields & (ORDER_ADMIN | ORDER_TIMEOUT))
		result->expires_ns =
		    result->timeout_s ? now_ns + result->timeout_s * NSEC_PER_SEC : 0;
	return ORDER_OK;
}

/* Does any link carry this IP version by right, not for want of another? */
static int
has_way(const struct plan_link *links, size_t n, const struct plan_duty *duty, int family)
{
	for (size_t i = 0; i < n; i++)
		if (duty[i].carries[family] && links[i].admin != ADMIN_DRAIN)
			return 1;
	return 0;
}

static int
is_ordered_away(const struct plan_link *l)
{
	return l->admin == ADMIN_DRAIN || l->admin == ADMIN_FORCE_DOWN;
}

enum order_verdict
orders_leave_a_way(const struct plan_link *before, const struct plan_link *after, size_t n,
		   size_t *at)
{
	struct plan_duty *duty = calloc(2 * n + 1, sizeof(*duty));
	struct plan *plan = malloc(sizeof(*plan));
	struct plan_summary summary;
	enum order_verdict verdict = ORDER_BUSY;
	int way_before[FAMILIES], way_after[FAMILIES];

	if (duty == NULL || plan == NULL)
		goto done;
	planner_run(before, n, plan, duty, &summary);
	planner_run(after, n, plan, duty + n, &summary);
	for (int f = 0; f < FAMILIES; f++) {
		way_before[f] = has_way(before, n, duty, f);
		way_after[f] = has_way(after, n, duty + n, f);
	}
	verdict = ORDER_OK;
	for (size_t i = 0; i < n && verdict == ORDER_OK; i++) {
		if (!is_ordered_away(&after[i]) || after[i].admin == before[i].admin)
			continue;
		*at = i;
		if (!way_after[V4] && !way_after[V6])
			verdict = ORDER_INCONSISTENT;
		for (int f = 0; f < FAMILIES; f++)
			if (after[i].family[f].configured && way_before[f] && !way_after[f])
				verdict = ORDER_INCONSISTENT;
	}
done:
	free(duty);
	free(plan);
	return verdict;
}

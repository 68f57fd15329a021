/* SPDX-License-Identifier: ISC */
/* How many notifications of one kind about one link may leave in a minute. Those
 * beyond are left out and counted, but never the last one: it is kept, and leaves
 * when the limit allows it again, so that the NMS knows how things ended. A fall
 * and a rise are one kind, since one clears the other.
 *
 * Orders and what follows from them are not limited, as people give those.
 *
 * Pure: it takes the events in their order, and the time. It judges an event by
 * when it happened, so that a time without master makes no storm of it. */
#ifndef UPLINK_SUBAGENT_LIMITER_H
#define UPLINK_SUBAGENT_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/board.h"

struct limiter;

struct limiter *limiter_new(void); /* without a limit; NULL without memory */
void limiter_free(struct limiter *l);
void limiter_set(struct limiter *l, uint32_t per_minute); /* 0: no limit */

/* May this event's notification leave? Then *suppressed is how many of its kind
 * were left out since the last one. False: it is kept as the last one. */
bool limiter_admit(struct limiter *l, const struct board_event *ev, uint32_t *suppressed);

/* An event that was kept and may leave now; 0: none. Only once no later event waits
 * to be admitted: it could be of the same kind. */
uint64_t limiter_release(struct limiter *l, uint64_t now_ns, uint32_t *suppressed);

/* How many are kept, and the number of the first event of which the receiver knows nothing
 * yet, neither by its own notification nor by the count in a later one; 0: there is none. */
uint32_t limiter_held(const struct limiter *l, uint64_t *first);

/* The events began anew: nothing of before is waited for. */
void limiter_clear(struct limiter *l);

/* How many were left out since the start. */
uint64_t limiter_suppressed(const struct limiter *l);

#endif

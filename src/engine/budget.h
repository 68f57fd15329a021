/* SPDX-License-Identifier: ISC */
/* What probing may cost a link in a day. It flows in evenly, and a twenty-fourth of it
 * can be saved up, for bursts; so no day has more than the budget, whenever it begins.
 * Pure. */
#ifndef UPLINK_BUDGET_H
#define UPLINK_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/board.h"

/* What is left now. per_day 0: there is no bound, and nothing is counted. */
void budget_fill(struct board_budget *b, uint64_t per_day, uint64_t now_ns);
/* After that: whether so much may be spent. */
bool budget_allows(const struct board_budget *b, uint64_t per_day, uint64_t octets);
/* A negative number gives back what was not spent after all. */
void budget_spend(struct board_budget *b, uint64_t per_day, int64_t octets);

#endif

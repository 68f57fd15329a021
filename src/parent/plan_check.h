/* SPDX-License-Identifier: ISC */
/* Whether a plan from the engine may be installed. The engine is confined and
 * may be taken over: nothing that it says is believed. Pure. */
#ifndef UPLINK_PLAN_CHECK_H
#define UPLINK_PLAN_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "common/plan.h"
#include "conf/conf.h"

enum plan_verdict {
	PLAN_GOOD,
	PLAN_STALE,     /* made for a configuration that is no longer in force */
	PLAN_MALFORMED, /* no honest engine says this; the reason is in error */
};

/* last_serial: of the newest plan of this engine, 0: none. known: every index
 * that was ever given; a plan may name a link that has just been taken out. */
enum plan_verdict plan_check(const struct plan *plan, uint64_t last_serial, const struct conf *conf,
			     const struct conf_index_map *known, char *error, size_t error_size);

#endif

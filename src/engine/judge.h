/* SPDX-License-Identifier: ISC */
/* From samples to health: of a target, of one IP version of a link, of the link.
 * Pure: time and input are arguments. */
#ifndef UPLINK_JUDGE_H
#define UPLINK_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/facts.h"
#include "common/names.h"
#include "conf/conf.h"

/* What a target's run of samples says. */
struct target_judge {
	uint8_t status; /* enum target_status */
	uint32_t run_failures, run_successes;
	uint64_t
	    run_lost_ns;  /* when the first lost probe of this run of failures was sent, 0: none */
	uint64_t down_ns; /* when the probe was sent whose loss made it down */
	uint64_t answered_ns; /* when the newest probe was sent that was answered, 0: none */
	bool was_up;          /* before it was down */
};

/* Takes one sample: answered or lost, sent at sent_ns. A target that was never
 * judged is up with its first answer, and down like any other. Returns true when
 * the status has changed. */
bool judge_sample(struct target_judge *t, const struct conf_probe *probe, bool answered,
		  uint64_t sent_ns);

/* A lost probe of this run was answered late: it does not count as lost. It never
 * changes the status: a later sample will. */
void judge_late(struct target_judge *t);

/* There is no way to the target: no carrier, address or gateway. What it answered
 * before says nothing any more: one that was up has to answer anew. */
void judge_no_way(struct target_judge *t);

/* Nobody expects it to answer, and nothing is known of it: as at the start. */
void judge_anew(struct target_judge *t);

struct verdict {
	uint8_t health; /* enum health */
	uint8_t reason; /* enum reason */
};

/* Health of one IP version of a link from what the kernel says of it and how many
 * of its targets are up, down and not judged yet. */
struct target_counts {
	uint32_t up, down, unknown;
	uint32_t aside; /* bad targets, which count for nothing */
	uint32_t mute;  /* never measured though they had their time: neither do they */
};
struct verdict judge_family(const struct link_facts *facts, int family, uint32_t quorum,
			    const struct target_counts *counts);

/* What was measured over the targets of one IP version, or ..._UNKNOWN: the median
 * of those that answer, so that one odd target says nothing about the link. */
struct measured {
	uint32_t loss_ppm, rtt_us, jitter_us;
};

/* The threshold that is crossed, as REASON_LOSS, REASON_RTT or REASON_JITTER, or
 * REASON_NONE. before is what it was until now: its own threshold is left only at
 * its lower edge. */
enum reason judge_limits(const struct conf_limits *limits, const struct measured *m,
			 enum reason before);

/* The reason why nothing can leave by this IP version of the link, or REASON_NONE. */
enum reason judge_facts(const struct link_facts *facts, int family);

/* Health of the link from those of its configured IP versions: up when all are,
 * down when all are, degraded when one carries and another does not. */
struct verdict judge_link(const struct verdict family[FAMILIES], const bool configured[FAMILIES]);

static inline bool
health_carries(unsigned health)
{
	return health == HEALTH_UP || health == HEALTH_DEGRADED;
}

#endif

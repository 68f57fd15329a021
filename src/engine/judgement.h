/* SPDX-License-Identifier: ISC */
/* What a link is judged by, and what it is judged on now: for whoever asks why. */
#ifndef UPLINK_JUDGEMENT_H
#define UPLINK_JUDGEMENT_H

#include "conf/conf.h"
#include "engine/judge.h"

struct link;

enum { JUDGEMENT_TARGETS = LINK_TARGETS_MAX + FAMILIES };

struct judgement {
	const struct conf_link *conf; /* as long as the configuration stays */
	struct {
		bool configured;
		uint32_t quorum; /* of those that count: never more than they are */
		struct target_counts counts;
		struct measured measured;
	} family[FAMILIES];
	size_t ntargets;
	struct {
		uint16_t index;
		uint32_t down_after, up_after;
	} target[JUDGEMENT_TARGETS];
};

void judgement_of(const struct link *link, struct judgement *out);

#endif

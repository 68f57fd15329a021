/* SPDX-License-Identifier: ISC */
/* Nothing is judged here: the same figures that the judge takes are set out. */
#include "config.h"

#include "engine/judgement.h"

#include <string.h>

#include "engine/figures.h"
#include "engine/model.h"

void
judgement_of(const struct link *link, struct judgement *out)
{
	memset(out, 0, sizeof(*out));
	out->conf = link->conf;
	for (int f = 0; f < FAMILIES; f++) {
		struct target_counts c = figures_count(link, f);
		uint32_t all = c.up + c.down + c.unknown;

		out->family[f].configured = model_counts(link, f);
		out->family[f].counts = c;
		out->family[f].measured = figures_measured(link, f);
		out->family[f].quorum = link->conf->quorum < all ? link->conf->quorum : all;
	}
	for (size_t i = 0; i < link->ntargets && i < JUDGEMENT_TARGETS; i++) {
		const struct target *t = link->targets[i];

		out->target[i].index = t->row.index;
		out->target[i].down_after = t->conf.probe.down_after;
		out->target[i].up_after = t->conf.probe.up_after;
		out->ntargets++;
	}
}

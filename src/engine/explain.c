/* SPDX-License-Identifier: ISC */
/* Sentences are put together piece by piece; what does not fit is left out as a
 * whole, and three dots say so. */
#include "config.h"

#include "engine/explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/figures.h"

struct text {
	char *at;
	size_t size, len;
	bool full;
};

enum { DOTS = 5 }; /* ", ..." */

/* Adds a piece as a whole, or dots: for these there is room kept. */
static bool __attribute__((format(printf, 2, 3))) add(struct text *t, const char *fmt, ...)
{
	char piece[128];
	va_list args;
	size_t len;

	if (t->full)
		return false;
	va_start(args, fmt);
	vsnprintf(piece, sizeof(piece), fmt, args);
	va_end(args);
	len = strlen(piece);
	if (t->len + len + DOTS >= t->size) {
		memcpy(t->at + t->len, ", ...", DOTS + 1);
		t->len += DOTS;
		t->full = true;
		return false;
	}
	memcpy(t->at + t->len, piece, len + 1);
	t->len += len;
	return true;
}

static void
add_lost(struct text *t, const struct link *link, int family, const struct target_counts *c)
{
	uint32_t quorum = link->conf->quorum;
	char address[ADDR_STRLEN];
	const char *before = ": ";

	add(t, "%u of %u targets lost", c->down, c->up + c->down + c->unknown);
	if (quorum > 1)
		add(t, " (quorum %u)", quorum);
	for (size_t i = 0; i < link->ntargets; i++) {
		const struct target *target = link->targets[i];

		if (target->conf.family != family || target->judge.status != TARGET_DOWN ||
		    target->outlier != OUTLIER_NO)
			continue;
		if (!add(t, "%s%s", before, addr_text(&target->row.addr, address)))
			return;
		before = ", ";
	}
}

/* A measure beside the edge that it has crossed: on the way in, or out. */
static void
add_measure(struct text *t, const struct link *link, int family, enum reason reason, bool out)
{
	const struct conf_limits *l = &link->conf->limits;
	struct measured m = figures_measured(link, family);
	const char *edge = out ? "left at" : "limit";

	if (reason == REASON_LOSS && m.loss_ppm != LOSS_UNKNOWN)
		add(t, "loss %.1f %% (%s %.1f %%)", m.loss_ppm / 1e4, edge,
		    (out ? l->loss_ppm.leave : l->loss_ppm.enter) / 1e4);
	else if (reason == REASON_RTT && m.rtt_us != RTT_UNKNOWN)
		add(t, "rtt %.1f ms (%s %.1f ms)", m.rtt_us / 1e3, edge,
		    (out ? l->rtt_us.leave : l->rtt_us.enter) / 1e3);
	else if (reason == REASON_JITTER && m.jitter_us != RTT_UNKNOWN)
		add(t, "jitter %.1f ms (%s %.1f ms)", m.jitter_us / 1e3, edge,
		    (out ? l->jitter_us.leave : l->jitter_us.enter) / 1e3);
	else
		add(t, "%s", reason_text(reason));
}

static void
add_family(struct text *t, const struct link *link, int family, const struct verdict *was)
{
	const struct verdict *v = &link->verdict[family];
	struct target_counts c = figures_count(link, family);
	uint32_t all = c.up + c.down + c.unknown;

	if (v->health == HEALTH_DEGRADED)
		add_measure(t, link, family, v->reason, false);
	else if (v->health == HEALTH_UP && was != NULL && was->health == HEALTH_DEGRADED)
		add_measure(t, link, family, was->reason, true);
	else if (v->health == HEALTH_UP)
		add(t, "%u of %u targets answer", c.up, all);
	else if (v->reason == REASON_TARGETS_LOST)
		add_lost(t, link, family, &c);
	else if (v->reason == REASON_STARTING)
		add(t, "%u of %u targets measured", c.up + c.down, all);
	else
		add(t, "%s (%s)", reason_text(v->reason), link->row.ifname);
	if (c.aside > 0)
		add(t, ", %u set aside", c.aside);
	if (c.mute > 0)
		add(t, ", %u never measured", c.mute);
}

/* Of an IP version that does not count, or a start without it. */
static bool
has_left(const struct link *link, int family, const struct verdict *before)
{
	return link->conf->route[family].gateway_kind != CONF_GATEWAY_NONE &&
	       before->reason != link->verdict[family].reason;
}

const char *
explain_health(const struct link *link, const struct verdict *was, char *text, size_t size)
{
	struct text t = {.at = text, .size = size};
	bool both = model_counts(link, V4) && model_counts(link, V6);
	const char *between = "";

	text[0] = '\0';
	for (int f = 0; f < FAMILIES; f++) {
		const struct verdict *before = was != NULL ? &was[f] : NULL;

		if (!model_counts(link, f)) {
			if (before != NULL && has_left(link, f, before))
				add(&t, "%s%s has no gateway, and is not missed", between,
				    f == V4 ? "IPv4" : "IPv6");
			between = t.len > 0 ? "; " : "";
			continue;
		}
		/* Of two, only what is not well, or has changed. */
		if (both && link->verdict[f].health == HEALTH_UP &&
		    (before == NULL || before->health == HEALTH_UP))
			continue;
		add(&t, "%s%s", between, !both ? "" : f == V4 ? "IPv4: " : "IPv6: ");
		add_family(&t, link, f, before);
		between = "; ";
	}
	return text;
}

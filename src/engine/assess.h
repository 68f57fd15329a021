/* SPDX-License-Identifier: ISC */
/* The core of the decision: samples, facts, orders and time in; verdicts, plan and
 * news out. Pure: no clock, no board, no socket. The engine wraps it with those,
 * and a replay runs it over what was recorded. */
#ifndef UPLINK_ASSESS_H
#define UPLINK_ASSESS_H

#include "engine/model.h"
#include "engine/news.h"

struct moment {
	uint64_t mono_ns;
	uint64_t wall_ns; /* only for people */
};

/* ---- samples ---- */

struct sample {
	uint64_t sent_ns;
	uint32_t rtt_us; /* RTT_UNKNOWN: lost */
};

struct outcome {
	struct sample_id sample;
	bool changed; /* the target's status */
	bool matters; /* the links are to be assessed: a verdict or another's standing */
	uint8_t old_status;
};

/* Takes one sample into judge, window and row. */
struct outcome assess_sample(struct target *t, const struct sample *s, uint64_t now_ns);
/* That sample, which was lost, was answered after all. */
void assess_late(struct target *t, struct sample_id sample, uint32_t rtt_us);
/* What has happened to a target, once the links have been assessed. False: nothing
 * that is news. text is the draft's. */
bool assess_target_news(const struct target *t, const struct outcome *o, struct event_draft *d,
			char *text, size_t size);

/* ---- links ---- */

/* What a link was before. */
struct standing {
	struct verdict verdict[FAMILIES];
	uint8_t health, reason, oper;
	bool yielded, suppressed;
};

/* One assessment of all links; the caller's memory, as large as LINKS_MAX needs. */
struct assessment {
	struct standing before[LINKS_MAX];
	struct plan_link views[LINKS_MAX];
	struct plan_duty duties[LINKS_MAX];
	struct plan plan; /* without its serial */
	struct plan_summary summary;
};

/* Judges the links, ascending by index, and makes a plan for them. */
void assess_links(struct link **links, size_t n, struct moment now, struct assessment *a);
/* The plan is on its way: the duties become the links'. */
void assess_take_over(struct link **links, size_t n, struct moment now, const struct assessment *a);
/* Says what has changed of a link. */
void assess_tell(const struct link *link, const struct standing *was, news_emit *emit, void *arg);
/* Says which targets were set aside, or count again, and notes it in their rows.
 * True: there was one. */
bool assess_tell_targets(struct link *link, news_emit *emit, void *arg);
/* Says that all are down, or no more; all_down is what was said before. */
void assess_tell_all_down(const struct assessment *a, bool *all_down, news_emit *emit, void *arg);
/* Says what stands, of a link that is not simply well: for a start. */
void assess_explain(const struct link *link, news_emit *emit, void *arg);

/* The flap penalty decays with time alone. True: the row shows another one now. */
bool assess_decay(struct link *link, uint64_t now_ns);
/* When something changes by itself with time; UINT64_MAX: nothing does. */
uint64_t assess_due(struct link **links, size_t n);

/* The planner's view of the links. */
void assess_views(struct link **links, size_t n, uint64_t now_ns, struct plan_link *out);

#endif

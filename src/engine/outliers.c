/* SPDX-License-Identifier: ISC */
/* Evidence is fresh or it is none: an answer speaks for a link only if its probe
 * left after that whose loss is to be explained. In an outage of everything no such
 * answer comes, so nothing is set aside, and every link is down. */
#include "config.h"

#include "engine/outliers.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

/* As long again as the run of losses took; a burst that asks the siblings has its
 * answers within the least. */
#define WAIT_LEAST_NS NSEC_PER_SEC
#define WAIT_MOST_NS (60 * NSEC_PER_SEC)

enum evidence {
	EVIDENCE_NONE,    /* its link has no way out, or nothing on it answers: it says nothing */
	EVIDENCE_PENDING, /* it will say something soon */
	EVIDENCE_ANSWERS, /* the target answers here */
	EVIDENCE_FAILS,   /* it fails here, and others on this link answer */
};

/* ---- siblings ---- */

static int
compare(const void *a, const void *b)
{
	return conf_compare_targets(&(*(struct target *const *)a)->conf,
				    &(*(struct target *const *)b)->conf);
}

void
outliers_tie(struct target **targets, size_t n)
{
	size_t first = 0;

	qsort(targets, n, sizeof(*targets), compare);
	for (size_t i = 0; i < n; i++) {
		/* A gateway is another one on each link. */
		if (targets[i]->conf.gateway || compare(&targets[first], &targets[i]) != 0)
			first = i;
		targets[i]->sibling = targets[i]->ring = targets[first];
		targets[i]->ring_waits = 0;
		if (i > first)
			targets[i - 1]->sibling = targets[i];
	}
}

/* ---- evidence ---- */

/* So long it takes at most until a target that fails has failed often enough. */
static uint64_t
patience_ns(const struct conf_probe *p)
{
	return ((uint64_t)(p->down_after + 1) * p->interval_ms + p->timeout_ms) * NSEC_PER_MSEC;
}

/* Another address answers on the link of t, which is down: since then, or at least
 * since its run of losses began. The gateway says nothing of the way behind it. */
static enum evidence
link_answers(const struct target *t)
{
	enum evidence found = EVIDENCE_NONE;

	for (size_t i = 0; i < t->link->ntargets; i++) {
		const struct target *other = t->link->targets[i];

		if (other->conf.gateway || other->conf.family != t->conf.family ||
		    addr_equal(&other->conf.addr, &t->conf.addr) ||
		    other->judge.status != TARGET_UP || other->judge.run_failures > 0)
			continue;
		if (other->judge.answered_ns > t->judge.down_ns)
			return EVIDENCE_FAILS;
		if (other->judge.answered_ns > t->judge.run_lost_ns)
			found = EVIDENCE_PENDING;
	}
	return found;
}

static enum evidence
evidence_of(const struct target *t, uint64_t now_ns)
{
	if (judge_facts(&t->link->facts, t->conf.family) != REASON_NONE)
		return EVIDENCE_NONE;
	switch (t->judge.status) {
	case TARGET_UP:
		return t->judge.run_failures > 0 ? EVIDENCE_PENDING : EVIDENCE_ANSWERS;
	case TARGET_DOWN:
		return link_answers(t);
	default:
		return now_ns - t->row.status_since_ns < patience_ns(&t->conf.probe)
			   ? EVIDENCE_PENDING
			   : EVIDENCE_NONE;
	}
}

/* What all siblings say together. */
struct findings {
	unsigned answer, fail, pending;
	uint64_t failing_since_ns; /* the youngest run of losses */
	uint64_t up_since_ns;      /* the oldest status up of any, 0: none is up */
};

static void
collect(const struct target *t, uint64_t now_ns, struct findings *f)
{
	const struct target *s = t;

	*f = (struct findings){0};
	do {
		if (s->judge.status == TARGET_DOWN && link_answers(s) != EVIDENCE_NONE &&
		    s->judge.run_lost_ns > f->failing_since_ns)
			f->failing_since_ns = s->judge.run_lost_ns;
		if (s->judge.status == TARGET_UP &&
		    (f->up_since_ns == 0 || s->row.status_since_ns < f->up_since_ns))
			f->up_since_ns = s->row.status_since_ns;
		s = s->sibling;
	} while (s != t);
	do {
		enum evidence e = evidence_of(s, now_ns);

		/* An answer from before the failure says nothing of it. */
		if (e == EVIDENCE_ANSWERS && s->judge.answered_ns < f->failing_since_ns)
			e = EVIDENCE_PENDING;
		f->answer += e == EVIDENCE_ANSWERS;
		f->fail += e == EVIDENCE_FAILS;
		f->pending += e == EVIDENCE_PENDING;
		s = s->sibling;
	} while (s != t);
}

uint64_t
outliers_wait_until(const struct target *t)
{
	uint64_t down_ns = t->row.status_since_ns, took_ns;

	if (t->judge.status != TARGET_DOWN || t->judge.run_lost_ns == 0 ||
	    t->judge.run_lost_ns > down_ns)
		return 0;
	took_ns = down_ns - t->judge.run_lost_ns;
	if (took_ns < WAIT_LEAST_NS)
		took_ns = WAIT_LEAST_NS;
	return down_ns + (took_ns < WAIT_MOST_NS ? took_ns : WAIT_MOST_NS);
}

static enum outlier
conclude(const struct target *t, const struct findings *f, uint64_t now_ns)
{
	enum evidence e;

	if (t->judge.status != TARGET_DOWN)
		return OUTLIER_NO;
	if (t->outlier == OUTLIER_ASIDE) {
		/* It answers elsewhere, and has had its time to answer here, too. */
		bool back = f->up_since_ns != 0 && t->judge.run_successes == 0 &&
			    now_ns > f->up_since_ns + patience_ns(&t->conf.probe);
		return back ? OUTLIER_NO : OUTLIER_ASIDE;
	}
	e = evidence_of(t, now_ns);
	if (f->answer > 0 || e == EVIDENCE_NONE)
		return OUTLIER_NO;
	if (e == EVIDENCE_FAILS && f->fail >= 2 && f->pending == 0)
		return OUTLIER_ASIDE;
	if (f->pending > 0 && now_ns < outliers_wait_until(t))
		return OUTLIER_WAIT;
	return OUTLIER_NO;
}

/* Judges t and its siblings anew. */
static bool
judge_ring(struct target *t, uint64_t now_ns)
{
	struct findings f;
	struct target *s = t;
	bool changed = false;

	if (t->sibling == NULL || t->sibling == t)
		return false;
	collect(t, now_ns, &f);
	t->ring->ring_waits = 0;
	do {
		enum outlier outlier = conclude(s, &f, now_ns);

		changed |= outlier != s->outlier;
		s->outlier = outlier;
		t->ring->ring_waits += outlier == OUTLIER_WAIT;
		s = s->sibling;
	} while (s != t);
	return changed;
}

bool
outliers_judge_link(const struct link *link, uint64_t now_ns)
{
	bool changed = false;

	for (size_t i = 0; i < link->ntargets; i++)
		if (link->targets[i]->judge.status == TARGET_DOWN)
			changed |= judge_ring(link->targets[i], now_ns);
	return changed;
}

/* One more answer says nothing new of a sibling that is down, except to those that
 * wait for just that. Their own samples judge them often enough. */
bool
outliers_sample(struct target *t, bool changed, uint64_t now_ns)
{
	bool ring = changed || (t->ring != NULL && t->ring->ring_waits > 0);
	bool moved = ring && t->judge.status != TARGET_DOWN && judge_ring(t, now_ns);

	return outliers_judge_link(t->link, now_ns) || moved;
}

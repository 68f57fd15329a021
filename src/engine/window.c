/* SPDX-License-Identifier: ISC */
/* The window of samples: counts and sums by part, and of all parts together. */
#include "config.h"

#include "engine/window.h"

#include <string.h>

#include "common/clock.h"

/* ---- sizes of round-trip times ---- */

enum { FINE_BITS = 4, FINE = 1 << FINE_BITS };

/* Sixteen buckets a doubling; below sixteen microseconds one for each. */
static unsigned
bucket_of(uint32_t us)
{
	unsigned shift, bucket;

	if (us < FINE)
		return us;
	shift = 31 - (unsigned)__builtin_clz(us) - FINE_BITS;
	bucket = shift * FINE + (us >> shift);
	return bucket < RTT_BUCKETS ? bucket : RTT_BUCKETS - 1;
}

/* The middle of a bucket. */
static uint32_t
bucket_us(unsigned bucket)
{
	unsigned shift;

	if (bucket < 2 * FINE)
		return bucket;
	shift = bucket / FINE - 1;
	return ((bucket % FINE + FINE) << shift) + (1U << shift) / 2;
}

/* ---- parts ---- */

static void
clear(struct window_part *p)
{
	memset(p, 0, sizeof(*p));
	p->rtt_min_us = p->rtt_max_us = RTT_UNKNOWN;
}

static void
extremes(struct window_part *p, uint32_t least, uint32_t most)
{
	if (p->rtt_min_us == RTT_UNKNOWN || least < p->rtt_min_us)
		p->rtt_min_us = least;
	if (p->rtt_max_us == RTT_UNKNOWN || most > p->rtt_max_us)
		p->rtt_max_us = most;
}

static void
add_answer(struct window_part *p, uint32_t us)
{
	p->answered++;
	p->rtt_sum_us += us;
	extremes(p, us, us);
	p->bucket[bucket_of(us)]++;
}

static void
add_difference(struct window_part *p, uint32_t us)
{
	p->differences++;
	p->difference_sum_us += us;
}

static void
add_part(struct window_part *to, const struct window_part *p)
{
	to->answered += p->answered;
	to->lost += p->lost;
	to->outage += p->outage;
	to->differences += p->differences;
	to->rtt_sum_us += p->rtt_sum_us;
	to->difference_sum_us += p->difference_sum_us;
	if (p->answered > 0)
		extremes(to, p->rtt_min_us, p->rtt_max_us);
	for (unsigned i = 0; i < RTT_BUCKETS; i++)
		to->bucket[i] += p->bucket[i];
}

static struct window_part *
part_of(struct board_window *w, uint64_t number)
{
	return &w->part[number % WINDOW_PARTS];
}

static uint64_t
number_at(const struct board_window *w, uint64_t now_ns)
{
	return now_ns / (w->part_ms * NSEC_PER_MSEC);
}

static void
empty(struct board_window *w, uint32_t part_ms)
{
	memset(w, 0, sizeof(*w));
	w->part_ms = part_ms;
	w->last_us = RTT_UNKNOWN;
	clear(&w->all);
	for (unsigned i = 0; i < WINDOW_PARTS; i++)
		clear(&w->part[i]);
}

/* Forgets what is older than the window at that part. */
static void
turn(struct board_window *w, uint64_t number)
{
	if (number == w->newest)
		return;
	if (number < w->newest || number - w->newest >= WINDOW_PARTS) {
		empty(w, w->part_ms);
		w->newest = number;
		return;
	}
	while (w->newest < number)
		clear(part_of(w, ++w->newest));
	clear(&w->all);
	for (unsigned i = 0; i < WINDOW_PARTS; i++)
		add_part(&w->all, &w->part[i]);
}

/* ---- samples ---- */

/* Answers count as they come in, late ones too. */
static void
take_answer(struct board_window *w, struct window_part *p, uint32_t rtt_us)
{
	uint32_t last = w->last_us;

	add_answer(p, rtt_us);
	add_answer(&w->all, rtt_us);
	w->last_us = rtt_us;
	if (last == RTT_UNKNOWN)
		return;
	add_difference(p, rtt_us > last ? rtt_us - last : last - rtt_us);
	add_difference(&w->all, rtt_us > last ? rtt_us - last : last - rtt_us);
}

static void
end_run(struct board_window *w)
{
	w->run = 0;
	for (unsigned i = 0; i < WINDOW_PARTS; i++)
		w->part[i].run = 0;
}

/* One more of the run of losses; when they are an outage, all of it was one. */
static void
add_loss(struct board_window *w, struct window_part *p, uint32_t outage)
{
	p->lost++;
	w->all.lost++;
	p->run++;
	if (++w->run < outage)
		return;
	for (unsigned i = 0; i < WINDOW_PARTS; i++) {
		w->part[i].outage += w->part[i].run;
		w->all.outage += w->part[i].run;
		w->part[i].run = 0;
	}
}

void
window_set(struct board_window *w, uint32_t length_ms)
{
	uint32_t part_ms = length_ms / WINDOW_PARTS;

	if (w->part_ms != part_ms)
		empty(w, part_ms > 0 ? part_ms : 1);
}

void
window_forget(struct board_window *w)
{
	memset(w, 0, sizeof(*w));
}

void
window_add(struct board_window *w, uint64_t now_ns, uint32_t rtt_us, uint32_t outage)
{
	struct window_part *p;

	turn(w, number_at(w, now_ns));
	p = part_of(w, w->newest);
	if (rtt_us == RTT_UNKNOWN) {
		add_loss(w, p, outage);
		return;
	}
	if (w->run > 0)
		end_run(w);
	take_answer(w, p, rtt_us);
}

bool
window_correct(struct board_window *w, uint64_t added_ns, uint32_t rtt_us)
{
	uint64_t number = number_at(w, added_ns);
	struct window_part *p = part_of(w, number);

	if (number > w->newest || w->newest - number >= WINDOW_PARTS || p->lost == 0)
		return false;
	p->lost--;
	w->all.lost--;
	if (p->run > 0) {
		p->run--;
		w->run--;
	} else if (p->outage > 0) {
		p->outage--;
		w->all.outage--;
	}
	take_answer(w, p, rtt_us);
	return true;
}

/* ---- figures ---- */

/* The round-trip times that these shares (percent, ascending) do not exceed. */
static void
percentiles(const struct window_part *p, const uint32_t *percent, uint32_t *us, unsigned n)
{
	unsigned bucket = bucket_of(p->rtt_min_us), last = bucket_of(p->rtt_max_us);
	uint32_t seen = p->bucket[bucket];

	for (unsigned i = 0; i < n; i++) {
		uint32_t enough = (uint32_t)(((uint64_t)p->answered * percent[i] + 99) / 100);

		while (seen < enough && bucket < last)
			seen += p->bucket[++bucket];
		us[i] = bucket_us(bucket);
		if (us[i] < p->rtt_min_us)
			us[i] = p->rtt_min_us;
		if (us[i] > p->rtt_max_us)
			us[i] = p->rtt_max_us;
	}
}

void
window_stats(const struct board_window *w, struct window_stats *stats)
{
	static const uint32_t percent[] = {50, 95, 99};
	const struct window_part *all = &w->all;
	uint32_t us[] = {RTT_UNKNOWN, RTT_UNKNOWN, RTT_UNKNOWN};

	*stats = (struct window_stats){.samples = all->answered + all->lost,
				       .rtt_last_us = all->answered > 0 ? w->last_us : RTT_UNKNOWN,
				       .rtt_avg_us = RTT_UNKNOWN,
				       .rtt_min_us = all->rtt_min_us,
				       .rtt_max_us = all->rtt_max_us,
				       .jitter_us = RTT_UNKNOWN,
				       .loss_ppm = LOSS_UNKNOWN};
	if (stats->samples > 0)
		stats->loss_ppm = (uint32_t)((uint64_t)all->lost * 1000000 / stats->samples);
	if (all->answered > 0) {
		stats->rtt_avg_us = (uint32_t)(all->rtt_sum_us / all->answered);
		percentiles(all, percent, us, 3);
	}
	stats->rtt_p50_us = us[0];
	stats->rtt_p95_us = us[1];
	stats->rtt_p99_us = us[2];
	if (all->differences > 0)
		stats->jitter_us = (uint32_t)(all->difference_sum_us / all->differences);
}

uint32_t
window_loss(const struct board_window *w, uint32_t *samples)
{
	uint32_t lost = w->all.lost - w->all.outage;

	*samples = w->all.answered + lost;
	return *samples > 0 ? (uint32_t)((uint64_t)lost * 1000000 / *samples) : LOSS_UNKNOWN;
}

/* ---- adoption ---- */

static bool
part_valid(const struct window_part *p)
{
	uint64_t answered = 0;

	for (unsigned i = 0; i < RTT_BUCKETS; i++)
		answered += p->bucket[i];
	return answered == p->answered && p->outage <= p->lost && p->run <= p->lost &&
	       p->rtt_min_us <= p->rtt_max_us &&
	       (p->answered > 0) == (p->rtt_max_us != RTT_UNKNOWN);
}

bool
window_valid(const struct board_window *w)
{
	struct window_part all;
	uint32_t run = 0;

	clear(&all);
	for (unsigned i = 0; i < WINDOW_PARTS; i++) {
		if (!part_valid(&w->part[i]))
			return false;
		add_part(&all, &w->part[i]);
		run += w->part[i].run;
	}
	return w->part_ms > 0 && run <= w->run && memcmp(&all, &w->all, sizeof(all)) == 0;
}

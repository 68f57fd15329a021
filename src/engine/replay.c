/* SPDX-License-Identifier: ISC */
/* The clock is the recording's: it stands at each sample, and in between wherever
 * something is due by itself. Everything that decides is assess.c's. */
#include "config.h"

#include "engine/replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>
#include <time.h>

#include "common/clock.h"
#include "engine/recording.h"
#include "engine/site.h"

/* Going back by more than this, the recorder's clock has begun anew. */
#define BACK_NS (60 * (int64_t)NSEC_PER_SEC)

struct replay {
	const char *name;
	const struct conf *conf;
	FILE *out, *errors;
	struct site *site; /* NULL: no sample yet */
	uint64_t line;
	struct moment now;
	int64_t shift_ns; /* from the recorder's monotonic clock to that of the replay */
	bool all_down;
	uint64_t samples, missed, foreign;
	struct plan told;    /* the plan that was printed last */
	struct tally *tally; /* by link */
	struct slots *slots; /* by link and target */
};

/* What a link has gone through. */
struct tally {
	uint64_t samples, lost, ns[HEALTH_DOWN + 1], since_ns;
	unsigned health, falls;
};

/* The recorder's numbers of a target's last samples, and the replay's. */
struct slots {
	uint32_t recorded[RECENT_SAMPLES];
	struct sample_id own[RECENT_SAMPLES];
	bool used[RECENT_SAMPLES];
};

static struct slots *
slots_of(const struct replay *r, size_t link, const struct target *t)
{
	return &r->slots[link * LINK_TARGETS_MAX * 2 + t->row.index - 1];
}

/* ---- telling ---- */

static void
print_wall(const struct replay *r, uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / NSEC_PER_SEC);
	char text[40] = "?";
	struct tm tm;

	if (gmtime_r(&seconds, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(r->out, "%s.%03uZ  ", text, (unsigned)(wall_ns % NSEC_PER_SEC / NSEC_PER_MSEC));
}

static void
print_time(const struct replay *r)
{
	print_wall(r, r->now.wall_ns);
}

static void
print_event(void *arg, const struct event_draft *d)
{
	struct replay *r = arg;
	bool text = d->text != NULL && d->text[0] != '\0';

	print_time(r);
	fprintf(r->out, "%-12s  ", d->type ? event_type_name(d->type) : "-");
	if (d->link != NULL && d->target != 0)
		fprintf(r->out, "%s: ", d->link->row.name);
	else if (d->link != NULL)
		fprintf(r->out, "%s is %s: ", d->link->row.name, health_name(d->link->row.health));
	if (d->target == 0 || d->reason == REASON_SET_ASIDE)
		fprintf(r->out, "%s%s", reason_text(d->reason), text ? ": " : "");
	if (text)
		fputs(d->text, r->out);
	if (d->detection_us != 0)
		fprintf(r->out, ", after %.3f s", d->detection_us / 1e6);
	putc('\n', r->out);
}

/* Those that get new flows. */
static void
carriers_of(const struct plan_family *list, struct plan_family *carriers)
{
	carriers->count = 0;
	for (unsigned i = 0; i < list->count; i++)
		if (list->members[i].weight > 0)
			carriers->members[carriers->count++] = list->members[i];
}

static void
print_family(const struct replay *r, int family)
{
	const struct plan_family *list = &r->told.family[family];

	if (list->count > 0)
		fprintf(r->out, "  IPv%d:", family == V4 ? 4 : 6);
	for (unsigned i = 0; i < list->count; i++)
		fprintf(r->out, " %s (%u)",
			conf_link_by_index(r->conf, list->members[i].link)->name,
			list->members[i].weight);
}

/* Which links would get the new flows. A plan without any keeps the routes. */
static void
tell_plan(struct replay *r)
{
	static struct plan now;

	for (int f = 0; f < FAMILIES; f++)
		carriers_of(&r->site->assessment.plan.family[f], &now.family[f]);
	if (now.family[V4].count + now.family[V6].count == 0 ||
	    (plan_family_equal(&now.family[V4], &r->told.family[V4]) &&
	     plan_family_equal(&now.family[V6], &r->told.family[V6])))
		return;
	r->told = now;
	print_time(r);
	fprintf(r->out, "%-12s", "routes");
	for (int f = 0; f < FAMILIES; f++)
		print_family(r, f);
	putc('\n', r->out);
}

static void
account(struct replay *r)
{
	for (size_t i = 0; i < r->site->nlinks; i++) {
		const struct board_link *row = &r->site->links[i]->row;
		struct tally *t = &r->tally[i];

		t->ns[t->health] += r->now.mono_ns - t->since_ns;
		t->since_ns = r->now.mono_ns;
		t->falls += row->health == HEALTH_DOWN && t->health != HEALTH_DOWN;
		t->health = row->health;
	}
}

static void
decide_now(struct replay *r)
{
	site_decide(r->site, r->now, &r->all_down, print_event, r);
	if (site_versions_leave(r->site))
		site_decide(r->site, r->now, &r->all_down, print_event, r);
	account(r);
	tell_plan(r);
}

static void
print_duration(const struct replay *r, const char *name, uint64_t ns)
{
	uint64_t s = (ns + NSEC_PER_SEC / 2) / NSEC_PER_SEC;

	if (ns > 0)
		fprintf(r->out, ", %s %" PRIu64 "h%02" PRIu64 "m%02" PRIu64 "s", name, s / 3600,
			s / 60 % 60, s % 60);
}

static void
summarise(struct replay *r)
{
	account(r);
	for (size_t i = 0; i < r->site->nlinks; i++) {
		const struct tally *t = &r->tally[i];

		fprintf(r->out, "# %s: %" PRIu64 " samples, %" PRIu64 " lost, down %u times",
			r->site->links[i]->row.name, t->samples, t->lost, t->falls);
		for (unsigned h = HEALTH_UNKNOWN; h <= HEALTH_DOWN; h++)
			print_duration(r, health_name(h), t->ns[h]);
		putc('\n', r->out);
	}
	if (r->foreign > 0)
		fprintf(r->errors,
			"%s: warning: %" PRIu64
			" samples are of links or targets that the configuration does not have\n",
			r->name, r->foreign);
	if (r->missed > 0)
		fprintf(r->errors,
			"%s: warning: %" PRIu64 " samples are missing in the recording\n", r->name,
			r->missed);
}

/* ---- time ---- */

/* Everything that is due by itself before then. */
static void
pass_time(struct replay *r, uint64_t until_ns)
{
	uint64_t due;

	while ((due = assess_due(r->site->links, r->site->nlinks)) <= until_ns) {
		if (due < r->now.mono_ns)
			due = r->now.mono_ns;
		r->now.wall_ns += due - r->now.mono_ns;
		r->now.mono_ns = due;
		decide_now(r);
		if (assess_due(r->site->links, r->site->nlinks) <= due)
			return; /* it is not due by time alone */
	}
}

/* The recorder's machine was started again: its clock begins anew, and people's time
 * tells how long it was away. */
static void
bridge_restart(struct replay *r, const struct recorded *s)
{
	uint64_t away = s->wall_ns > r->now.wall_ns ? s->wall_ns - r->now.wall_ns : 0;

	r->shift_ns = (int64_t)(r->now.mono_ns + away) - (int64_t)s->at_ns;
	print_wall(r, s->wall_ns);
	fprintf(r->out, "%-12s  the recording goes on after a restart of its machine\n", "-");
}

static int
begin(struct replay *r, const struct recorded *s)
{
	r->now = (struct moment){s->at_ns, s->wall_ns};
	r->site = site_new(r->conf, r->now);
	if (r->site == NULL)
		return -1;
	r->tally = calloc(r->site->nlinks, sizeof(*r->tally));
	r->slots = calloc(r->site->nlinks * LINK_TARGETS_MAX * 2, sizeof(*r->slots));
	if (r->tally == NULL || r->slots == NULL)
		return -1;
	for (size_t i = 0; i < r->site->nlinks; i++) {
		r->tally[i].since_ns = r->now.mono_ns;
		r->tally[i].health = HEALTH_UNKNOWN;
	}
	decide_now(r);
	return 0;
}

/* ---- samples ---- */

static struct target *
find_target(const struct link *link, const struct recorded *s)
{
	for (size_t i = 0; i < link->ntargets; i++) {
		struct target *t = link->targets[i];

		if (t->conf.family == s->family && t->conf.method == s->method &&
		    t->conf.port == s->port && t->conf.gateway == s->gateway &&
		    strcasecmp(t->conf.query, s->query) == 0 &&
		    (s->query[0] == '\0' || t->conf.query_type == s->query_type) &&
		    (s->gateway || addr_equal(&t->conf.addr, &s->address)))
			return t;
	}
	return NULL;
}

static void
take_late(struct slots *slots, struct target *t, const struct recorded *s)
{
	unsigned at = s->number % RECENT_SAMPLES;

	if (slots->used[at] && slots->recorded[at] == s->number)
		assess_late(t, slots->own[at], s->rtt_us);
}

static void
take_sample(struct replay *r, size_t i, struct target *t, const struct recorded *s)
{
	struct sample sample = {(uint64_t)((int64_t)s->sent_ns + r->shift_ns), s->rtt_us};
	struct outcome o = assess_sample(t, &sample, r->now.mono_ns);
	struct slots *slots = slots_of(r, i, t);
	unsigned at = s->number % RECENT_SAMPLES;
	char text[EVENT_TEXT_LEN + 1];
	struct event_draft d;

	slots->used[at] = true;
	slots->recorded[at] = s->number;
	slots->own[at] = o.sample;
	r->tally[i].samples++;
	r->tally[i].lost += s->rtt_us == RTT_UNKNOWN;
	t->row.last_good_ns = s->rtt_us != RTT_UNKNOWN ? r->now.mono_ns : t->row.last_good_ns;
	if (o.matters)
		decide_now(r);
	if (assess_target_news(t, &o, &d, text, sizeof(text)))
		print_event(r, &d);
}

static void
take_own(struct replay *r, size_t i, struct target *t, const struct recorded *s)
{
	if (s->late) {
		take_late(slots_of(r, i, t), t, s);
		return;
	}
	if (site_version_comes(t->link, t->conf.family))
		decide_now(r);
	take_sample(r, i, t, s);
}

static void
take(struct replay *r, const struct recorded *s)
{
	uint64_t at_ns;
	struct target *t = NULL;
	size_t i = 0;

	if ((int64_t)s->at_ns + r->shift_ns < (int64_t)r->now.mono_ns - BACK_NS)
		bridge_restart(r, s);
	at_ns = (uint64_t)((int64_t)s->at_ns + r->shift_ns);
	if (at_ns < r->now.mono_ns)
		at_ns = r->now.mono_ns;
	pass_time(r, at_ns);
	r->now.wall_ns += at_ns - r->now.mono_ns;
	r->now.mono_ns = at_ns;
	r->samples++;
	while (i < r->site->nlinks && strcmp(r->site->links[i]->row.name, s->link) != 0)
		i++;
	if (i < r->site->nlinks)
		t = find_target(r->site->links[i], s);
	if (t == NULL)
		r->foreign++;
	else
		take_own(r, i, t, s);
}

static int
complain(const struct replay *r, const char *why)
{
	fprintf(r->errors, "%s:%" PRIu64 ": not a sample: %s\n", r->name, r->line, why);
	return -1;
}

static int
take_line(struct replay *r, const char *line, size_t len)
{
	struct recorded s;
	const char *why;
	int read;

	r->line++;
	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (len == 0)
		return 0;
	read = recording_read(line, len, &s, &r->missed, &why);
	if (read < 0)
		return complain(r, why);
	if (read == 0)
		return 0;
	if (r->site == NULL && begin(r, &s) != 0)
		return complain(r, "no memory for it");
	take(r, &s);
	return 0;
}

int
replay(FILE *in, const char *name, const struct conf *conf, FILE *out, FILE *errors)
{
	struct replay *r = calloc(1, sizeof(*r));
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int result = 0;

	if (r == NULL)
		return -1;
	r->name = name;
	r->conf = conf;
	r->out = out;
	r->errors = errors;
	while (result == 0 && (len = getline(&line, &size, in)) > 0)
		result = take_line(r, line, (size_t)len);
	if (result == 0 && r->site == NULL) {
		fprintf(errors, "%s: there is no sample in it\n", name);
		result = -1;
	}
	if (r->site != NULL) {
		if (result == 0)
			summarise(r);
		site_free(r->site);
	}
	free(line);
	free(r->tally);
	free(r->slots);
	free(r);
	return result;
}

/* SPDX-License-Identifier: ISC */
/* The chain in the order in which the daemon decides: targets, IP versions, link,
 * order, duty, kernel. What is absent is not spoken of. */
#include "config.h"

#include "ctl/explain.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/page.h"

static bool
text_is(const json_t *object, const char *key, const char *text)
{
	return strcmp(ctl_text(object, key, ""), text) == 0;
}

/* "03:12:05 (4m12s ago)" */
static const char *
since(const json_t *o, const char *time_key, const char *age_key, char *text, size_t size)
{
	char when[FORMAT_LEN], age[FORMAT_LEN];

	snprintf(text, size, "since %s (%s ago)", format_time(ctl_text(o, time_key, "?"), when),
		 format_duration(ctl_number(o, age_key, -1), age));
	return text;
}

static const json_t *
row_with(const json_t *rows, const char *key, long long value)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (ctl_number(row, key, -1) == value)
			return row;
	}
	return NULL;
}

static const char *
version_name(const json_t *row)
{
	return ctl_number(row, "version", 4) == 6 ? "IPv6" : "IPv4";
}

/* ---- targets ---- */

static void
say_who(struct page *p, const json_t *t)
{
	long long port = ctl_number(t, "port", 0), interval_ms = ctl_number(t, "interval_ms", 0);
	char at_port[32] = "", every[FORMAT_LEN];

	if (port != 0)
		snprintf(at_port, sizeof(at_port), " port %lld", port);
	page_say(p, "%s%s%s, asked by %s%s%s:", ctl_true(t, "gateway") ? "The gateway " : "",
		 ctl_text(t, "address", "whose address is not known"), at_port,
		 ctl_text(t, "method", "?"), interval_ms > 0 ? " every " : "",
		 interval_ms > 0 ? format_us(interval_ms * 1000, every) : "");
}

static void
say_answers(struct page *p, const json_t *t, const json_t *limits)
{
	char last[FORMAT_LEN], avg[FORMAT_LEN], loss[FORMAT_LEN];
	long long lost = ctl_number(t, "run_failures", 0);

	if (ctl_number(t, "rtt_last_us", -1) >= 0)
		page_say(p, "it answers, last in %s, on average in %s.",
			 format_us(ctl_number(t, "rtt_last_us", -1), last),
			 format_us(ctl_number(t, "rtt_avg_us", -1), avg));
	else
		page_say(p, "it answers.");
	if (ctl_number(t, "loss_ppm", 0) > 0)
		page_say(p, "Of its newest probes %s were lost.",
			 format_loss(ctl_number(t, "loss_ppm", 0), loss));
	if (lost > 0)
		page_say(p, "The last %s lost; %lld in a row make it down.",
			 lost == 1 ? "one was" : "ones were", ctl_number(limits, "down_after", 0));
}

static void
say_silence(struct page *p, const json_t *t, const json_t *limits)
{
	long long good_ms = ctl_number(t, "last_good_age_ms", -1);
	long long again = ctl_number(t, "run_successes", 0);
	char age[FORMAT_LEN];

	page_colour(p, RED);
	if (again > 0)
		page_say(p, "it begins to answer again: %lld in a row, %lld of them make it up.",
			 again, ctl_number(limits, "up_after", 0));
	else
		page_say(p,
			 "it does NOT answer: %lld probes in a row are lost, and %lld make it "
			 "down.",
			 ctl_number(t, "run_failures", 0), ctl_number(limits, "down_after", 0));
	if (good_ms >= 0)
		page_say(p, "Its last answer came %s ago.", format_duration(good_ms / 1000, age));
	else
		page_say(p, "It has never answered.");
}

static void
explain_target(struct page *p, const json_t *t, const json_t *judgement)
{
	const json_t *limits =
	    row_with(json_object_get(judgement, "targets"), "target", ctl_number(t, "target", 0));

	say_who(p, t);
	if (text_is(t, "status", "up"))
		say_answers(p, t, limits);
	else if (text_is(t, "status", "down"))
		say_silence(p, t, limits);
	else
		page_say(p, "it has not been judged yet: %lld probes sent, none answered.",
			 ctl_number(t, "sent", 0));
	if (ctl_text(t, "last_error", NULL) != NULL)
		page_say(p, "Of its last failure is known: %s.", ctl_text(t, "last_error", ""));
	if (ctl_true(t, "set_aside")) {
		page_colour(p, YELLOW);
		page_say(p, "It is set aside: it fails by itself, while other targets of the link "
			    "answer, so it counts for nothing.");
	}
	page_end(p);
}

/* ---- IP versions ---- */

static void
say_count(struct page *p, const json_t *route, const json_t *v)
{
	long long up = ctl_number(v, "targets_up", 0), aside = ctl_number(v, "targets_aside", 0);
	long long all = up + ctl_number(v, "targets_down", 0) + ctl_number(v, "targets_unknown", 0);

	page_say(p, "%s is %s: %lld of %lld targets answer, and at least %lld must.",
		 version_name(route), ctl_text(route, "health", "?"), up, all,
		 ctl_number(v, "quorum", 0));
	if (aside > 0)
		page_say(p, "%lld more %s set aside.", aside, aside == 1 ? "is" : "are");
}

typedef const char *format_value(long long v, char buf[static FORMAT_LEN]);

static void
say_limit(struct page *p, const json_t *limits, const json_t *v, const char *key, const char *name,
	  format_value *format, bool crossed)
{
	const json_t *limit = json_object_get(limits, key);
	char is[FORMAT_LEN], enter[FORMAT_LEN], leave[FORMAT_LEN];

	if (limit == NULL || ctl_number(v, key, -1) < 0)
		return;
	format(ctl_number(limit, "enter", -1), enter);
	format(ctl_number(limit, "leave", -1), leave);
	format(ctl_number(v, key, -1), is);
	if (crossed)
		page_say(p,
			 "Its %s is %s: it is degraded from %s on, until it is down to %s again.",
			 name, is, enter, leave);
	else
		page_say(p, "Its %s is %s; from %s on it would be degraded.", name, is, enter);
}

static void
say_limits(struct page *p, const json_t *route, const json_t *v, const json_t *limits)
{
	say_limit(p, limits, v, "loss_ppm", "loss", format_loss, text_is(route, "reason", "loss"));
	say_limit(p, limits, v, "rtt_us", "round-trip time", format_us,
		  text_is(route, "reason", "rtt"));
	say_limit(p, limits, v, "jitter_us", "jitter", format_us,
		  text_is(route, "reason", "jitter"));
	if (json_object_size(limits) == 0)
		page_say(p, "No limit is set on loss, round-trip time or jitter.");
}

bool
explain_is_absent(const json_t *route)
{
	return text_is(route, "health", "unknown") && text_is(route, "reason", "noGateway");
}

static void
explain_version(struct page *p, const json_t *route, const json_t *judgement)
{
	const json_t *v = row_with(json_object_get(judgement, "versions"), "version",
				   ctl_number(route, "version", 4));
	const char *reason = ctl_text(route, "reason", "none");
	bool down = text_is(route, "health", "down");

	if (explain_is_absent(route)) {
		page_say(p,
			 "%s is not there, since no gateway of it is known on %s, and is not "
			 "missed: \"gateway auto\" takes what there is.",
			 version_name(route), ctl_text(route, "interface", "?"));
		page_end(p);
		return;
	}
	page_colour(p, down ? RED : text_is(route, "health", "degraded") ? YELLOW : PLAIN);
	if (down && strcmp(reason, "targetsLost") != 0)
		page_say(p, "%s is down: %s.", version_name(route), ctl_reason(reason));
	else
		say_count(p, route, v);
	if (!down)
		say_limits(p, route, v, json_object_get(judgement, "limits"));
	page_end(p);
}

/* ---- the link ---- */

static void
say_flap(struct page *p, const json_t *l, const json_t *flap)
{
	long long penalty = ctl_number(l, "flap_penalty", 0);
	long long left = ctl_number(l, "flap_remaining_s", -1);
	char half[FORMAT_LEN], text[FORMAT_LEN];

	if (penalty == 0 && left < 0)
		return;
	format_duration(ctl_number(flap, "half_life_ms", 0) / 1000, half);
	page_say(p, "It has fallen before: its flap penalty is %lld, and halves every %s.", penalty,
		 half);
	if (left >= 0)
		page_say(p,
			 "It is kept out until that is below %lld: for another %s, if it does not "
			 "fall again.",
			 ctl_number(flap, "reuse", 0), format_duration(left, text));
	else if (ctl_number(flap, "suppress", 0) > 0)
		page_say(p, "From %lld on it would be kept out.", ctl_number(flap, "suppress", 0));
}

static void
explain_health(struct page *p, const struct explanation *e)
{
	const json_t *l = e->link;
	long long hold = ctl_number(l, "hold_remaining_s", -1);
	char when[96], left[FORMAT_LEN], whole[FORMAT_LEN];

	page_colour(p, text_is(l, "health", "up")     ? GREEN
		       : text_is(l, "health", "down") ? RED
						      : YELLOW);
	page_say(p, "Its health is %s %s: %s.", ctl_text(l, "health", "?"),
		 since(l, "health_since", "health_age_s", when, sizeof(when)),
		 ctl_reason(ctl_text(l, "health_reason", "none")));
	if (hold >= 0)
		page_say(p, "It must be well for %s before it carries traffic again: %s are left.",
			 format_duration(ctl_number(e->judgement, "hold_ms", 0) / 1000, whole),
			 format_duration(hold, left));
	say_flap(p, l, json_object_get(e->judgement, "flap"));
	page_end(p);
}

static void
explain_order(struct page *p, const json_t *l)
{
	const json_t *o = json_object_get(l, "order");
	const char *owner = ctl_text(o, "owner", ""), *comment = ctl_text(o, "comment", "");
	char age[FORMAT_LEN], left[FORMAT_LEN];

	if (o == NULL) {
		page_say(p, "No order is in force: what is measured decides.");
		page_end(p);
		return;
	}
	page_colour(p, YELLOW);
	page_say(p, "%s was ordered %s ago%s%s over %s%s.", ctl_text(l, "admin", "?"),
		 format_duration(ctl_number(o, "age_s", -1), age), owner[0] ? " by " : "", owner,
		 text_is(o, "actor", "snmp") ? "SNMP" : "the control socket",
		 ctl_true(o, "forced") ? ", by force" : "");
	if (comment[0] != '\0')
		page_say(p, "The reason given: \"%s\".", comment);
	if (ctl_number(o, "remaining_s", -1) >= 0)
		page_say(p, "It ends in %s.",
			 format_duration(ctl_number(o, "remaining_s", -1), left));
	else
		page_say(p, "It has no end.");
	if (ctl_true(o, "yielded"))
		page_say(p, "For want of another link this one carries traffic all the same.");
	page_end(p);
}

/* ---- duty ---- */

static void
say_duty(struct page *p, const json_t *l)
{
	static const struct {
		const char *oper, *text;
	} duties[] = {{"active", "It carries traffic"},
		      {"standby", "It stands by"},
		      {"draining", "It gets no new traffic, what flows on it runs to its end"},
		      {"drained", "It carries nothing, as was ordered"},
		      {"out", "It is OUT of use"}};
	const char *text = "It does what is not known here";
	char when[96];

	for (size_t i = 0; i < sizeof(duties) / sizeof(duties[0]); i++)
		if (text_is(l, "oper", duties[i].oper))
			text = duties[i].text;
	page_say(p, "%s, %s: %s.", text, since(l, "oper_since", "oper_age_s", when, sizeof(when)),
		 ctl_reason(ctl_text(l, "oper_reason", "none")));
	if (ctl_number(l, "live_flows", -1) >= 0)
		page_say(p, "It has %lld live flow%s.", ctl_number(l, "live_flows", 0),
			 ctl_number(l, "live_flows", 0) == 1 ? "" : "s");
}

static void
say_degraded(struct page *p, const json_t *l, const json_t *judgement)
{
	const char *what = ctl_text(judgement, "degraded", "");

	if (!text_is(l, "health", "degraded"))
		return;
	if (strcmp(what, "weight") == 0)
		page_say(p, "While it is degraded it has the weight %lld.",
			 ctl_number(judgement, "degraded_weight", 0));
	else if (strcmp(what, "last") == 0)
		page_say(p, "While it is degraded it carries only where nothing is better.");
	else if (strcmp(what, "leave") == 0)
		page_say(p, "While it is degraded it carries only as the last way out.");
	else
		page_say(p, "A degraded link carries on, as configured.");
}

static void
say_carriers(struct page *p, const struct explanation *e)
{
	const json_t *l;
	unsigned n = 0;
	size_t i;

	json_array_foreach(e->links, i, l)
	{
		if (!text_is(l, "oper", "active"))
			continue;
		n++;
		if (n > 8) /* to be read: uplinkctl plan has all */
			continue;
		page_say(p,
			 n == 1 ? "Traffic is carried by %s (tier %lld, weight %lld)%s"
				: "and %s (tier %lld, weight %lld)%s",
			 ctl_text(l, "link", "?"), ctl_number(l, "tier", 0),
			 ctl_number(l, "weight", 0), "");
	}
	if (n > 8)
		page_say(p, "and %u more", n - 8);
	if (n > 0 && p->len + 1 < sizeof(p->paragraph)) {
		p->paragraph[p->len++] = '.';
		p->paragraph[p->len] = '\0';
	} else if (ctl_true(e->global, "all_down")) {
		page_say(p, "No link carries traffic by right: ALL ARE DOWN.");
	} else if (n == 0) {
		page_say(p, "No link carries traffic.");
	}
}

static void
explain_duty(struct page *p, const struct explanation *e)
{
	page_colour(p, text_is(e->link, "oper", "out") ? RED : PLAIN);
	say_duty(p, e->link);
	say_degraded(p, e->link, e->judgement);
	page_end(p);
	page_say(p, "Its tier is %lld, its weight %lld.", ctl_number(e->link, "tier", 0),
		 ctl_number(e->link, "weight", 0));
	say_carriers(p, e);
	page_end(p);
}

/* ---- the kernel ---- */

static void
explain_route(struct page *p, const json_t *r)
{
	bool wanted = ctl_true(r, "wanted"), installed = ctl_true(r, "installed");
	const char *gateway = ctl_text(r, "gateway", NULL);
	bool known = gateway != NULL || !text_is(r, "gateway_origin", "none");

	if (known)
		page_say(p, "%s goes by %s%s%s%s%s.", version_name(r), gateway ? gateway : "",
			 gateway ? " on " : "", ctl_text(r, "interface", "?"),
			 ctl_text(r, "source", NULL) ? ", from " : "", ctl_text(r, "source", ""));
	else
		page_say(p, "%s has no known gateway on %s.", version_name(r),
			 ctl_text(r, "interface", "?"));
	if (wanted && installed)
		page_say(p, "As wanted, it is in the default route, with weight %lld.",
			 ctl_number(r, "weight", 0));
	else if (wanted)
		page_say(p, "It should be in the default route and IS NOT.");
	else if (installed)
		page_say(p, "%s still in the default route.", known ? "It is" : "The last one is");
	else
		page_say(p, "As wanted, it is not in the default route.");
	if (wanted != installed)
		page_colour(p, RED);
	if (ctl_number(r, "errors", 0) > 0)
		page_say(p, "The kernel has refused a change %lld times.",
			 ctl_number(r, "errors", 0));
	if (ctl_number(r, "drift", 0) > 0)
		page_say(p, "Others have changed it %lld times, which was put right.",
			 ctl_number(r, "drift", 0));
	page_end(p);
}

static void
explain_event(struct page *p, const json_t *event)
{
	char text[512], when[FORMAT_LEN], age[FORMAT_LEN];

	if (event == NULL) {
		page_say(p, "Nothing has happened to it that is still known.");
	} else {
		ctl_describe_event(event, text, sizeof(text));
		page_say(p, "%s (%s ago): %s%s%s.", format_time(ctl_text(event, "time", "?"), when),
			 format_duration(ctl_number(event, "age_s", -1), age),
			 ctl_text(event, "type", "?"), text[0] ? ": " : "", text);
	}
	page_end(p);
}

/* ---- the whole ---- */

/* How often they are asked, where the file alone does not say it. */
static void
explain_pace(struct page *p, const json_t *l)
{
	char budget[FORMAT_LEN], left[FORMAT_LEN];
	long long refusals = ctl_number(l, "budget_refusals", 0);

	if (ctl_number(l, "budget_per_day", 0) == 0)
		return;
	page_say(p, "Probes may take %s octets of it in a day, and %s are left for now.",
		 format_count(ctl_number(l, "budget_per_day", 0), budget),
		 format_count(ctl_number(l, "budget_left", 0), left));
	if (refusals > 0)
		page_say(p, "%lld probes or bursts had no room in that.", refusals);
	page_end(p);
}

static void
explain_head(struct page *p, const json_t *l)
{
	char line[256];
	const char *alias = ctl_text(l, "alias", "");

	snprintf(line, sizeof(line), "%s%s%s%s, interface %s: %s, %s", ctl_text(l, "link", "?"),
		 alias[0] ? " (" : "", alias, alias[0] ? ")" : "", ctl_text(l, "interface", "?"),
		 ctl_text(l, "health", "?"), ctl_text(l, "oper", "?"));
	screen_print(p->out, p->colours, BOLD, line);
	fputc('\n', p->out);
}

void
explain_link(const struct explanation *e, FILE *out, bool colours)
{
	struct page p = {.out = out, .colours = colours};
	json_t *advice = explain_advice(e);
	const json_t *row;
	size_t i;

	explain_head(&p, e->link);
	page_heading(&p, "What its targets say");
	json_array_foreach(e->targets, i, row) explain_target(&p, row, e->judgement);
	explain_pace(&p, e->link);
	page_heading(&p, "What follows for the link");
	json_array_foreach(e->routes, i, row) explain_version(&p, row, e->judgement);
	explain_health(&p, e);
	page_heading(&p, "What people have ordered");
	explain_order(&p, e->link);
	page_heading(&p, "What it does");
	explain_duty(&p, e);
	page_heading(&p, "What the kernel has");
	json_array_foreach(e->routes, i, row) explain_route(&p, row);
	page_heading(&p, "What happened last");
	explain_event(&p, e->event);
	page_heading(&p, "What to do");
	json_array_foreach(advice, i, row)
	{
		page_say(&p, "%s", json_string_value(row));
		page_end(&p);
	}
	json_decref(advice);
}

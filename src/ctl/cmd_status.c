/* SPDX-License-Identifier: ISC */
/* status: the page that is looked at first, at 3 in the morning. The worst comes
 * first, then a line per link, then what people have ordered. */
#include "config.h"

#include <string.h>

#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/screen.h"

enum { HEARTBEAT_LATE_MS = 1000 };

static void
say(const struct ctl *ctl, enum colour colour, const char *text)
{
	screen_print(stdout, ctl->colour, colour, text);
	fputc('\n', stdout);
}

static void
print_trouble(const struct ctl *ctl, const json_t *g)
{
	char line[512], age[FORMAT_LEN];

	if (ctl_true(g, "all_down"))
		say(ctl, RED, "ALL LINKS ARE DOWN: uplinkctl routes tells what is still installed");
	if (!ctl_true(g, "config_ok") && ctl_number(g, "config_age_s", -1) >= 0) {
		snprintf(line, sizeof(line),
			 "the last configuration was refused, the one before is in force: %s",
			 ctl_text(g, "config_error", "no reason is known"));
		say(ctl, YELLOW, line);
	}
	if (ctl_text(g, "hook_error", NULL) != NULL) {
		snprintf(line, sizeof(line), "%s ago: %s",
			 format_duration(ctl_number(g, "hook_error_age_s", -1), age),
			 ctl_text(g, "hook_error", ""));
		say(ctl, YELLOW, line);
	}
	if (ctl_number(g, "plan_installed", 0) < ctl_number(g, "plan_serial", 0))
		say(ctl, YELLOW,
		    "the installed routes are not yet as planned: see uplinkctl plan and events");
	if (ctl_number(g, "heartbeat_age_ms", 0) > HEARTBEAT_LATE_MS) {
		snprintf(line, sizeof(line), "the engine is late: its heartbeat is %lld ms old",
			 ctl_number(g, "heartbeat_age_ms", 0));
		say(ctl, RED, line);
	}
}

static void
print_headline(const struct ctl *ctl, const json_t *g)
{
	char line[256], tier[48] = "no link carries traffic", up[FORMAT_LEN], age[FORMAT_LEN];
	long long links = ctl_number(g, "links", 0), usable = ctl_number(g, "usable_links", 0);
	const char *site = ctl_text(g, "site", "");

	if (ctl_number(g, "active_tier", 0) > 0)
		snprintf(tier, sizeof(tier), "tier %lld carries the traffic",
			 ctl_number(g, "active_tier", 0));
	snprintf(line, sizeof(line), "%s%s%lld of %lld links usable, %s", site, site[0] ? ": " : "",
		 usable, links, tier);
	say(ctl, usable == 0 ? RED : usable < links ? YELLOW : GREEN, line);
	snprintf(line, sizeof(line), "uplinkd %s, up %s, configuration %lld, loaded %s ago",
		 ctl_text(g, "version", "?"), format_duration(ctl_number(g, "uptime_s", -1), up),
		 ctl_number(g, "config_serial", 0),
		 format_duration(ctl_number(g, "config_age_s", -1), age));
	say(ctl, FAINT, line);
	if (ctl_text(g, "counters_bypassed", NULL) != NULL) {
		snprintf(line, sizeof(line), "the counters miss packets: %s",
			 ctl_text(g, "counters_bypassed", ""));
		say(ctl, YELLOW, line);
	}
}

static enum colour
health_colour(const char *health)
{
	return strcmp(health, "up") == 0 ? GREEN : strcmp(health, "down") == 0 ? RED : YELLOW;
}

static enum colour
oper_colour(const char *oper)
{
	if (strcmp(oper, "active") == 0)
		return GREEN;
	return strcmp(oper, "out") == 0 ? RED : strcmp(oper, "standby") == 0 ? PLAIN : YELLOW;
}

static void
add_reason(char *why, size_t size, const char *text)
{
	size_t len = strlen(why);

	snprintf(why + len, size - len, "%s%s", len ? "; " : "", text);
}

/* Why the link is not simply up and in use; "" when it is. */
static void
reasons(const json_t *l, char *why, size_t size)
{
	const char *health = ctl_text(l, "health_reason", "none");
	const char *oper = ctl_text(l, "oper_reason", "none");
	long long hold = ctl_number(l, "hold_remaining_s", -1);
	long long suppressed = ctl_number(l, "flap_remaining_s", -1);
	char left[FORMAT_LEN], text[96];

	why[0] = '\0';
	if (strcmp(ctl_text(l, "health", "?"), "up") != 0 && strcmp(health, "none") != 0)
		add_reason(why, size, ctl_reason(health));
	if (strcmp(oper, health) != 0 && strcmp(oper, "none") != 0 &&
	    strcmp(oper, "targetsAnswer") != 0)
		add_reason(why, size, ctl_reason(oper));
	if (hold > 0) {
		snprintf(text, sizeof(text), "held for another %s", format_duration(hold, left));
		add_reason(why, size, text);
	}
	if (suppressed > 0) {
		snprintf(text, sizeof(text), "suppressed for another %s (flap penalty %lld)",
			 format_duration(suppressed, left), ctl_number(l, "flap_penalty", 0));
		add_reason(why, size, text);
	}
	if (ctl_true(l, "gateway_only"))
		add_reason(why, size, "only its gateway is probed");
}

/* The newest change of what the row shows. */
static long long
since(const json_t *l)
{
	long long health = ctl_number(l, "health_age_s", -1);
	long long oper = ctl_number(l, "oper_age_s", -1);

	return health < 0 || (oper >= 0 && oper < health) ? oper : health;
}

static void
add_link(struct table *t, const json_t *l)
{
	const char *health = ctl_text(l, "health", "?"), *oper = ctl_text(l, "oper", "?");
	char text[FORMAT_LEN], tier[FORMAT_LEN], why[256];

	table_cell(t, BOLD, ctl_text(l, "link", "?"));
	table_cell(t, PLAIN, ctl_text(l, "interface", "-"));
	snprintf(tier, sizeof(tier), "%lld/%lld", ctl_number(l, "tier", 0),
		 ctl_number(l, "weight", 0));
	table_cell(t, PLAIN, tier);
	table_cell(t, health_colour(health), health);
	table_cell(t, oper_colour(oper), oper);
	table_cell(t, PLAIN, format_us(ctl_number(l, "rtt_avg_us", -1), text));
	table_cell(t, ctl_number(l, "loss_ppm", 0) > 0 ? YELLOW : PLAIN,
		   format_loss(ctl_number(l, "loss_ppm", -1), text));
	table_cell(t, PLAIN, format_duration(since(l), text));
	reasons(l, why, sizeof(why));
	table_cell(t, PLAIN, why);
}

static void
print_order(const struct ctl *ctl, const json_t *l)
{
	const json_t *o = json_object_get(l, "order");
	char line[512], age[FORMAT_LEN], left[FORMAT_LEN], until[64] = "no end";
	const char *owner = ctl_text(o, "owner", ""), *comment = ctl_text(o, "comment", "");
	long long remaining = ctl_number(o, "remaining_s", -1);

	if (o == NULL)
		return;
	if (remaining >= 0)
		snprintf(until, sizeof(until), "%s left", format_duration(remaining, left));
	snprintf(line, sizeof(line), "%s: %s%s ordered %s ago by %s%svia %s, %s%s%s",
		 ctl_text(l, "link", "?"), ctl_text(l, "admin", "?"),
		 ctl_true(o, "forced") ? " (forced)" : "",
		 format_duration(ctl_number(o, "age_s", -1), age), owner, owner[0] ? " " : "",
		 ctl_text(o, "actor", "?"), until, comment[0] ? ": " : "", comment);
	say(ctl, YELLOW, line);
	if (ctl_true(o, "yielded"))
		say(ctl, RED, "  it carries traffic again, for want of another link");
}

static void
print_links(const struct ctl *ctl, const json_t *links)
{
	static const char *const heads[] = {"LINK", "IF",    "TIER/WT", "HEALTH", "NOW",
					    ">RTT", ">LOSS", ">SINCE",  "WHY",    NULL};
	struct table *t = table_new(heads);
	const json_t *l;
	size_t i;

	json_array_foreach(links, i, l) add_link(t, l);
	fputc('\n', stdout);
	table_wrap(t, ctl->columns);
	table_print(t, stdout, ctl->colour);
	table_free(t);
	json_array_foreach(links, i, l) print_order(ctl, l);
}

enum ctl_exit
ctl_status(const struct ctl *ctl)
{
	json_t *arguments = ctl->word[0] ? json_pack("{s:s}", "link", ctl->word[0]) : NULL;
	json_t *result;
	const json_t *links, *g;
	enum ctl_exit status = client_ask(ctl, "status", arguments, &result);

	if (status != CTL_OK)
		return status;
	g = json_object_get(result, "global");
	links = json_object_get(result, "links");
	if (ctl->json) {
		ctl_print_json(ctl, result);
	} else {
		print_headline(ctl, g);
		print_trouble(ctl, g);
		if (json_array_size(links) == 0)
			say(ctl, YELLOW,
			    "no link is configured: add one to uplinkd.conf, then uplinkctl "
			    "reload");
		else
			print_links(ctl, links);
	}
	json_decref(result);
	return CTL_OK;
}

enum ctl_exit
ctl_list_links(const struct ctl *ctl)
{
	json_t *result;
	const json_t *l;
	size_t i;
	enum ctl_exit status = client_ask(ctl, "status", NULL, &result);

	if (status != CTL_OK)
		return status;
	json_array_foreach(json_object_get(result, "links"), i, l)
	{
		screen_print(stdout, false, PLAIN, ctl_text(l, "link", "?"));
		fputc('\n', stdout);
	}
	json_decref(result);
	return CTL_OK;
}

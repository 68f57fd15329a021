/* SPDX-License-Identifier: ISC */
/* events: what has happened, and what happens while one looks on. */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/screen.h"

enum {
	LIMIT = 20,
};

static enum colour
event_colour(const char *type)
{
	static const struct {
		const char *type;
		enum colour colour;
	} colours[] = {
	    {"linkDown", RED},          {"allDown", RED},           {"routeFailed", RED},
	    {"drainYielded", RED},      {"linkUp", GREEN},          {"allDownClear", GREEN},
	    {"recovered", GREEN},       {"failback", GREEN},        {"degraded", YELLOW},
	    {"failover", YELLOW},       {"flapping", YELLOW},       {"targetDown", YELLOW},
	    {"configRejected", YELLOW}, {"controlRefused", YELLOW}, {"processRestarted", YELLOW}};

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (strcmp(colours[i].type, type) == 0)
			return colours[i].colour;
	return PLAIN;
}

static void
append(char *line, size_t size, const char *before, const char *text)
{
	size_t len = strlen(line);

	if (text[0] != '\0')
		snprintf(line + len, size - len, "%s%s", len ? before : "", text);
}

/* By name, as far as this machine knows it. */
static const char *
user_of(uid_t uid)
{
	static char number[24];
	const struct passwd *user = getpwuid(uid);

	snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	return user != NULL ? user->pw_name : number;
}

/* What there is to say about it, in words. */
void
ctl_describe_event(const json_t *e, char *text, size_t size)
{
	const char *old = ctl_text(e, "old", ""), *new = ctl_text(e, "new", "");
	char part[FORMAT_LEN], measured[96];

	text[0] = '\0';
	if (strcmp(ctl_text(e, "reason", "none"), "none") != 0)
		append(text, size, "", ctl_reason(ctl_text(e, "reason", "")));
	append(text, size, ": ", ctl_text(e, "text", ""));
	if (new[0] != '\0' && strcmp(old, new) != 0) {
		snprintf(measured, sizeof(measured), "%s%s%s", old, old[0] ? " -> " : "", new);
		append(text, size, ", ", measured);
	}
	if (ctl_number(e, "loss_ppm", 0) > 0) {
		snprintf(measured, sizeof(measured), "loss %s",
			 format_loss(ctl_number(e, "loss_ppm", 0), part));
		append(text, size, ", ", measured);
	}
	if (ctl_number(e, "detection_us", -1) >= 0) {
		snprintf(measured, sizeof(measured), "noticed after %s",
			 format_us(ctl_number(e, "detection_us", 0), part));
		append(text, size, ", ", measured);
	}
	if (ctl_number(e, "flows_killed", 0) > 0) {
		snprintf(measured, sizeof(measured), "%lld flows cut",
			 ctl_number(e, "flows_killed", 0));
		append(text, size, ", ", measured);
	}
	if (strcmp(ctl_text(e, "actor", "daemon"), "daemon") != 0)
		append(text, size, ", by ", ctl_text(e, "actor", ""));
	if (ctl_text(e, "actor_name", "")[0] != '\0')
		append(text, size, " user ", ctl_text(e, "actor_name", ""));
	else if (ctl_number(e, "actor_uid", -1) >= 0)
		append(text, size, " user ", user_of((uid_t)ctl_number(e, "actor_uid", 0)));
}

/* One line, as a table can't wait for all of its rows. */
static void
print_event(const struct ctl *ctl, const json_t *e)
{
	char when[FORMAT_LEN], text[512], head[96];
	const char *type = ctl_text(e, "type", "?"), *link = ctl_text(e, "link", "-");
	char *clean = screen_clean(link);
	size_t width = clean ? screen_width(clean) : 0;

	ctl_describe_event(e, text, sizeof(text));
	snprintf(head, sizeof(head), "%6lld  %s  ", ctl_number(e, "number", 0),
		 format_time(ctl_text(e, "time", "?"), when));
	screen_print(stdout, ctl->colour, FAINT, head);
	printf("%s%*s  ", clean ? clean : "?", width < 12 ? (int)(12 - width) : 0, "");
	snprintf(head, sizeof(head), "%-14s", type);
	screen_print(stdout, ctl->colour, event_colour(type), head);
	fputs("  ", stdout);
	screen_print(stdout, ctl->colour, PLAIN, text);
	fputc('\n', stdout);
	free(clean);
}

static void
say_missed(long long missed)
{
	if (missed > 0)
		ctl_complain("%lld events between are gone: the daemon keeps the last 8192",
			     missed);
}

static json_t *
arguments_for(bool follow, long long since, long long limit)
{
	json_t *arguments = json_object();

	if (follow)
		json_object_set_new(arguments, "follow", json_true());
	if (since >= 0)
		json_object_set_new(arguments, "after", json_integer(since));
	if (limit >= 0)
		json_object_set_new(arguments, "limit", json_integer(limit));
	return arguments;
}

/* Prints what comes until the connection ends; *last is the newest seen. */
static enum ctl_exit
follow_once(const struct ctl *ctl, struct client *c, long long *last, bool *answered)
{
	enum ctl_exit status;
	json_t *line, *result = NULL;
	const json_t *e;

	while ((status = client_next(c, *answered ? -1 : CLIENT_ANSWER_S * 1000, &line)) ==
	       CTL_OK) {
		if (!*answered) {
			status = client_result(line, &result);
			*answered = status == CTL_OK;
			if (*answered && *last < 0)
				*last = ctl_number(result, "last", 0);
			json_decref(result);
		} else if ((e = json_object_get(line, "event")) != NULL) {
			*last = ctl_number(e, "number", *last);
			if (ctl->json)
				ctl_print_json(ctl, e);
			else
				print_event(ctl, e);
		} else {
			say_missed(ctl_number(line, "missed", 0));
		}
		json_decref(line);
		if (status != CTL_OK || fflush(stdout) != 0)
			return CTL_FAILED;
	}
	return status;
}

/* The daemon may be restarted meanwhile: the numbers of its events go on. */
static enum ctl_exit
follow(const struct ctl *ctl, long long since, long long limit)
{
	enum ctl_exit status;
	long long last = since;
	struct client *c = client_open(ctl->socket, false, &status);

	while (c != NULL) {
		bool answered = false;

		status = client_send(c, "events", arguments_for(true, last, last < 0 ? limit : -1));
		if (status == CTL_OK)
			status = follow_once(ctl, c, &last, &answered);
		client_close(c);
		if (status != CTL_NOT_RUNNING)
			return status;
		ctl_complain("uplinkd has gone: waiting for it");
		c = client_come_back(ctl, &status);
	}
	if (last >= 0)
		ctl_complain("uplinkd does not come back");
	return status;
}

enum ctl_exit
ctl_events(const struct ctl *ctl)
{
	long long since = -1, limit = ctl->value[CTL_SINCE] ? -1 : LIMIT;
	enum ctl_exit status;
	json_t *result;
	const json_t *e;
	size_t i;

	if ((ctl->value[CTL_SINCE] && !ctl_option_number(ctl, CTL_SINCE, &since)) ||
	    (ctl->value[CTL_LIMIT] && !ctl_option_number(ctl, CTL_LIMIT, &limit)))
		return CTL_USAGE;
	if (ctl->value[CTL_FOLLOW])
		return follow(ctl, since, limit);
	status = client_ask(ctl, "events", arguments_for(false, since, limit), &result);
	if (status != CTL_OK)
		return status;
	if (ctl->json) {
		ctl_print_json(ctl, result);
	} else {
		say_missed(ctl_number(result, "missed", 0));
		json_array_foreach(json_object_get(result, "events"), i, e) print_event(ctl, e);
		if (json_array_size(json_object_get(result, "events")) == 0)
			puts("no event");
	}
	json_decref(result);
	return CTL_OK;
}

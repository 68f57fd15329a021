/* SPDX-License-Identifier: ISC */
/* targets, routes, plan, stats: the tables behind the status. */
#include "config.h"

#include <string.h>

#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/screen.h"

typedef void add_row(struct table *t, const json_t *row);

static void
cell_number(struct table *t, const json_t *row, const char *key)
{
	char text[FORMAT_LEN];

	snprintf(text, sizeof(text), "%lld", ctl_number(row, key, 0));
	table_cell(t, PLAIN, text);
}

static void
cell_us(struct table *t, const json_t *row, const char *key)
{
	char text[FORMAT_LEN];

	table_cell(t, PLAIN, format_us(ctl_number(row, key, -1), text));
}

/* What a table is made of. */
struct layout {
	const char *const *heads;
	const char *const *spare; /* on a narrow terminal, the first one first; NULL: none */
	add_row *add;
};

/* A table of the rows in the result's array of that name. */
static enum ctl_exit
print_rows(const struct ctl *ctl, const json_t *result, const char *array, const char *none,
	   const struct layout *layout)
{
	const json_t *rows = json_object_get(result, array), *row;
	struct table *t = table_new(layout->heads);
	size_t i;

	if (json_array_size(rows) == 0) {
		puts(none);
	} else {
		json_array_foreach(rows, i, row) layout->add(t, row);
		table_wrap(t, ctl->columns);
		if (layout->spare != NULL)
			table_fit(t, ctl->columns, layout->spare);
		table_print(t, stdout, ctl->colour);
	}
	table_free(t);
	return CTL_OK;
}

/* Asks; under --json prints the answer and leaves *result NULL. */
static enum ctl_exit
ask(const struct ctl *ctl, json_t **result)
{
	json_t *arguments = ctl->word[0] ? json_pack("{s:s}", "link", ctl->word[0]) : NULL;
	enum ctl_exit status = client_ask(ctl, ctl->command->name, arguments, result);

	if (status == CTL_OK && ctl->json) {
		ctl_print_json(ctl, *result);
		json_decref(*result);
		*result = NULL;
	}
	return status;
}

static void
add_target(struct table *t, const json_t *row)
{
	const char *status = ctl_text(row, "status", "?");
	char text[128], age[FORMAT_LEN];
	long long good_ms = ctl_number(row, "last_good_age_ms", -1);
	long long port = ctl_number(row, "port", 0);

	table_cell(t, BOLD, ctl_text(row, "link", "?"));
	snprintf(text, sizeof(text), port ? "%s port %lld" : "%s",
		 ctl_text(row, "address", "(gateway unknown)"), port);
	table_cell(t, PLAIN, text);
	table_cell(t, PLAIN, ctl_text(row, "method", "?"));
	table_cell(t, PLAIN, format_us(ctl_number(row, "interval_ms", -1) * 1000, age));
	table_cell(t,
		   strcmp(status, "up") == 0     ? GREEN
		   : strcmp(status, "down") == 0 ? RED
						 : YELLOW,
		   status);
	cell_us(t, row, "rtt_avg_us");
	cell_us(t, row, "rtt_p95_us");
	cell_us(t, row, "rtt_p99_us");
	cell_us(t, row, "jitter_us");
	table_cell(t, ctl_number(row, "loss_ppm", 0) > 0 ? YELLOW : PLAIN,
		   format_loss(ctl_number(row, "loss_ppm", -1), age));
	cell_number(t, row, "sent");
	cell_number(t, row, "lost");
	table_cell(t, PLAIN, format_duration(good_ms < 0 ? -1 : good_ms / 1000, age));
	table_cell(t, YELLOW,
		   ctl_true(row, "set_aside") ? "set aside: it does not count"
					      : ctl_text(row, "last_error", ""));
}

enum ctl_exit
ctl_targets(const struct ctl *ctl)
{
	static const char *const heads[] = {"LINK",  "TARGET", "METHOD",  ">EVERY",  "STATUS",
					    ">RTT",  ">P95",   ">P99",    ">JITTER", ">LOSS",
					    ">SENT", ">LOST",  ">ANSWER", "NOTE",    NULL};
	static const char *const spare[] = {"P99",  "P95",  "JITTER", "EVERY",
					    "SENT", "LOST", "METHOD", NULL};
	static const struct layout layout = {heads, spare, add_target};
	json_t *result;
	enum ctl_exit status = ask(ctl, &result);

	if (status == CTL_OK && result != NULL)
		print_rows(ctl, result, "targets", "no target is configured", &layout);
	json_decref(result);
	return status;
}

static void
cell_yes(struct table *t, const json_t *row, const char *key)
{
	table_cell(t, PLAIN, ctl_true(row, key) ? "yes" : "no");
}

static void
cell_count(struct table *t, const json_t *row, const char *key)
{
	char text[FORMAT_LEN];

	table_cell(t, PLAIN, format_count(ctl_number(row, key, -1), text));
}

static void
cell_version(struct table *t, const json_t *row)
{
	table_cell(t, PLAIN, ctl_number(row, "version", 4) == 6 ? "IPv6" : "IPv4");
}

static void
add_route(struct table *t, const json_t *row)
{
	const char *health = ctl_text(row, "health", "?");

	table_cell(t, BOLD, ctl_text(row, "link", "?"));
	cell_version(t, row);
	table_cell(t, PLAIN, ctl_text(row, "gateway", "-"));
	table_cell(t, PLAIN, ctl_text(row, "gateway_origin", "-"));
	table_cell(t, PLAIN, ctl_text(row, "source", "-"));
	table_cell(t,
		   strcmp(health, "up") == 0     ? GREEN
		   : strcmp(health, "down") == 0 ? RED
						 : YELLOW,
		   health);
	cell_number(t, row, "weight");
	table_cell(t, ctl_true(row, "wanted") == ctl_true(row, "installed") ? PLAIN : RED,
		   ctl_true(row, "installed") ? "yes" : "no");
	cell_count(t, row, "packets");
	cell_count(t, row, "octets");
	cell_count(t, row, "new_flows");
	cell_number(t, row, "errors");
}

/* Where the system counts how often it has chosen a route. */
static void
add_counted_route(struct table *t, const json_t *row)
{
	add_route(t, row);
	cell_count(t, row, "lookups");
}

static bool
has_lookups(const json_t *routes)
{
	const json_t *row;
	size_t i;

	json_array_foreach(routes, i, row) if (json_object_get(row, "lookups") != NULL) return true;
	return false;
}

enum ctl_exit
ctl_routes(const struct ctl *ctl)
{
	static const char *const heads[] = {
	    "LINK",      "IP",       "GATEWAY", "ORIGIN",     "SOURCE",  "HEALTH",    ">WEIGHT",
	    "INSTALLED", ">PACKETS", ">OCTETS", ">NEW FLOWS", ">ERRORS", ">LOOK-UPS", NULL};
	static const char *const spare[] = {"ORIGIN",  "NEW FLOWS", "SOURCE", "OCTETS",
					    "PACKETS", "WEIGHT",    NULL};
	enum { PLAIN_HEADS = sizeof(heads) / sizeof(heads[0]) - 2 };
	const char *fewer[PLAIN_HEADS + 1] = {NULL};
	json_t *result;
	enum ctl_exit status = ask(ctl, &result);
	bool counted;

	if (status == CTL_OK && result != NULL) {
		counted = has_lookups(json_object_get(result, "routes"));
		memcpy(fewer, heads, PLAIN_HEADS * sizeof(heads[0]));
		print_rows(ctl, result, "routes", "no link carries any IP version",
			   &(struct layout){counted ? heads : fewer, spare,
					    counted ? add_counted_route : add_route});
	}
	json_decref(result);
	return status;
}

static void
add_plan(struct table *t, const json_t *row)
{
	const char *health = ctl_text(row, "health", "");
	bool carries_not = strcmp(health, "down") == 0 || strcmp(health, "unknown") == 0;
	bool differs = ctl_true(row, "wanted") != ctl_true(row, "installed");

	table_cell(t, BOLD, ctl_text(row, "link", "?"));
	cell_version(t, row);
	table_cell(t, PLAIN, ctl_text(row, "gateway", "-"));
	cell_number(t, row, "weight");
	cell_yes(t, row, "wanted");
	table_cell(t, differs ? RED : PLAIN, ctl_true(row, "installed") ? "yes" : "no");
	table_cell(t, PLAIN, ctl_text(row, "oper", "?"));
	/* What the link does is no reason for an IP version that it can't carry. */
	table_cell(t, PLAIN,
		   ctl_reason(ctl_text(row, carries_not ? "reason" : "oper_reason", "none")));
}

enum ctl_exit
ctl_plan(const struct ctl *ctl)
{
	static const char *const heads[] = {"LINK",      "IP",  "GATEWAY", ">WEIGHT", "WANTED",
					    "INSTALLED", "NOW", "WHY",     NULL};
	static const struct layout layout = {heads, NULL, add_plan};
	json_t *result;
	enum ctl_exit status = ask(ctl, &result);

	if (status != CTL_OK || result == NULL)
		return status;
	if (ctl_true(result, "in_step"))
		printf("plan %lld is installed\n\n", ctl_number(result, "plan_serial", 0));
	else
		printf("plan %lld is wanted, plan %lld is installed\n\n",
		       ctl_number(result, "plan_serial", 0),
		       ctl_number(result, "plan_installed", 0));
	print_rows(ctl, result, "routes", "no link carries any IP version", &layout);
	json_decref(result);
	return CTL_OK;
}

/* Every member by its own name: what is new in the daemon shows without a change
 * here. */
static void
add_members(struct table *t, const json_t *object, const char *prefix)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		char name[96], text[FORMAT_LEN];

		if (json_is_array(value))
			continue; /* for programs */
		snprintf(name, sizeof(name), "%s%s", prefix, key);
		if (json_is_object(value)) {
			strncat(name, " ", sizeof(name) - strlen(name) - 1);
			add_members(t, value, name);
			continue;
		}
		snprintf(text, sizeof(text), "%lld", json_integer_value(value));
		table_cell(t, PLAIN, name);
		table_cell(t, PLAIN,
			   json_is_integer(value)  ? text
			   : json_is_string(value) ? json_string_value(value)
			   : json_is_true(value)   ? "yes"
						   : "no");
	}
}

enum ctl_exit
ctl_stats(const struct ctl *ctl)
{
	static const char *const heads[] = {"COUNTER", ">VALUE", NULL};
	struct table *t;
	json_t *result;
	enum ctl_exit status = ask(ctl, &result);

	if (status != CTL_OK || result == NULL)
		return status;
	t = table_new(heads);
	add_members(t, result, "");
	table_print(t, stdout, ctl->colour);
	table_free(t);
	json_decref(result);
	return CTL_OK;
}

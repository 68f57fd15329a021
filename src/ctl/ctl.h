/* SPDX-License-Identifier: ISC */
/* uplinkctl: what its commands share. A command gets its arguments parsed and
 * checked against one table, from which help, completion and the manual's check
 * come, too. */
#ifndef UPLINK_CTL_H
#define UPLINK_CTL_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1, /* refused, or it did not work */
	CTL_USAGE = 2,
	CTL_NOT_RUNNING = 3, /* the daemon does not answer */
};

enum ctl_option {
	CTL_FOR,
	CTL_COMMENT,
	CTL_OWNER,
	CTL_FORCE,
	CTL_LIMIT,
	CTL_FOLLOW,
	CTL_SINCE,
	CTL_TIMEOUT,
	CTL_YES,
	CTL_MINUTES,
	CTL_SVG,
	CTL_INTERVAL,
	CTL_OPTIONS,
};

enum {
	CTL_WORDS_MAX = 2,
	CTL_SCHEMA = 1, /* of the JSON: doc/control-protocol.md */
};

struct ctl {
	const char *socket;
	bool json;     /* print what the daemon says, not a table */
	bool terminal; /* standard output is one */
	bool colour;
	size_t columns; /* of the terminal, or 0 */
	const struct ctl_command *command;
	const char *word[CTL_WORDS_MAX + 1]; /* NULL after the last */
	const char *value[CTL_OPTIONS];      /* NULL: not given; "" for options without value */
};

struct ctl_command {
	const char *name;
	const char *words; /* as in the usage line */
	unsigned min_words, max_words;
	unsigned options; /* bits 1 << enum ctl_option */
	const char *summary;
	enum ctl_exit (*run)(const struct ctl *ctl);
};

extern const struct ctl_command ctl_commands[]; /* the last has no name */

struct ctl_option_spec {
	const char *name;  /* without the dashes */
	const char *value; /* what stands for its value in help, NULL: it has none */
	const char *help;
};

extern const struct ctl_option_spec ctl_options[CTL_OPTIONS];

/* ---- the commands, one file a group ---- */

enum ctl_exit ctl_status(const struct ctl *ctl);
enum ctl_exit ctl_targets(const struct ctl *ctl);
enum ctl_exit ctl_routes(const struct ctl *ctl);
enum ctl_exit ctl_plan(const struct ctl *ctl);
enum ctl_exit ctl_events(const struct ctl *ctl);
enum ctl_exit ctl_record(const struct ctl *ctl);
enum ctl_exit ctl_top(const struct ctl *ctl);
enum ctl_exit ctl_top_json(const struct ctl *ctl, long long interval_s);
enum ctl_exit ctl_explain(const struct ctl *ctl);
enum ctl_exit ctl_history(const struct ctl *ctl);
enum ctl_exit ctl_stats(const struct ctl *ctl);
enum ctl_exit ctl_order(const struct ctl *ctl);
enum ctl_exit ctl_wait(const struct ctl *ctl);
enum ctl_exit ctl_verify(const struct ctl *ctl);
enum ctl_exit ctl_reload(const struct ctl *ctl);
enum ctl_exit ctl_release(const struct ctl *ctl);
/* For completion: one name a line. */
enum ctl_exit ctl_list_links(const struct ctl *ctl);

/* ---- help (options.c) ---- */

/* Reads the command line into *ctl. CTL_OK: go on, unless *done is true. */
enum ctl_exit ctl_parse(int argc, char **argv, struct ctl *ctl, bool *done);

/* ---- messages and values (report.c) ---- */

/* One line on standard error, safe on a terminal. */
void ctl_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Prints what --json asks for. */
void ctl_print_json(const struct ctl *ctl, const json_t *value);
/* A member, or what stands for its absence. */
const char *ctl_text(const json_t *object, const char *key, const char *absent);
long long ctl_number(const json_t *object, const char *key, long long absent);
bool ctl_true(const json_t *object, const char *key);
/* The number of 0 or more that an option was given; false: complained. */
bool ctl_option_number(const struct ctl *ctl, enum ctl_option option, long long *n);
/* What there is to say about an event, beyond its type. */
void ctl_describe_event(const json_t *event, char *text, size_t size);
/* What the daemon's reason means, in words. */
const char *ctl_reason(const char *label);

#endif

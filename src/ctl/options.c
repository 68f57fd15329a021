/* SPDX-License-Identifier: ISC */
/* The table of commands, the command line read by it, and help made from it. */
#include "config.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"

#define BIT(option) (1u << (option))
#define ORDER_OPTIONS (BIT(CTL_FOR) | BIT(CTL_COMMENT) | BIT(CTL_OWNER) | BIT(CTL_FORCE))

const struct ctl_command ctl_commands[] = {
    {"status", "[LINK]", 0, 1, 0, "the links: health, what they do now, and why", ctl_status},
    {"targets", "[LINK]", 0, 1, 0, "the targets: answers, RTT and loss", ctl_targets},
    {"routes", "[LINK]", 0, 1, 0, "the default routes: gateway, source, use", ctl_routes},
    {"plan", "[LINK]", 0, 1, 0, "the forwarding that is wanted against what is installed",
     ctl_plan},
    {"events", "", 0, 0, BIT(CTL_FOLLOW) | BIT(CTL_LIMIT) | BIT(CTL_SINCE),
     "what has happened, the newest last", ctl_events},
    {"record", "[LINK]", 0, 1, 0, "every sample as a line of JSON, for uplinkd --replay",
     ctl_record},
    {"top", "", 0, 0, BIT(CTL_INTERVAL), "links and targets live, on a full screen", ctl_top},
    {"explain", "LINK", 1, 1, 0, "why a link is as it is, in words, and what to do", ctl_explain},
    {"history", "LINK", 1, 1, BIT(CTL_MINUTES) | BIT(CTL_SVG),
     "how a link did, minute by minute, as text or picture", ctl_history},
    {"stats", "", 0, 0, 0, "counters of the daemon itself", ctl_stats},
    {"drain", "LINK", 1, 1, ORDER_OPTIONS, "take a link out of use, its flows run to their end",
     ctl_order},
    {"force-up", "LINK", 1, 1, ORDER_OPTIONS, "use a link whatever its probes say", ctl_order},
    {"force-down", "LINK", 1, 1, ORDER_OPTIONS, "take a link out of use at once", ctl_order},
    {"auto", "LINK", 1, 1, BIT(CTL_FORCE), "end an order: health decides again", ctl_order},
    {"wait", "LINK STATE", 2, 2, BIT(CTL_TIMEOUT),
     "wait until a link is up, degraded, down, active, standby, draining, drained or out",
     ctl_wait},
    {"verify", "LINK [TARGET]", 1, 2, 0, "which way a probe of a link really takes", ctl_verify},
    {"reload", "", 0, 0, 0, "read the configuration again", ctl_reload},
    {"release", "", 0, 0, BIT(CTL_YES),
     "remove all that the daemon made in the kernel, and end the daemon", ctl_release},
    {0},
};

const struct ctl_option_spec ctl_options[CTL_OPTIONS] = {
    [CTL_FOR] = {"for", "TIME", "the order ends after so long: 90s, 15m, 2h, 1d, 1h30m"},
    [CTL_COMMENT] = {"comment", "TEXT", "why, for all to see (at most 64 octets)"},
    [CTL_OWNER] = {"owner", "TEXT", "who ordered it (default: your login name)"},
    [CTL_FORCE] = {"force", NULL, "even if no other link can carry the traffic"},
    [CTL_LIMIT] = {"limit", "N", "at most the newest N (default 20)"},
    [CTL_FOLLOW] = {"follow", NULL, "go on, printing each event as it happens"},
    [CTL_SINCE] = {"since", "N", "those after event number N"},
    [CTL_TIMEOUT] = {"timeout", "TIME", "give up after so long: 90s, 15m (default: never)"},
    [CTL_YES] = {"yes", NULL, "do not ask"},
    [CTL_MINUTES] = {"minutes", "N", "so far back, at most 1440 (default 60)"},
    [CTL_INTERVAL] = {"interval", "S", "look again every so many seconds (default 1)"},
    [CTL_SVG] = {"svg", NULL, "write a picture in SVG to standard output"},
};

enum { OPT_SOCKET = 's', OPT_HELP = 'h', OPT_VERSION = 'V', OPT_JSON = 'j', OPT_FIRST = 256 };
enum { OPT_LIST_COMMANDS = OPT_FIRST + CTL_OPTIONS, OPT_LIST_LINKS };

static void
print_usage(FILE *out)
{
	fprintf(out, "usage: uplinkctl [-s SOCKET] [--json] COMMAND [ARGUMENT ...]\n\n");
	for (const struct ctl_command *c = ctl_commands; c->name != NULL; c++)
		fprintf(out, "  %-10s %-14s %s\n", c->name, c->words, c->summary);
	fprintf(out, "\n"
		     "  -s, --socket SOCKET  the daemon's control socket\n"
		     "                       (default " UPLINK_RUNDIR "/control.sock)\n"
		     "  -j, --json           print what the daemon says as JSON\n"
		     "  -V, --version        print the version\n"
		     "  -h, --help           print this, or with a command its own help\n\n"
		     "exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 uplinkd is not "
		     "running\n");
}

static void
print_command_help(const struct ctl_command *c, FILE *out)
{
	fprintf(out, "usage: uplinkctl %s%s%s%s\n%s\n", c->name, c->words[0] ? " " : "", c->words,
		c->options ? " [OPTION ...]" : "", c->summary);
	if (c->options)
		fputc('\n', out);
	for (int i = 0; i < CTL_OPTIONS; i++) {
		const struct ctl_option_spec *o = &ctl_options[i];
		char left[32];

		if (!(c->options & BIT(i)))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->value ? " " : "",
			 o->value ? o->value : "");
		fprintf(out, "  %-16s %s\n", left, o->help);
	}
}

/* A line for each command: its name and options. Completion and tests read it. */
static void
list_commands(void)
{
	for (const struct ctl_command *c = ctl_commands; c->name != NULL; c++) {
		fputs(c->name, stdout);
		for (int i = 0; i < CTL_OPTIONS; i++)
			if (c->options & BIT(i))
				printf(" --%s", ctl_options[i].name);
		fputc('\n', stdout);
	}
}

static const struct ctl_command *
find_command(const char *name)
{
	for (const struct ctl_command *c = ctl_commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	ctl_complain("there is no command \"%s\": uplinkctl --help names them", name);
	return NULL;
}

/* The long options that hold everywhere, then those of the command. */
static void
fill_long_options(const struct ctl_command *c, struct option *options)
{
	static const struct option common[] = {{"socket", required_argument, NULL, OPT_SOCKET},
					       {"json", no_argument, NULL, OPT_JSON},
					       {"help", no_argument, NULL, OPT_HELP},
					       {"version", no_argument, NULL, OPT_VERSION}};
	static const struct option first[] = {
	    {"list-commands", no_argument, NULL, OPT_LIST_COMMANDS},
	    {"list-links", no_argument, NULL, OPT_LIST_LINKS}};
	size_t n = sizeof(common) / sizeof(common[0]);

	memcpy(options, common, sizeof(common));
	if (c == NULL) {
		memcpy(options + n, first, sizeof(first));
		n += sizeof(first) / sizeof(first[0]);
	}
	for (int i = 0; c != NULL && i < CTL_OPTIONS; i++)
		if (c->options & BIT(i))
			options[n++] = (struct option){
			    .name = ctl_options[i].name,
			    .has_arg = ctl_options[i].value ? required_argument : no_argument,
			    .val = OPT_FIRST + i};
	options[n] = (struct option){0};
}

static enum ctl_exit
take_option(int option, struct ctl *ctl, bool *done)
{
	if (option >= OPT_FIRST && option < OPT_FIRST + CTL_OPTIONS) {
		ctl->value[option - OPT_FIRST] = optarg ? optarg : "";
		return CTL_OK;
	}
	switch (option) {
	case OPT_SOCKET:
		ctl->socket = optarg;
		return CTL_OK;
	case OPT_JSON:
		ctl->json = true;
		return CTL_OK;
	case OPT_HELP:
		if (ctl->command != NULL)
			print_command_help(ctl->command, stdout);
		else
			print_usage(stdout);
		break;
	case OPT_VERSION:
		puts("uplinkctl " PACKAGE_VERSION);
		break;
	case OPT_LIST_COMMANDS:
		list_commands();
		break;
	case OPT_LIST_LINKS:
		*done = true;
		return ctl_list_links(ctl);
	default: /* getopt_long has said it */
		fprintf(stderr, "uplinkctl%s%s --help tells more\n", ctl->command ? " " : "",
			ctl->command ? ctl->command->name : "");
		return CTL_USAGE;
	}
	*done = true;
	return CTL_OK;
}

static enum ctl_exit
take_options(int argc, char **argv, struct ctl *ctl, bool *done)
{
	struct option options[8 + CTL_OPTIONS];
	enum ctl_exit status = CTL_OK;
	int option;

	fill_long_options(ctl->command, options);
	/* Before the command: up to the first word. After it: in any order. */
	optind = 0;
	while (status == CTL_OK && !*done &&
	       (option = getopt_long(argc, argv, ctl->command ? "s:jhV" : "+s:jhV", options,
				     NULL)) != -1)
		status = take_option(option, ctl, done);
	return status;
}

static enum ctl_exit
take_words(int argc, char **argv, struct ctl *ctl)
{
	const struct ctl_command *c = ctl->command;
	unsigned words = (unsigned)(argc - optind);

	if (words < c->min_words || words > c->max_words) {
		ctl_complain("usage: uplinkctl %s%s%s", c->name, c->words[0] ? " " : "", c->words);
		return CTL_USAGE;
	}
	for (unsigned i = 0; i < words; i++)
		ctl->word[i] = argv[optind + (int)i];
	return CTL_OK;
}

/* help, help COMMAND: what people type who do not know better yet. */
static enum ctl_exit
help(const char *name)
{
	const struct ctl_command *c = name != NULL ? find_command(name) : NULL;

	if (name != NULL && c == NULL)
		return CTL_USAGE;
	if (c != NULL)
		print_command_help(c, stdout);
	else
		print_usage(stdout);
	return CTL_OK;
}

enum ctl_exit
ctl_parse(int argc, char **argv, struct ctl *ctl, bool *done)
{
	enum ctl_exit status;

	*done = false;
	ctl->socket = UPLINK_RUNDIR "/control.sock";
	status = take_options(argc, argv, ctl, done);
	if (status != CTL_OK || *done)
		return status;
	if (optind >= argc) {
		print_usage(stderr);
		return CTL_USAGE;
	}
	*done = strcmp(argv[optind], "help") == 0;
	if (*done)
		return help(argv[optind + 1]);
	ctl->command = find_command(argv[optind]);
	if (ctl->command == NULL)
		return CTL_USAGE;
	argc -= optind;
	argv += optind;
	status = take_options(argc, argv, ctl, done);
	if (status != CTL_OK || *done)
		return status;
	return take_words(argc, argv, ctl);
}

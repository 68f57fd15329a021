/* SPDX-License-Identifier: ISC */
/* The command line of uplinkd. Paths become absolute, because the daemon leaves
 * the folder that it was started in. */
#include "config.h"

#include "parent/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_ROLE = 256, OPTION_REALTIME, OPTION_REPLAY, OPTION_SUGGEST };

static const char usage[] =
    "usage: uplinkd [-dnvV] [-f FILE] [-p PROBER_BINARY] [-r RUNDIR] [-S STATEDIR]\n"
    "               [-s SNMP_BINARY]\n"
    "       uplinkd [-f FILE] --replay RECORDING\n"
    "       uplinkd --suggest\n";

static const char help[] =
    "  -d              stay in the foreground and log to standard error\n"
    "  -n              check the configuration, name every mistake, and leave\n"
    "  -v              say more; with -n: print the configuration with its defaults\n"
    "  -f FILE         the configuration (" UPLINK_SYSCONFDIR "/uplinkd.conf)\n"
    "  -p PROBER_BINARY  the process for http and https\n"
    "                  (" UPLINK_LIBEXECDIR "/uplinkd-prober)\n"
    "  -r RUNDIR       board, control socket and pid file (" UPLINK_RUNDIR ")\n"
    "  -S STATEDIR     what outlives a reboot (" UPLINK_STATEDIR ")\n"
    "  -s SNMP_BINARY  the SNMP process (" UPLINK_LIBEXECDIR "/uplinkd-snmp)\n"
    "  --replay FILE   print what the configuration makes of recorded samples, and leave\n"
    "  --suggest       print a configuration to start from, made of what this machine has\n"
    "  -V, --version   print the version and leave\n"
    "  -h, --help      print this and leave\n";

static const struct option long_options[] = {{"help", no_argument, NULL, 'h'},
					     {"version", no_argument, NULL, 'V'},
					     {"role", required_argument, NULL, OPTION_ROLE},
					     {"replay", required_argument, NULL, OPTION_REPLAY},
					     {"suggest", no_argument, NULL, OPTION_SUGGEST},
					     {"realtime", no_argument, NULL, OPTION_REALTIME},
					     {NULL, 0, NULL, 0}};

static char *
absolute(const char *path)
{
	char *cwd, *whole = NULL;

	if (path[0] == '/') /* of getopt, not NULL: NOLINT(clang-analyzer-core.NullDereference) */
		return strdup(path);
	cwd = getcwd(NULL, 0);
	if (cwd != NULL && asprintf(&whole, "%s/%s", cwd, path) < 0)
		whole = NULL;
	free(cwd);
	return whole;
}

static int
parse_role(const char *name, enum role *role)
{
	if (strcmp(name, "engine") == 0)
		*role = ROLE_ENGINE;
	else if (strcmp(name, "worker") == 0)
		*role = ROLE_WORKER;
	else if (strcmp(name, "hooks") == 0)
		*role = ROLE_HOOKS;
	else if (strcmp(name, "runner") == 0)
		*role = ROLE_RUNNER;
	else
		return -1;
	return 0;
}

struct paths {
	const char *file, *rundir, *statedir, *snmp_binary, *prober_binary, *replay;
};

static enum options_verdict
parse_one(int c, struct options *o, struct paths *paths)
{
	switch (c) {
	case 'd':
		o->foreground = true;
		return OPTIONS_RUN;
	case 'n':
		o->check = true;
		return OPTIONS_RUN;
	case 'v':
		o->verbose++;
		return OPTIONS_RUN;
	case 'f':
		paths->file = optarg;
		return OPTIONS_RUN;
	case 'p':
		paths->prober_binary = optarg;
		return OPTIONS_RUN;
	case 'r':
		paths->rundir = optarg;
		return OPTIONS_RUN;
	case 'S':
		paths->statedir = optarg;
		return OPTIONS_RUN;
	case 's':
		paths->snmp_binary = optarg;
		return OPTIONS_RUN;
	case OPTION_SUGGEST:
		o->suggest = true;
		return OPTIONS_RUN;
	case OPTION_REALTIME:
		o->realtime = true;
		return OPTIONS_RUN;
	case OPTION_REPLAY:
		paths->replay = optarg;
		return OPTIONS_RUN;
	case OPTION_ROLE:
		return parse_role(optarg, &o->role) == 0 ? OPTIONS_RUN : OPTIONS_WRONG;
	case 'V':
		printf("uplinkd %s\n", PACKAGE_VERSION);
		return OPTIONS_DONE;
	case 'h':
		printf("%s%s", usage, help);
		return OPTIONS_DONE;
	default:
		return OPTIONS_WRONG;
	}
}

enum options_verdict
options_parse(int argc, char **argv, struct options *o)
{
	struct paths paths = {UPLINK_SYSCONFDIR "/uplinkd.conf",
			      UPLINK_RUNDIR,
			      UPLINK_STATEDIR,
			      UPLINK_LIBEXECDIR "/uplinkd-snmp",
			      UPLINK_LIBEXECDIR "/uplinkd-prober",
			      NULL};
	enum options_verdict verdict = OPTIONS_RUN;
	int c;

	memset(o, 0, sizeof(*o));
	while (verdict == OPTIONS_RUN &&
	       (c = getopt_long(argc, argv, "dnvVf:p:r:S:s:h", long_options, NULL)) != -1)
		verdict = parse_one(c, o, &paths);
	if (verdict == OPTIONS_RUN && optind < argc) {
		fprintf(stderr, "uplinkd: what is '%s'? No argument stands without an option\n",
			argv[optind]);
		verdict = OPTIONS_WRONG;
	}
	if (verdict == OPTIONS_WRONG)
		fprintf(stderr, "%s", usage);
	if (verdict != OPTIONS_RUN)
		return verdict;
	o->replay = paths.replay ? strdup(paths.replay) : NULL;
	o->file = absolute(paths.file);
	o->rundir = absolute(paths.rundir);
	o->statedir = absolute(paths.statedir);
	o->snmp_binary = absolute(paths.snmp_binary);
	o->prober_binary = absolute(paths.prober_binary);
	if ((paths.replay != NULL && o->replay == NULL) || o->file == NULL || o->rundir == NULL ||
	    o->statedir == NULL || o->snmp_binary == NULL || o->prober_binary == NULL) {
		fprintf(stderr, "uplinkd: the current folder has no name\n");
		options_free(o);
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}

void
options_free(struct options *o)
{
	free(o->replay);
	free(o->file);
	free(o->rundir);
	free(o->statedir);
	free(o->snmp_binary);
	free(o->prober_binary);
}

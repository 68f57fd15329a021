/* SPDX-License-Identifier: ISC */
/* The command line of uplinkd, for a person and for the parent that starts its
 * children from the same binary. Nothing is opened or changed here. */
#ifndef UPLINK_OPTIONS_H
#define UPLINK_OPTIONS_H

#include <stdbool.h>

enum role { ROLE_PARENT, ROLE_ENGINE, ROLE_WORKER, ROLE_HOOKS, ROLE_RUNNER };

struct options {
	enum role role;
	bool foreground; /* -d, or started by a supervisor that is told when it is ready */
	bool check;      /* -n */
	bool suggest;    /* --suggest */
	int verbose;     /* -v */
	bool realtime;   /* of a child: asked for by the parent */
	char *replay;    /* --replay: a recording, "-" for standard input; or NULL */
	char *file;      /* all five absolute */
	char *rundir;
	char *statedir;
	char *snmp_binary;
	char *prober_binary;
};

enum options_verdict { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/* DONE: help or version was printed; WRONG: the mistake was named on stderr. */
enum options_verdict options_parse(int argc, char **argv, struct options *options);
void options_free(struct options *options);

#endif

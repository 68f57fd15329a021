/* SPDX-License-Identifier: ISC */
/* What a test build runs for pfctl(8): an anchor is a file beside it, with its slash as a dash.
 * Other files beside it are what it shows: LABELS for "-s labels", INTERFACES for "-s Interfaces",
 * MAIN for "-s rules" of no anchor. A file REFUSE makes it refuse. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[4096];

static FILE *
open_beside(const char *name, const char *mode)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return fopen(path, mode);
}

static int
copy(FILE *from, FILE *to)
{
	char buf[4096];
	size_t n;

	if (from == NULL || to == NULL)
		return from == NULL && errno == ENOENT ? 0 : 1;
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		fwrite(buf, 1, n, to);
	return fflush(to) == 0 && !ferror(to) ? 0 : 1;
}

/* As a whole: a reader sees the old rules or the new ones. */
static int
load(const char *anchor)
{
	char from[8192], to[8192];
	FILE *out = open_beside("new", "w");
	int rc = copy(stdin, out);

	if (out != NULL)
		fclose(out);
	snprintf(from, sizeof(from), "%s/new", folder);
	snprintf(to, sizeof(to), "%s/%s", folder, anchor);
	return rc != 0 ? rc : rename(from, to) != 0;
}

/* The file of what is asked for. */
static const char *
shown(const char *what, const char *anchor)
{
	if (strcmp(what, "labels") == 0)
		return "LABELS";
	return strcmp(what, "Interfaces") == 0 ? "INTERFACES" : anchor;
}

int
main(int argc, char **argv)
{
	char anchor[256] = "MAIN";
	FILE *refuse;
	int option, rc = 2;

	snprintf(folder, sizeof(folder), "%s", argv[0]);
	if (strrchr(folder, '/') == NULL)
		return 2;
	*strrchr(folder, '/') = '\0';
	refuse = open_beside("REFUSE", "r");
	if (refuse != NULL) {
		fprintf(stderr, "stdin:1: syntax error\n");
		return 1;
	}
	while ((option = getopt(argc, argv, "qva:f:s:F:")) != -1) {
		switch (option) {
		case 'a':
			snprintf(anchor, sizeof(anchor), "%s", optarg);
			if (strchr(anchor, '/') != NULL)
				*strchr(anchor, '/') = '-';
			break;
		case 'f':
			rc = load(anchor);
			break;
		case 's':
			rc = copy(open_beside(shown(optarg, anchor), "r"), stdout);
			break;
		case 'F':
			rc = 0;
			fclose(open_beside(anchor, "w"));
			break;
		case 'q':
		case 'v':
			break;
		default:
			return 2;
		}
	}
	return rc;
}

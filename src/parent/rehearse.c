/* SPDX-License-Identifier: ISC */
/* Opens the two files and hands them over. Needs no privilege; the map of indexes
 * is not looked at, because only names count in a recording. */
#include "config.h"

#include "parent/rehearse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/replay.h"
#include "parent/configfile.h"

static void
say(bool error, const char *line)
{
	(void)error;
	fprintf(stderr, "%s\n", line);
}

static int
give_indexes(const struct options *options, struct conf *conf)
{
	static struct conf_index_map map;
	char reason[256];

	if (conf_assign_indexes(conf, &map, reason, sizeof(reason)) == 0)
		return 0;
	fprintf(stderr, "%s: %s\n", options->file, reason);
	return -1;
}

static int
replay_file(const char *path, const struct conf *conf)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	int result;

	if (in == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	result = replay(in, path, conf, stdout, stderr);
	if (ferror(in)) {
		fprintf(stderr, "%s: it can't be read to its end: %s\n", path, strerror(errno));
		result = -1;
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		result = -1;
	if (in != stdin)
		fclose(in);
	return result;
}

int
rehearse_main(const struct options *options)
{
	struct configfile file;
	int status = 1;

	if (configfile_read(options->file, &file, say) == 0 &&
	    give_indexes(options, file.conf) == 0 && replay_file(options->replay, file.conf) == 0)
		status = 0;
	configfile_free(&file);
	return status;
}

/* SPDX-License-Identifier: ISC */
/* The configuration file as the parent reads it: text, struct, and what is wrong
 * with it. */
#ifndef UPLINK_CONFIGFILE_H
#define UPLINK_CONFIGFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

struct configfile {
	struct conf *conf; /* NULL: there was a mistake */
	char *text;
	size_t len;
	unsigned mistakes;
	char first[TEXT_LEN * 4]; /* the first mistake */
};

/* Says each mistake as a whole line, without a newline. */
typedef void configfile_say(bool error, const char *line);

/* 0, or -1 where the file can't be taken; to be freed in both cases. */
int configfile_read(const char *path, struct configfile *file, configfile_say *say);
/* One more mistake, that is not of one line. */
void configfile_refuse(struct configfile *file, const char *path, const char *reason,
		       configfile_say *say);
void configfile_free(struct configfile *file);

/* The text and, behind it, one line for each link: index "NAME" N. A sealed
 * descriptor, or -1 with errno. */
int configfile_pinned(const char *text, size_t len, const struct conf *conf);

#endif

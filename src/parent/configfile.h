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
	char *secrets; /* of its SNMP agent, or NULL: they are checked already */
	size_t secrets_len;
	unsigned mistakes;
	char first[TEXT_LEN * 4]; /* the first mistake */
};

/* Says each mistake as a whole line, without a newline. */
typedef void configfile_say(bool error, const char *line);

/* 0, or -1 where the file can't be taken; to be freed in both cases. */
int configfile_read(const char *path, struct configfile *file, configfile_say *say);
/* Reads the secrets that the configuration asks for, if it does. 0, or -1 where they
 * can't be taken; hopeful: a caller who may not read them is only warned. */
int configfile_secrets(const char *path, struct configfile *file, bool hopeful,
		       configfile_say *say);
/* One more mistake, that is not of one line. */
void configfile_refuse(struct configfile *file, const char *path, const char *reason,
		       configfile_say *say);
void configfile_free(struct configfile *file);

/* The text and, behind it, one line for each link: index "NAME" N. A sealed
 * descriptor, or -1 with errno. */
int configfile_pinned(const char *text, size_t len, const struct conf *conf);

#endif

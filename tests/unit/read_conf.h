/* SPDX-License-Identifier: ISC */
/* Reads a configuration for the tests and keeps all that was said about it. */
#ifndef TEST_READ_CONF_H
#define TEST_READ_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

struct said {
	bool error;
	int line;
	char message[640];
};

struct reading {
	struct conf *conf; /* NULL where there was a mistake */
	unsigned mistakes, warnings;
	struct said said[256]; /* the first of them */
	size_t nsaid;
};

/* Reads text, of len octets. Free with forget_conf. */
void read_conf_octets(struct reading *r, const char *text, size_t len);
void read_conf(struct reading *r, const char *text);
void forget_conf(struct reading *r);

/* The configuration of a text that must be right; frees with conf_free. */
struct conf *must_read(const char *text);

/* Prints all that was said, for a failing test. */
void show_said(const struct reading *r);

/* Same in everything but the lines. */
bool same_conf(const struct conf *a, const struct conf *b);

/* A whole file, NUL-terminated, to be freed; fails the test where there is none. */
char *must_load(const char *path);

#endif

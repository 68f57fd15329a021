/* SPDX-License-Identifier: ISC */
/* Reads a configuration for the tests and keeps all that was said about it. */
#ifndef TEST_READ_CONF_H
#define TEST_READ_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* Two links without fault, on one line each, for what is not about links. */
#define LINK_A \
	"link a { interface wan1; gateway 192.0.2.1; target 203.0.113.1; target 203.0.113.2 }\n"
#define LINK_B \
	"link b { interface wan2; gateway 192.0.2.9; target 203.0.113.1; target 203.0.113.2 }\n"
#define AB LINK_A LINK_B

/* A third one with more to it, which begins in line 4. */
#define LINK_WITH(statements) "link c {\ninterface wan3\ngateway 192.0.2.33\n" statements "\n}\n" AB

/* The longest label of a domain name (RFC 1035), and one octet more. */
#define LABEL_63 "a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g23"
#define LABEL_64 LABEL_63 "4"

/* A text with one mistake (or one warning): its line, and a part of what is said. */
struct mistake {
	const char *text;
	int line;
	const char *message; /* NULL: nothing is said */
};

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

/* Each of the texts is refused for its mistake, on its line, and for nothing else. */
void expect_mistakes(const struct mistake *mistakes, size_t n);
/* Each is taken, with its warning and no other. */
void expect_warnings(const struct mistake *warnings, size_t n);

/* Prints all that was said, for a failing test. */
void show_said(const struct reading *r);

/* Same in everything but the lines. */
bool same_conf(const struct conf *a, const struct conf *b);

/* A whole file, NUL-terminated, to be freed; fails the test where there is none. */
char *must_load(const char *path);

#endif

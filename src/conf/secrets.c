/* SPDX-License-Identifier: ISC */
/* The file of secrets: see secrets.h. It has too few words for a grammar. */
#include "conf/secrets.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *at, *end; /* of the line */
	const char *name;
	int line;
	unsigned mistakes;
	conf_complain *complain;
	void *arg;
};

__attribute__((format(printf, 3, 4))) static void
tell(struct reader *r, bool error, const char *fmt, ...)
{
	char message[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	r->mistakes += error;
	r->complain(r->arg, error, r->name, r->line, message);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
at_end(struct reader *r)
{
	while (r->at < r->end && is_blank(*r->at))
		r->at++;
	return r->at == r->end || *r->at == '#';
}

/* A text in quotes, with \" and \\, or a word. 1, or -1 where a mistake was told. */
static int
read_text(struct reader *r, const char *what, char *dst, size_t size)
{
	size_t n = 0;
	bool quoted;

	if (at_end(r)) {
		tell(r, true, "%s is missing", what);
		return -1;
	}
	quoted = *r->at == '"';
	r->at += quoted;
	while (r->at < r->end && (quoted ? *r->at != '"' : !is_blank(*r->at))) {
		if (quoted && *r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		if ((unsigned char)*r->at < ' ' || *r->at == 0x7f) {
			tell(r, true, "%s has a control character: remove it", what);
			return -1;
		}
		if (n + 1 == size) {
			tell(r, true, "%s is longer than %zu octets: shorten it", what, size - 1);
			return -1;
		}
		dst[n++] = *r->at++;
	}
	dst[n] = '\0';
	if (quoted && r->at == r->end) {
		tell(r, true, "%s is not closed on this line: add a \"", what);
		return -1;
	}
	r->at += quoted;
	return 1;
}

/* 1: that word stands next, and was taken. */
static bool
take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if (at_end(r) || (size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0 ||
	    (r->at + n < r->end && !is_blank(r->at[n]) && r->at[n] != '"'))
		return false;
	r->at += n;
	return true;
}

static bool
long_enough(struct reader *r, const char *what, const char *text)
{
	if (strlen(text) >= AGENT_PASSPHRASE_MIN)
		return true;
	tell(r, true, "%s has less than %d characters: use a longer one", what,
	     AGENT_PASSPHRASE_MIN);
	return false;
}

static bool
read_user(struct reader *r, struct conf_secret *s)
{
	if (read_text(r, "the user's name", s->name, sizeof s->name) < 0)
		return false;
	if (!take_word(r, "auth")) {
		tell(r, true, "here must stand auth and a passphrase in quotes");
		return false;
	}
	if (read_text(r, "the passphrase of auth", s->auth, sizeof s->auth) < 0 ||
	    !long_enough(r, "the passphrase of auth", s->auth))
		return false;
	if (!take_word(r, "priv"))
		return true;
	return read_text(r, "the passphrase of priv", s->priv, sizeof s->priv) > 0 &&
	       long_enough(r, "the passphrase of priv", s->priv);
}

static bool
read_community(struct reader *r, struct conf_secret *s)
{
	s->community = true;
	if (read_text(r, "the community's name", s->name, sizeof s->name) < 0 ||
	    read_text(r, "the community itself, in quotes,", s->auth, sizeof s->auth) < 0)
		return false;
	if (s->auth[0] == '\0')
		tell(r, true, "the community is empty");
	return s->auth[0] != '\0';
}

static void
read_line(struct reader *r, struct conf_secrets *all)
{
	struct conf_secret s = {.line = r->line};
	bool good = false;

	if (at_end(r))
		return;
	if (take_word(r, "user"))
		good = read_user(r, &s);
	else if (take_word(r, "community"))
		good = read_community(r, &s);
	else
		tell(r, true, "a line begins with user or community");
	if (good && !at_end(r))
		tell(r, true,
		     "something stands behind the end of the statement: put texts with "
		     "blanks in quotes");
	else if (good && conf_secret(all, s.community, s.name) != NULL)
		tell(r, true, "this name stands in line %d already: remove one",
		     conf_secret(all, s.community, s.name)->line);
	else if (good && all->n == sizeof all->list / sizeof *all->list)
		tell(r, true, "more than %zu lines: remove some",
		     sizeof all->list / sizeof *all->list);
	else if (good)
		all->list[all->n++] = s;
	explicit_bzero(&s, sizeof s);
}

struct conf_secrets *
conf_secrets_parse(const char *text, size_t len, const char *name, conf_complain *complain,
		   void *arg)
{
	struct reader r = {.name = name, .complain = complain, .arg = arg};
	struct conf_secrets *all = calloc(1, sizeof *all);
	const char *end = text + len;

	if (all == NULL) {
		r.line = 1;
		tell(&r, true, "not enough memory to read it");
		return NULL;
	}
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		r.line++;
		r.at = text;
		r.end = newline != NULL ? newline : end;
		read_line(&r, all);
		text = newline != NULL ? newline + 1 : end;
	}
	if (r.mistakes == 0)
		return all;
	conf_secrets_free(all);
	return NULL;
}

void
conf_secrets_free(struct conf_secrets *s)
{
	if (s == NULL)
		return;
	explicit_bzero(s, sizeof *s);
	free(s);
}

const struct conf_secret *
conf_secret(const struct conf_secrets *s, bool community, const char *name)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->list[i].community == community && strcmp(s->list[i].name, name) == 0)
			return &s->list[i];
	return NULL;
}

static void
check_user(struct reader *r, const struct conf_secrets *s, const struct conf_user *u,
	   const char *secrets_name)
{
	const struct conf_secret *own = conf_secret(s, false, u->name);

	r->line = u->line;
	if (own == NULL)
		tell(r, true, "user \"%s\" has no line in %s: add user \"%s\" auth \"...\"%s",
		     u->name, secrets_name, u->name,
		     u->priv != CONF_PRIV_NONE ? " priv \"...\"" : "");
	else if (u->priv != CONF_PRIV_NONE && own->priv[0] == '\0')
		tell(r, true, "user \"%s\" has priv %s, but no passphrase for it in %s, line %d",
		     u->name, conf_priv_name(u->priv), secrets_name, own->line);
}

static void
check_community(struct reader *r, const struct conf_secrets *s, const struct conf_community *c,
		const char *secrets_name)
{
	r->line = c->line;
	if (conf_secret(s, true, c->name) == NULL)
		tell(r, true, "community \"%s\" has no line in %s: add community \"%s\" \"...\"",
		     c->name, secrets_name, c->name);
}

int
conf_secrets_check(const struct conf_secrets *s, const struct conf_agent *a, const char *file,
		   const char *secrets_name, conf_complain *complain, void *arg)
{
	struct reader r = {.name = file, .complain = complain, .arg = arg};

	for (unsigned i = 0; i < a->nusers; i++)
		check_user(&r, s, &a->users[i], secrets_name);
	for (unsigned i = 0; i < a->ncommunities; i++)
		check_community(&r, s, &a->communities[i], secrets_name);
	r.name = secrets_name;
	for (unsigned i = 0; i < s->n; i++) {
		const struct conf_secret *own = &s->list[i];

		r.line = own->line;
		if (own->community ? conf_community(a, own->name) == NULL
				   : conf_user(a, own->name) == NULL)
			tell(&r, false, "%s \"%s\" is of nobody in %s",
			     own->community ? "community" : "user", own->name, file);
	}
	return r.mistakes == 0 ? 0 : -1;
}

/* SPDX-License-Identifier: ISC */
/* What all that reads statements has in common: how a mistake is told, where a value goes
 * to, and that it is set once. */
#include "conf/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const draft_family_names[FAMILIES] = {"IPv4", "IPv6"};

static void
tell(struct draft *d, bool error, int line, const char *fmt, va_list args)
{
	char message[640];

	vsnprintf(message, sizeof message, fmt, args);
	d->complain(d->arg, error, d->file, line, message);
}

void
draft_error(struct draft *d, int line, const char *fmt, ...)
{
	va_list args;

	d->mistakes++;
	if (d->link != NULL)
		d->link->broken = true;
	else
		d->broken = true;
	if (d->mistakes < MISTAKES_MAX) {
		va_start(args, fmt);
		tell(d, true, line, fmt, args);
		va_end(args);
	} else if (d->mistakes == MISTAKES_MAX) {
		d->complain(d->arg, true, d->file, line,
			    "too many mistakes: the others are not shown");
	}
}

void
draft_warn(struct draft *d, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(d, false, line, fmt, args);
	va_end(args);
}

void
draft_no_memory(struct draft *d)
{
	draft_error(d, d->line, "not enough memory to read on");
}

const char *
draft_quote(const struct token *t, char buf[static QUOTE_LEN])
{
	enum { SHOWN = QUOTE_LEN - 8 }; /* leaves room for quotes, dots and the last escape */
	size_t used = 0;

	buf[used++] = '"';
	for (size_t i = 0; i < t->len; i++) {
		unsigned char c = (unsigned char)t->text[i];
		if (used >= SHOWN - 4) {
			used += (size_t)snprintf(buf + used, QUOTE_LEN - used, "...");
			break;
		}
		if (c >= ' ' && c < 0x7f)
			buf[used++] = (char)c;
		else
			used += (size_t)snprintf(buf + used, QUOTE_LEN - used, "\\x%02x", c);
	}
	buf[used++] = '"';
	buf[used] = '\0';
	return buf;
}

struct value *
draft_scope(struct draft *d)
{
	return d->target != NULL ? d->target->set : d->link != NULL ? d->link->set : d->set;
}

bool
draft_once(struct draft *d, enum setting setting, const char *name, int line)
{
	struct value *v = &draft_scope(d)[setting];

	if (v->line != 0) {
		draft_error(d, line, "%s is set twice: remove one (the first is in line %d)", name,
			    v->line);
		return false;
	}
	v->line = line;
	return true;
}

void
draft_flag(struct draft *d, enum setting setting, const char *name, int line, bool value)
{
	if (draft_once(d, setting, name, line))
		draft_scope(d)[setting].value = value;
}

void *
draft_grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	size_t more = *room == 0 ? 4 : *room * 2;
	void *p = realloc(array, more * size);
	if (p != NULL)
		*room = more;
	return p;
}

bool
draft_carries(const struct link_draft *l, int family)
{
	return l->link.route[family].gateway_kind != CONF_GATEWAY_NONE;
}

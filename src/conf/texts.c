/* SPDX-License-Identifier: ISC */
/* Settings that are texts: names and paths. Each is bounded and clean before it
 * goes anywhere, and written so that it reads back as the same. */
#include "conf/draft.h"

#include <stdio.h>
#include <string.h>

#include "common/order.h"

/* What stands for \" and \\ in a text in quotes. */
static int
unescape(struct draft *d, const struct token *t, const char *what, char *dst, size_t size,
	 size_t *len)
{
	*len = 0;
	for (size_t i = 0; i < t->len; i++) {
		if (t->quoted && t->text[i] == '\\') {
			i++;
			if (i >= t->len || (t->text[i] != '"' && t->text[i] != '\\')) {
				draft_error(d, t->line,
					    "%s has a \\ that stands for nothing: write \\\\ for "
					    "one, \\\" for a quote",
					    what);
				return -1;
			}
		}
		if (*len + 1 >= size) {
			draft_error(d, t->line, "%s is longer than %zu octets: shorten it", what,
				    size - 1);
			return -1;
		}
		dst[(*len)++] = t->text[i];
	}
	dst[*len] = '\0';
	return 0;
}

/* Into dst, which is left empty when the text may not be taken. */
int
draft_read_text(struct draft *d, const struct token *t, const char *what, char *dst, size_t size)
{
	size_t len;

	if (unescape(d, t, what, dst, size, &len) == 0) {
		if (text_clean(dst, len))
			return 0;
		draft_error(d, t->line,
			    "%s has a control character or is not UTF-8: remove what is not text",
			    what);
	}
	dst[0] = '\0';
	return -1;
}

void
draft_site(struct draft *d, const struct token *t)
{
	if (draft_once(d, SET_SITE, "site", t->line))
		draft_read_text(d, t, "site", d->conf->site, sizeof d->conf->site);
}

void
draft_group(struct draft *d, const struct token *t)
{
	if (draft_once(d, SET_GROUP, "group", t->line) &&
	    draft_read_text(d, t, "group", d->conf->group, sizeof d->conf->group) == 0 &&
	    d->conf->group[0] == '\0')
		draft_error(d, t->line, "group is empty: name a group of the system");
}

void
draft_alias(struct draft *d, const struct token *t)
{
	if (draft_once(d, SET_ALIAS, "alias", t->line))
		draft_read_text(d, t, "alias", d->link->link.alias, sizeof d->link->link.alias);
}

/* Plain characters only, which mean the same to everybody who sees it. */
int
draft_read_path(struct draft *d, const struct token *t, const char *what, char *dst, size_t size)
{
	size_t len;

	if (unescape(d, t, what, dst, size, &len) != 0) {
		dst[0] = '\0';
		return -1;
	}
	for (size_t i = 0; i < len; i++)
		if (dst[i] <= ' ' || dst[i] > '~' || dst[i] == ',') {
			draft_error(
			    d, t->line,
			    "%s: the path may have letters, digits and signs of ASCII only, "
			    "without blanks and commas",
			    what);
			dst[0] = '\0';
			return -1;
		}
	return 0;
}

void
draft_agentx(struct draft *d, const struct token *t)
{
	struct conf_snmp *snmp = &d->conf->snmp;

	if (!draft_once(d, SET_AGENTX, "agentx", t->line) ||
	    draft_read_path(d, t, "agentx", snmp->agentx, sizeof snmp->agentx) != 0)
		return;
	if (snmp->agentx[0] != '/') {
		draft_error(d, t->line,
			    "agentx needs the path of the master's socket: begin it with /");
		snmp->agentx[0] = '\0';
	}
}

/* What the kernel takes is wider, but the name also goes into rulesets. */
/* 0, or -1 where the mistake was told. */
static int
read_interface(struct draft *d, const struct token *t, const char *what,
	       char name[static IFNAME_LEN + 1])
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@+=~-";

	if (draft_read_text(d, t, what, name, IFNAME_LEN + 1) != 0)
		return -1;
	if (name[0] != '\0' && name[strspn(name, allowed)] == '\0' && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0)
		return 0;
	draft_error(d, t->line, "%s: a name has 1 to %d letters, digits or _ . @ + = ~ -", what,
		    IFNAME_LEN);
	return -1;
}

void
draft_interface(struct draft *d, const struct token *t)
{
	if (draft_once(d, SET_INTERFACE, "interface", t->line))
		read_interface(d, t, "interface", d->link->link.interface);
}

void
draft_deprecate(struct draft *d, const struct token *t)
{
	struct conf *conf = d->conf;
	char name[IFNAME_LEN + 1];

	if (read_interface(d, t, "deprecate on", name) != 0)
		return;
	for (unsigned i = 0; i < conf->ndeprecate; i++)
		if (strcmp(conf->deprecate_on[i], name) == 0) {
			draft_error(d, t->line, "deprecate on: %s is named in another line already",
				    name);
			return;
		}
	if (conf->ndeprecate == DEPRECATE_MAX) {
		draft_error(d, t->line, "deprecate on: more than %d interfaces: remove some",
			    DEPRECATE_MAX);
		return;
	}
	memcpy(conf->deprecate_on[conf->ndeprecate++], name, sizeof name);
}

void
conf_print_quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

void
conf_print_named(FILE *out, const char *indent, const char *name, const char *text)
{
	fprintf(out, "%s%s ", indent, name);
	conf_print_quoted(out, text);
}

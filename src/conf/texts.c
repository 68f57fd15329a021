/* SPDX-License-Identifier: ISC */
/* Settings that are texts: names and paths. Each is bounded and clean before it
 * goes anywhere. */
#include "conf/draft.h"

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

/* The path goes to the SNMP library as it is: plain characters only. */
void
draft_agentx(struct draft *d, const struct token *t)
{
	struct conf_snmp *snmp = &d->conf->snmp;
	char path[sizeof snmp->agentx];
	size_t len;

	if (!draft_once(d, SET_AGENTX, "agentx", t->line) ||
	    unescape(d, t, "agentx", path, sizeof path, &len) != 0)
		return;
	if (path[0] != '/') {
		draft_error(d, t->line,
			    "agentx needs the path of the master's socket: begin it with /");
		return;
	}
	for (size_t i = 0; i < len; i++)
		if (path[i] <= ' ' || path[i] > '~' || path[i] == ',') {
			draft_error(
			    d, t->line,
			    "agentx: the path may have letters, digits and signs of ASCII only, "
			    "without blanks and commas");
			return;
		}
	memcpy(snmp->agentx, path, len + 1);
}

/* What the kernel takes is wider, but the name also goes into rulesets. */
void
draft_interface(struct draft *d, const struct token *t)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@+=~-";
	char *name = d->link->link.interface;

	if (!draft_once(d, SET_INTERFACE, "interface", t->line) ||
	    draft_read_text(d, t, "interface", name, sizeof d->link->link.interface) != 0)
		return;
	if (name[0] == '\0' || name[strspn(name, allowed)] != '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		draft_error(d, t->line,
			    "interface: a name has 1 to %d letters, digits or _ . @ + = ~ -",
			    IFNAME_LEN);
}

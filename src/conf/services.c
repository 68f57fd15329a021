/* SPDX-License-Identifier: ISC */
/* Targets that are asked by a process of its own: what http and https ask for and
 * expect, and which program a command runs. */
#include <stdlib.h>
#include <string.h>

#include "conf/draft.h"

static const struct {
	const char *name, *what;
} texts[TARGET_TEXTS] = {
    [TEXT_HOST] = {"host", "the host's name"},
    [TEXT_PATH] = {"path", "the path"},
    [TEXT_EXPECT] = {"expect", "the expected text"},
    [TEXT_CA] = {"ca", "the path of the certificates"},
};

void
draft_service(struct draft *d, enum method method)
{
	struct conf_target *t = &d->target->target;

	t->method = (uint8_t)method;
	if (method == METHOD_COMMAND) {
		t->command = calloc(1, sizeof *t->command);
	} else {
		t->http = calloc(1, sizeof *t->http);
		if (t->http != NULL)
			strcpy(t->http->path, "/");
	}
	if (t->command == NULL && t->http == NULL)
		draft_no_memory(d);
}

/* ---- http and https ---- */

/* As it may stand in the head of a request: nothing that could end it. */
static bool
plain(const char *text, const char *also_not)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~' || strchr(also_not, *text) != NULL)
			return false;
	return true;
}

static bool
host_ok(const char *host)
{
	struct addr a;

	return host[0] != '\0' && (addr_parse(host, &a) == 0 || plain(host, "/:@?#[]\"\\"));
}

static void
check_text(struct draft *d, enum target_text which, const char *text, int line)
{
	if (which == TEXT_HOST && !host_ok(text))
		draft_error(d, line,
			    "the host is a name or an address, without blanks, port or path: use "
			    "port and path for those");
	else if (which == TEXT_PATH && (text[0] != '/' || !plain(text, "#")))
		draft_error(d, line,
			    "the path begins with / and has signs of ASCII only, no blanks and no "
			    "#: write others as %%XX");
	else if (which == TEXT_EXPECT && text[0] == '\0')
		draft_error(d, line, "the expected text is empty: any answer has it. Remove it");
	else if (which == TEXT_CA && d->target->target.method != METHOD_HTTPS)
		draft_error(d, line, "ca is for https: http has no certificates");
	else if (which == TEXT_CA && text[0] != '/')
		draft_error(d, line, "ca needs the path of a file: begin it with /");
}

void
draft_service_text(struct draft *d, enum target_text which, const struct token *t)
{
	struct conf_http *http = d->target->target.http;
	int *line = &d->target->text_line[which];

	if (*line != 0) {
		draft_error(d, t->line, "%s is set twice: remove one", texts[which].name);
		return;
	}
	*line = t->line;
	if (http == NULL)
		return;
	char *const into[] = {http->host, http->path, http->expect, http->ca};
	const size_t sizes[] = {sizeof http->host, sizeof http->path, sizeof http->expect,
				sizeof http->ca};
	if (draft_read_text(d, t, texts[which].what, into[which], sizes[which]) == 0)
		check_text(d, which, into[which], t->line);
}

/* ---- command ---- */

void
draft_argument(struct draft *d, const struct token *t)
{
	struct conf_command *c = d->target->target.command;
	char *argument;

	if (c == NULL)
		return;
	if (c->argc == CONF_ARGS_MAX) {
		draft_error(d, t->line,
			    "the command has more than %d words: put them into a script",
			    CONF_ARGS_MAX);
		return;
	}
	if (t->len + 1 > sizeof c->text - c->len) {
		draft_error(d, t->line,
			    "the command with its arguments is longer than %d octets: put them "
			    "into a script",
			    CONF_COMMAND_LEN);
		return;
	}
	argument = c->text + c->len;
	if (draft_read_text(d, t, "the command with its arguments", argument,
			    sizeof c->text - c->len) != 0)
		return;
	if (c->argc == 0 && argument[0] != '/')
		draft_error(d, t->line,
			    "the command needs the path of a program: begin it with /. There is no "
			    "shell, and nothing is searched for");
	c->len = (uint16_t)(c->len + strlen(argument) + 1);
	c->argc++;
}

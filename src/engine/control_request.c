/* SPDX-License-Identifier: ISC */
/* The request parser: a table of commands says which members each may have, a
 * table of members how each is read. A member that a command does not know is
 * refused, so that a misspelt "force" never passes for none. */
#include "config.h"

#include "engine/control_request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/board.h"
#include "common/names.h"

enum member {
	LINK = 1,
	TARGET = 2,
	TIMEOUT = 4,
	COMMENT = 8,
	OWNER = 16,
	FORCE = 32,
	AFTER = 64,
	LIMIT = 128,
	FOLLOW = 256,
	MINUTES = 512,
	SAMPLES = 1024,
	ORDER_MEMBERS = LINK | TIMEOUT | COMMENT | OWNER | FORCE,
};

static const struct command {
	const char *name;
	enum control_command command;
	uint8_t admin;
	unsigned may, must;
} commands[] = {
    {"status", CONTROL_STATUS, 0, LINK, 0},
    {"targets", CONTROL_TARGETS, 0, LINK | SAMPLES, 0},
    {"routes", CONTROL_ROUTES, 0, LINK, 0},
    {"plan", CONTROL_PLAN, 0, LINK, 0},
    {"events", CONTROL_EVENTS, 0, AFTER | LIMIT | FOLLOW, 0},
    {"history", CONTROL_HISTORY, 0, LINK | MINUTES, LINK},
    {"judgement", CONTROL_JUDGEMENT, 0, LINK, LINK},
    {"stats", CONTROL_STATS, 0, 0, 0},
    {"record", CONTROL_RECORD, 0, LINK, 0},
    {"drain", CONTROL_ORDER, ADMIN_DRAIN, ORDER_MEMBERS, LINK},
    {"force-up", CONTROL_ORDER, ADMIN_FORCE_UP, ORDER_MEMBERS, LINK},
    {"force-down", CONTROL_ORDER, ADMIN_FORCE_DOWN, ORDER_MEMBERS, LINK},
    {"auto", CONTROL_ORDER, ADMIN_AUTO, ORDER_MEMBERS, LINK},
    {"verify", CONTROL_VERIFY, 0, LINK | TARGET, LINK},
    {"reload", CONTROL_RELOAD, 0, 0, 0},
    {"release", CONTROL_RELEASE, 0, 0, 0},
};

void
control_error_set(struct control_error *error, const char *code, const char *fmt, ...)
{
	va_list ap;

	error->code = code;
	va_start(ap, fmt);
	vsnprintf(error->message, sizeof(error->message), fmt, ap);
	va_end(ap);
}

/* Each reader takes a member's value: NULL, or what it should have been. */

static const char *
read_text(const json_t *value, char *out)
{
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);

	if (text == NULL || !text_ok(text, len))
		return "a text of at most 64 octets without control characters";
	memcpy(out, text, len + 1);
	return NULL;
}

static const char *
read_link(const json_t *value, struct control_request *r)
{
	const char *wrong = "a link's name or index (1 to 1022)";
	json_int_t index = json_integer_value(value);
	char text[TEXT_LEN + 1];

	if (json_is_integer(value) && index >= 1 && index <= LINKS_MAX) {
		r->link_index = (uint16_t)index;
		return NULL;
	}
	if (read_text(value, text) != NULL || text[0] == '\0' || strlen(text) > NAME_LEN)
		return wrong;
	memcpy(r->link, text, strlen(text) + 1);
	return NULL;
}

static const char *
read_target(const json_t *value, struct control_request *r)
{
	if (json_is_string(value) && addr_parse(json_string_value(value), &r->target) == 0)
		return NULL;
	return "an IPv4 or IPv6 address";
}

static const char *
read_number(const json_t *value, uint64_t max, uint64_t *out)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 0 || (uint64_t)n > max)
		return "a whole number, not negative and not too large";
	*out = (uint64_t)n;
	return NULL;
}

static const char *
read_bool(const json_t *value, bool *out)
{
	*out = json_is_true(value);
	return json_is_boolean(value) ? NULL : "true or false";
}

static const char *
read_timeout(const json_t *value, struct control_request *r)
{
	uint64_t n = 0;
	const char *wrong = read_number(value, UINT32_MAX, &n);

	r->order.timeout_s = (uint32_t)n;
	r->order.fields |= ORDER_TIMEOUT;
	return wrong;
}

static const char *
read_comment(const json_t *value, struct control_request *r)
{
	r->order.fields |= ORDER_COMMENT;
	return read_text(value, r->order.comment);
}

static const char *
read_owner(const json_t *value, struct control_request *r)
{
	r->order.fields |= ORDER_OWNER;
	return read_text(value, r->order.owner);
}

static const char *
read_force(const json_t *value, struct control_request *r)
{
	bool force;
	const char *wrong = read_bool(value, &force);

	r->order.force = force;
	return wrong;
}

static const char *
read_after(const json_t *value, struct control_request *r)
{
	r->has_after = true;
	return read_number(value, INT64_MAX, &r->after);
}

static const char *
read_limit(const json_t *value, struct control_request *r)
{
	uint64_t n = 0;
	const char *wrong = read_number(value, UINT32_MAX - 1, &n);

	r->limit = (uint32_t)n;
	return wrong;
}

static const char *
read_minutes(const json_t *value, struct control_request *r)
{
	uint64_t n = 0;

	if (read_number(value, BOARD_MINUTES, &n) != NULL || n == 0)
		return "a number of minutes, 1 to 1440";
	r->minutes = (uint32_t)n;
	return NULL;
}

static const char *
read_samples(const json_t *value, struct control_request *r)
{
	uint64_t n = 0;

	if (read_number(value, RECENT_SAMPLES, &n) != NULL)
		return "a number of samples, 0 to 64";
	r->samples = (uint32_t)n;
	return NULL;
}

static const char *
read_follow(const json_t *value, struct control_request *r)
{
	return read_bool(value, &r->follow);
}

static const struct {
	const char *name;
	enum member member;
	const char *(*read)(const json_t *value, struct control_request *request);
} members[] = {
    {"link", LINK, read_link},
    {"target", TARGET, read_target},
    {"timeout_s", TIMEOUT, read_timeout},
    {"comment", COMMENT, read_comment},
    {"owner", OWNER, read_owner},
    {"force", FORCE, read_force},
    {"after", AFTER, read_after},
    {"limit", LIMIT, read_limit},
    {"follow", FOLLOW, read_follow},
    {"minutes", MINUTES, read_minutes},
    {"samples", SAMPLES, read_samples},
};

/* What of the client's text may stand in a message. */
static const char *
quotable(const char *text)
{
	return text != NULL && text_ok(text, strlen(text)) ? text : "?";
}

static const struct command *
find_command(json_t *root, struct control_error *error)
{
	const json_t *version = json_object_get(root, "v");
	const char *name = json_string_value(json_object_get(root, "command"));

	if (json_integer_value(version) != CONTROL_VERSION) {
		control_error_set(error, "version",
				  "this daemon speaks version %d: the request needs \"v\":%d",
				  CONTROL_VERSION, CONTROL_VERSION);
		return NULL;
	}
	for (size_t i = 0; name != NULL && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	control_error_set(error, "unknown_command",
			  name ? "there is no command \"%s\"" : "the request names no command%s",
			  name ? quotable(name) : "");
	return NULL;
}

static bool
read_member(const struct command *c, const char *key, const json_t *value,
	    struct control_request *request, unsigned *seen, struct control_error *error)
{
	const char *wrong;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(members[i].name, key) != 0 || !(c->may & members[i].member))
			continue;
		wrong = members[i].read(value, request);
		*seen |= members[i].member;
		if (wrong != NULL)
			control_error_set(error, "bad_argument", "\"%s\" must be %s", key, wrong);
		return wrong == NULL;
	}
	control_error_set(error, "bad_argument", "the command \"%s\" has no \"%s\"", c->name,
			  quotable(key));
	return false;
}

static bool
read_request(json_t *root, struct control_request *request, struct control_error *error)
{
	const struct command *c = find_command(root, error);
	unsigned seen = 0;
	const char *key;
	json_t *value;

	if (c == NULL)
		return false;
	request->command = c->command;
	if (c->command == CONTROL_ORDER) {
		request->order.admin = c->admin;
		request->order.fields = ORDER_ADMIN;
	}
	json_object_foreach(root, key, value)
	{
		if (strcmp(key, "v") == 0 || strcmp(key, "command") == 0)
			continue;
		if (!read_member(c, key, value, request, &seen, error))
			return false;
	}
	if ((seen & c->must) != c->must) {
		control_error_set(error, "bad_argument", "the command \"%s\" needs \"link\"",
				  c->name);
		return false;
	}
	return true;
}

bool
control_request_parse(const char *line, size_t len, struct control_request *request,
		      struct control_error *error)
{
	json_error_t where;
	json_t *root;
	bool ok;

	memset(request, 0, sizeof(*request));
	request->limit = UINT32_MAX;
	request->minutes = CONTROL_MINUTES_DEFAULT;
	root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &where);
	if (root == NULL) {
		control_error_set(error, "malformed", "not JSON (octet %d): one object per line",
				  where.position);
		return false;
	}
	ok = json_is_object(root);
	if (!ok)
		control_error_set(error, "malformed", "a request is one JSON object per line");
	else
		ok = read_request(root, request, error);
	json_decref(root);
	return ok;
}

/* SPDX-License-Identifier: ISC */
/* What must outlive a reboot, as text:
 *
 *	{"checksum":"16 hexadecimal digits", ...rest of the object... }
 *
 * The checksum is of all octets behind it (FNV-1a, 64 bits): it finds what a bad disk,
 * a torn write or a hand did, before anything of it is believed. Who can write the file
 * can also compute it: it keeps no one out, the checks of every value do. */
#include "config.h"

#include "engine/state.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/names.h"
#include "common/textstream.h"

enum { STATE_VERSION = 1, CHECKSUM_DIGITS = 16 };

static const char head[] = "{\"checksum\":\"", behind_checksum[] = "\",";

enum { PREFIX_LEN = sizeof(head) - 1 + CHECKSUM_DIGITS + sizeof(behind_checksum) - 1 };

static uint64_t
checksum(const char *text, size_t len)
{
	uint64_t sum = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * 0x100000001b3ULL;
	return sum;
}

static void
prefix(char out[PREFIX_LEN + 1], const char *rest, size_t len)
{
	snprintf(out, PREFIX_LEN + 1, "%s%016" PRIx64 "%s", head, checksum(rest, len),
		 behind_checksum);
}

/* ---- writing ----
 *
 * By hand: this is the one piece of JSON that the engine makes out of all links at
 * once between two probes, and a tree of objects takes ten times as long. */

static void
put_text(FILE *out, const char *key, const char *text)
{
	fprintf(out, "\"%s\": \"", key);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putc_unlocked('\\', out);
		putc_unlocked(*text, out);
	}
	fputs("\"", out);
}

static void
put_number(FILE *out, const char *key, uint64_t number)
{
	fprintf(out, ", \"%s\": %" PRIu64, key, number);
}

static void
put_order(FILE *out, const struct state_link *l)
{
	const struct standing_order *o = &l->order;

	if (o->admin == ADMIN_AUTO) {
		fputs("null", out);
		return;
	}
	fprintf(out, "{\"admin\": \"%s\", \"actor\": \"%s\", \"forced\": %s", admin_name(o->admin),
		actor_name(o->actor), o->forced ? "true" : "false");
	put_number(out, "timeout_s", o->timeout_s);
	put_number(out, "rest_ns", l->rest_ns);
	put_number(out, "since_wall_ns", o->since_wall_ns);
	fputs(", ", out);
	put_text(out, "owner", o->owner);
	fputs(", ", out);
	put_text(out, "comment", o->comment);
	fputs("}", out);
}

static void
put_state(FILE *out, const struct state *s)
{
	fprintf(out, "\n\"version\": %d", STATE_VERSION);
	put_number(out, "saved_wall_ns", s->saved_wall_ns);
	put_number(out, "events_last", s->events_last);
	put_number(out, "set_lock", s->set_lock);
	fputs(", \"links\": [", out);
	for (uint32_t i = 0; i < s->nlinks; i++) {
		const struct state_link *l = &s->links[i];

		fputs(i == 0 ? "\n{" : ",\n{", out);
		put_text(out, "name", l->name);
		put_number(out, "transitions", l->transitions);
		put_number(out, "up_ns", l->up_ns);
		put_number(out, "down_ns", l->down_ns);
		fputs(", \"order\": ", out);
		put_order(out, l);
		fputs("}", out);
	}
	fputs("]}\n", out);
}

char *
state_text(const struct state *s, size_t *len)
{
	char *text, begin[PREFIX_LEN + 1];
	struct textstream stream;
	FILE *out = textstream_begin(&stream);

	if (out == NULL)
		return NULL;
	fprintf(out, "%*s", PREFIX_LEN, ""); /* the checksum's place */
	put_state(out, s);
	text = textstream_end(&stream, len);
	if (text == NULL)
		return NULL;
	prefix(begin, text + PREFIX_LEN, *len - PREFIX_LEN);
	memcpy(text, begin, PREFIX_LEN);
	return text;
}

/* ---- reading ---- */

/* Where the reason of a refusal goes. */
struct reader {
	char *error;
	size_t size;
	const char *link; /* whose entry is being read, or NULL */
};

static int __attribute__((format(printf, 2, 3))) refuse(struct reader *r, const char *fmt, ...)
{
	va_list ap;
	int n = 0;

	if (r->link != NULL)
		n = snprintf(r->error, r->size, "link %s: ", r->link);
	va_start(ap, fmt);
	if (n >= 0 && (size_t)n < r->size)
		vsnprintf(r->error + n, r->size - (size_t)n, fmt, ap);
	va_end(ap);
	return -1;
}

static int
take_number(struct reader *r, const json_t *from, const char *key, uint64_t max, uint64_t *out)
{
	const json_t *value = json_object_get(from, key);
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 0 || (uint64_t)n > max)
		return refuse(r, "%s is no number of 0 to %" PRIu64, key, max);
	*out = (uint64_t)n;
	return 0;
}

/* out has room for max octets and the NUL. */
static int
take_text(struct reader *r, const json_t *from, const char *key, size_t max, char *out)
{
	const json_t *value = json_object_get(from, key);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);

	if (text == NULL || len > max || strlen(text) != len || !text_ok(text, len))
		return refuse(r, "%s is no text of at most %zu octets without control characters",
			      key, max);
	memcpy(out, text, len + 1);
	return 0;
}

/* The number that has this name; 0: none. */
static unsigned
by_name(const char *(*name_of)(unsigned), unsigned last, const json_t *value)
{
	const char *name = json_string_value(value);

	for (unsigned v = 1; name != NULL && v <= last; v++)
		if (strcmp(name_of(v), name) == 0)
			return v;
	return 0;
}

static int
take_order(struct reader *r, const json_t *from, struct state_link *l)
{
	struct standing_order *o = &l->order;
	const json_t *forced = json_object_get(from, "forced");
	uint64_t timeout = 0;

	o->admin = ADMIN_AUTO;
	o->actor = ACTOR_DAEMON;
	if (json_is_null(from))
		return 0;
	if (!json_is_object(from) || !json_is_boolean(forced))
		return refuse(r, "its order is not one");
	o->admin = (uint8_t)by_name(admin_name, ADMIN_FORCE_DOWN, json_object_get(from, "admin"));
	o->actor = (uint8_t)by_name(actor_name, ACTOR_CONTROL, json_object_get(from, "actor"));
	o->forced = json_is_true(forced);
	if (o->admin == 0 || o->admin == ADMIN_AUTO || o->actor == 0)
		return refuse(r, "its order has no admin status or actor that can be");
	if (take_number(r, from, "timeout_s", ORDER_TIMEOUT_MAX_S, &timeout) != 0 ||
	    take_number(r, from, "rest_ns", timeout * NSEC_PER_SEC, &l->rest_ns) != 0 ||
	    take_number(r, from, "since_wall_ns", INT64_MAX, &o->since_wall_ns) != 0)
		return -1;
	o->timeout_s = (uint32_t)timeout;
	return take_text(r, from, "owner", TEXT_LEN, o->owner) != 0 ||
		       take_text(r, from, "comment", TEXT_LEN, o->comment) != 0
		   ? -1
		   : 0;
}

static int
take_link(struct reader *r, const json_t *from, struct state *s)
{
	struct state_link *l = &s->links[s->nlinks];
	uint64_t transitions = 0;

	r->link = NULL;
	if (take_text(r, from, "name", NAME_LEN, l->name) != 0 || l->name[0] == '\0')
		return refuse(r, "an entry without a name that a link can have");
	if (state_link(s, l->name) != NULL)
		return refuse(r, "link %s stands there twice", l->name);
	r->link = l->name;
	if (take_number(r, from, "transitions", UINT32_MAX, &transitions) != 0 ||
	    take_number(r, from, "up_ns", INT64_MAX, &l->up_ns) != 0 ||
	    take_number(r, from, "down_ns", INT64_MAX, &l->down_ns) != 0)
		return -1;
	l->transitions = (uint32_t)transitions;
	return take_order(r, json_object_get(from, "order"), l);
}

static int
take_root(struct reader *r, const json_t *root, struct state *s)
{
	const json_t *links = json_object_get(root, "links");
	uint64_t version = 0, lock = 0;

	if (take_number(r, root, "version", INT64_MAX, &version) != 0)
		return -1;
	if (version != STATE_VERSION)
		return refuse(r, "version %" PRIu64 ", this program knows %d", version,
			      STATE_VERSION);
	if (take_number(r, root, "saved_wall_ns", INT64_MAX, &s->saved_wall_ns) != 0 ||
	    take_number(r, root, "events_last", INT64_MAX / 2, &s->events_last) != 0 ||
	    take_number(r, root, "set_lock", INT32_MAX, &lock) != 0)
		return -1;
	s->set_lock = (uint32_t)lock;
	if (!json_is_array(links) || json_array_size(links) > LINKS_MAX)
		return refuse(r, "no list of at most %d links in it", LINKS_MAX);
	for (size_t i = 0; i < json_array_size(links); i++, s->nlinks++)
		if (take_link(r, json_array_get(links, i), s) != 0)
			return -1;
	return 0;
}

int
state_parse(const char *text, size_t len, struct state *s, char *error, size_t error_size)
{
	struct reader r = {error, error_size, NULL};
	char want[PREFIX_LEN + 1];
	json_error_t mistake;
	json_t *root;
	int result;

	memset(s, 0, sizeof(*s));
	if (len < PREFIX_LEN || memcmp(text, head, sizeof(head) - 1) != 0)
		return refuse(&r, "it does not begin with a checksum");
	prefix(want, text + PREFIX_LEN, len - PREFIX_LEN);
	if (memcmp(text, want, PREFIX_LEN) != 0)
		return refuse(&r, "its checksum is wrong: it was cut off or changed");
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &mistake);
	if (root == NULL)
		return refuse(&r, "line %d: %s", mistake.line, mistake.text);
	result = take_root(&r, root, s);
	if (result != 0)
		memset(s, 0, sizeof(*s));
	json_decref(root);
	return result;
}

/* ---- using ---- */

const struct state_link *
state_link(const struct state *s, const char *name)
{
	for (uint32_t i = 0; i < s->nlinks; i++)
		if (strcmp(s->links[i].name, name) == 0)
			return &s->links[i];
	return NULL;
}

uint64_t
state_rest(uint64_t rest_ns, uint64_t saved_wall_ns, uint64_t now_wall_ns)
{
	uint64_t passed = now_wall_ns > saved_wall_ns ? now_wall_ns - saved_wall_ns : 0;

	return passed < rest_ns ? rest_ns - passed : 0;
}

static bool
same_order(const struct standing_order *a, const struct standing_order *b)
{
	return a->admin == b->admin && a->actor == b->actor && a->forced == b->forced &&
	       a->timeout_s == b->timeout_s && a->since_ns == b->since_ns &&
	       a->since_wall_ns == b->since_wall_ns && a->expires_ns == b->expires_ns &&
	       strcmp(a->owner, b->owner) == 0 && strcmp(a->comment, b->comment) == 0;
}

bool
state_same(const struct state *a, const struct state *b)
{
	if (a->events_last != b->events_last || a->set_lock != b->set_lock ||
	    a->nlinks != b->nlinks)
		return false;
	for (uint32_t i = 0; i < a->nlinks; i++)
		if (strcmp(a->links[i].name, b->links[i].name) != 0 ||
		    a->links[i].transitions != b->links[i].transitions ||
		    !same_order(&a->links[i].order, &b->links[i].order))
			return false;
	return true;
}

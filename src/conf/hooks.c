/* SPDX-License-Identifier: ISC */
/* Programs that are run on events: on EVENT... run "PROGRAM" ["ARGUMENT"...]. Only the
 * words are read here; whether the program can be run is seen when it is. */
#include <string.h>

#include "common/names.h"
#include "conf/draft.h"

_Static_assert(EVENT__END <= 64, "a bit for every event");

static const char sync_name[] = "sync", any_name[] = "any";

uint64_t
conf_hook_any(void)
{
	uint64_t any = 0;

	for (unsigned type = EVENT_STARTED; type < EVENT__END; type++)
		any |= 1ULL << type;
	return any;
}

bool
conf_same_hook(const struct conf_hook *a, const struct conf_hook *b)
{
	bool same = a->events == b->events && a->link == b->link && a->nargs == b->nargs &&
		    a->timeout_ms == b->timeout_ms && strcmp(a->program, b->program) == 0 &&
		    strcmp(a->user, b->user) == 0;

	for (uint32_t i = 0; same && i < a->nargs; i++)
		same = strcmp(a->args[i], b->args[i]) == 0;
	return same;
}

void
draft_hook_begin(struct draft *d, int line)
{
	struct hook_draft *h = &d->hook;

	memset(h, 0, sizeof *h);
	h->hook.line = line;
	h->hook.timeout_ms = (uint32_t)setting_ranges[SET_HOOK_TIMEOUT].standard;
	strcpy(h->hook.user, "_uplinkhook");
	if (d->link != NULL && d->link != &d->no_link)
		h->hook.link = (uint16_t)(d->link - d->links + 1);
}

/* The label that comes nearest to what was written. */
static const char *
nearest_event(const struct token *t)
{
	const char *best = NULL;
	unsigned best_distance = 4;

	for (unsigned type = EVENT_STARTED; type < EVENT__END; type++) {
		unsigned distance = conf_word_distance(t->text, t->len, event_type_name(type));
		if (distance < best_distance) {
			best = event_type_name(type);
			best_distance = distance;
		}
	}
	return best;
}

void
draft_hook_event(struct draft *d, const struct token *t)
{
	char name[32] = "", quoted[QUOTE_LEN];
	const char *nearest;
	unsigned type;

	if (t->len < sizeof name)
		memcpy(name, t->text, t->len);
	type = event_type_by_name(name);
	if (strcmp(name, any_name) == 0) {
		d->hook.hook.events |= conf_hook_any();
	} else if (strcmp(name, sync_name) == 0) {
		d->hook.hook.events |= 1ULL << HOOK_SYNC;
	} else if (type != 0) {
		d->hook.hook.events |= 1ULL << type;
	} else {
		nearest = nearest_event(t);
		draft_quote(t, quoted);
		if (nearest != NULL)
			draft_error(d, t->line, "there is no event %s: did you mean %s?", quoted,
				    nearest);
		else
			draft_error(d, t->line,
				    "there is no event %s: uplinkd.conf(5) lists them; any stands "
				    "for all, sync for a look at how things stand",
				    quoted);
	}
}

void
draft_hook_program(struct draft *d, const struct token *t)
{
	char *program = d->hook.hook.program;

	if (draft_read_text(d, t, "the program", program, sizeof d->hook.hook.program) == 0 &&
	    program[0] != '/')
		draft_error(d, t->line,
			    "the program needs its whole path: begin it with / (no shell looks for "
			    "it; arguments follow as texts of their own)");
}

void
draft_hook_argument(struct draft *d, const struct token *t)
{
	struct conf_hook *hook = &d->hook.hook;

	if (hook->nargs == HOOK_ARGS_MAX)
		draft_error(d, t->line,
			    "more than %d arguments: let a script of yours call the program",
			    HOOK_ARGS_MAX);
	else if (draft_read_text(d, t, "the argument", hook->args[hook->nargs],
				 sizeof hook->args[0]) == 0)
		hook->nargs++;
}

/* A part that may stand once. */
static bool
once(struct draft *d, int *line, const struct token *t, const char *name)
{
	if (*line != 0) {
		draft_error(d, t->line, "the %s of this program is set twice: remove one", name);
		return false;
	}
	*line = t->line;
	return true;
}

void
draft_hook_user(struct draft *d, const struct token *t)
{
	char *user = d->hook.hook.user;

	if (once(d, &d->hook.user_line, t, "user") &&
	    draft_read_text(d, t, "user", user, sizeof d->hook.hook.user) == 0 && user[0] == '\0')
		draft_error(d, t->line, "user is empty: name a user of the system");
}

void
draft_hook_timeout(struct draft *d, const struct token *t)
{
	uint64_t ms;

	if (once(d, &d->hook.timeout_line, t, "timeout") &&
	    draft_read_number(d, SET_HOOK_TIMEOUT, t, &ms) == 0)
		d->hook.hook.timeout_ms = (uint32_t)ms;
}

void
draft_hook_end(struct draft *d)
{
	struct conf_hook *hooks;

	for (size_t i = 0; i < d->nhooks; i++)
		if (conf_same_hook(&d->hooks[i], &d->hook.hook)) {
			draft_error(d, d->hook.hook.line,
				    "this program stands in line %d already: remove one",
				    d->hooks[i].line);
			return;
		}
	if (d->nhooks == HOOKS_MAX) {
		draft_error(d, d->hook.hook.line, "more than %d programs on events: remove some",
			    HOOKS_MAX);
		return;
	}
	hooks = draft_grow(d->hooks, d->nhooks, &d->hooks_room, sizeof *hooks);
	if (hooks == NULL) {
		draft_no_memory(d);
		return;
	}
	d->hooks = hooks;
	hooks[d->nhooks++] = d->hook.hook;
}

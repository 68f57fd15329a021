/* SPDX-License-Identifier: ISC */
/* Refused orders: see refusal.h. */
#include "config.h"

#include "engine/refusal.h"

#include <stdio.h>

#include "common/clock.h"
#include "engine/publish.h"

enum { BURST = 10 };
#define APART_NS (60 * NSEC_PER_SEC)

const char *
refusal_text(const struct refusal *r)
{
	switch (r->verdict) {
	case ORDER_OK:
		return "";
	case ORDER_NO_LINK:
		return "there is no such link";
	case ORDER_WRONG_VALUE:
		if (r->field & (ORDER_OWNER | ORDER_COMMENT))
			return "owner and comment are UTF-8 of at most 64 octets without control "
			       "characters";
		return r->field == ORDER_TIMEOUT ? "the timeout is at most a year"
						 : "there is no such admin status";
	case ORDER_INCONSISTENT:
		if (r->field == ORDER_ADMIN)
			return "no other link could carry its traffic: bring one up first, or "
			       "insist at the "
			       "console with --force";
		return "timeout, owner and comment go with drain, forceUp or forceDown, not with "
		       "auto";
	case ORDER_READ_ONLY:
		return "the configuration says control no";
	case ORDER_BUSY:
		return "another order is being taken: try again";
	case ORDER_LOCK:
		return "uplinkControlLock has another value: read it and try again";
	}
	return "refused";
}

static enum reason
refusal_reason(const struct refusal *r)
{
	return r->verdict == ORDER_INCONSISTENT && r->field == ORDER_ADMIN ? REASON_NO_OTHER_LINK
									   : REASON_REFUSED;
}

/* A few at once, then one a minute. */
static bool
may_tell(struct engine *e, uint64_t now_ns)
{
	if (e->refusal_due_ns > now_ns + (BURST - 1) * APART_NS)
		return false;
	if (e->refusal_due_ns < now_ns)
		e->refusal_due_ns = now_ns;
	e->refusal_due_ns += APART_NS;
	return true;
}

void
refusal_tell(struct engine *e, const struct refusal *r, unsigned wanted, enum actor actor,
	     uint32_t uid, const char *user)
{
	char text[EVENT_TEXT_LEN + 1], untold[48] = "";
	enum reason reason = refusal_reason(r);
	const char *said =
	    reason == REASON_REFUSED ? refusal_text(r) : ""; /* else the reason says it */
	struct event_draft d = {.type = EVENT_CONTROL_REFUSED,
				.link = r->link,
				.reason = reason,
				.actor = actor,
				.uid = uid,
				.user = user,
				.old_state = r->link ? r->link->row.admin : 0,
				.new_state = wanted,
				.text = text};

	e->global.sets_refused++;
	if (!may_tell(e, clock_mono_ns())) {
		e->refusals_untold++;
		return;
	}
	if (e->refusals_untold > 0)
		snprintf(untold, sizeof(untold), "%u more were refused before", e->refusals_untold);
	snprintf(text, sizeof(text), "%s%s%s", said, said[0] && untold[0] ? "; " : "", untold);
	e->refusals_untold = 0;
	publish_event(e, &d);
}

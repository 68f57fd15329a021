/* SPDX-License-Identifier: ISC */
/* What a program is told of an event. Names and texts are bounded and clean since they
 * came in; still, they are values only, and no shell of ours ever reads them. */
#include "config.h"

#include "hooks/environment.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/board.h"
#include "common/clock.h"

static int __attribute__((format(printf, 2, 3)))
put(struct hook_environment *env, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (env->n == HOOK_VARIABLES_MAX)
		return -1;
	va_start(ap, fmt);
	n = vasprintf(&env->list[env->n], fmt, ap);
	va_end(ap);
	if (n < 0) {
		env->list[env->n] = NULL;
		return -1;
	}
	env->list[++env->n] = NULL;
	return 0;
}

static int
put_text(struct hook_environment *env, const char *name, const char *text)
{
	return text[0] == '\0' ? 0 : put(env, "UPLINKD_%s=%s", name, text);
}

static int
put_number(struct hook_environment *env, const char *name, uint64_t value)
{
	return value == 0 ? 0 : put(env, "UPLINKD_%s=%" PRIu64, name, value);
}

static int
put_ms(struct hook_environment *env, const char *name, uint32_t us)
{
	return us == RTT_UNKNOWN ? 0 : put(env, "UPLINKD_%s=%.3f", name, us / 1e3);
}

static int
put_time(struct hook_environment *env, uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / NSEC_PER_SEC);
	char text[32];
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return 0;
	return put_text(env, "TIME", text);
}

static int
put_link(struct hook_environment *env, const struct ipc_event *e)
{
	if (e->link == 0)
		return 0;
	return put_text(env, "LINK", e->link_name) || put_number(env, "LINK_INDEX", e->link) ||
	       put_number(env, "TARGET", e->target) ||
	       put_text(env, "HEALTH", health_name(e->health)) ||
	       put_text(env, "OPER", oper_name(e->oper)) ||
	       put_text(env, "ADMIN", admin_name(e->admin));
}

static int
put_site(struct hook_environment *env, const struct ipc_event *e)
{
	return put_text(env, "SITE", e->site) || put(env, "UPLINKD_LINKS=%" PRIu32, e->links) ||
	       put(env, "UPLINKD_USABLE_LINKS=%" PRIu32, e->usable_links) ||
	       put_number(env, "ACTIVE_TIER", e->active_tier) ||
	       put_text(env, "ALL_DOWN", e->all_down ? "yes" : "no");
}

static int
put_states(struct hook_environment *env, const struct ipc_event *e)
{
	if (e->old_state != 0 && put_text(env, "OLD", event_state_name(e->type, e->old_state)) != 0)
		return -1;
	return e->new_state == 0 ? 0
				 : put_text(env, "NEW", event_state_name(e->type, e->new_state));
}

static int
put_measured(struct hook_environment *env, const struct ipc_event *e)
{
	if (e->loss_ppm != LOSS_UNKNOWN &&
	    put(env, "UPLINKD_LOSS_PERCENT=%.4f", e->loss_ppm / 1e4) != 0)
		return -1;
	return put_ms(env, "RTT_MS", e->rtt_us) || put_ms(env, "DETECTION_MS", e->detection_us) ||
	       put_ms(env, "SWITCH_MS", e->switch_us);
}

static int
put_who(struct hook_environment *env, const struct ipc_event *e)
{
	if (put_text(env, "ACTOR", actor_name(e->actor)) != 0)
		return -1;
	return e->actor_uid == UINT32_MAX ? 0
					  : put(env, "UPLINKD_ACTOR_UID=%" PRIu32, e->actor_uid);
}

int
hook_environment_make(struct hook_environment *env, const struct hook_job *job)
{
	const struct ipc_event *e = &job->event;

	memset(env, 0, sizeof(*env));
	if (put(env, "PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin") ||
	    put(env, "LC_ALL=C.UTF-8") || put(env, "HOME=/") ||
	    put_text(env, "EVENT", e->number == 0 ? "sync" : event_type_name(e->type)) ||
	    put_number(env, "NUMBER", e->number) || put_time(env, e->at_wall_ns) ||
	    put_number(env, "MERGED", job->merged) || put_site(env, e) || put_link(env, e) ||
	    put_states(env, e) || put_text(env, "REASON", reason_name(e->reason)) ||
	    put_text(env, "REASON_TEXT", reason_text(e->reason)) || put_measured(env, e) ||
	    put_who(env, e) || put_number(env, "VERSION", e->family) ||
	    put_text(env, "TEXT", e->text)) {
		hook_environment_free(env);
		return -1;
	}
	return 0;
}

void
hook_environment_free(struct hook_environment *env)
{
	for (size_t i = 0; i < env->n; i++)
		free(env->list[i]);
	env->n = 0;
}

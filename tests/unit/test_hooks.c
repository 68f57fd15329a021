/* SPDX-License-Identifier: ISC */
/* Programs on events: which runs wait and which are merged, and what a program is told,
 * all of which stands in uplinkd.conf(5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/board.h"
#include "hooks/environment.h"
#include "hooks/queue.h"
#include "read_conf.h"

#define PAGE SOURCE "/doc/uplinkd.conf.5"

static struct ipc_event
event(unsigned link, uint64_t number)
{
	return (struct ipc_event){
	    .number = number, .link = (uint16_t)link, .type = EVENT_LINK_DOWN};
}

static void
test_runs_come_out_in_order(void **state)
{
	static struct hook_queue q;
	struct hook_job job;

	(void)state;
	memset(&q, 0, sizeof(q));
	for (unsigned i = 0; i < 5; i++) {
		struct ipc_event e = event(i + 1, i + 1);

		assert_true(hook_queue_add(&q, i % 2, &e));
	}
	/* hook 0 is busy: of hook 1 the oldest */
	assert_true(hook_queue_take(&q, 1, &job));
	assert_int_equal(job.event.number, 2);
	assert_int_equal(job.hook, 1);
	assert_true(hook_queue_take(&q, 0, &job));
	assert_int_equal(job.event.number, 1);
	assert_true(hook_queue_take(&q, 2, &job));
	assert_int_equal(job.event.number, 3);
	assert_false(hook_queue_take(&q, 3, &job));
	assert_int_equal(q.n, 2);
}

static void
test_one_run_stands_for_all_of_a_link(void **state)
{
	static struct hook_queue q;
	struct ipc_event first = event(1, 10), other = event(2, 11), last = event(1, 12);
	struct hook_job job;

	(void)state;
	memset(&q, 0, sizeof(q));
	hook_queue_add(&q, 0, &first);
	hook_queue_add(&q, 0, &other);
	hook_queue_add(&q, 1, &first); /* another hook's is another's */
	hook_queue_add(&q, 0, &last);
	assert_int_equal(q.n, 3);
	assert_true(hook_queue_take(&q, 0, &job));
	assert_int_equal(job.event.number, 12);
	assert_int_equal(job.merged, 1);
	assert_true(hook_queue_take(&q, 0, &job));
	assert_int_equal(job.event.number, 11);
	assert_int_equal(job.merged, 0);
}

static void
test_the_queue_is_bounded(void **state)
{
	static struct hook_queue q;
	struct hook_job job;

	(void)state;
	memset(&q, 0, sizeof(q));
	for (unsigned i = 1; i <= HOOK_JOBS_MAX + 3; i++) {
		struct ipc_event e = event(i, i);

		assert_int_equal(hook_queue_add(&q, 0, &e), i <= HOOK_JOBS_MAX);
	}
	assert_int_equal(q.n, HOOK_JOBS_MAX);
	assert_true(hook_queue_take(&q, 0, &job));
	assert_int_equal(job.event.number, 4);
}

static void
test_another_configuration(void **state)
{
	static struct hook_queue q;
	const int to[] = {-1, 0, 5};

	(void)state;
	memset(&q, 0, sizeof(q));
	for (unsigned i = 0; i < 4; i++) { /* the last hook is beyond what there was */
		struct ipc_event e = event(1, i + 1);

		hook_queue_add(&q, i, &e);
	}
	hook_queue_renumber(&q, to, 3);
	assert_int_equal(q.n, 2);
	assert_int_equal(q.jobs[0].hook, 0);
	assert_int_equal(q.jobs[0].event.number, 2);
	assert_int_equal(q.jobs[1].hook, 5);
}

/* ---- what it is told ---- */

static const char *
value(const struct hook_environment *env, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->list[i], name, n) == 0 && env->list[i][n] == '=')
			return env->list[i] + n + 1;
	return NULL;
}

static struct hook_job
full_job(void)
{
	struct hook_job job = {.merged = 2};
	struct ipc_event *e = &job.event;

	e->number = 77;
	e->at_wall_ns = 1767225600ULL * 1000000000;
	e->link = 3;
	e->target = 4;
	e->type = EVENT_LINK_DOWN;
	e->reason = REASON_TARGETS_LOST;
	e->actor = ACTOR_CONTROL;
	e->actor_uid = 1000;
	e->family = 6;
	e->old_state = HEALTH_UP;
	e->new_state = HEALTH_DOWN;
	e->health = HEALTH_DOWN;
	e->oper = OPER_OUT;
	e->admin = ADMIN_AUTO;
	e->all_down = 1;
	e->detection_us = 123456;
	e->switch_us = 1500;
	e->loss_ppm = 1000000;
	e->rtt_us = 2500;
	e->links = 2;
	e->active_tier = 1;
	strcpy(e->link_name, "fibre one");
	strcpy(e->site, "lyon-3");
	strcpy(e->text, "$(reboot) `id`");
	return job;
}

static void
test_every_variable(void **state)
{
	static const char *const expected[][2] = {
	    {"UPLINKD_EVENT", "linkDown"},
	    {"UPLINKD_NUMBER", "77"},
	    {"UPLINKD_TIME", "2026-01-01T00:00:00Z"},
	    {"UPLINKD_MERGED", "2"},
	    {"UPLINKD_SITE", "lyon-3"},
	    {"UPLINKD_LINKS", "2"},
	    {"UPLINKD_USABLE_LINKS", "0"},
	    {"UPLINKD_ACTIVE_TIER", "1"},
	    {"UPLINKD_ALL_DOWN", "yes"},
	    {"UPLINKD_LINK", "fibre one"},
	    {"UPLINKD_LINK_INDEX", "3"},
	    {"UPLINKD_HEALTH", "down"},
	    {"UPLINKD_OPER", "out"},
	    {"UPLINKD_ADMIN", "auto"},
	    {"UPLINKD_TARGET", "4"},
	    {"UPLINKD_OLD", "up"},
	    {"UPLINKD_NEW", "down"},
	    {"UPLINKD_REASON", "targetsLost"},
	    {"UPLINKD_REASON_TEXT", "too few targets answer"},
	    {"UPLINKD_VERSION", "6"},
	    {"UPLINKD_LOSS_PERCENT", "100.0000"},
	    {"UPLINKD_RTT_MS", "2.500"},
	    {"UPLINKD_DETECTION_MS", "123.456"},
	    {"UPLINKD_SWITCH_MS", "1.500"},
	    {"UPLINKD_ACTOR", "control"},
	    {"UPLINKD_ACTOR_UID", "1000"},
	    {"UPLINKD_TEXT", "$(reboot) `id`"},
	};
	struct hook_job job = full_job();
	struct hook_environment env;

	(void)state;
	assert_int_equal(hook_environment_make(&env, &job), 0);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const char *is = value(&env, expected[i][0]);

		if (is == NULL || strcmp(is, expected[i][1]) != 0)
			fail_msg("%s is %s", expected[i][0], is != NULL ? is : "not set");
	}
	assert_int_equal(env.n, sizeof(expected) / sizeof(expected[0]) + 3); /* PATH and so on */
	assert_null(env.list[env.n]);
	hook_environment_free(&env);
}

static void
test_what_is_unknown_is_not_set(void **state)
{
	struct hook_job job = {.event = {.actor = ACTOR_DAEMON,
					 .actor_uid = UINT32_MAX,
					 .reason = REASON_NONE,
					 .detection_us = RTT_UNKNOWN,
					 .switch_us = RTT_UNKNOWN,
					 .rtt_us = RTT_UNKNOWN,
					 .loss_ppm = LOSS_UNKNOWN}};
	struct hook_environment env;

	(void)state;
	assert_int_equal(hook_environment_make(&env, &job), 0);
	assert_string_equal(value(&env, "UPLINKD_EVENT"), "sync");
	assert_string_equal(value(&env, "UPLINKD_ALL_DOWN"), "no");
	assert_string_equal(value(&env, "UPLINKD_LINKS"), "0");
	static const char *const unset[] = {
	    "NUMBER", "LINK", "HEALTH", "RTT_MS", "LOSS_PERCENT", "OLD",     "NEW",
	    "MERGED", "TEXT", "SITE",   "TARGET", "ACTOR_UID",    "VERSION", "DETECTION_MS"};
	for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++) {
		char name[64];

		snprintf(name, sizeof(name), "UPLINKD_%s", unset[i]);
		assert_null(value(&env, name));
	}
	hook_environment_free(&env);
}

/* ---- what the page says ---- */

static void
test_the_page_has_every_variable_and_event(void **state)
{
	struct hook_job job = full_job();
	struct hook_environment env;
	char *page = must_load(PAGE), text[80];

	(void)state;
	assert_int_equal(hook_environment_make(&env, &job), 0);
	for (size_t i = 0; i < env.n; i++) {
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(env.list[i], "="), env.list[i]);
		if (strstr(page, text) == NULL)
			fail_msg("uplinkd.conf(5) lacks %s", text);
	}
	for (unsigned type = EVENT_STARTED; type < EVENT__END; type++) {
		snprintf(text, sizeof(text), "\n.Ql %s ", event_type_name(type));
		if (strstr(page, text) == NULL)
			fail_msg("uplinkd.conf(5) lacks the event %s", event_type_name(type));
	}
	hook_environment_free(&env);
	free(page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_runs_come_out_in_order),
	    cmocka_unit_test(test_one_run_stands_for_all_of_a_link),
	    cmocka_unit_test(test_the_queue_is_bounded),
	    cmocka_unit_test(test_another_configuration),
	    cmocka_unit_test(test_every_variable),
	    cmocka_unit_test(test_what_is_unknown_is_not_set),
	    cmocka_unit_test(test_the_page_has_every_variable_and_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

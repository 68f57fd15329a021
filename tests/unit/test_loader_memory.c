/* SPDX-License-Identifier: ISC */
/* The worker's ruleset where memory runs out: it is loaded as a whole or not at all, and what
 * was not loaded is tried again. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/reserve.h"
#include "read_conf.h"
#include "scarce.h"
#include "worker/internal.h"

int __wrap_sys_ruleset_load(struct sys_flows *f, const char *text, size_t len, char *error,
			    size_t error_size);
int __wrap_sys_ruleset_release(struct sys_flows *f);
int __wrap_sys_ruleset_watch(const struct sys_flows *f);
int __wrap_sys_flows_facts(struct sys_flows *f, const struct conf *conf,
			   const struct link_facts *facts, size_t nfacts);
bool __wrap_sys_flows_neighbours(const struct conf *conf, struct link_facts *facts, size_t nfacts);

static char loaded[65536]; /* "": nothing */

int
__wrap_sys_ruleset_load(struct sys_flows *f, const char *text, size_t len, char *error,
			size_t error_size)
{
	(void)f, (void)error, (void)error_size;
	assert_int_equal(strlen(text), len);
	assert_true(len < sizeof(loaded));
	memcpy(loaded, text, len + 1);
	return 0;
}

int
__wrap_sys_ruleset_release(struct sys_flows *f)
{
	(void)f;
	loaded[0] = '\0';
	return 0;
}

int
__wrap_sys_ruleset_watch(const struct sys_flows *f)
{
	(void)f;
	return -1;
}

int
__wrap_sys_flows_facts(struct sys_flows *f, const struct conf *conf, const struct link_facts *facts,
		       size_t nfacts)
{
	(void)f, (void)conf, (void)facts, (void)nfacts;
	return 0;
}

bool
__wrap_sys_flows_neighbours(const struct conf *conf, struct link_facts *facts, size_t nfacts)
{
	(void)conf, (void)facts, (void)nfacts;
	return false;
}

static struct worker w;
static char whole[sizeof(loaded)];

static bool
load(void *arg)
{
	(void)arg;
	loader_release(&w);
	loader_configure(&w);
	event_base_loop(w.base, EVLOOP_ONCE);
	if (loaded[0] == '\0') {
		assert_true(evtimer_pending(w.loader.timer, NULL)); /* it will be */
		return false;
	}
	if (whole[0] != '\0')
		assert_string_equal(loaded, whole);
	return true;
}

static void
test_a_ruleset_is_whole_or_not_there(void **state)
{
	char text[8192];
	size_t n = 0;

	(void)state;
	for (int i = 1; i <= 30; i++) /* so that its text has to grow */
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "link l%d { index %d; interface wan%d; gateway 192.0.2.%d; "
				      "target 203.0.113.%d }\n",
				      i, i, i, i, i);
	w.engine = -1;
	w.base = event_base_new();
	w.conf = must_read(text);
	for (unsigned i = 1; i <= 30; i++) {
		w.facts[i].link = (uint16_t)i;
		snprintf(w.facts[i].ifname, sizeof(w.facts[i].ifname), "wan%u", i);
	}
	assert_int_equal(loader_open(&w), 0);
	assert_true(load(NULL));
	assert_true(strlen(loaded) > 4096);
	memcpy(whole, loaded, sizeof(whole));
	scarce_everywhere(load, NULL);
	assert_true(load(NULL));
	loader_close(&w);
	event_base_free(w.base);
	conf_free(w.conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_ruleset_is_whole_or_not_there),
	};

	reserve_for_libevent();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

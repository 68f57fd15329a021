/* SPDX-License-Identifier: ISC */
/* The parent and a kernel that can't be read for a while: it is asked again until it can. */
#include "unit.h"

#include <errno.h>
#include <unistd.h>

#include "conf/conf.h"
#include "parent/kernel.h"

static struct {
	int configured, resynced, repaired;            /* how often it was tried */
	int configure_error, resync_error, read_error; /* 0: it goes well */
} kernel;

static int
result_of(int *count, int error)
{
	++*count;
	errno = error;
	return error == 0 ? 0 : -1;
}

int __wrap_sys_routing_configure(struct sys_routing *r, const struct conf *conf, char *error,
				 size_t size);
int __wrap_sys_routing_resync(struct sys_routing *r);
int __wrap_sys_routing_read(struct sys_routing *r);
int __wrap_sys_routing_repair(struct sys_routing *r);

int
__wrap_sys_routing_configure(struct sys_routing *r, const struct conf *conf, char *error,
			     size_t size)
{
	int result = result_of(&kernel.configured, kernel.configure_error);

	(void)r, (void)conf;
	snprintf(error, size, "%s", "why");
	errno = kernel.configure_error;
	return result;
}

int
__wrap_sys_routing_resync(struct sys_routing *r)
{
	(void)r;
	return result_of(&kernel.resynced, kernel.resync_error);
}

int
__wrap_sys_routing_read(struct sys_routing *r)
{
	int none = 0;

	(void)r;
	return result_of(&none, kernel.read_error);
}

int
__wrap_sys_routing_repair(struct sys_routing *r)
{
	(void)r;
	kernel.repaired++;
	return 0;
}

static struct parent p;

static void
what_a_start_could_not_make_is_made_later(void **state)
{
	(void)state;
	kernel.configure_error = EINTR;
	kernel_configure(&p);
	kernel_tick(&p);
	assert_int_equal(kernel.configured, 2);
	kernel.configure_error = 0;
	kernel_tick(&p);
	kernel_tick(&p);
	assert_int_equal(kernel.configured, 3);
	assert_int_equal(kernel.resynced, 0);
}

/* As a kernel without IPv6, of which nothing is different a moment later. */
static void
what_stays_so_is_not_tried_again(void **state)
{
	(void)state;
	kernel.configure_error = EOPNOTSUPP;
	kernel_configure(&p);
	kernel_tick(&p);
	assert_int_equal(kernel.configured, 1);
}

static void
lost_events_are_made_good_later(void **state)
{
	(void)state;
	kernel.read_error = ENOBUFS;
	kernel.resync_error = EINTR;
	event_active(p.on_routing, EV_READ, 0);
	event_base_loop(p.base, EVLOOP_NONBLOCK);
	assert_int_equal(kernel.resynced, 1);
	kernel_tick(&p);
	assert_int_equal(kernel.resynced, 2);
	kernel.resync_error = 0;
	kernel_tick(&p);
	kernel_tick(&p);
	assert_int_equal(kernel.resynced, 3);
}

static void
who_leaves_asks_no_more(void **state)
{
	(void)state;
	kernel.configure_error = ENOBUFS;
	kernel_configure(&p);
	p.releasing = true;
	kernel_tick(&p);
	assert_int_equal(kernel.configured, 1);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&p, 0, sizeof(p));
	p.base = event_base_new();
	return p.base != NULL && kernel_open(&p) == 0 ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	kernel_close(&p);
	event_base_free(p.base);
	return 0;
}

#define KERNEL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    KERNEL_TEST(what_a_start_could_not_make_is_made_later),
	    KERNEL_TEST(what_stays_so_is_not_tried_again),
	    KERNEL_TEST(lost_events_are_made_good_later),
	    KERNEL_TEST(who_leaves_asks_no_more),
	};

	if (geteuid() != 0)
		return 77; /* skipped: the events' socket needs root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

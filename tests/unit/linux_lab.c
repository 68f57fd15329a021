/* SPDX-License-Identifier: ISC */
/* The place in which routing is tested. Each test has namespaces of its own. */
#include "linux_lab.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"

enum { TEXT = 1 << 20 };

struct lab lab;

static char text[TEXT];

static void
on_facts(void *arg, const struct link_facts *facts)
{
	(void)arg;
	assert_in_range(facts->link, 1, LINKS_MAX);
	lab.facts[facts->link] = *facts;
	lab.facts_ns[facts->link] = clock_mono_ns();
	lab.facts_calls++;
}

static void
on_drift(void *arg, unsigned link, int family, const char *what)
{
	(void)arg;
	if (lab.drifts == LAB_DRIFTS)
		return;
	lab.drift[lab.drifts].link = link;
	lab.drift[lab.drifts].family = family;
	snprintf(lab.drift[lab.drifts].text, sizeof(lab.drift[0].text), "%s", what);
	lab.drifts++;
}

/* ---- the place ---- */

int
lab_setup(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	if (!netns_enter_new())
		fail_msg("root is needed: network namespaces");
	lab.isp = netns_make();
	/* the kernel holds carrier events of a veth back for up to a second where both
	 * ends have the same number: shift the numbers of the others */
	netns_run(lab.isp, "ip link add pad1 type veth peer name pad2");
	return 0;
}

int
lab_teardown(void **state)
{
	(void)state;
	sys_routing_close(lab.r);
	conf_free(lab.conf);
	close(lab.isp);
	return 0;
}

/* wan1.. with 10.0.N.2/24 and 2001:db8:N::2/64; the gateways are .1 and ::1. */
void
lab_make_wans(unsigned n)
{
	/* The end of duplicate address detection is an event of its own, a second later: in a test
	 * that takes so long, what it excuses is not told. */
	netns_run(-1, "sysctl -qw net.ipv6.conf.default.accept_dad=0");
	netns_run(lab.isp, "sysctl -qw net.ipv6.conf.default.accept_dad=0");
	for (unsigned i = 1; i <= n; i++) {
		char near[16], far[16];

		snprintf(near, sizeof(near), "wan%u", i);
		snprintf(far, sizeof(far), "isp%u", i);
		netns_veth(-1, near, lab.isp, far);
		netns_run(-1, "ip addr add 10.0.%u.2/24 dev wan%u", i, i);
		netns_run(-1, "ip addr add 2001:db8:%u::2/64 dev wan%u nodad", i, i);
		netns_run(lab.isp, "ip addr add 10.0.%u.1/24 dev isp%u", i, i);
		netns_run(lab.isp, "ip addr add 2001:db8:%u::1/64 dev isp%u nodad", i, i);
	}
}

static void
open_routing(void)
{
	const struct sys_routing_hooks hooks = {on_facts, on_drift, NULL};

	lab.r = sys_routing_open(&hooks);
	assert_non_null(lab.r);
}

const char *
lab_links(unsigned n, const char *first, const char *more)
{
	int at = snprintf(text, sizeof(text), "%s", first);

	for (unsigned i = 1; i <= n; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at,
			       "link \"link%u\" { index %u; interface wan%u; gateway 10.0.%u.1; "
			       "gateway 2001:db8:%u::1; %s }\n",
			       i, i, i, i, i, more);
	return text;
}

int
lab_try_to_configure(const char *config, char *error, size_t size)
{
	struct conf *old = lab.conf;
	int result, saved;

	if (lab.r == NULL)
		open_routing();
	lab.conf = must_read(config);
	result = sys_routing_configure(lab.r, lab.conf, error, size);
	saved = errno;
	conf_free(old);
	errno = saved;
	return result;
}

void
lab_configure(const char *config)
{
	char error[256];

	if (lab_try_to_configure(config, error, sizeof(error)) != 0)
		fail_msg("configure: %s", error);
}

/* The process died: nothing was told to the kernel. */
void
lab_forget(void)
{
	sys_routing_close(lab.r);
	lab.r = NULL;
}

const char *
lab_output(const char *command)
{
	netns_output(-1, command, text, sizeof(text));
	return text;
}

bool
lab_shows(const char *command, const char *needle)
{
	bool found = strstr(lab_output(command), needle) != NULL;

	if (!found)
		printf("not in the output of %s: %s\n%s", command, needle, text);
	return found;
}

unsigned
lab_lines(const char *command)
{
	unsigned n = 0;

	for (const char *c = lab_output(command); *c != '\0'; c++)
		n += *c == '\n';
	return n;
}

/* How many want to run for each processor just now; 1 where there is room. */
static double
crowd(void)
{
	FILE *f = fopen("/proc/loadavg", "r");
	double share = 1;
	unsigned running;

	assert_non_null(f);
	if (fscanf(f, "%*s %*s %*s %u/", &running) == 1)
		share = running / (double)sysconf(_SC_NPROCESSORS_ONLN);
	fclose(f);
	return share > 1 ? share : 1;
}

/* Where three want to run on each processor, a millisecond counts a third. */
bool
lab_read_until(bool (*done)(void), int ms)
{
	enum { STEP_MS = 10 };
	double left_ms = ms;

	while (!done()) {
		struct pollfd pfd = {.fd = sys_routing_fd(lab.r), .events = POLLIN};
		uint64_t began_ns = clock_mono_ns();

		if (left_ms <= 0)
			return false;
		if (poll(&pfd, 1, STEP_MS) == 1)
			assert_int_equal(sys_routing_read(lab.r), 0);
		left_ms -= (double)(clock_mono_ns() - began_ns) / NSEC_PER_MSEC / crowd();
	}
	return true;
}

/* For how long this thread could have run and had no processor. */
static uint64_t
delayed_ns(void)
{
	FILE *f = fopen("/proc/thread-self/schedstat", "r");
	unsigned long long ns = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*u %llu", &ns) != 1)
		ns = 0;
	fclose(f);
	return ns;
}

/* The delay is read before the one time and after the other: where another program comes
 * between these readings, what it takes is never taken for the span's. */
struct lab_span
lab_begin(void)
{
	struct lab_span span = {.delayed_ns = delayed_ns()};

	span.since_ns = clock_mono_ns();
	return span;
}

uint64_t
lab_took_ns(const struct lab_span *span)
{
	uint64_t ns = clock_mono_ns() - span->since_ns, delayed = delayed_ns() - span->delayed_ns;

	return ns > delayed ? ns - delayed : 0;
}

static bool
never(void)
{
	return false;
}

void
lab_read_for(int ms)
{
	lab_read_until(never, ms);
}

/* ---- plans ---- */

struct plan
lab_plan(unsigned n, const unsigned weights[])
{
	struct plan plan = {.serial = 1};

	for (int family = 0; family < FAMILIES; family++) {
		plan.family[family].count = (uint16_t)n;
		for (unsigned i = 0; i < n; i++)
			plan.family[family].members[i] = (struct plan_member){
			    .link = (uint16_t)(i + 1),
			    .weight = (uint16_t)weights[i],
			};
	}
	return plan;
}

struct sys_apply_counts
lab_apply(const struct plan *plan)
{
	struct plan installed;
	struct sys_apply_counts counts;

	assert_int_equal(sys_routing_apply(lab.r, plan, &installed, &counts), 0);
	for (int family = 0; family < FAMILIES; family++)
		assert_memory_equal(&installed.family[family], &plan->family[family],
				    sizeof(plan->family[family]));
	return counts;
}

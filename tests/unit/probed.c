/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "probed.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/clock.h"
#include "engine/decide.h"
#include "engine/probing.h"
#include "engine/publish.h"
#include "engine/wheel.h"
#include "system/system.h"

struct engine *e;
uint64_t mono, wall;
struct left left[512];
size_t nleft;
int send_error;
unsigned looked, ended, silent;
bool no_sockets;
bool counters;
uint64_t packets_in[8];
uint64_t looks_again_ms;
int parent, worker;

static struct wheel wheel;
static struct board *board;
static struct plan standing; /* in the kernel */

/* ---- the clock and the timers ---- */

uint64_t __wrap_clock_mono_ns(void);
uint64_t __wrap_clock_wall_ns(void);
void __wrap_timers_set(struct timers *timers, struct wheel_timer *t, uint64_t at_ns);
void __wrap_timers_unset(struct timers *timers, struct wheel_timer *t);

uint64_t
__wrap_clock_mono_ns(void)
{
	return mono;
}

uint64_t
__wrap_clock_wall_ns(void)
{
	return wall;
}

void
__wrap_timers_set(struct timers *timers, struct wheel_timer *t, uint64_t at_ns)
{
	(void)timers;
	wheel_set(&wheel, t, at_ns);
}

void
__wrap_timers_unset(struct timers *timers, struct wheel_timer *t)
{
	(void)timers;
	wheel_unset(&wheel, t);
}

int __real_event_add(struct event *ev, const struct timeval *wait);
int __wrap_event_add(struct event *ev, const struct timeval *wait);
int __real_event_del(struct event *ev);
int __wrap_event_del(struct event *ev);

int
__wrap_event_add(struct event *ev, const struct timeval *wait)
{
	if (e == NULL || ev != e->deadline)
		return __real_event_add(ev, wait);
	looks_again_ms = (uint64_t)wait->tv_sec * 1000 + (uint64_t)wait->tv_usec / 1000;
	return 0;
}

int
__wrap_event_del(struct event *ev)
{
	if (e == NULL || ev != e->deadline)
		return __real_event_del(ev);
	looks_again_ms = 0;
	return 0;
}

static void
go_to(uint64_t at_ns)
{
	if (at_ns <= mono)
		return;
	wall += at_ns - mono;
	mono = at_ns;
}

static void
turn(uint64_t until_ns)
{
	struct wheel_timer *t;

	go_to(wheel_next(&wheel) < until_ns ? wheel_next(&wheel) : until_ns);
	while ((t = wheel_take(&wheel, mono)) != NULL)
		t->due(t->arg);
}

void
pass_ms(uint64_t ms)
{
	uint64_t until_ns = mono + ms * NSEC_PER_MSEC;

	while (mono < until_ns)
		turn(until_ns);
}

/* ---- the wire ---- */

const struct method_ops *__wrap_method_ops(unsigned method);
struct probe_socket *__wrap_sockets_first(const struct link *link, unsigned method, int family);
int __wrap_sys_traffic_read(struct sys_traffic *t, const struct link_facts *facts, bool fresh,
			    struct sys_traffic_count *count);

static int
take(struct target *t, const struct addr *to, struct probe *probe)
{
	if (send_error != 0) {
		errno = send_error;
		return -1;
	}
	assert_true(nleft < ARRAY_LEN(left));
	left[nleft++] = (struct left){.target = t,
				      .to = *to,
				      .sequence = probe->sequence,
				      .at_ns = mono,
				      .urgent = probe->urgent};
	return 0;
}

static void
count_look(struct target *t, struct probe *probe)
{
	(void)t, (void)probe;
	looked++;
}

static void
count_end(struct probe *probe)
{
	(void)probe;
	ended++;
}

void
count_silent(struct target *t, uint64_t sent_ns)
{
	(void)t, (void)sent_ns;
	silent++;
}

struct method_ops wire;

const struct method_ops *
__wrap_method_ops(unsigned method)
{
	(void)method;
	return &wire;
}

struct probe_socket *
__wrap_sockets_first(const struct link *link, unsigned method, int family)
{
	static struct probe_socket *some;

	(void)link, (void)method, (void)family;
	return no_sockets ? NULL : (struct probe_socket *)&some;
}

int
__wrap_sys_traffic_read(struct sys_traffic *t, const struct link_facts *facts, bool fresh,
			struct sys_traffic_count *count)
{
	(void)t, (void)fresh;
	assert_int_not_equal(facts->ifindex, 0);
	if (!counters)
		return -1;
	*count = (struct sys_traffic_count){.received = packets_in[facts->ifindex]};
	return 0;
}

void
answer(size_t i, uint32_t rtt_us)
{
	struct target *t = left[i].target;
	struct arrival a = {.rtt_ns = rtt_us * NSEC_PER_USEC};

	probing_answered(t, probing_probe(t, left[i].sequence), &a);
}

static bool
is_dead(const struct target *t, unsigned dead)
{
	unsigned link = t->link->row.index;

	return dead & (DEAD(link) | (t->conf.family == V4 ? DEAD4(link) : DEAD6(link)));
}

void
live_ms(uint64_t ms, unsigned dead)
{
	uint64_t until_ns = mono + ms * NSEC_PER_MSEC;
	size_t next = nleft;

	while (mono < until_ns) {
		turn(until_ns);
		for (; next < nleft; next++) {
			if (is_dead(left[next].target, dead))
				continue;
			answer(next, 1);
		}
	}
}

unsigned
left_of(const struct target *t)
{
	unsigned n = 0;

	for (size_t i = 0; i < nleft; i++)
		n += left[i].target == t;
	return n;
}

const struct left *
last_of(const struct target *t)
{
	for (size_t i = nleft; i > 0; i--)
		if (left[i - 1].target == t)
			return &left[i - 1];
	fail_msg("nothing left for it");
	return NULL;
}

/* ---- the engine ---- */

static int
channel(int *theirs)
{
	int ends[2];

	assert_int_equal(ipc_pair(ends), 0);
	*theirs = ends[1];
	return ends[0];
}

void
begin(const char *conf)
{
	mono = AT_MS(3); /* not on any grid */
	wall = 1790000000 * NSEC_PER_SEC;
	nleft = 0;
	send_error = 0;
	looked = ended = silent = 0;
	no_sockets = counters = false;
	looks_again_ms = 0;
	memset(packets_in, 0, sizeof(packets_in));
	memset(&standing, 0, sizeof(standing));
	wire = (struct method_ops){.send = take, .look = count_look, .end = count_end};
	wheel_start(&wheel, mono);
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(board, MAP_FAILED);
	e = calloc(1, sizeof(*e));
	assert_non_null(e);
	e->base = event_base_new();
	e->deadline = event_new(e->base, -1, 0, NULL, NULL);
	e->board = board;
	assert_true(publish_adopt_global(board, &e->global));
	e->global.events_started = 1;
	e->traffic = (struct sys_traffic *)&counters;
	e->parent = channel(&parent);
	e->worker = channel(&worker);
	e->snmp = e->hooks = -1;
	assert_int_equal(model_load(e, must_read(conf)), 0);
}

void
end(void)
{
	assert_int_equal(model_load(e, calloc(1, sizeof(struct conf))), 0);
	assert_int_equal(wheel_next(&wheel), UINT64_MAX);
	conf_free(e->conf);
	close(e->parent), close(parent);
	close(e->worker), close(worker);
	event_free(e->deadline);
	event_base_free(e->base);
	free(e->links);
	free(e);
	munmap(board, sizeof(*board));
}

static struct addr
address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

void
give_way(struct link *link)
{
	link->facts = (struct link_facts){
	    .link = link->row.index,
	    .carrier = CARRIER_UP,
	    .admin_up = 1,
	    .ifindex = link->row.index,
	    .route = {[V4] = {.gateway = address("192.0.2.1"),
			      .source = address("192.0.2.9"),
			      .origin = GATEWAY_CONFIGURED},
		      [V6] = {.gateway = address("fe80::1"),
			      .source = address("2001:db8::9"),
			      .origin = GATEWAY_CONFIGURED}},
	};
	link->facts_known = true;
}

static bool
has_weight(const struct plan_family *list)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->members[i].weight > 0)
			return true;
	return false;
}

void
installed(int error)
{
	struct ipc_plan_result result = {.serial = e->global.plan_serial, .error = error};

	for (int f = 0; error == 0 && f < FAMILIES; f++)
		if (has_weight(&e->sent.family[f]))
			standing.family[f] = e->sent.family[f];
	result.installed = standing;
	decide_plan_result(e, &result);
}

void
begin_well(const char *conf)
{
	begin(conf);
	for (size_t i = 0; i < e->nlinks; i++)
		give_way(e->links[i]);
	decide(e);
	installed(0);
	live_ms(400, 0);
	installed(0);
}

struct probe *
next_probe(struct target *t)
{
	live_ms((t->due_ns - mono) / NSEC_PER_MSEC, DEAD(1));
	assert_int_equal(last_of(t)->at_ns, mono);
	return probing_probe(t, last_of(t)->sequence);
}

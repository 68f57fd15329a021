/* SPDX-License-Identifier: ISC */
/* SET in the engine: in phases, all of it or nothing, whatever happens between; the
 * cause is told before the effect; refusals are counted and seldom told. The clock is
 * the test's, and so are the other ends of all channels. */
#include "unit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/clock.h"
#include "engine/assess.h"
#include "engine/decide.h"
#include "engine/model.h"
#include "engine/ordering.h"
#include "engine/publish.h"
#include "read_conf.h"

static uint64_t mono, wall;

uint64_t __wrap_clock_mono_ns(void);
uint64_t __wrap_clock_wall_ns(void);

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

/* What the board says of a SET under way at the moment of the decision. */
static struct board_set seen;

void __real_decide(struct engine *engine);
void __wrap_decide(struct engine *engine);

void
__wrap_decide(struct engine *engine)
{
	seen = engine->board->set;
	__real_decide(engine);
}

static const char three_links[] =
    "hold 0; up after 1; snmp { default timeout 1h }\n"
    "link a { index 1; interface wan1; gateway 192.0.2.1; target 203.0.113.1 }\n"
    "link b { index 2; interface wan2; gateway 192.0.2.2; target 203.0.113.1 }\n"
    "link c { index 3; interface wan3; gateway 192.0.2.3; target 203.0.113.1 }\n";

static struct engine *e;
static int parent, worker, snmp, hooks; /* their ends of the channels */

static int
channel(int *theirs)
{
	int ends[2];

	assert_int_equal(ipc_pair(ends), 0);
	*theirs = ends[1];
	return ends[0];
}

static void
pass_s(unsigned seconds)
{
	mono += seconds * NSEC_PER_SEC;
	wall += seconds * NSEC_PER_SEC;
}

/* Facts and an answer of its target, so that it is up. */
static void
bring_up(struct link *link)
{
	struct route_facts *r = &link->facts.route[V4];
	struct sample s = {.sent_ns = mono, .rtt_us = 1000};

	link->facts = (struct link_facts){.link = link->row.index,
					  .carrier = CARRIER_UP,
					  .admin_up = 1,
					  .ifindex = link->row.index};
	assert_int_equal(addr_parse("192.0.2.1", &r->gateway), 0);
	assert_int_equal(addr_parse("192.0.2.9", &r->source), 0);
	link->facts_known = true;
	assess_sample(link->targets[0], &s, mono);
}

/* What the parent would say: the newest plan stands in the kernel. */
static void
install(void)
{
	struct ipc_plan_result result = {.serial = e->global.plan_serial, .installed = e->sent};

	decide_plan_result(e, &result);
}

static void
start(struct board *board)
{
	e = calloc(1, sizeof(*e));
	e->base = event_base_new();
	e->timers = timers_new(e->base);
	e->deadline = event_new(e->base, -1, 0, NULL, NULL);
	e->board = board;
	assert_true(publish_adopt_global(board, &e->global));
	e->global.events_started = 1;
	e->parent = channel(&parent);
	e->worker = channel(&worker);
	e->snmp = channel(&snmp);
	e->hooks = channel(&hooks);
	assert_int_equal(model_load(e, must_read(three_links)), 0);
	ordering_adopt(e);
	e->plan_known = true;
	for (size_t i = 0; i < e->nlinks; i++)
		bring_up(e->links[i]);
	decide(e);
	install();
	e->global.notified = e->global.events_last;
}

static struct board *
new_board(void)
{
	struct board *board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_ptr_not_equal(board, MAP_FAILED);
	return board;
}

/* It dies: its memory is given back without another word to the board. */
static void
end_engine(void)
{
	struct board *elsewhere = e->board = new_board();

	assert_int_equal(model_load(e, calloc(1, sizeof(struct conf))), 0);
	conf_free(e->conf);
	close(e->parent), close(parent);
	close(e->worker), close(worker);
	close(e->snmp), close(snmp);
	close(e->hooks), close(hooks);
	event_free(e->deadline);
	timers_free(e->timers);
	event_base_free(e->base);
	free(e->links);
	free(e);
	munmap(elsewhere, sizeof(*elsewhere));
}

static int
set_up(void **state)
{
	(void)state;
	mono = 20 * NSEC_PER_SEC;
	wall = 1790000000 * NSEC_PER_SEC;
	start(new_board());
	return 0;
}

static int
tear_down(void **state)
{
	struct board *board = e->board;

	(void)state;
	end_engine();
	munmap(board, sizeof(*board));
	return 0;
}

/* ---- asking ---- */

static struct ipc_set
set_of(uint32_t id, unsigned n, enum admin admin)
{
	struct ipc_set set = {.id = id, .count = (uint16_t)n};

	for (unsigned i = 0; i < n; i++)
		set.orders[i] = (struct order){
		    .link = (uint16_t)(i + 1),
		    .fields = admin == ADMIN_AUTO ? ORDER_ADMIN : ORDER_ADMIN | ORDER_OWNER,
		    .admin = (uint8_t)admin,
		    .owner = "noc"};
	return set;
}

static enum order_verdict
verdict(uint32_t id, bool apply)
{
	struct ipc_message m;

	do
		assert_int_equal(ipc_receive(snmp, IPC_PEER_ENGINE, &m), IPC_OK);
	while (m.type == IPC_WAKE);
	assert_int_equal(m.type, IPC_SET_ANSWER);
	assert_int_equal(((const struct ipc_set_answer *)m.body)->id, id);
	assert_int_equal(((const struct ipc_set_answer *)m.body)->apply, apply);
	return ((const struct ipc_set_answer *)m.body)->verdict;
}

static enum order_verdict
ask(const struct ipc_set *set)
{
	ordering_test(e, set);
	return verdict(set->id, false);
}

static enum order_verdict
apply(uint32_t id)
{
	struct ipc_set_id body = {.id = id};

	ordering_apply(e, &body);
	return verdict(id, true);
}

static void
end_set(uint32_t id, bool undo)
{
	struct ipc_set_id body = {.id = id, .undo = undo};

	ordering_end(e, &body);
}

static unsigned
admin(unsigned link)
{
	struct board_link row;

	assert_true(board_read(&e->board->links[link], &row, sizeof(row)));
	assert_int_equal(row.admin, model_link(e, link)->row.admin);
	return row.admin;
}

/* The type of the event that comes next after *number; 0: none. */
static unsigned
next_event(uint64_t *number, struct board_event *ev)
{
	if (*number >= e->global.events_last)
		return 0;
	*ev = e->board->events[++*number % BOARD_EVENTS];
	assert_int_equal(ev->number, *number);
	return ev->type;
}

static bool
kills(void)
{
	struct ipc_message m;
	enum ipc_status status = ipc_receive(worker, IPC_PEER_ENGINE, &m);

	return status == IPC_OK && m.type == IPC_KILL_FLOWS;
}

/* The type of the event that the hooks are told next, 0: of none. */
static unsigned
hooked(void)
{
	struct ipc_message m;

	if (ipc_receive(hooks, IPC_PEER_ENGINE, &m) != IPC_OK)
		return 0;
	assert_int_equal(m.type, IPC_EVENT);
	return ((const struct ipc_event *)m.body)->type;
}

/* ---- the tests ---- */

static void
the_cause_is_told_before_the_effect(void **state)
{
	uint64_t at = e->global.events_last;
	struct ipc_set set = set_of(1, 1, ADMIN_DRAIN);
	struct board_event ev;

	(void)state;
	assert_int_equal(ask(&set), ORDER_OK);
	assert_int_equal(admin(1), ADMIN_AUTO);
	assert_int_equal(apply(1), ORDER_OK);
	assert_int_equal(admin(1), ADMIN_DRAIN);
	assert_int_equal(e->links[0]->row.order_timeout_s, 3600); /* none was named */
	assert_int_equal(next_event(&at, &ev), EVENT_CONTROL_SET);
	assert_int_equal(ev.actor, ACTOR_SNMP);
	assert_string_equal(ev.text, "noc");
	assert_int_equal(ev.plan_serial, e->global.plan_serial);
	assert_int_equal(next_event(&at, &ev), EVENT_DRAIN_STARTED);
	end_set(1, false);
	assert_int_equal(next_event(&at, &ev), 0);
	assert_int_equal(e->global.sets_taken, 1);

	/* the same at the console, and when its time is over */
	at = e->global.events_last;
	pass_s(3600);
	decide(e);
	assert_int_equal(next_event(&at, &ev), EVENT_CONTROL_EXPIRED);
	assert_int_equal(ev.old_state, ADMIN_DRAIN);
	assert_int_equal(admin(1), ADMIN_AUTO);
}

/* The others take over its IPv4, and have no IPv6: its last route of that stays in the kernel. */
static void
a_link_has_left_though_a_last_route_of_it_stays(void **state)
{
	struct ipc_plan_result result = {0};
	uint64_t at = e->global.events_last;
	struct plan_family *sent = &e->sent.family[V4];
	struct link *a = e->links[0];
	struct board_event ev;

	(void)state;
	assert_int_equal(sent->members[0].link, 1);
	a->row.route[V6].installed = 1;
	a->row.oper = OPER_OUT;
	a->row.cut = CUT_WANTED;
	sent->count--;
	memmove(sent->members, sent->members + 1, sent->count * sizeof(sent->members[0]));
	e->sent.serial = ++e->global.plan_serial;
	result.serial = e->sent.serial;
	result.installed = e->sent;
	result.installed.family[V6].members[0] = (struct plan_member){1, 1};
	result.installed.family[V6].count = 1;
	decide_plan_result(e, &result);
	assert_int_equal(next_event(&at, &ev), EVENT_FAILOVER);
	assert_true(kills());
	assert_int_equal(a->row.route[V6].installed, 1);
	/* back by what had stayed: then it carries again */
	a->row.oper = OPER_ACTIVE;
	e->sent.family[V6] = result.installed.family[V6];
	e->sent.serial = ++e->global.plan_serial;
	result.serial = e->sent.serial;
	decide_plan_result(e, &result);
	assert_int_equal(next_event(&at, &ev), EVENT_FAILBACK);
	/* and gone, when nobody carries that version any more */
	a->row.oper = OPER_OUT;
	e->sent.family[V6].count = 0;
	e->sent.serial = ++e->global.plan_serial;
	result.serial = e->sent.serial;
	decide_plan_result(e, &result);
	assert_int_equal(next_event(&at, &ev), EVENT_FAILOVER);
	/* once, also when that one goes too */
	e->sent.serial = ++e->global.plan_serial;
	result.serial = e->sent.serial;
	result.installed.family[V6].count = 0;
	decide_plan_result(e, &result);
	assert_int_equal(next_event(&at, &ev), 0);
}

static void
undo_takes_all_of_it_back_and_says_so(void **state)
{
	uint64_t at;
	struct ipc_set set = set_of(7, 2, ADMIN_DRAIN);
	struct board_event ev;

	(void)state;
	set.has_lock = 1;
	set.lock = e->global.set_lock;
	assert_int_equal(ask(&set), ORDER_OK);
	assert_int_equal(apply(7), ORDER_OK);
	assert_int_equal(admin(1), ADMIN_DRAIN);
	assert_int_equal(admin(2), ADMIN_DRAIN);
	assert_int_equal(e->global.set_lock, set.lock + 1);
	at = e->global.events_last;
	end_set(7, true);
	assert_int_equal(admin(1), ADMIN_AUTO);
	assert_int_equal(admin(2), ADMIN_AUTO);
	assert_int_equal(e->global.set_lock, set.lock);
	assert_int_equal(e->global.sets_taken, 0);
	assert_int_equal(next_event(&at, &ev), EVENT_CONTROL_SET);
	assert_int_equal(ev.reason, REASON_ORDER_UNDONE);
	assert_int_equal(ev.new_state, ADMIN_AUTO);
	/* and once more is nothing */
	at = e->global.events_last;
	end_set(7, true);
	assert_int_equal(next_event(&at, &ev), 0);
}

static void
undo_leaves_what_somebody_ordered_meanwhile(void **state)
{
	struct ipc_set set = set_of(7, 2, ADMIN_DRAIN);
	struct order other = {.link = 2, .fields = ORDER_ADMIN, .admin = ADMIN_FORCE_UP};
	char why[64];

	(void)state;
	assert_int_equal(ask(&set), ORDER_OK);
	assert_int_equal(apply(7), ORDER_OK);
	assert_int_equal(ordering_now(e, &other, 0, why, sizeof(why)), ORDER_OK);
	end_set(7, true);
	assert_int_equal(admin(1), ADMIN_AUTO);
	assert_int_equal(admin(2), ADMIN_FORCE_UP);
}

static void
flows_are_cut_only_when_it_can_not_be_taken_back(void **state)
{
	struct ipc_set set = set_of(3, 1, ADMIN_FORCE_DOWN);

	(void)state;
	assert_int_equal(ask(&set), ORDER_OK);
	assert_int_equal(apply(3), ORDER_OK);
	install();
	assert_false(kills());
	end_set(3, false);
	assert_true(kills());

	/* one that is undone cuts nothing */
	set = set_of(4, 1, ADMIN_AUTO);
	assert_int_equal(ask(&set), ORDER_OK);
	assert_int_equal(apply(4), ORDER_OK);
	end_set(4, false);
	install();
	set = set_of(5, 1, ADMIN_FORCE_DOWN);
	assert_int_equal(ask(&set), ORDER_OK);
	assert_int_equal(apply(5), ORDER_OK);
	install();
	end_set(5, true);
	install();
	assert_false(kills());
}

static void
programs_are_run_only_when_it_can_not_be_taken_back(void **state)
{
	struct ipc_set set = set_of(3, 1, ADMIN_DRAIN);

	(void)state;
	while (hooked() != 0)
		; /* of the start */
	assert_int_equal(ask(&set), ORDER_OK);
	assert_int_equal(apply(3), ORDER_OK);
	install();
	assert_int_equal(hooked(), 0);
	end_set(3, false);
	assert_int_equal(hooked(), EVENT_CONTROL_SET);
	assert_int_equal(hooked(), EVENT_DRAIN_STARTED);
	assert_int_equal(hooked(), 0);
}

static void
a_set_that_nobody_ends_stands(void **state)
{
	struct ipc_set set = set_of(3, 1, ADMIN_FORCE_DOWN);

	(void)state;
	assert_int_equal(ask(&set), ORDER_OK);
	assert_int_equal(apply(3), ORDER_OK);
	install();
	assert_int_equal(ordering_lapses_at(e), mono + 2 * NSEC_PER_SEC);
	pass_s(2);
	decide(e);
	assert_true(kills());
	assert_int_equal(ordering_lapses_at(e), 0);
	end_set(3, true);
	assert_int_equal(admin(1), ADMIN_FORCE_DOWN);
}

static void
what_was_reserved_is_kept_from_others_for_a_while(void **state)
{
	struct ipc_set first = set_of(1, 1, ADMIN_DRAIN), second = set_of(2, 1, ADMIN_FORCE_UP);
	struct order order = {.link = 1, .fields = ORDER_ADMIN, .admin = ADMIN_DRAIN};
	char why[64];

	(void)state;
	assert_int_equal(ask(&first), ORDER_OK);
	assert_int_equal(ask(&second), ORDER_BUSY);
	assert_int_equal(ordering_now(e, &order, 0, why, sizeof(why)), ORDER_BUSY);
	assert_int_equal(apply(2), ORDER_BUSY);
	pass_s(2);
	assert_int_equal(apply(1), ORDER_BUSY);
	assert_int_equal(ask(&second), ORDER_OK);
	assert_int_equal(apply(2), ORDER_OK);
	assert_int_equal(admin(1), ADMIN_FORCE_UP);
}

/* An engine dies after the rows were written, or some of them. */
static void
an_engine_that_dies_within_leaves_nothing_half_done(void **state)
{
	struct ipc_set set = set_of(1, 2, ADMIN_FORCE_UP);
	struct order drain = {
	    .link = 2, .fields = ORDER_ADMIN | ORDER_OWNER, .admin = ADMIN_DRAIN, .owner = "alice"};
	struct board *board = e->board;
	static struct board_set under_way;
	uint32_t lock = e->global.set_lock;
	char why[64];

	(void)state;
	assert_int_equal(ordering_now(e, &drain, 0, why, sizeof(why)), ORDER_OK);
	set.has_lock = 1;
	set.lock = lock;
	assert_int_equal(ask(&set), ORDER_OK);
	assert_int_equal(apply(1), ORDER_OK);
	assert_int_equal(board->set.count, 0); /* done: it is not taken back */
	assert_int_equal(seen.count, 2);
	board_write(&board->set, &seen, sizeof(seen));
	end_engine();
	start(board);
	assert_int_equal(admin(1), ADMIN_AUTO);
	assert_int_equal(admin(2), ADMIN_DRAIN);
	assert_string_equal(e->links[1]->row.owner, "alice");
	assert_int_equal(e->global.set_lock, lock);
	assert_int_equal(board->set.count, 0);

	/* nonsense is not believed */
	under_way.count = 0xffff;
	for (unsigned i = 0; i < SET_ORDERS_MAX; i++)
		under_way.orders[i] =
		    (struct board_set_order){.link = i * 70000, .before = {.admin = 77}};
	board_write(&board->set, &under_way, sizeof(under_way));
	end_engine();
	start(board);
	assert_int_equal(admin(2), ADMIN_DRAIN);
}

static void
refusals_are_counted_and_seldom_told(void **state)
{
	uint64_t before = e->global.events_last, at;
	struct ipc_set set = set_of(1, 1, ADMIN_DRAIN);
	struct board_event ev;

	(void)state;
	set.orders[0].link = 77;
	for (int i = 0; i < 3000; i++)
		assert_int_equal(ask(&set), ORDER_NO_LINK);
	assert_int_equal(e->global.sets_refused, 3000);
	assert_int_equal(e->global.events_last, before + 10);
	/* a day of it leaves room in the ring */
	for (int i = 0; i < 24 * 60; i++) {
		pass_s(60);
		assert_int_equal(ask(&set), ORDER_NO_LINK);
		assert_int_equal(ask(&set), ORDER_NO_LINK);
	}
	assert_in_range(e->global.events_last - before, 24 * 60, BOARD_EVENTS / 4);
	at = before + 10;
	assert_int_equal(next_event(&at, &ev), EVENT_CONTROL_REFUSED);
	assert_non_null(strstr(ev.text, "2990 more were refused before"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(the_cause_is_told_before_the_effect),
	    CASE(a_link_has_left_though_a_last_route_of_it_stays),
	    CASE(undo_takes_all_of_it_back_and_says_so),
	    CASE(undo_leaves_what_somebody_ordered_meanwhile),
	    CASE(flows_are_cut_only_when_it_can_not_be_taken_back),
	    CASE(programs_are_run_only_when_it_can_not_be_taken_back),
	    CASE(a_set_that_nobody_ends_stands),
	    CASE(what_was_reserved_is_kept_from_others_for_a_while),
	    CASE(an_engine_that_dies_within_leaves_nothing_half_done),
	    CASE(refusals_are_counted_and_seldom_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Targets that another process asks: what it is told, which of its answers are taken, and
 * that its silence is its own fault. */
#include "unit.h"

#include "probed.h"

#include <unistd.h>

#include "common/clock.h"
#include "engine/asked.h"
#include "engine/burst.h"
#include "engine/probing.h"

#define COMMANDS                                                                     \
	"interval 10s; timeout 1s; down after 3; up after 1; hold 0; confirm yes\n"  \
	"link a { index 1; interface wan1; gateway 192.0.2.1; budget 100M per day; " \
	"target 203.0.113.1 command \"/bin/a\"; target 203.0.113.2 command \"/bin/b\" }\n"

static int runner;         /* its end */
static unsigned questions; /* so many it was asked */

static void
runner_comes(void)
{
	int ends[2];

	assert_int_equal(ipc_pair(ends), 0);
	runner = ends[1];
	asked_channel(e, IPC_PEER_RUNNER, ends[0]);
}

static void
turn_loop(void)
{
	event_base_loop(e->base, EVLOOP_NONBLOCK);
}

static void
runner_goes(void)
{
	close(runner);
	turn_loop();
	assert_false(e->asked[1].there);
}

static void
begin_asked(void)
{
	begin(COMMANDS);
	wire = method_command;
	questions = 0;
	e->global.config_serial = 7;
	for (size_t i = 0; i < e->nlinks; i++)
		give_way(e->links[i]);
	e->plan_known = true;
	runner_comes();
}

static void
end_asked(void)
{
	runner_goes();
	end();
}

static struct target *
target(size_t i)
{
	return e->links[0]->targets[i];
}

/* The newest that it was asked of that target; link 0: none. */
static struct ipc_ask
question(size_t place)
{
	static struct ipc_ask newest[2];
	struct ipc_message m;

	if (questions == 0)
		memset(newest, 0, sizeof(newest));
	for (; ipc_receive(runner, IPC_PEER_ENGINE, &m) == IPC_OK; questions++) {
		const struct ipc_ask *q = m.body;

		assert_int_equal(m.type, IPC_ASK);
		assert_true(q->place < ARRAY_LEN(newest));
		newest[q->place] = *q;
	}
	return newest[place];
}

static struct ipc_asked
answer_to(const struct ipc_ask *q, enum asked_verdict verdict)
{
	return (struct ipc_asked){.slot = q->slot,
				  .sequence = q->sequence,
				  .nonce = q->nonce,
				  .rtt_us = 300,
				  .verdict = (uint8_t)verdict};
}

static void
say(const struct ipc_asked *a)
{
	assert_int_equal(ipc_send(runner, IPC_ASKED, a, sizeof(*a), -1), 0);
	turn_loop();
}

/* Whom the engine blames, and for what; 0: nobody. */
static struct ipc_blame
blamed(void)
{
	struct ipc_message m;

	while (ipc_receive(parent, IPC_PEER_ENGINE, &m) == IPC_OK)
		if (m.type == IPC_BLAME)
			return *(const struct ipc_blame *)m.body;
	return (struct ipc_blame){0};
}

/* Until it has been asked of that target once more. */
static void
next_round(size_t place)
{
	pass_ms((target(place)->due_ns - mono) / NSEC_PER_MSEC + 1);
}

static void
it_is_told_which_target(void **state)
{
	struct ipc_ask q[2];

	(void)state;
	begin_asked();
	pass_ms(400);
	for (int i = 0; i < 2; i++) {
		q[i] = question(i);
		assert_int_equal(q[i].link, 1);
		assert_int_equal(q[i].serial, 7);
		assert_int_equal(q[i].place, i);
		assert_int_equal(q[i].slot, target(i)->slot);
		assert_true(addr_equal(&q[i].to, &target(i)->conf.addr));
	}
	assert_true(q[0].nonce != q[1].nonce);
	assert_int_equal(questions, 2);
	assert_int_equal(target(0)->row.sent, 1);
	end_asked();
}

static void
its_answers_are_samples(void **state)
{
	static const struct {
		enum asked_verdict verdict;
		uint64_t received, lost, send_errors;
		uint8_t status;
	} cases[] = {
	    {ASKED_ANSWERED, 1, 0, 0, TARGET_UP},
	    {ASKED_LOST, 0, 1, 0, TARGET_UNKNOWN},
	    {ASKED_UNSENT, 0, 0, 1, TARGET_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct board_target *row;
		struct ipc_asked a;
		struct ipc_ask q;
		uint64_t spent;

		begin_asked();
		pass_ms(400);
		q = question(0);
		row = &target(0)->row;
		spent = e->links[0]->row.probe_octets;
		a = answer_to(&q, cases[i].verdict);
		a.error = cases[i].verdict == ASKED_ANSWERED ? 0 : 42;
		a.elsewhere = 3;
		a.octets = 1000;
		say(&a);
		assert_int_equal(row->received, cases[i].received);
		assert_int_equal(row->lost, cases[i].lost);
		assert_int_equal(row->send_errors, cases[i].send_errors);
		assert_int_equal(row->status, cases[i].status);
		assert_int_equal(row->last_error, a.error);
		assert_int_equal(row->wrong_interface, 3);
		if (cases[i].verdict == ASKED_ANSWERED)
			assert_int_equal(row->rtt_last_us, 300);
		/* what it took, in place of what was guessed */
		assert_int_equal(e->links[0]->row.probe_octets,
				 spent + 1000 - conf_probe_octets(&target(0)->conf));
		/* and once */
		say(&a);
		assert_int_equal(e->links[0]->row.probe_octets,
				 spent + 1000 - conf_probe_octets(&target(0)->conf));
		assert_int_equal(row->received + row->lost + row->send_errors, 1);
		assert_int_equal(blamed().fault, 0);
		end_asked();
	}
}

static void
what_does_not_belong_to_a_probe_changes_nothing(void **state)
{
	struct ipc_asked good, a;
	struct ipc_ask q;

	(void)state;
	begin_asked();
	pass_ms(400);
	q = question(0);
	good = answer_to(&q, ASKED_ANSWERED);
	good.elsewhere = 1;
	a = good, a.nonce++;
	say(&a);
	a = good, a.sequence++;
	say(&a);
	a = good, a.slot = target(1)->slot;
	say(&a);
	a = good, a.slot = TARGETS_MAX;
	say(&a);
	a = good, a.slot = TARGETS_MAX - 1;
	say(&a);
	/* of the prober, which is not asked such things */
	e->asked[1].peer = IPC_PEER_PROBER;
	say(&good);
	e->asked[1].peer = IPC_PEER_RUNNER;
	/* of a target that is asked in another way now */
	wire.silent = NULL;
	say(&good);
	wire.silent = method_command.silent;
	for (int i = 0; i < 2; i++)
		assert_int_equal(target(i)->row.received + target(i)->row.wrong_interface +
				     target(i)->row.duplicates,
				 0);
	say(&good);
	assert_int_equal(target(0)->row.received, 1);
	assert_int_equal(blamed().fault, 0);
	end_asked();
}

static void
without_it_there_are_no_samples(void **state)
{
	(void)state;
	begin_asked();
	runner_goes();
	assert_int_equal(blamed().fault, 0); /* the parent knows by itself */
	pass_ms(400);
	assert_int_equal(target(0)->row.send_errors, 1);
	assert_int_equal(target(0)->row.last_error, ERROR_SILENT);
	assert_int_equal(target(0)->row.lost + target(0)->row.sent, 0);
	/* the next one is asked */
	runner_comes();
	next_round(0);
	assert_int_equal(question(0).link, 1);
	end_asked();
}

/* Three in a row, by who was there when they were asked. */
static void
who_keeps_silent_is_replaced(void **state)
{
	struct ipc_asked a;
	struct ipc_ask q;
	struct ipc_blame b;

	(void)state;
	begin_asked();
	pass_ms(3000); /* both had their timeout, and a second */
	assert_int_equal(target(0)->row.send_errors, 1);
	assert_int_equal(blamed().fault, 0);
	assert_int_equal(e->asked[1].silent, 2);
	next_round(1);
	q = question(1);
	assert_int_equal(q.sequence, 1);
	a = answer_to(&q, ASKED_ANSWERED);
	say(&a); /* it lives */
	assert_int_equal(e->asked[1].silent, 0);
	next_round(0);
	pass_ms(2000);
	assert_int_equal(e->asked[1].silent, 1);
	next_round(1);
	pass_ms(2000);
	assert_int_equal(e->asked[1].silent, 2);
	assert_int_equal(blamed().fault, 0);
	next_round(0);
	pass_ms(2000);
	b = blamed();
	assert_int_equal(b.fault, FAULT_SILENT);
	assert_int_equal(b.peer, IPC_PEER_RUNNER);
	assert_false(e->asked[1].there);
	close(runner);
	end();
}

static void
what_was_asked_of_the_one_before_is_not_its_fault(void **state)
{
	(void)state;
	begin_asked();
	pass_ms(400);
	close(runner);
	turn_loop();
	runner_comes();
	pass_ms(3000);
	assert_int_equal(target(0)->row.send_errors, 1);
	assert_int_equal(e->asked[1].silent, 0);
	end_asked();
}

static void
who_talks_nonsense_is_replaced(void **state)
{
	static const uint8_t verdicts[] = {0, ASKED_UNSENT + 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		struct ipc_asked a;
		struct ipc_ask q;
		struct ipc_blame b;

		begin_asked();
		pass_ms(400);
		q = question(0);
		a = answer_to(&q, verdicts[i]);
		say(&a);
		b = blamed();
		assert_int_equal(b.fault, FAULT_MALFORMED);
		assert_int_equal(b.peer, IPC_PEER_RUNNER);
		assert_false(e->asked[1].there);
		close(runner);
		end();
	}
	/* another message is nonsense, too */
	begin_asked();
	ipc_send(runner, IPC_WAKE, NULL, 0, -1);
	turn_loop();
	assert_int_equal(blamed().fault, FAULT_MALFORMED);
	close(runner);
	end();
}

/* A burst costs as many runs of a program as it has probes. */
static void
programs_are_in_no_burst(void **state)
{
	(void)state;
	begin_asked();
	target(0)->judge.status = target(1)->judge.status = TARGET_UP;
	assert_false(burst_begin(e->links[0], V4));
	wire.costly = method_http.costly;
	pass_ms(500);
	assert_true(burst_begin(e->links[0], V4));
	end_asked();
}

static void
restarts_are_told_once_they_can_be_counted(void **state)
{
	uint64_t events;

	(void)state;
	begin_asked();
	events = e->global.events_last;
	asked_stats(e, &(struct ipc_stats){.runner_restarts = 4, .prober_restarts = 2});
	assert_int_equal(e->global.events_last, events);
	asked_stats(e, &(struct ipc_stats){.runner_restarts = 5, .prober_restarts = 2});
	assert_int_equal(e->global.events_last, events + 1);
	assert_string_equal(e->board->events[(events + 1) % BOARD_EVENTS].text, "runner");
	runner_goes();
	runner_comes(); /* which changes nothing of that */
	asked_stats(e, &(struct ipc_stats){.runner_restarts = 5, .prober_restarts = 3});
	assert_int_equal(e->global.events_last, events + 2);
	assert_string_equal(e->board->events[(events + 2) % BOARD_EVENTS].text, "prober");
	end_asked();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_told_which_target),
	    cmocka_unit_test(its_answers_are_samples),
	    cmocka_unit_test(what_does_not_belong_to_a_probe_changes_nothing),
	    cmocka_unit_test(without_it_there_are_no_samples),
	    cmocka_unit_test(who_keeps_silent_is_replaced),
	    cmocka_unit_test(what_was_asked_of_the_one_before_is_not_its_fault),
	    cmocka_unit_test(who_talks_nonsense_is_replaced),
	    cmocka_unit_test(programs_are_in_no_burst),
	    cmocka_unit_test(restarts_are_told_once_they_can_be_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

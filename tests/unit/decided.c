/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "decided.h"

#include "common/clock.h"
#include "engine/decide.h"

unsigned plans, kills;
struct plan newest;
uint64_t mark;

void
look(void)
{
	struct ipc_message m;

	plans = kills = 0;
	while (ipc_receive(parent, IPC_PEER_ENGINE, &m) == IPC_OK) {
		if (m.type != IPC_PLAN)
			continue;
		plans++;
		newest = *(const struct plan *)m.body;
	}
	while (ipc_receive(worker, IPC_PEER_ENGINE, &m) == IPC_OK)
		kills += m.type == IPC_KILL_FLOWS;
}

void
live(uint64_t ms, unsigned dead)
{
	for (; ms > 0; ms -= 10) {
		live_ms(10, dead);
		decide(e);
		if (e->global.plan_installed != e->global.plan_serial)
			installed(0);
	}
}

void
expect_events(const char *wanted)
{
	char got[512] = "";

	for (uint64_t n = mark + 1; n <= e->global.events_last; n++) {
		const struct board_event *ev = &e->board->events[n % BOARD_EVENTS];
		size_t used = strlen(got);

		if (ev->type == EVENT_TARGET_DOWN || ev->type == EVENT_TARGET_UP)
			continue;
		snprintf(got + used, sizeof(got) - used, "%s%s%s%s", used ? " " : "",
			 event_type_name(ev->type), ev->link ? ":" : "", ev->link_name);
	}
	mark = e->global.events_last;
	assert_string_equal(got, wanted);
}

void
begin_two(const char *conf)
{
	begin_well(conf);
	live(3000, 0);
	mark = e->global.events_last;
	look();
}

const struct board_event *
newest_event(unsigned type)
{
	for (uint64_t n = e->global.events_last; n > 0; n--)
		if (e->board->events[n % BOARD_EVENTS].type == type)
			return &e->board->events[n % BOARD_EVENTS];
	fail_msg("never told: %s", event_type_name(type));
	return NULL;
}

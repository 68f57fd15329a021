/* SPDX-License-Identifier: ISC */
/* Any octets as what an AgentX master sends: each message that the codec takes is
 * answered over a board with a few rows, by the code that answers a real one. A
 * GetNext never goes back, and every answer can be said. */
#include "config.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "subagent/answer.h"
#include "subagent/channel.h"
#include "subagent/control.h"
#include "subagent/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct view *view;
static struct control *control;

static void
fill(struct board *board)
{
	struct board_global g = {.control = 1,
				 .links = 2,
				 .link_slots = 8,
				 .target_slots = 4,
				 .events_last = 3,
				 .events_started = 1};
	struct board_link l = {.tier = 1,
			       .weight = 1,
			       .health = HEALTH_UP,
			       .oper = OPER_ACTIVE,
			       .admin = ADMIN_AUTO,
			       .actor = ACTOR_DAEMON};
	struct board_target t = {.link = 7, .index = 3, .method = METHOD_ICMP};

	l.route[V6].configured = 1;
	for (unsigned i = 1; i <= 7; i += 3) {
		struct board_event ev = {.number = i, .at_wall_ns = 1, .type = EVENT_LINK_UP};

		l.index = (uint16_t)i;
		board_write(&board->links[i], &l, sizeof(l));
		board_write(&board->events[i], &ev, sizeof(ev));
	}
	board_write(&board->targets[2], &t, sizeof(t));
	board_write(&board->global, &g, sizeof(g));
}

static void
respond(void *arg, long transaction, long packet, int error, int index)
{
	(void)arg;
	(void)transaction;
	(void)packet;
	if (error < 0 || index < 0)
		abort();
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
no_answer(void *arg, const struct ipc_set_answer *answer)
{
	(void)arg;
	(void)answer;
}

static void
set_up(void)
{
	const struct channel_hooks hooks = {nothing, no_answer, nothing, nothing, NULL};
	const struct control_hooks control_hooks = {respond, nothing, NULL};
	struct event_base *base = event_base_new();
	char path[] = "/tmp/fuzz-board.XXXXXX";
	struct board *board;
	bool fresh;
	int fd = mkstemp(path);

	close(fd);
	fd = board_create(path, &fresh);
	unlink(path);
	board = board_map_writable(fd);
	if (board == NULL)
		abort();
	fill(board);
	codec_init();
	view = view_open(fd);
	control = control_new(base, view, channel_new(base, &hooks), &control_hooks);
	if (view == NULL || control == NULL)
		abort();
}

/* The answers to a GetNext stand behind what was asked, and before the end. */
static void
check_next(const netsnmp_pdu *request, const netsnmp_pdu *response)
{
	const netsnmp_variable_list *asked = request->variables, *said = response->variables;

	for (; asked != NULL; asked = asked->next_variable, said = said->next_variable) {
		struct mib_name from, end, name;
		bool inclusive = codec_range_end(asked, &end);

		if (said == NULL)
			abort();
		if (said->type == SNMP_ENDOFMIBVIEW)
			continue;
		codec_name(asked, &from);
		codec_name(said, &name);
		if (mib_name_compare(&name, &from) < (inclusive ? 0 : 1) ||
		    (end.length != 0 && mib_name_compare(&name, &end) >= 0))
			abort();
	}
}

static void
answer(const netsnmp_pdu *request)
{
	struct evbuffer *out = evbuffer_new();
	netsnmp_pdu *response = answer_read(view, request);

	if (response == NULL)
		abort();
	if (request->command == AGENTX_GETNEXT)
		check_next(request, response);
	if (codec_put(out, response) != 0)
		abort();
	evbuffer_free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evbuffer *in = evbuffer_new();
	uint64_t now = 1;
	netsnmp_pdu *pdu;

	if (view == NULL)
		set_up();
	evbuffer_add(in, data, size);
	while (codec_take(in, &pdu) > 0) {
		view_begin(view, now++);
		if (pdu->command >= AGENTX_GET && pdu->command <= AGENTX_GETBULK)
			answer(pdu);
		else if (pdu->command >= AGENTX_TESTSET && pdu->command <= AGENTX_CLEANUPSET)
			control_request(control, pdu, NULL);
		snmp_free_pdu(pdu);
	}
	control_session_gone(control);
	evbuffer_free(in);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* Any octets as a request line: it is taken or refused with a reason. What is
 * taken is within its bounds, and what only reads is answered with one line of
 * JSON from a board of rubbish, the octets themselves. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <event2/buffer.h>
#include <jansson.h>

#include "engine/control_answer.h"
#include "engine/control_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINKS = 3, TARGETS = 4, ROWS = 64 + BOARD_MINUTES };

static void
fill(void *row, size_t row_size, const uint8_t *data, size_t size)
{
	char *to = (char *)row + sizeof(struct board_seq);

	row_size -= sizeof(struct board_seq);
	for (size_t i = 0; i < row_size; i++)
		to[i] = (char)(size ? data[i % size] : 0);
}

static struct board *
board_of(const uint8_t *data, size_t size)
{
	static struct board *board;

	if (board == NULL)
		board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (board == MAP_FAILED)
		abort();
	fill(&board->global, sizeof(board->global), data, size);
	board->global.link_slots = LINKS + 1;
	board->global.target_slots = TARGETS;
	board->global.events_started = 1;
	board->global.events_last = 3;
	for (uint16_t i = 1; i <= LINKS; i++) {
		fill(&board->links[i], sizeof(board->links[i]), data, size);
		board->links[i].index = i;
		board->links[i].removed = 0;
	}
	for (unsigned i = 0; i < TARGETS; i++) {
		fill(&board->targets[i], sizeof(board->targets[i]), data, size);
		board->targets[i].link = (uint16_t)(i + 1); /* one of them of a link that is not */
	}
	for (uint64_t n = 1; n <= 3; n++) {
		fill(&board->events[n], sizeof(board->events[n]), data, size);
		board->events[n].number = n;
	}
	fill(&board->minutes[1][1], sizeof(board->minutes[1][1]), data, size);
	return board;
}

static void
check_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	if (len == size || !text_ok(text, len))
		abort();
}

static void
check_line(struct evbuffer *out)
{
	size_t len = evbuffer_get_length(out);
	char *line = (char *)evbuffer_pullup(out, -1);
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);

	if (json == NULL || memchr(line, '\n', len) != line + len - 1)
		abort();
	json_decref(json);
}

static void
check_answer(const struct control_request *r, const uint8_t *data, size_t size)
{
	struct board *board = board_of(data, size);
	struct evbuffer *out = evbuffer_new();
	struct control_answer answer;
	struct control_error error;
	struct board_link link = {.index = 0};
	int steps = 0;

	if ((r->link_index != 0 || r->link[0] != '\0') &&
	    !control_find_link(board, r, &link, &error)) {
		control_put_error(out, &error);
	} else {
		control_answer_begin(&answer, board, r, link.index, 1000, 2000, out);
		while (control_answer_step(&answer, 1000, out))
			if (++steps > ROWS)
				abort();
	}
	check_line(out);
	evbuffer_free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_request r;
	struct control_error error = {.code = NULL};
	struct evbuffer *out;

	if (!control_request_parse((const char *)data, size, &r, &error)) {
		if (error.code == NULL || error.message[0] == '\0')
			abort();
		out = evbuffer_new();
		control_put_error(out, &error);
		check_line(out);
		evbuffer_free(out);
		return 0;
	}
	check_text(r.link, sizeof(r.link));
	check_text(r.order.owner, sizeof(r.order.owner));
	check_text(r.order.comment, sizeof(r.order.comment));
	if (r.link_index > LINKS_MAX || r.command > CONTROL_RELEASE ||
	    (r.command == CONTROL_ORDER) != ((r.order.fields & ORDER_ADMIN) != 0))
		abort();
	if (r.command <= CONTROL_HISTORY)
		check_answer(&r, data, size);
	return 0;
}

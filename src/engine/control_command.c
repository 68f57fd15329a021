/* SPDX-License-Identifier: ISC */
/* One function for each request that is not simply an answer of rows: it asks the
 * engine through the table of functions, and never waits for it. */
#include "config.h"

#include "engine/control_command.h"

#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/control_answer.h"
#include "engine/control_client.h"
#include "engine/control_request.h"
#include "engine/judgement.h"
#include "engine/render.h"

enum { RECORDERS_MAX = 4 }; /* each costs time with every sample */

static void
do_order(struct client *c, struct control_request *r, const struct board_link *link)
{
	static const char *const codes[] = {[ORDER_NO_LINK] = "no_link",
					    [ORDER_WRONG_VALUE] = "bad_argument",
					    [ORDER_INCONSISTENT] = "refused",
					    [ORDER_READ_ONLY] = "read_only",
					    [ORDER_BUSY] = "busy",
					    [ORDER_LOCK] = "busy"};
	const struct control_ops *ops = &c->control->ops;
	struct control_error error;
	char why[256] = "";
	enum order_verdict verdict;
	struct board_link now;

	r->order.link = link->index;
	verdict = ops->order(ops->arg, &r->order, c->uid, why, sizeof(why));
	if (verdict != ORDER_OK) {
		control_error_set(&error,
				  (size_t)verdict <= ORDER_LOCK ? codes[verdict] : "refused",
				  "%s of link \"%.*s\" is refused: %s", admin_name(r->order.admin),
				  NAME_LEN, link->name, why);
		client_refuse(c, &error);
		return;
	}
	board_read(&c->control->board->links[link->index], &now, sizeof(now));
	control_put_result(client_output(c), render_link(&now, clock_mono_ns()));
	client_enter(c, CLIENT_READING);
}

static void
refuse_unasked(struct client *c)
{
	struct control_error error;

	control_error_set(&error, "unavailable",
			  "the parent process can't be asked now: try again in a second");
	client_refuse(c, &error);
}

static void
do_reload(struct client *c)
{
	const struct control_ops *ops = &c->control->ops;

	client_enter(c, CLIENT_WAITING_RELOAD);
	if (ops->reload(ops->arg) != 0)
		refuse_unasked(c);
}

static void
do_release(struct client *c)
{
	const struct control_ops *ops = &c->control->ops;

	if (ops->release(ops->arg) != 0) {
		refuse_unasked(c);
		return;
	}
	log_info("release was ordered by user %lu", (unsigned long)c->uid);
	control_put_result(client_output(c), json_pack("{s:b}", "releasing", 1));
	client_enter(c, CLIENT_READING);
}

/* The first target of the link that has an address. */
static bool
any_target(const struct board *board, unsigned link, struct addr *addr)
{
	struct board_global g;
	struct board_target t;

	board_read(&board->global, &g, sizeof(g));
	for (uint32_t i = 0; i < g.target_slots && i < TARGETS_MAX; i++) {
		if (board->targets[i].link != link) /* a hint that spares most of the copies */
			continue;
		board_read(&board->targets[i], &t, sizeof(t));
		if (t.link == link && addr_is_set(&t.addr)) {
			*addr = t.addr;
			return true;
		}
	}
	return false;
}

static void
do_verify(struct client *c, const struct control_request *r, const struct board_link *link)
{
	const struct control_ops *ops = &c->control->ops;
	struct addr target = r->target;
	struct control_error error;

	if (!addr_is_set(&target) && !any_target(c->control->board, link->index, &target)) {
		control_error_set(&error, "bad_argument",
				  "link \"%.*s\" has no target with a known address: name one",
				  NAME_LEN, link->name);
		client_refuse(c, &error);
		return;
	}
	c->link = *link;
	c->token = ++c->control->token;
	client_enter(c, CLIENT_WAITING_PATH);
	if (ops->verify(ops->arg, link->index, &target, c->token) != 0)
		refuse_unasked(c);
}

static void
do_judgement(struct client *c, const struct board_link *link)
{
	const struct control_ops *ops = &c->control->ops;
	struct control_error error;
	struct judgement j;

	if (!ops->judgement(ops->arg, link->index, &j)) {
		control_error_set(&error, "no_link", "link \"%.*s\" is just being removed",
				  NAME_LEN, link->name);
		client_refuse(c, &error);
		return;
	}
	control_put_result(client_output(c), render_judgement(&j, link));
	client_enter(c, CLIENT_READING);
}

static void
do_follow(struct client *c, const struct control_request *r)
{
	uint64_t last, missed;

	c->next_event = control_events_first(c->control->board, r, &last, &missed);
	/* What is too old is told as missed by the first step. */
	c->next_event -= missed;
	control_put_result(client_output(c),
			   json_pack("{s:b,s:I}", "follow", 1, "last", (json_int_t)last));
	client_enter(c, CLIENT_FOLLOWING);
	client_schedule(c);
}

static void
do_record(struct client *c, const struct board_link *link)
{
	struct control_error error;

	if (c->control->nrecorders == RECORDERS_MAX) {
		control_error_set(&error, "busy", "%d are recording already: end one of them",
				  RECORDERS_MAX);
		client_refuse(c, &error);
		return;
	}
	control_put_result(client_output(c), json_pack("{s:b}", "record", 1));
	memcpy(c->recorded_link, link->name, sizeof(c->recorded_link));
	c->missed = 0;
	c->control->nrecorders++;
	client_enter(c, CLIENT_RECORDING);
}

static void
do_rows(struct client *c, const struct control_request *r, uint16_t only_link)
{
	control_answer_begin(&c->answer, c->control->board, r, only_link, clock_mono_ns(),
			     clock_wall_ns(), client_output(c));
	client_enter(c, CLIENT_ANSWERING);
}

void
control_command(struct client *c, struct control_request *r)
{
	bool about_link = r->link_index != 0 || r->link[0] != '\0';
	struct board_link link = {.index = 0};
	struct board_global g;
	struct control_error error;

	if (about_link && !control_find_link(c->control->board, r, &link, &error)) {
		client_refuse(c, &error);
		return;
	}
	switch (r->command) {
	case CONTROL_ORDER:
		do_order(c, r, &link);
		return;
	case CONTROL_VERIFY:
		do_verify(c, r, &link);
		return;
	case CONTROL_RELOAD:
		do_reload(c);
		return;
	case CONTROL_RELEASE:
		do_release(c);
		return;
	case CONTROL_RECORD:
		do_record(c, &link);
		return;
	case CONTROL_STATS:
		board_read(&c->control->board->global, &g, sizeof(g));
		control_put_result(client_output(c),
				   render_stats(&g, c->control->refused, clock_mono_ns()));
		client_enter(c, CLIENT_READING);
		return;
	case CONTROL_JUDGEMENT:
		do_judgement(c, &link);
		return;
	case CONTROL_EVENTS:
		if (r->follow) {
			do_follow(c, r);
			return;
		}
		break;
	default:
		break;
	}
	do_rows(c, r, link.index);
}

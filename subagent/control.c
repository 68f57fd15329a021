/* SPDX-License-Identifier: ISC */
/* SET: see control.h for the phases. There is one SET at a time, as snmpd has it;
 * another master's second one is told that resources are taken. */
#include "config.h"

#include "subagent/control.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"

enum {
	ANSWER_MS = 150,     /* the engine needs microseconds; the master waits a second */
	ABANDONED_MS = 4000, /* a SET whose next phase does not come: the reservation is over */
	VARIABLES_MAX = SET_ORDERS_MAX * 4 + 1,
	SEEN_MAX = 32,
};

enum phase {
	PHASE_NONE,
	PHASE_TESTING,  /* the engine is asked */
	PHASE_TESTED,   /* and has reserved */
	PHASE_APPLYING, /* the engine is told to */
	PHASE_APPLIED,
	PHASE_FAILED, /* the master was told so and will say UndoSet */
};

static const char *const phase_names[] = {"none",     "testing", "tested",
					  "applying", "applied", "failed"};

struct control {
	struct view *view;
	struct channel *channel;
	struct control_hooks hooks;
	struct event *timer;
	enum phase phase;
	uint32_t id; /* of the SET, for the engine */
	long transaction;
	long packet;      /* of the request that waits for its answer */
	bool engine_lost; /* the engine that applied it is gone: nobody can take it back */
	struct ipc_set set;
	size_t nvariables;
	struct variable { /* which variable of the request said what */
		uint16_t order;
		uint8_t field; /* ORDER_*, 0: the lock */
	} variables[VARIABLES_MAX];
	struct seen { /* requests that were dealt with */
		long transaction, packet;
		int command;
	} seen[SEEN_MAX];
	unsigned nseen;
};

static void
schedule(struct control *c, unsigned ms)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	evtimer_add(c->timer, &tv);
}

static void
set_phase(struct control *c, enum phase phase)
{
	if (phase != c->phase)
		log_debug("SET %u: %s -> %s", c->id, phase_names[c->phase], phase_names[phase]);
	c->phase = phase;
	if (phase == PHASE_NONE)
		event_del(c->timer);
	else
		schedule(c, phase == PHASE_TESTING || phase == PHASE_APPLYING ? ANSWER_MS
									      : ABANDONED_MS);
}

static void
respond(struct control *c, int error, int index)
{
	c->hooks.respond(c->hooks.arg, c->transaction, c->packet, error, index);
}

/* Tells the engine that the SET is over. */
static int
end_set(struct control *c, bool undo)
{
	struct ipc_set_id end = {.id = c->id, .undo = undo};

	return channel_send(c->channel, IPC_SET_END, &end, sizeof(end));
}

/* ---- what is wanted ---- */

/* The number in a variable, as far as it has the object's type. */
static uint64_t
variable_number(const netsnmp_variable_list *var)
{
	long n = *var->val.integer;

	/* A negative INTEGER is outside of every range here. */
	if (var->type == ASN_INTEGER)
		return n < 0 ? UINT64_MAX : (uint64_t)n;
	return (uint64_t)n & UINT32_MAX;
}

/* Type, length and value (RFC 3416, 4.2.5, 3 to 6); an SNMP error. */
static int
check_value(const struct mib_column *column, const netsnmp_variable_list *var)
{
	if (var->type != codec_asn_type(column->type))
		return SNMP_ERR_WRONGTYPE;
	if (column->type == MIB_OCTETS) {
		if (var->val_len < column->low || var->val_len > column->high)
			return SNMP_ERR_WRONGLENGTH;
		return text_ok((const char *)var->val.string, var->val_len) ? SNMP_ERR_NOERROR
									    : SNMP_ERR_WRONGVALUE;
	}
	if (variable_number(var) < column->low || variable_number(var) > column->high)
		return SNMP_ERR_WRONGVALUE;
	return SNMP_ERR_NOERROR;
}

static bool
is_column(const struct mib_column *column, const char *label)
{
	return strcmp(column->label, label) == 0;
}

static uint8_t
field_of(const struct mib_column *column)
{
	if (is_column(column, "uplinkControlAdminStatus"))
		return ORDER_ADMIN;
	if (is_column(column, "uplinkControlTimeout"))
		return ORDER_TIMEOUT;
	if (is_column(column, "uplinkControlOwner"))
		return ORDER_OWNER;
	return ORDER_COMMENT;
}

/* The order about that link, a new one if there is none yet; NULL: too many. */
static struct order *
order_for(struct control *c, uint16_t link)
{
	for (uint16_t i = 0; i < c->set.count; i++)
		if (c->set.orders[i].link == link)
			return &c->set.orders[i];
	if (c->set.count == SET_ORDERS_MAX)
		return NULL;
	c->set.orders[c->set.count] = (struct order){.link = link};
	return &c->set.orders[c->set.count++];
}

static int
gather_order(struct control *c, const struct mib_place *place, const netsnmp_variable_list *var)
{
	struct order *order = order_for(c, (uint16_t)place->index[0]);
	uint8_t field = field_of(place->column);

	if (order == NULL)
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	if (order->fields & field) /* twice in one PDU: which of them is meant? */
		return SNMP_ERR_INCONSISTENTVALUE;
	order->fields |= field;
	if (field == ORDER_ADMIN)
		order->admin = (uint8_t)variable_number(var);
	else if (field == ORDER_TIMEOUT)
		order->timeout_s = (uint32_t)variable_number(var);
	else /* the length was checked, the rest is 0 */
		memcpy(field == ORDER_OWNER ? order->owner : order->comment, var->val.string,
		       var->val_len);
	c->variables[c->nvariables++] = (struct variable){(uint16_t)(order - c->set.orders), field};
	return SNMP_ERR_NOERROR;
}

static int
gather_lock(struct control *c, const netsnmp_variable_list *var)
{
	if (c->set.has_lock)
		return SNMP_ERR_INCONSISTENTVALUE;
	c->set.has_lock = 1;
	c->set.lock = (uint32_t)variable_number(var);
	c->variables[c->nvariables++] = (struct variable){0, 0};
	return SNMP_ERR_NOERROR;
}

/* Checks one variable and adds it to what the engine will be asked. */
static int
gather(struct control *c, const netsnmp_variable_list *var)
{
	struct mib_name name;
	struct mib_place place;
	int error;

	codec_name(var, &name);
	mib_find(&name, &place);
	if (place.column == NULL || place.column->access != MIB_READ_WRITE ||
	    !view_global(c->view)->control)
		return SNMP_ERR_NOTWRITABLE;
	error = check_value(place.column, var);
	if (error != SNMP_ERR_NOERROR)
		return error;
	if (!mib_row_exists(c->view, &place))
		return SNMP_ERR_NOCREATION;
	if (c->nvariables == VARIABLES_MAX)
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	return place.group == &mib_global ? gather_lock(c, var) : gather_order(c, &place, var);
}

static int
gather_all(struct control *c, const netsnmp_variable_list *vars, int *index)
{
	int error = SNMP_ERR_NOERROR;

	memset(&c->set, 0, sizeof(c->set));
	c->nvariables = 0;
	*index = 0;
	for (; vars != NULL && error == SNMP_ERR_NOERROR; vars = vars->next_variable) {
		++*index;
		error = gather(c, vars);
	}
	if (error == SNMP_ERR_NOERROR)
		*index = 0;
	return error;
}

/* ---- phases ---- */

static void
test(struct control *c, const netsnmp_pdu *pdu, const char *user)
{
	static uint32_t ids;
	int index, error;

	if (c->phase != PHASE_NONE) {
		c->hooks.respond(c->hooks.arg, pdu->transid, pdu->reqid,
				 SNMP_ERR_RESOURCEUNAVAILABLE, 1);
		return;
	}
	c->transaction = pdu->transid;
	c->packet = pdu->reqid;
	c->engine_lost = false;
	error = gather_all(c, pdu->variables, &index);
	if (error != SNMP_ERR_NOERROR) {
		respond(c, error, index);
		c->hooks.refused(c->hooks.arg);
		return;
	}
	c->id = c->set.id = ++ids;
	if (user != NULL)
		snprintf(c->set.user, sizeof(c->set.user), "%s", user);
	if (channel_send(c->channel, IPC_SET_TEST, &c->set, ipc_set_size(c->set.count)) != 0) {
		respond(c, SNMP_ERR_RESOURCEUNAVAILABLE, 1);
		return;
	}
	set_phase(c, PHASE_TESTING);
}

static void
commit(struct control *c)
{
	struct ipc_set_id apply = {.id = c->id};

	if (c->phase != PHASE_TESTED ||
	    channel_send(c->channel, IPC_SET_APPLY, &apply, sizeof(apply)) != 0) {
		set_phase(c, PHASE_FAILED);
		respond(c, SNMP_ERR_COMMITFAILED, 1);
		return;
	}
	set_phase(c, PHASE_APPLYING);
}

static void
undo(struct control *c)
{
	bool applied = c->phase == PHASE_APPLIED || c->phase == PHASE_APPLYING;
	bool told = c->phase != PHASE_FAILED && end_set(c, true) == 0;

	set_phase(c, PHASE_NONE);
	respond(c, applied && (!told || c->engine_lost) ? SNMP_ERR_UNDOFAILED : SNMP_ERR_NOERROR,
		0);
}

/* No answer belongs to a CleanupSet. */
static void
cleanup(struct control *c)
{
	if (c->phase != PHASE_NONE && c->phase != PHASE_FAILED)
		end_set(c, false);
	set_phase(c, PHASE_NONE);
}

/* Was this request dealt with already? Remembers it if not. */
static bool
is_repetition(struct control *c, const netsnmp_pdu *pdu)
{
	struct seen now = {pdu->transid, pdu->reqid, pdu->command};

	for (unsigned i = 0; i < SEEN_MAX && i < c->nseen; i++)
		if (c->seen[i].transaction == now.transaction && c->seen[i].packet == now.packet &&
		    c->seen[i].command == now.command)
			return true;
	c->seen[c->nseen++ % SEEN_MAX] = now;
	return false;
}

void
control_request(struct control *c, const netsnmp_pdu *pdu, const char *user)
{
	bool ours = c->phase != PHASE_NONE && pdu->transid == c->transaction;

	if (is_repetition(c, pdu))
		return;
	if (pdu->command == AGENTX_TESTSET) {
		test(c, pdu, user);
		return;
	}
	if (!ours) {
		/* Of a SET that we refused or that was abandoned: nothing stands. */
		if (pdu->command == AGENTX_COMMITSET)
			c->hooks.respond(c->hooks.arg, pdu->transid, pdu->reqid,
					 SNMP_ERR_COMMITFAILED, 1);
		else if (pdu->command == AGENTX_UNDOSET)
			c->hooks.respond(c->hooks.arg, pdu->transid, pdu->reqid, SNMP_ERR_NOERROR,
					 0);
		return;
	}
	c->packet = pdu->reqid;
	if (pdu->command == AGENTX_COMMITSET)
		commit(c);
	else if (pdu->command == AGENTX_UNDOSET)
		undo(c);
	else
		cleanup(c);
}

/* ---- the engine ---- */

static int
error_of(enum order_verdict verdict)
{
	switch (verdict) {
	case ORDER_OK:
		return SNMP_ERR_NOERROR;
	case ORDER_NO_LINK:
		return SNMP_ERR_NOCREATION;
	case ORDER_WRONG_VALUE:
		return SNMP_ERR_WRONGVALUE;
	case ORDER_INCONSISTENT:
	case ORDER_LOCK:
		return SNMP_ERR_INCONSISTENTVALUE;
	case ORDER_READ_ONLY:
		return SNMP_ERR_NOTWRITABLE;
	case ORDER_BUSY:
		break;
	}
	return SNMP_ERR_RESOURCEUNAVAILABLE;
}

/* Which variable of the request the engine means, from 1. */
static int
variable_at_fault(const struct control *c, const struct ipc_set_answer *a)
{
	int of_order = 1;

	for (size_t i = c->nvariables; i-- > 0;) {
		const struct variable *v = &c->variables[i];

		if (a->verdict == ORDER_LOCK
			? v->field == 0
			: v->order == a->order && v->field != 0 && v->field == a->field)
			return (int)i + 1;
		if (v->order == a->order && v->field != 0)
			of_order = (int)i + 1;
	}
	return of_order;
}

void
control_answer(struct control *c, const struct ipc_set_answer *a)
{
	if (a->id != c->id)
		return;
	if (c->phase == PHASE_TESTING && !a->apply) {
		int error = error_of(a->verdict);

		set_phase(c, error == SNMP_ERR_NOERROR ? PHASE_TESTED : PHASE_NONE);
		respond(c, error, error == SNMP_ERR_NOERROR ? 0 : variable_at_fault(c, a));
	} else if (c->phase == PHASE_APPLYING && a->apply) {
		bool done = a->verdict == ORDER_OK;

		set_phase(c, done ? PHASE_APPLIED : PHASE_FAILED);
		respond(c, done ? SNMP_ERR_NOERROR : SNMP_ERR_COMMITFAILED, done ? 0 : 1);
	}
}

/* The engine has not answered, or can't any more. */
static void
give_up(struct control *c)
{
	if (c->phase == PHASE_TESTING) {
		end_set(c, false);
		set_phase(c, PHASE_NONE);
		respond(c, SNMP_ERR_RESOURCEUNAVAILABLE, 1);
	} else if (c->phase == PHASE_APPLYING) {
		end_set(c, true); /* stands behind the order to apply, so it can't miss it */
		set_phase(c, PHASE_FAILED);
		respond(c, SNMP_ERR_COMMITFAILED, 1);
	}
}

void
control_engine_gone(struct control *c)
{
	give_up(c);
	c->engine_lost = true;
	if (c->phase == PHASE_TESTED)
		set_phase(c, PHASE_FAILED); /* CommitSet must not reach another engine */
}

void
control_session_gone(struct control *c)
{
	if (c->phase != PHASE_NONE && c->phase != PHASE_FAILED)
		end_set(c, false);
	set_phase(c, PHASE_NONE);
	c->nseen = 0;
}

static void
on_timer(evutil_socket_t unused, short what, void *arg)
{
	struct control *c = arg;

	(void)unused;
	(void)what;
	if (c->phase == PHASE_TESTING || c->phase == PHASE_APPLYING) {
		log_warn("the engine does not answer a SET");
		give_up(c);
		return;
	}
	log_debug("SET %u: the master has left it", c->id);
	cleanup(c);
}

/* ---- life ---- */

struct control *
control_new(struct event_base *base, struct view *view, struct channel *channel,
	    const struct control_hooks *hooks)
{
	struct control *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->view = view;
	c->channel = channel;
	c->hooks = *hooks;
	c->timer = evtimer_new(base, on_timer, c);
	if (c->timer == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
control_free(struct control *c)
{
	event_free(c->timer);
	free(c);
}

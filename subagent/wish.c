/* SPDX-License-Identifier: ISC */
/* Variables of a SET become orders: see wish.h. */
#include "config.h"

#include "subagent/wish.h"

#include <string.h>

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
order_for(struct wish *w, uint16_t link)
{
	for (uint16_t i = 0; i < w->set.count; i++)
		if (w->set.orders[i].link == link)
			return &w->set.orders[i];
	if (w->set.count == SET_ORDERS_MAX)
		return NULL;
	w->set.orders[w->set.count] = (struct order){.link = link};
	return &w->set.orders[w->set.count++];
}

static int
gather_order(struct wish *w, const struct mib_place *place, const netsnmp_variable_list *var)
{
	struct order *order = order_for(w, (uint16_t)place->index[0]);
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
	w->variables[w->nvariables++] =
	    (struct wish_variable){(uint16_t)(order - w->set.orders), field};
	return SNMP_ERR_NOERROR;
}

static int
gather_lock(struct wish *w, const netsnmp_variable_list *var)
{
	if (w->set.has_lock)
		return SNMP_ERR_INCONSISTENTVALUE;
	w->set.has_lock = 1;
	w->set.lock = (uint32_t)variable_number(var);
	w->variables[w->nvariables++] = (struct wish_variable){0, 0};
	return SNMP_ERR_NOERROR;
}

/* Checks one variable and adds it to what the engine will be asked. */
static int
gather(struct wish *w, struct view *v, const netsnmp_variable_list *var)
{
	struct mib_name name;
	struct mib_place place;
	int error;

	codec_name(var, &name);
	mib_find(&name, &place);
	if (place.column == NULL || place.column->access != MIB_READ_WRITE ||
	    !view_global(v)->control)
		return SNMP_ERR_NOTWRITABLE;
	error = check_value(place.column, var);
	if (error != SNMP_ERR_NOERROR)
		return error;
	switch (mib_row_presence(v, &place)) {
	case MIB_ROW_ABSENT:
		return SNMP_ERR_NOCREATION;
	case MIB_ROW_BUSY:
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	case MIB_ROW_THERE:
		break;
	}
	if (w->nvariables == WISH_VARIABLES_MAX)
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	return place.group == &mib_global ? gather_lock(w, var) : gather_order(w, &place, var);
}

int
wish_read(struct wish *w, struct view *v, const netsnmp_variable_list *vars, int *index)
{
	int error = SNMP_ERR_NOERROR;

	memset(w, 0, sizeof(*w));
	*index = 0;
	for (; vars != NULL && error == SNMP_ERR_NOERROR; vars = vars->next_variable) {
		++*index;
		error = gather(w, v, vars);
	}
	if (error == SNMP_ERR_NOERROR)
		*index = 0;
	return error;
}

int
wish_at_fault(const struct wish *w, const struct ipc_set_answer *a)
{
	int of_order = 1;

	for (size_t i = w->nvariables; i-- > 0;) {
		const struct wish_variable *v = &w->variables[i];

		if (a->verdict == ORDER_LOCK
			? v->field == 0
			: v->order == a->order && v->field != 0 && v->field == a->field)
			return (int)i + 1;
		if (v->order == a->order && v->field != 0)
			of_order = (int)i + 1;
	}
	return of_order;
}

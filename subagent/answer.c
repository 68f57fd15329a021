/* SPDX-License-Identifier: ISC */
/* Reading requests become responses here, without the library's agent: a lookup
 * in a sorted array, one variable after the other (RFC 2741, 7.2.3; RFC 3416, 4.2). */
#include "config.h"

#include "subagent/answer.h"

/* A response stays far below what any master takes; a GetBulk that asks for more
 * gets less, as it may. */
enum { BULK_VARIABLES_MAX = 512 };

struct answer {
	struct view *view;
	const struct answer_limits *limits;
	netsnmp_variable_list **end;
	size_t variables, octets;
};

/* No less than what a variable takes as BER. */
static size_t
encoded_size(const struct mib_name *name, enum mib_type type, const struct mib_value *value)
{
	enum { HEADERS = 12, SUBIDENTIFIER = 5, NUMBER = 9 };
	size_t size = HEADERS + SUBIDENTIFIER * name->length;

	if (value == NULL || !value->present)
		return size;
	return size + (type == MIB_OCTETS   ? value->length
		       : type == MIB_OBJECT ? 2 * value->length
					    : NUMBER);
}

/* Adds a value, or an exception where value is NULL. 0; -1 without memory; 1: no room. */
static int
add(struct answer *a, const struct mib_name *name, enum mib_type type,
    const struct mib_value *value, int exception)
{
	size_t size = encoded_size(name, type, value);

	if (a->octets + size > a->limits->octets_max)
		return 1;
	a->octets += size;
	a->variables++;
	return value != NULL ? codec_add(&a->end, name, type, value)
			     : codec_add_empty(&a->end, name, exception);
}

static int
add_get(struct answer *a, const netsnmp_variable_list *var)
{
	struct mib_name name;
	struct mib_value value;
	enum mib_type type = MIB_INTEGER;
	int exception = SNMP_NOSUCHOBJECT;

	codec_name(var, &name);
	if (access_has(a->limits->may, &name)) {
		enum mib_got got = mib_get(a->view, &name, &type, &value);

		if (got == MIB_GOT_VALUE)
			return add(a, &name, type, &value, 0);
		if (got == MIB_GOT_NO_INSTANCE)
			exception = SNMP_NOSUCHINSTANCE;
	}
	return add(a, &name, type, NULL, exception);
}

/* What follows a name that may not be read. */
static bool
find_allowed(struct answer *a, struct mib_name *name, const struct mib_name *range_end,
	     enum mib_type *type, struct mib_value *value)
{
	while (access_skip(a->limits->may, name)) {
		if (!mib_next(a->view, name, true, range_end, type, value))
			return false;
		if (access_has(a->limits->may, name))
			return true;
	}
	return false;
}

/* What follows name and may be read. It becomes the name of that, or stays as it is. */
static bool
find_next(struct answer *a, struct mib_name *name, bool inclusive, const struct mib_name *range_end,
	  enum mib_type *type, struct mib_value *value)
{
	struct mib_name before;

	if (a->limits->may == NULL || access_has_all(a->limits->may))
		return mib_next(a->view, name, inclusive, range_end, type, value);
	before = *name;
	if (mib_next(a->view, name, inclusive, range_end, type, value) &&
	    (access_has(a->limits->may, name) || find_allowed(a, name, range_end, type, value)))
		return true;
	*name = before;
	return false;
}

/* Adds what follows name, which becomes the name of that. *found false: the end of
 * the range. */
static int
add_next(struct answer *a, struct mib_name *name, bool inclusive, const struct mib_name *range_end,
	 bool *found)
{
	struct mib_value value;
	enum mib_type type = MIB_INTEGER;

	*found = find_next(a, name, inclusive, range_end, &type, &value);
	return add(a, name, type, *found ? &value : NULL, SNMP_ENDOFMIBVIEW);
}

static int
add_first_next(struct answer *a, const netsnmp_variable_list *var)
{
	struct mib_name name, range_end;
	bool inclusive = codec_range_end(var, &range_end), found;

	codec_name(var, &name);
	return add_next(a, &name, inclusive, &range_end, &found);
}

/* One repetition of a GetBulk. */
static int
add_once(struct answer *a, const netsnmp_variable_list *vars)
{
	for (; vars != NULL; vars = vars->next_variable) {
		int full = add_first_next(a, vars);

		if (full != 0) /* it is answered as far as there is room */
			return full > 0 && a->variables > 0 ? 0 : full;
	}
	return 0;
}

/* The repetitions of a GetBulk: row by row over the ranges after the first ones,
 * until all of them have ended or it is enough. */
static int
add_repetitions(struct answer *a, const netsnmp_variable_list *vars, long repetitions)
{
	enum { RANGES_MAX = 64 };
	static struct mib_name names[RANGES_MAX], ends[RANGES_MAX];
	const netsnmp_variable_list *all = vars;
	bool inclusive[RANGES_MAX];
	size_t n = 0;

	for (; vars != NULL && n < RANGES_MAX; vars = vars->next_variable, n++) {
		codec_name(vars, &names[n]);
		inclusive[n] = codec_range_end(vars, &ends[n]);
	}
	if (vars != NULL) /* a second one must not come before the first one's end */
		return repetitions > 0 ? add_once(a, all) : 0;
	for (long i = 0; i < repetitions && n > 0; i++) {
		bool any = false;

		if (i > 0 && a->variables + n > a->limits->variables_max)
			break;
		for (size_t k = 0; k < n; k++) {
			bool found;
			int full = add_next(a, &names[k], inclusive[k], &ends[k], &found);

			if (full != 0) /* it is answered as far as there is room */
				return full > 0 && a->variables > 0 ? 0 : full;
			inclusive[k] = false;
			any |= found;
		}
		if (!any)
			break;
	}
	return 0;
}

int
answer_variables(struct view *v, enum agentx_command command, const netsnmp_pdu *request,
		 const struct answer_limits *limits, netsnmp_variable_list **variables)
{
	struct answer a = {.view = v, .limits = limits, .end = variables};
	const netsnmp_variable_list *var = request->variables;
	long single = command == AGENTX_GETBULK ? request->non_repeaters : LONG_MAX;

	for (; var != NULL && single > 0; var = var->next_variable, single--) {
		int full = command == AGENTX_GET ? add_get(&a, var) : add_first_next(&a, var);

		if (full != 0)
			return full;
	}
	if (command == AGENTX_GETBULK) {
		int full = add_repetitions(&a, var, request->max_repetitions);

		if (full != 0)
			return full;
	}
	return view_busy(v) ? -1 : 0;
}

netsnmp_pdu *
answer_read(struct view *v, const netsnmp_pdu *request)
{
	static const struct answer_limits limits = {.variables_max = BULK_VARIABLES_MAX,
						    .octets_max = SIZE_MAX};
	netsnmp_pdu *response =
	    codec_new(AGENTX_RESPONSE, (uint32_t)request->sessid, (uint32_t)request->reqid);

	if (response == NULL)
		return NULL;
	response->transid = request->transid;
	if (answer_variables(v, (enum agentx_command)request->command, request, &limits,
			     &response->variables) == 0)
		return response;
	snmp_free_pdu(response);
	return NULL;
}

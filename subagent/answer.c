/* SPDX-License-Identifier: ISC */
/* Reading requests become responses here, without the library's agent: a lookup
 * in a sorted array, one variable after the other (RFC 2741, 7.2.3). */
#include "config.h"

#include "subagent/answer.h"

/* A response stays far below what any master takes; a GetBulk that asks for more
 * gets less, as it may. */
enum { BULK_VARIABLES_MAX = 512 };

static netsnmp_pdu *
new_response(const netsnmp_pdu *request)
{
	netsnmp_pdu *r =
	    codec_new(AGENTX_RESPONSE, (uint32_t)request->sessid, (uint32_t)request->reqid);

	if (r != NULL)
		r->transid = request->transid;
	return r;
}

static int
add_get(struct view *v, const netsnmp_variable_list *var, netsnmp_variable_list ***end)
{
	struct mib_name name;
	struct mib_value value;
	enum mib_type type;

	codec_name(var, &name);
	switch (mib_get(v, &name, &type, &value)) {
	case MIB_GOT_VALUE:
		return codec_add(end, &name, type, &value);
	case MIB_GOT_NO_INSTANCE:
		return codec_add_empty(end, &name, SNMP_NOSUCHINSTANCE);
	case MIB_GOT_NO_OBJECT:
		break;
	}
	return codec_add_empty(end, &name, SNMP_NOSUCHOBJECT);
}

/* Adds what follows name, which becomes the name of that. *found false: the end of
 * the range. */
static int
add_next(struct view *v, struct mib_name *name, bool inclusive, const struct mib_name *range_end,
	 netsnmp_variable_list ***end, bool *found)
{
	struct mib_value value;
	enum mib_type type;

	*found = mib_next(v, name, inclusive, range_end, &type, &value);
	if (*found)
		return codec_add(end, name, type, &value);
	return codec_add_empty(end, name, SNMP_ENDOFMIBVIEW);
}

static int
add_first_next(struct view *v, const netsnmp_variable_list *var, netsnmp_variable_list ***end)
{
	struct mib_name name, range_end;
	bool inclusive = codec_range_end(var, &range_end), found;

	codec_name(var, &name);
	return add_next(v, &name, inclusive, &range_end, end, &found);
}

/* The repetitions of a GetBulk: row by row over the ranges after the first ones,
 * until all of them have ended or it is enough. */
static int
add_repetitions(struct view *v, const netsnmp_variable_list *vars, long repetitions,
		netsnmp_variable_list ***end)
{
	enum { RANGES_MAX = 64 };
	static struct mib_name names[RANGES_MAX], ends[RANGES_MAX];
	bool inclusive[RANGES_MAX];
	size_t n = 0, added = 0;

	for (; vars != NULL && n < RANGES_MAX; vars = vars->next_variable, n++) {
		codec_name(vars, &names[n]);
		inclusive[n] = codec_range_end(vars, &ends[n]);
	}
	for (long i = 0; i < repetitions && n > 0 && added + n <= BULK_VARIABLES_MAX; i++) {
		bool any = false;

		for (size_t k = 0; k < n; k++, added++) {
			bool found;

			if (add_next(v, &names[k], inclusive[k], &ends[k], end, &found) != 0)
				return -1;
			inclusive[k] = false;
			any |= found;
		}
		if (!any)
			break;
	}
	return 0;
}

static int
add_all(struct view *v, const netsnmp_pdu *request, netsnmp_variable_list ***end)
{
	const netsnmp_variable_list *var = request->variables;
	long single = request->command == AGENTX_GETBULK ? request->non_repeaters : LONG_MAX;

	for (; var != NULL && single > 0; var = var->next_variable, single--)
		if ((request->command == AGENTX_GET ? add_get(v, var, end)
						    : add_first_next(v, var, end)) != 0)
			return -1;
	if (request->command == AGENTX_GETBULK)
		return add_repetitions(v, var, request->max_repetitions, end);
	return 0;
}

netsnmp_pdu *
answer_read(struct view *v, const netsnmp_pdu *request)
{
	netsnmp_pdu *response = new_response(request);
	netsnmp_variable_list **end;

	if (response == NULL)
		return NULL;
	end = &response->variables;
	if (add_all(v, request, &end) == 0)
		return response;
	snmp_free_pdu(response);
	return NULL;
}

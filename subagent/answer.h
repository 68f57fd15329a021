/* SPDX-License-Identifier: ISC */
/* Answers what is asked to read: Get, GetNext and GetBulk, of an AgentX master or of
 * a manager. */
#ifndef UPLINK_SUBAGENT_ANSWER_H
#define UPLINK_SUBAGENT_ANSWER_H

#include "subagent/access.h"
#include "subagent/codec.h"
#include "subagent/view.h"

/* The response to such a request of a master, whole; NULL: it can't be answered. The view
 * must have begun the request. */
netsnmp_pdu *answer_read(struct view *v, const netsnmp_pdu *request);

/* What is asked, and how much may be answered. */
struct answer_limits {
	const struct access_view *may; /* what is not within is not there. NULL: all is */
	size_t variables_max;          /* of a GetBulk, which may be answered in part */
	size_t octets_max;             /* of the variables, as they are encoded */
};

/* The variables of the response to such a request, AGENTX_GET and the like whatever
 * its own command is. 0; -1 without memory, or where a row can't be read just now; 1:
 * they are too large. */
int answer_variables(struct view *v, enum agentx_command command, const netsnmp_pdu *request,
		     const struct answer_limits *limits, netsnmp_variable_list **variables);

#endif

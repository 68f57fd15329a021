/* SPDX-License-Identifier: ISC */
/* Answers what the master asks to read: Get, GetNext and GetBulk. */
#ifndef UPLINK_SUBAGENT_ANSWER_H
#define UPLINK_SUBAGENT_ANSWER_H

#include "subagent/codec.h"
#include "subagent/view.h"

/* The response to such a request, whole; NULL without memory. The view must have
 * begun the request. */
netsnmp_pdu *answer_read(struct view *v, const netsnmp_pdu *request);

#endif

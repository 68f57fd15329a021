/* SPDX-License-Identifier: ISC */
/* What a notification says: the variables that UPLINK-MIB gives each kind, with
 * the values of the event that it is about. */
#ifndef UPLINK_SUBAGENT_NOTIFICATION_H
#define UPLINK_SUBAGENT_NOTIFICATION_H

#include "subagent/codec.h"
#include "subagent/view.h"

/* Has this type of event one? */
bool notification_exists(unsigned type);

/* Its variables, to be freed with snmp_free_varbind. suppressed: how many were left
 * out before it. NULL without memory, or if the event has no notification. */
netsnmp_variable_list *notification_of(struct view *v, const struct board_event *ev,
				       uint32_t suppressed);

#endif

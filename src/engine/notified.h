/* SPDX-License-Identifier: ISC */
/* What the SNMP process says of its notifications. */
#ifndef UPLINK_NOTIFIED_H
#define UPLINK_NOTIFIED_H

#include "engine/model.h"

void notified_take(struct engine *e, const struct ipc_notified *n);

#endif

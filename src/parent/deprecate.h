/* SPDX-License-Identifier: ISC */
/* Hosts choose their IPv6 source address themselves, and with it the provider: those
 * behind the interfaces of "deprecate on" are told which prefixes carry no new flow. */
#ifndef UPLINK_PARENT_DEPRECATE_H
#define UPLINK_PARENT_DEPRECATE_H

#include "parent/state.h"

/* The routes have been read back: tells hosts of what has changed, now and again. */
void deprecate_follow(struct parent *p);
void deprecate_close(struct parent *p);

#endif

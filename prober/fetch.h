/* SPDX-License-Identifier: ISC */
/* One GET of a target, from the question to its answer. */
#ifndef UPLINK_FETCH_H
#define UPLINK_FETCH_H

#include "asker/asker.h"

/* Starts one; it answers by itself, within the target's timeout. */
asker_ask fetch_start;

#endif

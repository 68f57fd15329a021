/* SPDX-License-Identifier: ISC */
/* The octets of a link's interface, as they are published: never back, whatever becomes of
 * the interface. Pure. */
#ifndef UPLINK_INTERFACE_H
#define UPLINK_INTERFACE_H

#include <stdint.h>

#include "common/board.h"

/* The kernel has counted so much on the interface ifindex. The first time only says from
 * where on, as it does of another interface; counters that went back began again at 0. */
void interface_octets(struct board_link *row, uint32_t ifindex, uint64_t in, uint64_t out);

#endif

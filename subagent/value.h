/* SPDX-License-Identifier: ISC */
/* One value on its way out, and how the board's fields become one. What was not
 * measured is absent: no function here invents a number. */
#ifndef UPLINK_SUBAGENT_VALUE_H
#define UPLINK_SUBAGENT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

enum mib_type {
	MIB_INTEGER = 1,
	MIB_UNSIGNED,
	MIB_COUNTER32,
	MIB_COUNTER64,
	MIB_OCTETS,
	MIB_TICKS,
	MIB_OBJECT /* an object identifier: its numbers stand in octets as uint32_t */
};

struct mib_value {
	bool present;
	uint64_t number; /* all but MIB_OCTETS */
	size_t length;   /* MIB_OCTETS, MIB_OBJECT: octets */
	_Alignas(uint32_t) uint8_t octets[256];
};

void value_number(struct mib_value *v, uint64_t number);
void value_gauge(struct mib_value *v, uint64_t number); /* at most 2^32 - 1, as a Gauge32 stays */
void value_truth(struct mib_value *v, bool truth);
void value_text(struct mib_value *v, const char *text); /* no longer than UTF-8 allows to cut */
void value_object(struct mib_value *v, const uint32_t *ids, size_t n); /* at most 64 */
void value_micros(struct mib_value *v, uint32_t us);                   /* absent for RTT_UNKNOWN */
void value_loss(struct mib_value *v, uint32_t ppm);                    /* absent for LOSS_UNKNOWN */
void value_age(struct mib_value *v, uint64_t now_ns, uint64_t then_ns);   /* s; absent for never */
void value_left(struct mib_value *v, uint64_t now_ns, uint64_t until_ns); /* s, rounded up */
void value_date(struct mib_value *v, uint64_t wall_ns); /* DateAndTime in UTC; absent for never */
void value_address(struct mib_value *v, const struct addr *a);      /* InetAddress */
void value_address_type(struct mib_value *v, const struct addr *a); /* InetAddressType */

#endif

/* SPDX-License-Identifier: ISC */
/* Numbers in network order, as the codecs read and write them. */
#ifndef UPLINK_OCTETS_H
#define UPLINK_OCTETS_H

#include <stdint.h>

static inline void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

#endif

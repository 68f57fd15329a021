/* SPDX-License-Identifier: ISC */
/* Sockets of libmnl with nobody's kernel behind them: what it says comes from a fuzzer. */
#ifndef FUZZ_FAKE_NETLINK_H
#define FUZZ_FAKE_NETLINK_H

#include <stddef.h>
#include <stdint.h>

/* What will be said, from here on: pieces, each of which begins with three octets:
 * FAKE_* bits, and its length, low octet first. Each is one datagram in answer to the
 * next request (with FAKE_MORE the one after it too), or an event. Then the kernel
 * acknowledges each request and says no more. */
enum {
	FAKE_MORE = 1,  /* the next piece answers the same request */
	FAKE_AS_IS = 2, /* numbers stand as they are; else they are made those of the request */
};
void fake_netlink_says(const uint8_t *data, size_t size);
/* Sends the next pieces to whoever listens for events. */
void fake_netlink_tell(void);

#endif

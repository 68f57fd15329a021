/* SPDX-License-Identifier: ISC */
/* Datagrams with what the kernel tells of them: where they leave and came in,
 * and when. Knows nothing of what they hold. Each system has its own way to tell,
 * and some tell less. */
#ifndef UPLINK_SYSTEM_DATAGRAM_H
#define UPLINK_SYSTEM_DATAGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

enum { DATAGRAM_BATCH = 16 };

/* How an answer came. */
struct arrival {
	struct addr from;
	uint16_t port;
	uint32_t ifindex; /* 0: not told */
	uint64_t wall_ns; /* the kernel's stamp, 0: none */
	uint64_t rtt_ns;  /* where the kernel has measured it all by itself, else 0 */
	int error;        /* the answer says no: errno. 0: it says yes */
	uint8_t hops;     /* what is left of its hop limit (IPv6) */
};

/* Where a datagram goes, and how. */
struct datagram_way {
	const struct addr *to;
	uint16_t port;
	const struct addr *source; /* NULL: the kernel's choice */
	uint32_t ifindex;          /* for addresses that need one, else 0 */
};

/* 0, or -1 with errno. Never blocks. */
int datagram_send(int fd, const struct datagram_way *way, const void *data, size_t len);

/* Reads at most one batch, calls each for every datagram that was not cut.
 * Returns how many there were. */
typedef void datagram_each(void *arg, const uint8_t *data, size_t len, const struct arrival *a);
int datagram_receive(int fd, datagram_each *each, void *arg);
/* The same until there is no whole batch any more, at most so many times. */
enum { DATAGRAM_SOME = 4, DATAGRAM_ALL = 64 };
void datagram_drain(int fd, int batches, datagram_each *each, void *arg);

/* Reads what the kernel tells of what the socket has sent, at most so many:
 * when it left, for which it calls stamp with the number of the send; and errors,
 * for which it calls error with the sent data as far as it was quoted and where it
 * went: a.from, a.port and the errno in a.error. error may be NULL. Returns how many
 * errors there were. Until they are read, the socket may answer anything with such
 * an error. */
typedef void datagram_stamp(void *arg, uint32_t number, uint64_t wall_ns);
int datagram_sent(int fd, int most, datagram_stamp *stamp, datagram_each *error, void *arg);

#endif

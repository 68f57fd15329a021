/* SPDX-License-Identifier: ISC */
/* The calls to the kernel's routing, and nothing else: on OpenBSD rtio.c; in tests a fake kernel
 * answers them. A request is done, or refused, when the call returns; what the kernel tells of it
 * can be read then. */
#ifndef UPLINK_OPENBSD_RTIO_H
#define UPLINK_OPENBSD_RTIO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A route socket: non-blocking, all tables, with the messages of enum rtmsg_type only. */
int rtio_open(void);
void rtio_close(int fd);

/* Sends one message: 0, or -1 with errno as the kernel decided. */
int rtio_send(int fd, const uint8_t *message, size_t len);
/* Receives one. Its length, or -1 with errno: EAGAIN, none is there. */
ssize_t rtio_receive(int fd, uint8_t *message, size_t size);

/* An interface (0: all of them) with its addresses, or all routes of a table in one family (V4,
 * V6), as messages one after the other, to be freed. NULL with errno; *len 0 and not NULL: there
 * are none. */
uint8_t *rtio_dump_interfaces(uint16_t index, size_t *len);
uint8_t *rtio_dump_routes(uint16_t table, int family, size_t *len);

/* How addresses in messages are padded here, and who asks. */
unsigned rtio_rounding(void);
uint32_t rtio_pid(void);

/* What can't be opened later, for that configuration. */
struct conf;
void rtio_prepare(const struct conf *conf);

/* Whether routes with the same destination are used together: 1, 0, or -1 with errno. */
int rtio_multipath(int family);
/* Whether packets are forwarded, likewise. */
int rtio_forwarding(int family);
/* The release, "7.9". 0, or -1. */
int rtio_release(char *buf, size_t size);

#endif

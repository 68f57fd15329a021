/* SPDX-License-Identifier: ISC */
/* Programs in the kernel that drop what a probe socket need not hear. 0, or -1
 * with errno. */
#ifndef UPLINK_LINUX_PROBE_FILTER_H
#define UPLINK_LINUX_PROBE_FILTER_H

#include <stdint.h>

/* Of the identifiers those of links: an index has ten bits. */
enum { PROBE_ID = 0x8000, PROBE_ID_MASK = 0xfc00 };

/* Echo replies with an identifier that is id in the bits of mask, and errors that quote
 * a request with one. */
int filter_echo(int fd, int family, uint16_t id, uint16_t mask);
/* What came in by that interface. */
int filter_interface(int fd, uint32_t ifindex);
/* UDP from that port. */
int filter_udp_port(int fd, uint16_t port);
/* ARP replies. */
int filter_arp_replies(int fd);

#endif

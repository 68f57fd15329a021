/* SPDX-License-Identifier: ISC */
/* OpenBSD's routing as a model: what its kernel does with requests on a route socket and with what
 * happens to interfaces, as far as it was measured on a real one. It tells through a callback. */
#ifndef UPLINK_TEST_FAKE_KERNEL_H
#define UPLINK_TEST_FAKE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "system/openbsd/rtmsg.h"

enum { FAKE_MAX = 64, FAKE_ROUTES_MAX = 4096 };

struct fake_interface {
	bool there;
	uint16_t index;
	char name[RTMSG_NAME + 1];
	uint32_t flags, mtu;
	uint8_t link_state;
	uint64_t opackets, obytes;
};

struct fake_address {
	bool there;
	uint16_t ifindex;
	struct addr local, peer; /* plen of local: its prefix */
};

struct fake_route { /* a default route */
	bool there;
	uint16_t table, ifindex;
	uint8_t priority; /* with the bit of a down link */
	uint32_t flags;
	struct addr gateway, ifa;
	char label[RTMSG_LABEL];
	uint64_t use;
};

struct fake {
	struct fake_interface interfaces[FAKE_MAX];
	struct fake_address addresses[FAKE_MAX];
	struct fake_route routes[FAKE_ROUTES_MAX];
	bool multipath; /* net.inet.ip.multipath */
	bool forwarding;
	bool noisy;       /* others' messages come between request and answer */
	bool mute;        /* nothing is told, of anything */
	bool silent;      /* routes that leave with an address leave without a message */
	unsigned losing;  /* so many messages find no room, then DESYNC is told */
	unsigned changes; /* requests that added or removed a route */
	char release[16];
	/* a message to all who listen */
	void (*tell)(void *arg, const uint8_t *message, size_t len);
	void *arg;
};

void fake_init(struct fake *k, void (*tell)(void *, const uint8_t *, size_t), void *arg);

/* A request of process pid. The errno as OpenBSD's kernel decides, in this system's numbers. */
int fake_request(struct fake *k, uint32_t pid, const uint8_t *message, size_t len);

/* Dumps into buf: the length. */
size_t fake_dump_interfaces(const struct fake *k, uint16_t index, uint8_t *buf, size_t size);
size_t fake_dump_routes(const struct fake *k, uint16_t table, int family, uint8_t *buf,
			size_t size);

/* What a person, a cable or another program does, as a line of text:
 *   interface NAME INDEX             arrives, up, with a link
 *   departure NAME
 *   address NAME ADDRESS/LEN [PEER]  is added
 *   unaddress NAME ADDRESS
 *   carrier NAME up|down
 *   ifconfig NAME up|down
 *   mtu NAME N
 *   route add|delete TABLE GATEWAY [PRIORITY [LABEL]]   by another process
 *   routes [TABLE]                   says what stands
 *   use TABLE GATEWAY N              N look-ups choose that route, the first by that gateway
 *   changes                          says how many routes were added and removed by requests
 *   multipath|forwarding|noise|silent|mute yes|no
 *   lose N                           the next N messages find no room
 *   release R
 * Answers are written to out. Returns 0, or -1: no such thing. */
int fake_command(struct fake *k, const char *line, FILE *out);

#endif

/* SPDX-License-Identifier: ISC */
/* Between a test build of the daemon and the process that plays OpenBSD's kernel: SOCK_SEQPACKET at
 * FOLDER/kernel.sock. A connection begins with its kind; one that listens gets what a route socket
 * would give, one that calls gets one answer to each request. */
#ifndef UPLINK_TEST_FAKE_WIRE_H
#define UPLINK_TEST_FAKE_WIRE_H

#include <stdint.h>

enum { FAKE_LISTENS = 'L', FAKE_CALLS = 'C' };

enum {
	FAKE_SEND = 'S',       /* a message: int32_t errno */
	FAKE_INTERFACES = 'I', /* struct fake_ask: messages */
	FAKE_ROUTES = 'R',     /* the same */
	FAKE_MULTIPATH = 'M',  /* int32_t */
	FAKE_FORWARDING = 'F', /* int32_t */
	FAKE_RELEASE = 'V',    /* text */
};

struct fake_ask {
	uint8_t what;
	uint8_t family;
	uint16_t number; /* table or interface */
	uint32_t pid;
};

enum { FAKE_PACKET = 128 * 1024 };
#define FAKE_FOLDER "UPLINKD_FAKE_OPENBSD" /* environment */

#endif

/* SPDX-License-Identifier: ISC */
/* When a probe really left: the kernel's transmit stamps, which come by the number
 * of the send, matched to the probes of a socket. Without them a round-trip time
 * has what the kernel needed to send, some ten microseconds, in it. */
#ifndef UPLINK_STAMPS_H
#define UPLINK_STAMPS_H

#include "engine/model.h"

enum { STAMPS = 64 }; /* sends of a socket whose stamp may still come */

struct stamps {
	uint32_t next; /* number of the next send */
	uint32_t read; /* so many stamps were read, or given up */
	struct {
		uint32_t number;
		uint32_t slot; /* of the target */
		uint16_t sequence;
		bool waiting;
	} send[STAMPS]; /* by number % STAMPS */
};

/* The probe was sent: its stamp is to come. */
void stamps_sent(struct probe_socket *s, const struct target *t, const struct probe *probe);
/* How many are still to be read. */
unsigned stamps_missing(const struct probe_socket *s);
/* All that were there have been read. */
void stamps_read(struct probe_socket *s);
/* A send failed, and may or may not have been counted: begin again. */
void stamps_restart(struct probe_socket *s);
/* The stamp of send number. */
void stamps_take(struct probe_socket *s, uint32_t number, uint64_t wall_ns);

#endif

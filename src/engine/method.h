/* SPDX-License-Identifier: ISC */
/* The ways to ask a target. A method is one file: it writes a probe, recognises
 * what answers it, and says so. When a probe leaves, how long it is waited for,
 * what is late, twice or from elsewhere, and what follows from all that is the
 * same for all of them, and is probing's. */
#ifndef UPLINK_METHOD_H
#define UPLINK_METHOD_H

#include "engine/model.h"
#include "engine/sockets.h"
#include "system/datagram.h"

struct method_ops {
	/* Sends a probe to that address (and the target's port); *probe has its sequence
	 * and times, and keeps what the method needs to know the answer by. 0, or -1
	 * with errno. */
	int (*send)(struct target *t, const struct addr *to, struct probe *probe);
	/* Where another process asks, and has said nothing of the probe that was sent then,
	 * neither when its time was over nor for a while after: that is not the target's
	 * fault. NULL: the engine asks itself, over sockets of its own. */
	void (*silent)(struct target *t, uint64_t sent_ns);
	/* The socket is ready: takes a bounded share of what came in. */
	void (*ready)(struct probe_socket *s);
	/* Time is over for this probe: takes what came in before and was not read yet,
	 * for the kernel's stamp of it counts, however late this process comes to it. */
	void (*look)(struct target *t, struct probe *probe);
	/* The probe is decided or given up: gives back what it holds, if anything. NULL: it
	 * never holds any. */
	void (*end)(struct probe *probe);
	bool costly;         /* a burst leaves its targets out */
	bool outlasts;       /* what a probe holds is kept beyond its time, for a late answer */
	bool arms_itself;    /* its sockets are not to be read until it says so */
	bool answers_shared; /* answers come to the engine's socket for all links */
};

/* Of enum method, or NULL for a number that is none. */
const struct method_ops *method_ops(unsigned method);

extern const struct method_ops method_icmp, method_tcp, method_dns, method_neighbour, method_http,
    method_command;

/* ---- what methods call (probing.c) ---- */

struct probe *probing_probe(struct target *t, uint16_t sequence);
/* It is the target's address: an answer comes from there. */
bool probing_is_target(const struct target *t, const struct addr *a);
/* The address that its probes carry, or NULL: the kernel's choice. */
const struct addr *probing_source(const struct target *t, const struct addr *to);
/* An answer that only who saw the probe can give. */
void probing_answered(struct target *t, struct probe *probe, const struct arrival *a);
/* Someone on the way says that the probe will not arrive. It is counted, and no
 * more: who says so may be lying. */
void probing_unreachable(struct target *t, struct probe *probe, int error);
/* The probe is lost and nothing more will come: errno says why. */
void probing_failed(struct target *t, struct probe *probe, int error);
/* It was not asked after all, or nobody knows what came of it: no sample is made. */
void probing_given_up(struct target *t, struct probe *probe, int error);

#endif

/* SPDX-License-Identifier: ISC */
/* A receiver of notifications, where this process is its own master: an outlet that
 * sends traps, or informs that are repeated until they are acknowledged.
 *
 * Traps leave a few at a time and are gone with that. Of informs one is on its way at a
 * time, so that they can't overtake each other; a receiver that does not answer is tried
 * again, longer and longer apart, with the same notification. */
#ifndef UPLINK_SUBAGENT_SINK_H
#define UPLINK_SUBAGENT_SINK_H

#include "conf/secrets.h"
#include "subagent/outlet.h"
#include "system/system.h"

struct event_base;
struct sink;

struct sink_hooks {
	void (*answered)(void *arg, uint32_t packet, int error);
	void (*up)(void *arg);
	void (*down)(void *arg); /* what was not answered will never be */
	void *arg;
};

/* fd: a UDP socket of the receiver's IP version, which stays the caller's. user and
 * secret: of an SNMPv3 user, else the community's secret. Calls no hook before
 * sink_start. NULL where it can't be: why is logged. */
struct sink *sink_new(struct event_base *base, int fd, const struct conf_sink *conf,
		      const struct conf_user *user, const struct conf_secret *secret);
void sink_free(struct sink *s);
void sink_start(struct sink *s, const struct sink_hooks *hooks);

void sink_outlet(struct sink *s, struct outlet *outlet);

/* A datagram has come to the socket: true where it was the receiver's. */
bool sink_take(struct sink *s, int fd, const void *octets, size_t length,
	       const struct sys_peer_path *from);

#endif

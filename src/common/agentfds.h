/* SPDX-License-Identifier: ISC */
/* The descriptors that an SNMP process which is its own master inherits, behind its
 * channel and the board. */
#ifndef UPLINK_AGENTFDS_H
#define UPLINK_AGENTFDS_H

enum {
	AGENT_FD_CONF = 5, /* the configuration's text, sealed */
	AGENT_FD_SECRETS,  /* the secrets' text, sealed */
	AGENT_FD_ENGINE,   /* the file with the engine's identifier and its number of starts */
	AGENT_FD_SINK4,    /* UDP sockets for notifications, ... */
	AGENT_FD_SINK6,    /* ... one of each IP version */
	AGENT_FD_LISTEN,   /* as many as the configuration has listen lines, in their order */
	AGENT_FDS_MAX = 5 + 8,
};

#endif

/* SPDX-License-Identifier: ISC */
/* SNMPv3's security (RFC 3414) by net-snmp's library: the engine's identifier, how
 * often it started, and the users' keys. No file is read or written by the library. */
#ifndef UPLINK_SUBAGENT_SECURITY_H
#define UPLINK_SUBAGENT_SECURITY_H

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/secrets.h"

enum { ENGINE_ID_MAX = 32 };

struct engine_identity {
	uint8_t id[ENGINE_ID_MAX];
	size_t length;
	uint32_t boots; /* of this start: one more than of any before it */
};

/* Counts a start in the file, and returns only once that would survive a power cut. A
 * file that is empty or damaged gets a new identifier, which no manager knows yet. 0, or
 * -1 with errno. */
int engine_count_start(int fd, struct engine_identity *engine);

/* Starts the library as that engine. Once. -1: why is logged. */
int security_init(const struct engine_identity *engine);

/* Makes settings those of that user, with keys that fit every engine. 0, or -1 where the
 * library lacks what it needs: why is logged. security_forget frees what they hold. */
int security_user(const struct conf_user *user, const struct conf_secret *secret,
		  netsnmp_session *settings);
void security_forget(netsnmp_session *settings);
/* The settings are those of our own engine from now on. -1 without memory. */
int security_own_engine(netsnmp_session *settings);
/* The library knows the user of the settings at their engine from now on. */
int security_admit(netsnmp_session *settings);

#endif

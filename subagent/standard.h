/* SPDX-License-Identifier: ISC */
/* What every SNMP agent says of itself, where this process is its own master: system
 * and snmp (RFC 3418), snmpEngine (RFC 3411), snmpMPDStats (RFC 3412), usmStats (RFC
 * 3414); and UPLINK-MIB among them. */
#ifndef UPLINK_SUBAGENT_STANDARD_H
#define UPLINK_SUBAGENT_STANDARD_H

#include "conf/agent.h"
#include "subagent/mib.h"

/* All of them, for mib_serve. Time is counted from here on; agent must live on. */
const struct mib_group *const *standard_groups(const struct conf_agent *agent);

/* Hundredths of a second since then, as sysUpTime counts them. */
uint32_t standard_uptime(void);

#endif

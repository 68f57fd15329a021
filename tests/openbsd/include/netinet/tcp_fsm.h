/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NETINET_TCP_FSM_H
#define OPENBSD_NETINET_TCP_FSM_H

#define TCPS_CLOSED 0
#define TCPS_SYN_SENT 2
#define TCPS_ESTABLISHED 4

#endif

/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NETINET_TCP_H
#define OPENBSD_NETINET_TCP_H

#include <sys/types.h>
#define TCP_NODELAY 1
#define TCP_INFO 9
struct tcp_info {
	uint8_t tcpi_state;
	uint32_t tcpi_rto, tcpi_rtt, tcpi_rttvar;
	uint32_t tcpi_snd_rexmitpack, tcpi_rcv_ooopack, tcpi_snd_zerowin;
};

#endif

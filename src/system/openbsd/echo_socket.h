/* SPDX-License-Identifier: ISC */
/* What hears the answers to echo requests has to be made before pledge(2). */
#ifndef UPLINK_OPENBSD_ECHO_SOCKET_H
#define UPLINK_OPENBSD_ECHO_SOCKET_H

/* Makes both sockets, for IPv4 and for IPv6. One that can't be made is missing later:
 * sys_echo_socket says so. */
void echo_open_all(void);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NETDB_H
#define OPENBSD_NETDB_H

struct addrinfo;
struct hostent;

#endif

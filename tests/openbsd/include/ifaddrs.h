/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_IFADDRS_H
#define OPENBSD_IFADDRS_H

struct sockaddr;
struct ifaddrs {
	struct ifaddrs *ifa_next;
	char *ifa_name;
	unsigned int ifa_flags;
	struct sockaddr *ifa_addr, *ifa_netmask, *ifa_dstaddr;
	void *ifa_data;
};
int getifaddrs(struct ifaddrs **);
void freeifaddrs(struct ifaddrs *);

#endif

/* SPDX-License-Identifier: ISC */
/* One request to the kernel's routing and its answer, as one step. */
#ifndef UPLINK_LINUX_NETLINK_H
#define UPLINK_LINUX_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

struct netlink {
	struct mnl_socket *socket;
	uint32_t portid; /* stands in the events that its requests cause */
	uint32_t seq;
	char reason[96]; /* the kernel's own words on the last refusal, or "" */
	char answer[65536] __attribute__((aligned(8)));
};

/* 0, or -1 with errno. */
int netlink_open(struct netlink *nl);
void netlink_close(struct netlink *nl);

/* Is a whole message next, of left octets? libmnl's own test takes a length beyond
 * INT_MAX for a negative one, and goes on behind the end. */
bool netlink_ok(const struct nlmsghdr *nlh, int left);
/* How many octets of a datagram are whole messages: what libmnl may be given. */
size_t netlink_whole(const void *datagram, size_t len);

/* Starts a message in buf: the header and, zeroed, size octets after it. */
struct nlmsghdr *netlink_message(void *buf, uint16_t type, uint16_t flags, const void *extra,
				 size_t size);

/* Sends and waits for the kernel's verdict, which is there when the sending is
 * done. 0, or -1 with errno. */
int netlink_request(struct netlink *nl, struct nlmsghdr *nlh);

/* The same where messages answer it: a single one, or a dump. each is called for
 * every message and must not use nl. A dump that was disturbed by a change is
 * asked again: restart is called before each try. 0, or -1 with errno. */
struct netlink_reader {
	void (*each)(void *arg, const struct nlmsghdr *nlh);
	void (*restart)(void *arg); /* may be NULL */
	void *arg;
};
int netlink_get(struct netlink *nl, struct nlmsghdr *nlh, const struct netlink_reader *reader);
int netlink_dump(struct netlink *nl, struct nlmsghdr *nlh, const struct netlink_reader *reader);

#endif

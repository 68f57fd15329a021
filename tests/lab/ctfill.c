/* SPDX-License-Identifier: ISC */
/* Fills the kernel's table of flows of this network namespace: as many UDP flows as
 * wanted, all established, all with one mark, in seconds.
 *
 *   ctfill COUNT MARK
 *       Prints how many there are then. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORTS = 50000, FIRST_PORT = 10000, TIMEOUT_S = 3600, AT_ONCE = 100, BYTES = 64 << 10 };

static uint32_t
client(unsigned flow)
{
	return htonl(0xc0a84d0aU + flow / PORTS % 100); /* 192.168.77.10 and on */
}

static void
put_tuple(struct nlmsghdr *m, uint16_t type, unsigned flow, bool reply)
{
	const uint32_t server = htonl(0xcb007164U + flow / (100 * PORTS)); /* 203.0.113.100 */
	const uint16_t port = htons((uint16_t)(FIRST_PORT + flow % PORTS)), service = htons(443);
	struct nlattr *tuple = mnl_attr_nest_start(m, type);
	struct nlattr *part = mnl_attr_nest_start(m, CTA_TUPLE_IP);

	mnl_attr_put_u32(m, CTA_IP_V4_SRC, reply ? server : client(flow));
	mnl_attr_put_u32(m, CTA_IP_V4_DST, reply ? client(flow) : server);
	mnl_attr_nest_end(m, part);
	part = mnl_attr_nest_start(m, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(m, CTA_PROTO_NUM, IPPROTO_UDP);
	mnl_attr_put_u16(m, CTA_PROTO_SRC_PORT, reply ? service : port);
	mnl_attr_put_u16(m, CTA_PROTO_DST_PORT, reply ? port : service);
	mnl_attr_nest_end(m, part);
	mnl_attr_nest_end(m, tuple);
}

static size_t
put_flow(void *buf, unsigned flow, uint32_t mark, bool acknowledged)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *general;

	m->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
	m->nlmsg_flags =
	    NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | (uint16_t)(acknowledged ? NLM_F_ACK : 0);
	m->nlmsg_seq = acknowledged;
	general = mnl_nlmsg_put_extra_header(m, sizeof(*general));
	general->nfgen_family = AF_INET;
	general->version = NFNETLINK_V0;
	put_tuple(m, CTA_TUPLE_ORIG, flow, false);
	put_tuple(m, CTA_TUPLE_REPLY, flow, true);
	mnl_attr_put_u32(m, CTA_STATUS, htonl(IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED));
	mnl_attr_put_u32(m, CTA_TIMEOUT, htonl(TIMEOUT_S));
	mnl_attr_put_u32(m, CTA_MARK, htonl(mark));
	return MNL_ALIGN(m->nlmsg_len);
}

static int
send_flows(struct mnl_socket *socket, unsigned first, unsigned n, uint32_t mark)
{
	static char buf[BYTES], answer[BYTES];
	size_t used = 0;
	ssize_t len;

	memset(buf, 0, sizeof(buf));
	for (unsigned i = 0; i < n; i++)
		used += put_flow(buf + used, first + i, mark, i + 1 == n);
	if (mnl_socket_sendto(socket, buf, used) < 0)
		return -1;
	len = mnl_socket_recvfrom(socket, answer, sizeof(answer));
	return len < 0 ? -1 : mnl_cb_run(answer, (size_t)len, 0, 0, NULL, NULL);
}

int
main(int argc, char **argv)
{
	unsigned count = argc == 3 ? (unsigned)strtoul(argv[1], NULL, 0) : 0, done = 0;
	uint32_t mark = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 0) : 0;
	struct mnl_socket *socket = mnl_socket_open(NETLINK_NETFILTER);

	if (count == 0) {
		fprintf(stderr, "usage: ctfill COUNT MARK\n");
		return 2;
	}
	if (socket == NULL || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		perror("ctfill");
		return 1;
	}
	while (done < count) {
		unsigned n = count - done < AT_ONCE ? count - done : AT_ONCE;

		if (send_flows(socket, done, n, mark) < 0) {
			fprintf(stderr, "ctfill: after %u flows: %s\n", done, strerror(errno));
			return 1;
		}
		done += n;
	}
	printf("%u\n", done);
	mnl_socket_close(socket);
	return 0;
}

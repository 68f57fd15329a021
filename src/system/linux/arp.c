/* SPDX-License-Identifier: ISC */
/* ARP over a packet socket that is bound to no interface, so that it outlives each:
 * a packet names the one that it leaves by. */
#include "config.h"

#include "system/system.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "common/clock.h"

int
sys_arp_lladdr(int fd, const char *ifname, uint8_t lladdr[static 6])
{
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	strncpy(ifr.ifr_name, ifname, sizeof(ifr.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr) != 0)
		return -1;
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	memcpy(lladdr, ifr.ifr_hwaddr.sa_data, 6);
	return 0;
}

int
sys_arp_send(int fd, uint32_t ifindex, const void *packet, size_t len)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ARP),
				 .sll_ifindex = (int)ifindex,
				 .sll_halen = ETH_ALEN};

	memset(to.sll_addr, 0xff, ETH_ALEN);
	return sendto(fd, packet, len, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0 ? -1
											     : 0;
}

static uint64_t
stamp(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec ts;

			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
		}
	return 0;
}

ssize_t
sys_arp_receive(int fd, void *packet, size_t size, struct sys_arp_from *from)
{
	struct sockaddr_ll ll;
	union {
		struct cmsghdr align;
		char space[128];
	} control;
	struct iovec iov = {packet, size};
	struct msghdr msg = {.msg_name = &ll,
			     .msg_namelen = sizeof(ll),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

	/* It is told once that the interface went down; it comes again. */
	if (n < 0)
		return errno == ENETDOWN ? 0 : -1;
	if (ll.sll_pkttype != PACKET_HOST || ll.sll_halen != ETH_ALEN ||
	    ll.sll_hatype != ARPHRD_ETHER)
		return 0;
	from->ifindex = (uint32_t)ll.sll_ifindex;
	from->wall_ns = stamp(&msg);
	memcpy(from->lladdr, ll.sll_addr, ETH_ALEN);
	return n;
}

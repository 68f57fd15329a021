/* SPDX-License-Identifier: ISC */
/* Router advertisements that say one thing only: whether hosts should begin flows
 * with addresses of a prefix (RFC 4861, RFC 4862 5.5.3). They stand beside those of
 * the program that announces the prefix, such as radvd(8), and must not be taken for
 * its: so they come from a link-local address that no interface has, and with a
 * lifetime of 0, which makes nobody's default router. Nothing is ever received. */
#include "config.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "system/linux/routing.h"

enum {
	HOPS = 255,         /* else hosts ignore it */
	PREFIX_BITS = 64,   /* of addresses that hosts make themselves */
	PREFIXES_MAX = 32,  /* in one packet */
	VALID_S = 7200,     /* hosts take no less */
	PREFERRED_S = 1800, /* until the announcer's next one */
	FLAGS = ND_OPT_PI_FLAG_AUTO,
};

struct advert {
	struct nd_router_advert head;
	struct nd_opt_prefix_info prefix[PREFIXES_MAX];
};

/* The nets of the interface that are part of the prefix, each once. */
static size_t
fill(const struct view *view, uint32_t ifindex, const struct addr *prefix, bool preferred,
     struct advert *advert)
{
	size_t n = 0;

	memset(advert, 0, sizeof(*advert));
	advert->head.nd_ra_type = ND_ROUTER_ADVERT;
	for (size_t i = 0; i < view->naddresses && n < PREFIXES_MAX; i++) {
		const struct view_address *a = &view->addresses[i];
		struct nd_opt_prefix_info *p = &advert->prefix[n];
		bool again = false;

		if (a->ifindex != ifindex || a->local.version != 6 ||
		    a->prefix.plen != PREFIX_BITS || !addr_in_prefix(&a->local, prefix))
			continue;
		for (size_t k = 0; k < n; k++)
			again |= memcmp(&advert->prefix[k].nd_opt_pi_prefix, a->local.octets,
					PREFIX_BITS / 8) == 0;
		if (again)
			continue;
		p->nd_opt_pi_type = ND_OPT_PREFIX_INFORMATION;
		p->nd_opt_pi_len = sizeof(*p) / 8;
		p->nd_opt_pi_prefix_len = PREFIX_BITS;
		p->nd_opt_pi_flags_reserved = FLAGS;
		p->nd_opt_pi_valid_time = htonl(VALID_S);
		p->nd_opt_pi_preferred_time = htonl(preferred ? PREFERRED_S : 0);
		memcpy(&p->nd_opt_pi_prefix, a->local.octets, PREFIX_BITS / 8);
		n++;
	}
	return n;
}

static int
open_socket(uint32_t ifindex)
{
	/* fe80::7570:6c6b:IFINDEX: nobody answers to it */
	struct sockaddr_in6 from = {
	    .sin6_family = AF_INET6,
	    .sin6_scope_id = ifindex,
	    .sin6_addr.s6_addr = {0xfe, 0x80, [8] = 0x75, 0x70, 0x6c, 0x6b}};
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	int on = 1, hops = HOPS, off = 0, saved;
	struct icmp6_filter nothing;

	if (fd < 0)
		return -1;
	ICMP6_FILTER_SETBLOCKALL(&nothing);
	from.sin6_addr.s6_addr[14] = (uint8_t)(ifindex >> 8);
	from.sin6_addr.s6_addr[15] = (uint8_t)ifindex;
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &nothing, sizeof(nothing)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &off, sizeof(off)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &ifindex, sizeof(ifindex)) == 0 &&
	    bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

bool
sys_can_advertise(void)
{
	return true;
}

int
sys_advertise(struct sys_routing *r, const char *ifname, const struct addr *prefix, bool preferred)
{
	const struct view_interface *interface = view_interface_by_name(&r->view, ifname);
	struct sockaddr_in6 to = {.sin6_family = AF_INET6,
				  .sin6_addr.s6_addr = {0xff, 0x02, [15] = 1}};
	struct advert advert;
	size_t n, size;
	int fd, result, saved;

	if (interface == NULL)
		return ENODEV;
	n = fill(&r->view, interface->ifindex, prefix, preferred, &advert);
	if (n == 0)
		return ENOENT;
	fd = open_socket(interface->ifindex);
	if (fd < 0)
		return errno;
	to.sin6_scope_id = interface->ifindex;
	size = sizeof(advert.head) + n * sizeof(advert.prefix[0]);
	result = sendto(fd, &advert, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) ==
			 (ssize_t)size
		     ? 0
		     : -1;
	saved = errno;
	close(fd);
	return result == 0 ? 0 : saved;
}

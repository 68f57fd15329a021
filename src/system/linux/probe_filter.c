/* SPDX-License-Identifier: ISC */
/* What comes in is offered to each socket that could be meant. The programs here drop
 * what is another one's. They are no check: whoever reads a packet checks all of it again. */
#include "config.h"

#include "system/linux/probe_filter.h"

#include <linux/filter.h>
#include <linux/icmp.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/addr.h"

#define LOAD_BYTE(at) BPF_STMT(BPF_LD | BPF_B | BPF_ABS, at)
#define LOAD_HALF(at) BPF_STMT(BPF_LD | BPF_H | BPF_ABS, at)
#define LOAD_BYTE_X(at) BPF_STMT(BPF_LD | BPF_B | BPF_IND, at)
#define LOAD_HALF_X(at) BPF_STMT(BPF_LD | BPF_H | BPF_IND, at)
#define MASK(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define TAKE BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)
#define DROP BPF_STMT(BPF_RET | BPF_K, 0)

#define ATTACH(fd, program)                                                                  \
	attach(fd, &(const struct sock_fprog){.len = sizeof(program) / sizeof((program)[0]), \
					      .filter = (program)})

static int
attach(int fd, const struct sock_fprog *program)
{
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, sizeof(*program));
}

/* A raw IPv4 socket sees the IP header. A load beyond the packet's end drops it. */
static int
filter_echo4(int fd, uint16_t id, uint16_t mask)
{
	struct sock_filter program[] = {
	    BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* X: the IP header's length */
	    LOAD_BYTE_X(0),
	    UNLESS(ICMP_ECHOREPLY, 5),
	    LOAD_HALF_X(4),
	    MASK(mask),
	    UNLESS(id, 1),
	    TAKE,
	    DROP,
	    /* an error: the quoted IP header, of ICMP, and its echo request */
	    LOAD_BYTE_X(8 + 9),
	    UNLESS(IPPROTO_ICMP, 11),
	    LOAD_BYTE_X(8),
	    MASK(0x0f),
	    BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
	    BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
	    BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    LOAD_BYTE_X(8),
	    UNLESS(ICMP_ECHO, 4),
	    LOAD_HALF_X(8 + 4),
	    MASK(mask),
	    UNLESS(id, 1),
	    TAKE,
	    DROP,
	};

	return ATTACH(fd, program);
}

/* A raw IPv6 socket does not. */
static int
filter_echo6(int fd, uint16_t id, uint16_t mask)
{
	struct sock_filter program[] = {
	    LOAD_BYTE(0),
	    UNLESS(ICMP6_ECHO_REPLY, 5),
	    LOAD_HALF(4),
	    MASK(mask),
	    UNLESS(id, 1),
	    TAKE,
	    DROP,
	    LOAD_BYTE(8 + 6),
	    UNLESS(IPPROTO_ICMPV6, 6),
	    LOAD_BYTE(8 + 40),
	    UNLESS(ICMP6_ECHO_REQUEST, 4),
	    LOAD_HALF(8 + 40 + 4),
	    MASK(mask),
	    UNLESS(id, 1),
	    TAKE,
	    DROP,
	};

	return ATTACH(fd, program);
}

int
filter_echo(int fd, int family, uint16_t id, uint16_t mask)
{
	return family == V4 ? filter_echo4(fd, id, mask) : filter_echo6(fd, id, mask);
}

int
filter_udp_port(int fd, uint16_t port)
{
	struct sock_filter program[] = {LOAD_HALF(0), UNLESS(port, 1), TAKE, DROP};

	return ATTACH(fd, program);
}

int
filter_interface(int fd, uint32_t ifindex)
{
	struct sock_filter program[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX)),
	    UNLESS(ifindex, 1),
	    TAKE,
	    DROP,
	};

	return ATTACH(fd, program);
}

int
filter_arp_replies(int fd)
{
	struct sock_filter program[] = {LOAD_HALF(6), UNLESS(ARPOP_REPLY, 1), TAKE, DROP};

	return ATTACH(fd, program);
}

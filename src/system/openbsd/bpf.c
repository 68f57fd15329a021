/* SPDX-License-Identifier: ISC */
/* ARP over bpf(4). The parent opens and locks the device; the engine needs nothing but read and
 * write then. */
#include "config.h"

#include "system/openbsd/bpf.h"

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <net/bpf.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "system/system.h"

enum {
	ETHER_LEN = 6,
	ETHER_HEADER = 14,
	ETHER_ARP = 0x0806,
	ARP_REPLY = 2,
	ARP_LEN = 28,
	BUFFER = 32768,
	FRAME_MAX = 1514,
};

/* Type of the frame, then the operation. */
static struct bpf_insn replies[] = {
    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHER_ARP, 0, 3),
    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARP_REPLY, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, FRAME_MAX),   BPF_STMT(BPF_RET | BPF_K, 0),
};

static int
set_up(int fd, const char *ifname)
{
	struct bpf_program program = {sizeof(replies) / sizeof(replies[0]), replies};
	struct ifreq ifr;
	u_int yes = 1, incoming = BPF_DIRECTION_OUT, size = BUFFER, type;

	memset(&ifr, 0, sizeof(ifr));
	strlcpy(ifr.ifr_name, ifname, sizeof(ifr.ifr_name));
	if (ioctl(fd, BIOCSBLEN, &size) == -1 || ioctl(fd, BIOCSETIF, &ifr) == -1 ||
	    ioctl(fd, BIOCGDLT, &type) == -1)
		return -1;
	if (type != DLT_EN10MB) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	/* what leaves is filtered away; the source address of a frame is ours to write */
	if (ioctl(fd, BIOCSDIRFILT, &incoming) == -1 || ioctl(fd, BIOCIMMEDIATE, &yes) == -1 ||
	    ioctl(fd, BIOCSHDRCMPLT, &yes) == -1 || ioctl(fd, BIOCSETF, &program) == -1)
		return -1;
	return ioctl(fd, BIOCLOCK, NULL);
}

static int
open_arp(const char *ifname)
{
	int fd = open("/dev/bpf", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd != -1 && set_up(fd, ifname) == -1) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* ---- those that are open ---- */

static struct device {
	char ifname[IFNAME_LEN + 1];
	int fd;
} * devices;
static size_t ndevices;
static bool no_more;

static int
add_device(const char *ifname)
{
	struct device *grown;
	int fd;

	if (no_more) {
		errno = EPERM;
		return -1;
	}
	grown = reallocarray(devices, ndevices + 1, sizeof(*grown));
	if (grown == NULL)
		return -1;
	devices = grown;
	fd = open_arp(ifname);
	if (fd == -1)
		return -1;
	strlcpy(devices[ndevices].ifname, ifname, sizeof(devices[0].ifname));
	devices[ndevices++].fd = fd;
	return fd;
}

int
bpf_open_arp(const char *ifname)
{
	int fd = -1;

	for (size_t i = 0; i < ndevices && fd == -1; i++)
		if (strcmp(devices[i].ifname, ifname) == 0)
			fd = devices[i].fd;
	if (fd == -1)
		fd = add_device(ifname);
	return fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static bool
asks_by_arp(const struct conf_link *link)
{
	for (size_t i = 0; i < link->ntargets; i++)
		if (link->targets[i].method == METHOD_NEIGHBOUR && link->targets[i].family == V4)
			return true;
	return false;
}

void
bpf_open_all(const struct conf *conf)
{
	for (size_t i = 0; i < conf->nlinks; i++) {
		int fd = -1;

		if (asks_by_arp(&conf->links[i]))
			fd = bpf_open_arp(conf->links[i].interface);
		if (fd != -1)
			close(fd);
	}
}

void
bpf_no_more(void)
{
	no_more = true;
}

/* ---- the engine's part ---- */

int
sys_arp_lladdr(int fd, const char *ifname, uint8_t lladdr[static 6])
{
	struct ifaddrs *all, *i;

	(void)fd;
	if (getifaddrs(&all) == -1)
		return -1;
	for (i = all; i != NULL; i = i->ifa_next) {
		const struct sockaddr_dl *dl =
		    (const struct sockaddr_dl *)(const void *)i->ifa_addr;

		if (dl != NULL && dl->sdl_family == AF_LINK && dl->sdl_type == IFT_ETHER &&
		    dl->sdl_alen == ETHER_LEN && strcmp(i->ifa_name, ifname) == 0)
			break;
	}
	if (i != NULL)
		memcpy(lladdr, LLADDR((const struct sockaddr_dl *)(const void *)i->ifa_addr),
		       ETHER_LEN);
	freeifaddrs(all);
	errno = ENXIO;
	return i != NULL ? 0 : -1;
}

int
sys_arp_send(int fd, uint32_t ifindex, const void *packet, size_t len)
{
	uint8_t frame[FRAME_MAX];

	(void)ifindex;
	if (len < ARP_LEN || len > sizeof(frame) - ETHER_HEADER) {
		errno = EMSGSIZE;
		return -1;
	}
	memset(frame, 0xff, ETHER_LEN);
	/* the sender's own address stands in the packet */
	memcpy(frame + ETHER_LEN, (const uint8_t *)packet + 8, ETHER_LEN);
	frame[12] = ETHER_ARP >> 8;
	frame[13] = ETHER_ARP & 0xff;
	memcpy(frame + ETHER_HEADER, packet, len);
	return write(fd, frame, ETHER_HEADER + len) == -1 ? -1 : 0;
}

/* What one read gave, and how much of it was handed out. There is one engine, and it has one
 * thread; it reads a device until there is nothing more before it turns to another. */
static struct {
	uint8_t buf[BUFFER];
	size_t len, at;
	int fd;
} heard = {.fd = -1};

static int
refill(int fd)
{
	ssize_t n;

	if (heard.fd == fd && heard.at < heard.len)
		return 0;
	n = read(fd, heard.buf, sizeof(heard.buf));
	if (n <= 0) {
		heard.fd = -1;
		if (n == 0)
			errno = EAGAIN;
		return -1;
	}
	heard.fd = fd;
	heard.len = (size_t)n;
	heard.at = 0;
	return 0;
}

ssize_t
sys_arp_receive(int fd, void *packet, size_t size, struct sys_arp_from *from)
{
	struct bpf_hdr header;
	const uint8_t *frame;
	size_t len;

	if (refill(fd) == -1)
		return -1;
	if (heard.len - heard.at < sizeof(header)) {
		heard.at = heard.len;
		return 0;
	}
	memcpy(&header, heard.buf + heard.at, sizeof(header));
	frame = heard.buf + heard.at + header.bh_hdrlen;
	if (header.bh_hdrlen < SIZEOF_BPF_HDR ||
	    header.bh_hdrlen + (size_t)header.bh_caplen > heard.len - heard.at) {
		heard.at = heard.len;
		return 0;
	}
	heard.at += BPF_WORDALIGN(header.bh_hdrlen + header.bh_caplen);
	if (header.bh_caplen < ETHER_HEADER)
		return 0;
	len = header.bh_caplen - ETHER_HEADER;
	if (len > size)
		len = size;
	memset(from, 0, sizeof(*from));
	memcpy(from->lladdr, frame + ETHER_LEN, ETHER_LEN);
	from->wall_ns = (uint64_t)header.bh_tstamp.tv_sec * NSEC_PER_SEC +
			(uint64_t)header.bh_tstamp.tv_usec * NSEC_PER_USEC;
	memcpy(packet, frame + ETHER_HEADER, len);
	return (ssize_t)len;
}

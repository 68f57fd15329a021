/* SPDX-License-Identifier: ISC */
/* /dev/pf. None of it is possible after pledge(2), so the worker is confined by unveil(2) alone. */
#include "config.h"

#include "system/openbsd/pfio.h"

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <net/if.h>
#include <netinet/in.h>
#include <net/pfvar.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROWN_MEANWHILE = 8, ROOM = 64 };

const char *
pfio_program(void)
{
	return "/sbin/pfctl";
}

int
pfio_open(void)
{
	return open("/dev/pf", O_RDWR | O_CLOEXEC);
}

void
pfio_close(int fd)
{
	close(fd);
}

static void
take_address(struct addr *a, sa_family_t family, struct pf_addr from)
{
	memset(a, 0, sizeof(*a));
	a->version = family == AF_INET ? 4 : 6;
	a->plen = family == AF_INET ? 32 : 128;
	memcpy(a->octets, &from, addr_size(a));
}

/* How long a state of that kind lives after its last packet. */
static uint32_t
lifetime(int fd, uint8_t kind)
{
	static uint32_t known[PFTM_MAX];
	struct pfioc_tm tm = {.timeout = kind};

	if (kind >= PFTM_MAX)
		return 0;
	if (known[kind] == 0 && ioctl(fd, DIOCGETTIMEOUT, &tm) == 0)
		known[kind] = (uint32_t)tm.seconds;
	return known[kind];
}

static void
read_state(int fd, const struct pfsync_state *from, struct pf_flow *s)
{
	uint32_t left = ntohl(from->expire), life = lifetime(fd, from->timeout);

	memset(s, 0, sizeof(*s));
	memcpy(&s->id, &from->id, sizeof(s->id));
	s->creator = from->creatorid;
	s->family = from->key[PF_SK_WIRE].af == AF_INET ? V4 : V6;
	s->out = from->direction == PF_OUT;
	s->way = from->rt == PF_ROUTETO   ? PF_WAY_ROUTE_TO
		 : from->rt == PF_REPLYTO ? PF_WAY_REPLY_TO
					  : PF_WAY_PLAIN;
	take_address(&s->gateway, from->key[PF_SK_WIRE].af, from->rt_addr);
	take_address(&s->local, from->key[PF_SK_WIRE].af, from->key[PF_SK_WIRE].addr[1]);
	s->idle_s = life > left ? life - left : 0;
}

/* All of them, to be freed; their number in *n. */
static struct pfsync_state *
get_states(int fd, size_t *n)
{
	struct pfioc_states ps = {.ps_len = 0};
	char *buf = NULL;

	for (int i = 0; i < GROWN_MEANWHILE; i++) {
		size_t room = ps.ps_len + ps.ps_len / 8 + ROOM * sizeof(struct pfsync_state);
		char *grown = realloc(buf, room);

		if (grown == NULL)
			break;
		buf = grown;
		ps.ps_len = room;
		ps.ps_buf = buf;
		if (ioctl(fd, DIOCGETSTATES, &ps) == -1)
			break;
		if (ps.ps_len < room) {
			*n = ps.ps_len / sizeof(struct pfsync_state);
			return (struct pfsync_state *)(void *)buf;
		}
	}
	free(buf);
	return NULL;
}

int
pfio_states(int fd, pfio_state *each, void *arg)
{
	size_t n;
	struct pfsync_state *states = get_states(fd, &n);
	struct pf_flow s;

	if (states == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		read_state(fd, &states[i], &s);
		if (!each(arg, &s))
			break;
	}
	free(states);
	return 0;
}

int
pfio_kill(int fd, const struct pf_flow *s)
{
	struct pfioc_state_kill kill;

	memset(&kill, 0, sizeof(kill));
	memcpy(&kill.psk_pfcmp.id, &s->id, sizeof(s->id));
	kill.psk_pfcmp.creatorid = s->creator;
	if (ioctl(fd, DIOCKILLSTATES, &kill) == -1)
		return -1;
	return kill.psk_killed > 0;
}

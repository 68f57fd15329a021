/* SPDX-License-Identifier: ISC */
/* The lab's cable: forwards Ethernet frames between pairs of interfaces of its
 * network namespace and gives them, on command, delay, jitter, loss, bursts of
 * loss, a blackhole in one direction, or silence of ARP and neighbour discovery.
 * Carrier stays up through all of it: that is what makes a failure silent. It
 * never reorders frames.
 *
 *   wire SOCKET A:B [A:B ...]
 *
 * A is the router's side, B the provider's. Commands come as datagrams to the
 * unix socket, one a datagram, and each is answered with one: "ok", or what is
 * wrong.
 *
 *   PAIR DIRECTION SETTING...   PAIR 1.. or all; DIRECTION out (A to B), in, both
 *       delay=MS jitter=MS      later by delay, give or take jitter
 *       loss=PERCENT burst=N    lost frames; N of them in a row on average
 *       rate=KBIT queue=MS      kilobits a second; what would wait longer than that for
 *                               those before it is lost (0: nothing is)
 *       hole=0|1                swallow everything
 *       neighbour=0|1           1: swallow ARP and neighbour discovery
 *       reset                   a plain cable again
 *   stat                        counters of each direction, one a line */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>

enum {
	PAIRS_MAX = 16,
	/* A segment that the sender leaves to its card to cut is up to 64 KiB, after
	 * the header that says how. */
	FRAME_MAX = 65536 + 64,
	BATCH = 64,        /* frames of one direction before the others have their turn */
	QUEUE_MAX = 20000, /* frames on their way in one direction */
	SOCKET_BUFFER = 8 << 20,
};

struct frame {
	struct frame *next;
	uint64_t due_ns;
	size_t len;
	uint8_t octets[];
};

struct settings {
	double delay_ms, jitter_ms, loss, burst, rate_kbit, queue_ms;
	bool hole, neighbour;
};

struct direction {
	int from, to; /* packet sockets */
	struct settings set;
	bool in_burst;
	struct frame *head, *tail;
	unsigned queued;
	uint64_t last_due_ns, busy_until_ns;
	uint64_t received, sent, lost;
};

static struct direction directions[2 * PAIRS_MAX]; /* pair p: 2p out, 2p + 1 in */
static unsigned ndirections;

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void
die(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
open_side(const char *ifname)
{
	int on = 1, size = SOCKET_BUFFER;
	struct sockaddr_ll ll = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct packet_mreq promiscuous = {.mr_type = PACKET_MR_PROMISC};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ll.sll_ifindex = promiscuous.mr_ifindex = (int)if_nametoindex(ifname);
	if (fd < 0 || ll.sll_ifindex == 0)
		die(ifname);
	/* Without the header, offloaded segments and checksums arrive broken. */
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) < 0)
		die("packet socket options");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&ll, sizeof ll) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous) < 0)
		die(ifname);
	return fd;
}

static void
add_pair(const char *spec)
{
	char a[IFNAMSIZ + 1], b[IFNAMSIZ + 1];
	int fa, fb;

	if (ndirections == 2 * PAIRS_MAX || sscanf(spec, "%16[^:]:%16s", a, b) != 2) {
		fprintf(stderr, "wire: not a pair A:B, or too many: %s\n", spec);
		exit(2);
	}
	fa = open_side(a);
	fb = open_side(b);
	directions[ndirections++] = (struct direction){.from = fa, .to = fb};
	directions[ndirections++] = (struct direction){.from = fb, .to = fa};
}

/* ARP, neighbour solicitation or advertisement. */
static bool
is_neighbour_talk(const uint8_t *frame, size_t len)
{
	const uint8_t *eth = frame + sizeof(struct virtio_net_hdr);
	size_t n = len - sizeof(struct virtio_net_hdr);
	unsigned type;

	if (len < sizeof(struct virtio_net_hdr) + ETH_HLEN)
		return false;
	type = (unsigned)eth[12] << 8 | eth[13];
	if (type == ETH_P_ARP)
		return true;
	return type == ETH_P_IPV6 && n > ETH_HLEN + 40 && eth[ETH_HLEN + 6] == IPPROTO_ICMPV6 &&
	       (eth[ETH_HLEN + 40] == ND_NEIGHBOR_SOLICIT ||
		eth[ETH_HLEN + 40] == ND_NEIGHBOR_ADVERT);
}

/* Loss in bursts is a chain of two states (Gilbert) with that stationary loss. */
static bool
is_lost(struct direction *d)
{
	const struct settings *s = &d->set;

	if (s->loss <= 0)
		return false;
	if (s->burst <= 1 || s->loss >= 1)
		return drand48() < s->loss;
	if (d->in_burst)
		d->in_burst = drand48() >= 1 / s->burst;
	else
		d->in_burst = drand48() < s->loss / (1 - s->loss) / s->burst;
	return d->in_burst;
}

/* When a frame is through a line of that rate. */
static uint64_t
through_at(struct direction *d, size_t len, uint64_t now)
{
	double octets = (double)(len - sizeof(struct virtio_net_hdr));

	if (d->set.rate_kbit <= 0)
		return now;
	if (d->busy_until_ns < now)
		d->busy_until_ns = now;
	d->busy_until_ns += (uint64_t)(octets * 8 * 1e6 / d->set.rate_kbit);
	return d->busy_until_ns;
}

static bool
queue_is_full(const struct direction *d, uint64_t now)
{
	return d->queued == QUEUE_MAX ||
	       (d->set.rate_kbit > 0 && d->set.queue_ms > 0 &&
		(double)d->busy_until_ns > (double)now + d->set.queue_ms * 1e6);
}

static uint64_t
due_at(struct direction *d, uint64_t now)
{
	double late_ms = d->set.delay_ms + d->set.jitter_ms * (2 * drand48() - 1);
	uint64_t due = now + (late_ms > 0 ? (uint64_t)(late_ms * 1e6) : 0);

	if (due < d->last_due_ns)
		due = d->last_due_ns;
	return d->last_due_ns = due;
}

static void
pass_on(struct direction *d, const uint8_t *frame, size_t len)
{
	if (send(d->to, frame, len, 0) < 0)
		d->lost++;
	else
		d->sent++;
}

static void
take_frame(struct direction *d, const uint8_t *frame, size_t len, uint64_t now)
{
	struct frame *f;
	uint64_t due;

	d->received++;
	if (d->set.hole || (d->set.neighbour && is_neighbour_talk(frame, len)) || is_lost(d) ||
	    queue_is_full(d, now)) {
		d->lost++;
		return;
	}
	due = due_at(d, through_at(d, len, now));
	if (due <= now && d->head == NULL) {
		pass_on(d, frame, len);
		return;
	}
	f = malloc(sizeof *f + len);
	if (f == NULL)
		die("memory");
	*f = (struct frame){.due_ns = due, .len = len};
	memcpy(f->octets, frame, len);
	if (d->head == NULL)
		d->head = f;
	else
		d->tail->next = f;
	d->tail = f;
	d->queued++;
}

static void
read_frames(struct direction *d)
{
	static uint8_t frame[FRAME_MAX];

	for (int i = 0; i < BATCH; i++) {
		ssize_t n = recv(d->from, frame, sizeof frame, 0);

		if (n < 0)
			return;
		take_frame(d, frame, (size_t)n, now_ns());
	}
}

/* Sends what is due; returns when the next frame is, UINT64_MAX for none. */
static uint64_t
flush(struct direction *d)
{
	struct frame *f;

	while ((f = d->head) != NULL && f->due_ns <= now_ns()) {
		pass_on(d, f->octets, f->len);
		d->head = f->next;
		d->queued--;
		free(f);
	}
	return f != NULL ? f->due_ns : UINT64_MAX;
}

/* One word of a command into s; false: no such setting. */
static bool
apply_setting(struct settings *s, const char *word)
{
	double v;

	if (strcmp(word, "reset") == 0)
		*s = (struct settings){0};
	else if (sscanf(word, "delay=%lf", &v) == 1)
		s->delay_ms = v;
	else if (sscanf(word, "jitter=%lf", &v) == 1)
		s->jitter_ms = v;
	else if (sscanf(word, "loss=%lf", &v) == 1)
		s->loss = v / 100;
	else if (sscanf(word, "burst=%lf", &v) == 1)
		s->burst = v;
	else if (sscanf(word, "rate=%lf", &v) == 1)
		s->rate_kbit = v;
	else if (sscanf(word, "queue=%lf", &v) == 1)
		s->queue_ms = v;
	else if (sscanf(word, "hole=%lf", &v) == 1)
		s->hole = v != 0;
	else if (sscanf(word, "neighbour=%lf", &v) == 1)
		s->neighbour = v != 0;
	else
		return false;
	return true;
}

static bool
apply_to(unsigned first, unsigned end, const char *side, const char *word)
{
	for (unsigned i = first; i < end; i++) {
		if (strcmp(side, i % 2 == 0 ? "in" : "out") == 0)
			continue;
		if (!apply_setting(&directions[i].set, word))
			return false;
	}
	return true;
}

static const char *
command(char *text)
{
	char *save, *pair = strtok_r(text, " \n", &save), *side = strtok_r(NULL, " \n", &save),
		    *word;
	unsigned first = 0, end = ndirections;

	if (pair == NULL || side == NULL ||
	    (strcmp(side, "in") != 0 && strcmp(side, "out") != 0 && strcmp(side, "both") != 0))
		return "want: PAIR in|out|both SETTING...";
	if (strcmp(pair, "all") != 0) {
		unsigned long p = strtoul(pair, NULL, 10);

		if (p < 1 || p > ndirections / 2)
			return "no such pair";
		first = 2 * ((unsigned)p - 1);
		end = first + 2;
	}
	while ((word = strtok_r(NULL, " \n", &save)) != NULL)
		if (!apply_to(first, end, side, word))
			return "no such setting";
	return "ok";
}

static void
print_counters(char *out, size_t size)
{
	size_t used = 0;

	for (unsigned i = 0; i < ndirections && used < size; i++) {
		const struct direction *d = &directions[i];

		used += (size_t)snprintf(
		    out + used, size - used, "%u %s received %llu sent %llu lost %llu queued %u\n",
		    i / 2 + 1, i % 2 == 0 ? "out" : "in", (unsigned long long)d->received,
		    (unsigned long long)d->sent, (unsigned long long)d->lost, d->queued);
	}
}

static void
read_command(int control)
{
	char text[1024], out[4096];
	struct sockaddr_un from;
	socklen_t from_len = sizeof from;
	ssize_t n =
	    recvfrom(control, text, sizeof text - 1, 0, (struct sockaddr *)&from, &from_len);

	if (n < 0)
		return;
	text[n] = '\0';
	if (strncmp(text, "stat", 4) == 0)
		print_counters(out, sizeof out);
	else
		snprintf(out, sizeof out, "%s", command(text));
	sendto(control, out, strlen(out), 0, (struct sockaddr *)&from, from_len);
}

static int
open_control(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (snprintf(un.sun_path, sizeof un.sun_path, "%s", path) >= (int)sizeof un.sun_path) {
		errno = ENAMETOOLONG;
		die(path);
	}
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof un) < 0)
		die(path);
	return fd;
}

static void
wait_for_work(struct pollfd *fds, nfds_t n, uint64_t next)
{
	struct timespec left = {0};
	uint64_t now = now_ns();

	if (next != UINT64_MAX && next > now) {
		left.tv_sec = (time_t)((next - now) / 1000000000);
		left.tv_nsec = (long)((next - now) % 1000000000);
	}
	if (ppoll(fds, n, next == UINT64_MAX ? NULL : &left, NULL) < 0)
		for (nfds_t i = 0; i < n; i++)
			fds[i].revents = 0;
}

int
main(int argc, char **argv)
{
	struct sched_param soon = {.sched_priority = 10};
	struct pollfd fds[2 * PAIRS_MAX + 1];
	int control;

	if (argc < 3) {
		fprintf(stderr, "usage: wire SOCKET A:B [A:B ...]\n");
		return 2;
	}
	for (int i = 2; i < argc; i++)
		add_pair(argv[i]);
	control = open_control(argv[1]);
	/* A cable that waits for the processor would be measured as the network. */
	prctl(PR_SET_TIMERSLACK, 1);
	sched_setscheduler(0, SCHED_FIFO, &soon);

	for (unsigned i = 0; i < ndirections; i++)
		fds[i] = (struct pollfd){.fd = directions[i].from, .events = POLLIN};
	fds[ndirections] = (struct pollfd){.fd = control, .events = POLLIN};
	for (;;) {
		uint64_t next = UINT64_MAX;

		for (unsigned i = 0; i < ndirections; i++) {
			uint64_t due = flush(&directions[i]);

			next = due < next ? due : next;
		}
		wait_for_work(fds, ndirections + 1, next);
		for (unsigned i = 0; i < ndirections; i++)
			if (fds[i].revents != 0)
				read_frames(&directions[i]);
		if (fds[ndirections].revents != 0)
			read_command(control);
	}
}

/* SPDX-License-Identifier: ISC */
/* The lab's measure of what a failover costs: numbered UDP packets at a steady
 * rate, and at the other end what became of each flow: how many were lost, the
 * longest gap, and whether the flow changed its source address (which would
 * have killed a TCP connection behind NAT).
 *
 *   udpflow receive PORT
 *       Prints "ready", counts until SIGTERM or SIGINT, prints one JSON object.
 *       Echoes every packet.
 *   udpflow send [-n PACKETS] ADDRESS PORT RATE FLOWS
 *       Prints "sending", then RATE packets a second in each of FLOWS flows,
 *       PACKETS in each (default: until SIGTERM or SIGINT), then prints one JSON
 *       object with how many were sent and answered. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x75646670u
#define NSEC 1000000000ULL

enum { FLOWS_MAX = 2000, SOURCES_MAX = 16, SOCKET_BUFFER = 16 << 20, DRAIN_MS = 300 };

struct packet {
	uint32_t magic, flow;
	uint64_t number; /* within the flow, 0.. */
	uint64_t sent_ns;
};

struct flow {
	uint64_t received, next; /* next: one above the highest number seen */
	uint64_t first_number;
	uint64_t last_sent_ns, gap_ns; /* longest time between two packets that arrived, as sent */
	uint64_t run;                  /* most packets lost in a row */
	unsigned moves;
	int source; /* index into sources, of the last packet */
};

struct source {
	struct in6_addr addr;
	uint64_t packets;
};

static volatile sig_atomic_t stopped;
static struct flow flows[FLOWS_MAX];
static struct source sources[SOURCES_MAX];
static int nsources;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NSEC + (uint64_t)t.tv_nsec;
}

static void
die(const char *what)
{
	fprintf(stderr, "udpflow: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
udp_socket(int family)
{
	int size = SOCKET_BUFFER, off = 0;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	return fd;
}

static int
source_index(const struct in6_addr *addr)
{
	int i;

	for (i = 0; i < nsources; i++)
		if (memcmp(&sources[i].addr, addr, sizeof *addr) == 0)
			return i;
	if (i == SOURCES_MAX)
		return i - 1;
	sources[i].addr = *addr;
	nsources++;
	return i;
}

static void
count_packet(const struct packet *p, const struct in6_addr *from)
{
	struct flow *f = &flows[p->flow];
	int source = source_index(from);

	sources[source].packets++;
	if (f->received++ == 0) {
		f->first_number = p->number;
		f->next = p->number;
		f->last_sent_ns = p->sent_ns;
		f->source = source;
	}
	if (p->number >= f->next) {
		if (p->number - f->next > f->run)
			f->run = p->number - f->next;
		if (p->sent_ns - f->last_sent_ns > f->gap_ns)
			f->gap_ns = p->sent_ns - f->last_sent_ns;
		f->next = p->number + 1;
		f->last_sent_ns = p->sent_ns;
	}
	if (source != f->source) {
		f->moves++;
		f->source = source;
	}
}

static void
print_sources(void)
{
	printf("\"sources\": {");
	for (int i = 0; i < nsources; i++) {
		char text[INET6_ADDRSTRLEN];
		const char *shown = text;

		inet_ntop(AF_INET6, &sources[i].addr, text, sizeof text);
		if (IN6_IS_ADDR_V4MAPPED(&sources[i].addr))
			shown = strrchr(text, ':') + 1;
		printf("%s\"%s\": %" PRIu64, i > 0 ? ", " : "", shown, sources[i].packets);
	}
	printf("}");
}

/* A flow that lost its last packets does not show it here: compare "received"
 * with what the sender says. */
static void
print_received(void)
{
	uint64_t received = 0, lost = 0, run = 0, gap_ns = 0;
	unsigned seen = 0, moved = 0;

	for (int i = 0; i < FLOWS_MAX; i++) {
		const struct flow *f = &flows[i];

		if (f->received == 0)
			continue;
		seen++;
		received += f->received;
		if (f->next > f->received)
			lost += f->next - f->received;
		moved += f->moves > 0;
		run = f->run > run ? f->run : run;
		gap_ns = f->gap_ns > gap_ns ? f->gap_ns : gap_ns;
	}
	printf("{\"flows\": %u, \"received\": %" PRIu64 ", \"lost\": %" PRIu64
	       ", \"lost_in_a_row\": %" PRIu64 ", \"longest_gap_ms\": %.3f, \"moved\": %u, ",
	       seen, received, lost, run, (double)gap_ns / 1e6, moved);
	print_sources();
	printf("}\n");
}

/* The answer leaves with the address that the question went to, or NAT on its way
 * would not know it again: the control message that came is what is sent back. */
static void
echo(int fd, struct msghdr *question)
{
	question->msg_flags = 0;
	sendmsg(fd, question, 0);
}

static void
receive_waiting(int fd)
{
	struct packet p;
	struct sockaddr_in6 from;
	struct iovec iov = {.iov_base = &p, .iov_len = sizeof p};
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control;

	for (;;) {
		struct msghdr m = {.msg_name = &from,
				   .msg_namelen = sizeof from,
				   .msg_iov = &iov,
				   .msg_iovlen = 1,
				   .msg_control = &control,
				   .msg_controllen = sizeof control};
		ssize_t n = recvmsg(fd, &m, 0);

		if (n < 0)
			return;
		if ((size_t)n != sizeof p || p.magic != MAGIC || p.flow >= FLOWS_MAX)
			continue;
		count_packet(&p, &from.sin6_addr);
		echo(fd, &m);
	}
}

static int
receive(uint16_t port)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct pollfd p = {.fd = udp_socket(AF_INET6), .events = POLLIN};
	int on = 1;

	if (setsockopt(p.fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) < 0 ||
	    bind(p.fd, (struct sockaddr *)&any, sizeof any) < 0)
		die("bind");
	printf("ready\n");
	fflush(stdout);
	while (!stopped) {
		poll(&p, 1, 100);
		receive_waiting(p.fd);
	}
	print_received();
	return 0;
}

static socklen_t
parse_address(const char *address, uint16_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in *in = (struct sockaddr_in *)to;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;

	if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		return sizeof *in;
	}
	if (inet_pton(AF_INET6, address, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		return sizeof *in6;
	}
	return 0;
}

static uint64_t
take_answers(const struct pollfd *fds, unsigned n)
{
	struct packet p;
	uint64_t answers = 0;

	for (unsigned i = 0; i < n; i++)
		while (recv(fds[i].fd, &p, sizeof p, 0) == sizeof p)
			answers++;
	return answers;
}

/* Answers are taken only in between: the time until the next packet is due. */
static uint64_t
wait_until(struct pollfd *fds, unsigned n, uint64_t due_ns)
{
	uint64_t answers = 0, now;

	while (!stopped && (now = now_ns()) < due_ns) {
		struct timespec left = {.tv_sec = (time_t)((due_ns - now) / NSEC),
					.tv_nsec = (long)((due_ns - now) % NSEC)};

		if (ppoll(fds, n, &left, NULL) > 0)
			answers += take_answers(fds, n);
	}
	return answers;
}

static int
send_flows(const struct sockaddr_storage *to, socklen_t to_len, double rate, unsigned n,
	   uint64_t packets)
{
	static struct pollfd fds[FLOWS_MAX];
	uint64_t start, step_ns = (uint64_t)(1e9 / rate / n), sent = 0, errors = 0, answers = 0, i;

	for (i = 0; i < n; i++) {
		fds[i] = (struct pollfd){.fd = udp_socket(to->ss_family), .events = POLLIN};
	}
	printf("sending\n");
	fflush(stdout);
	start = now_ns();
	for (i = 0; !stopped && i < packets * n; i++) {
		struct packet p = {.magic = MAGIC, .flow = (uint32_t)(i % n), .number = i / n};

		answers += wait_until(fds, n, start + i * step_ns);
		p.sent_ns = now_ns();
		sent++;
		/* Not connected: the source is chosen anew for each, as a router's own is. */
		if (sendto(fds[i % n].fd, &p, sizeof p, 0, (const struct sockaddr *)to, to_len) < 0)
			errors++;
	}
	stopped = 0;
	answers += wait_until(fds, n, now_ns() + DRAIN_MS * 1000000ULL);
	printf("{\"flows\": %u, \"sent\": %" PRIu64 ", \"errors\": %" PRIu64
	       ", \"answered\": %" PRIu64 "}\n",
	       n, sent, errors, answers);
	return 0;
}

static int
usage(void)
{
	fprintf(stderr, "usage: udpflow receive PORT\n"
			"       udpflow send [-n PACKETS] ADDRESS PORT RATE FLOWS\n");
	return 2;
}

int
main(int argc, char **argv)
{
	struct sigaction quit = {.sa_handler = on_signal};
	struct sched_param soon = {.sched_priority = 5};
	uint64_t packets = UINT64_MAX / FLOWS_MAX;
	struct sockaddr_storage to = {0};
	socklen_t to_len;
	double rate;
	int n;

	sigaction(SIGTERM, &quit, NULL);
	sigaction(SIGINT, &quit, NULL);
	prctl(PR_SET_TIMERSLACK, 1);
	sched_setscheduler(0, SCHED_FIFO, &soon);
	if (argc == 3 && strcmp(argv[1], "receive") == 0)
		return receive((uint16_t)atoi(argv[2]));
	if (argc < 2 || strcmp(argv[1], "send") != 0)
		return usage();
	argv += 2, argc -= 2;
	if (argc > 2 && strcmp(argv[0], "-n") == 0) {
		packets = strtoull(argv[1], NULL, 10);
		argv += 2, argc -= 2;
	}
	if (argc != 4)
		return usage();
	to_len = parse_address(argv[0], (uint16_t)atoi(argv[1]), &to);
	rate = atof(argv[2]);
	n = atoi(argv[3]);
	if (to_len == 0 || rate <= 0 || n < 1 || n > FLOWS_MAX)
		return usage();
	return send_flows(&to, to_len, rate, (unsigned)n, packets);
}

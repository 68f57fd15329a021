/* SPDX-License-Identifier: ISC */
/* The packet generator of the forwarding benchmark, and its sink: UDP packets from
 * sockets in this namespace to one in another, sent as fast as the kernel takes them.
 * Routers behind veths forward each packet in the very call that sends it, on the same
 * processor, so the time of the calls is that of the packets' whole way.
 *
 *   blast ROUNDS BATCH FLOWS SINK PORT ADDRESS...
 *       Each address in turn gets BATCH packets of FLOWS flows, ROUNDS times over, so
 *       that whatever else the machine does meets all of them alike; every other time
 *       in the opposite order, so that none always comes after the same one. All are taken in
 *       by one socket in the namespace SINK (a path), and counted. Prints one JSON
 *       object: for each address nanoseconds a packet of each round, and how many
 *       packets did not arrive. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_PORT = 20000, PAYLOAD = 64, FLOWS_MAX = 1000, ADDRESSES_MAX = 8, ROUNDS_MAX = 20000 };
enum { AT_ONCE = 64, SOCKET_BUFFER = 16 << 20 };

struct way {
	const char *address;
	int flows[FLOWS_MAX]; /* a connected socket each */
	unsigned next;        /* the one whose turn it is */
	double ns[ROUNDS_MAX];
	int64_t lost;
};

static char payload[PAYLOAD];

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "blast: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static int
bound_socket(unsigned port)
{
	const struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int size = SOCKET_BUFFER, on = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (const struct sockaddr *)&own, sizeof(own)) != 0)
		die("socket");
	return fd;
}

/* A socket stays in the namespace in which it was made. */
static int
open_sink(const char *namespace, unsigned port)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there = open(namespace, O_RDONLY | O_CLOEXEC), fd;

	if (here < 0 || there < 0 || setns(there, CLONE_NEWNET) != 0)
		die(namespace);
	fd = bound_socket(port);
	if (setns(here, CLONE_NEWNET) != 0)
		die("setns");
	close(here);
	close(there);
	return fd;
}

static void
open_way(struct way *w, const char *address, unsigned port, unsigned flows)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	w->address = address;
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		die(address);
	for (unsigned i = 0; i < flows; i++) {
		w->flows[i] = bound_socket(FIRST_PORT + i);
		if (connect(w->flows[i], (struct sockaddr *)&to, sizeof(to)) != 0)
			die(address);
	}
}

/* How many were waiting. */
static unsigned
take(int sink)
{
	static char room[AT_ONCE][PAYLOAD];
	static struct mmsghdr messages[AT_ONCE];
	static struct iovec parts[AT_ONCE];
	unsigned taken = 0;
	int n;

	for (unsigned i = 0; i < AT_ONCE; i++) {
		parts[i] = (struct iovec){room[i], PAYLOAD};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while ((n = recvmmsg(sink, messages, AT_ONCE, MSG_DONTWAIT, NULL)) > 0)
		taken += (unsigned)n;
	return taken;
}

static void
send_batch(struct way *w, unsigned packets, unsigned flows)
{
	for (unsigned i = 0; i < packets; i++)
		if (send(w->flows[w->next++ % flows], payload, sizeof(payload), 0) < 0)
			die(w->address);
}

/* With some hundred of them in all namespaces the kernel forgets who is quiet. */
static void
find_neighbours(struct way *w, unsigned flows, int sink)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	for (int i = 0; i < 2; i++) {
		send_batch(w, flows, flows);
		nanosleep(&pause, NULL);
		take(sink);
	}
}

/* Nothing else comes between, not even while the machine compiles. */
static void
take_one_processor(void)
{
	struct sched_param soon = {.sched_priority = 1};
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	sched_setscheduler(0, SCHED_FIFO, &soon);
}

static void
print(const struct way *ways, unsigned nways, unsigned rounds)
{
	printf("{");
	for (unsigned i = 0; i < nways; i++) {
		printf("%s\"%s\": {\"lost\": %lld, \"ns\": [", i > 0 ? ", " : "", ways[i].address,
		       (long long)ways[i].lost);
		for (unsigned k = 0; k < rounds; k++)
			printf("%s%.1f", k > 0 ? ", " : "", ways[i].ns[k]);
		printf("]}");
	}
	printf("}\n");
}

static int
usage(void)
{
	fprintf(stderr, "usage: blast ROUNDS BATCH FLOWS SINK PORT ADDRESS...\n");
	return 2;
}

int
main(int argc, char **argv)
{
	static struct way ways[ADDRESSES_MAX];
	unsigned rounds, batch, flows, port, nways;
	int sink;

	if (argc < 7 || argc > 6 + ADDRESSES_MAX)
		return usage();
	rounds = (unsigned)atoi(argv[1]);
	batch = (unsigned)atoi(argv[2]);
	flows = (unsigned)atoi(argv[3]);
	port = (unsigned)atoi(argv[5]);
	nways = (unsigned)argc - 6;
	if (rounds < 1 || rounds > ROUNDS_MAX || batch < 1 || flows < 1 || flows > FLOWS_MAX)
		return usage();
	take_one_processor();
	sink = open_sink(argv[4], port);
	for (unsigned i = 0; i < nways; i++)
		open_way(&ways[i], argv[6 + i], port, flows);
	for (unsigned i = 0; i < nways; i++)
		find_neighbours(&ways[i], flows, sink);
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; i < nways; i++) {
			struct way *w = &ways[round % 2 == 0 ? i : nways - 1 - i];
			uint64_t start = now_ns();

			send_batch(w, batch, flows);
			w->lost += (int64_t)batch - take(sink);
			w->ns[round] = (double)(now_ns() - start) / batch;
		}
	print(ways, nways, rounds);
	return 0;
}

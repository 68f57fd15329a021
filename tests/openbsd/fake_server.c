/* SPDX-License-Identifier: ISC */
/* The process that plays OpenBSD's kernel for the lab: fake_openbsd FOLDER. Daemons connect to
 * FOLDER/kernel.sock, the test says what happens by lines to FOLDER/command.sock, which are
 * answered by what there is to say and a last line "ok" or "no". Ends with its standard input. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "openbsd/fake_kernel.h"
#include "openbsd/fake_wire.h"

enum { PEERS = 32 };
enum kind { UNKNOWN, LISTENS, CALLS, COMMANDS };

static struct peer {
	int fd; /* -1: none */
	enum kind kind;
	bool lost; /* it had no room for a message */
} peers[PEERS];

static struct fake kernel;
static uint8_t packet[FAKE_PACKET];

static int
listen_at(const char *folder, const char *name, int type)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", folder, name);
	unlink(at.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 8) != 0) {
		perror(at.sun_path);
		exit(1);
	}
	return fd;
}

static void
drop(struct peer *p)
{
	close(p->fd);
	p->fd = -1;
}

static void
tell(void *arg, const uint8_t *message, size_t len)
{
	const struct rtmsg desync = {.type = RTMSG_DESYNC};
	uint8_t buf[RTMSG_MAX];

	(void)arg;
	for (int i = 0; i < PEERS; i++) {
		struct peer *p = &peers[i];
		ssize_t n = rtmsg_write(&desync, RTMSG_ROUND_64, buf, sizeof(buf));

		if (p->fd < 0 || p->kind != LISTENS)
			continue;
		if (p->lost)
			p->lost = send(p->fd, buf, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0;
		if (!p->lost)
			p->lost = send(p->fd, message, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0;
	}
}

static void
answer_number(int fd, int32_t number)
{
	(void)send(fd, &number, sizeof(number), MSG_NOSIGNAL);
}

static void
call(struct peer *p, const uint8_t *data, size_t len)
{
	struct fake_ask ask;
	size_t size;

	if (len < sizeof(ask)) {
		drop(p);
		return;
	}
	memcpy(&ask, data, sizeof(ask));
	switch (ask.what) {
	case FAKE_SEND:
		answer_number(
		    p->fd, fake_request(&kernel, ask.pid, data + sizeof(ask), len - sizeof(ask)));
		return;
	case FAKE_INTERFACES:
		size = fake_dump_interfaces(&kernel, ask.number, packet, sizeof(packet));
		break;
	case FAKE_ROUTES:
		size = fake_dump_routes(&kernel, ask.number, ask.family, packet, sizeof(packet));
		break;
	case FAKE_MULTIPATH:
		answer_number(p->fd, kernel.multipath);
		return;
	case FAKE_FORWARDING:
		answer_number(p->fd, kernel.forwarding);
		return;
	case FAKE_RELEASE:
		size = (size_t)snprintf((char *)packet, sizeof(packet), "%s", kernel.release);
		break;
	default:
		drop(p);
		return;
	}
	/* an empty packet would be the end: one octet says that there is nothing */
	if (size == 0)
		packet[size++] = 0;
	(void)send(p->fd, packet, size, MSG_NOSIGNAL);
}

static void
take_command(struct peer *p, char *line)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int rc;

	line[strcspn(line, "\n")] = '\0';
	rc = fake_command(&kernel, line, out);
	fprintf(out, "%s\n", rc == 0 ? "ok" : "no");
	fclose(out);
	(void)send(p->fd, text, size, MSG_NOSIGNAL);
	free(text);
	drop(p);
}

static void
hear(struct peer *p)
{
	static uint8_t buf[FAKE_PACKET];
	ssize_t n = recv(p->fd, buf, sizeof(buf) - 1, 0);

	if (n <= 0) {
		drop(p);
		return;
	}
	if (p->kind == COMMANDS) {
		buf[n] = '\0';
		take_command(p, (char *)buf);
	} else if (p->kind == UNKNOWN) {
		p->kind = buf[0] == FAKE_LISTENS ? LISTENS : CALLS;
	} else if (p->kind == CALLS) {
		call(p, buf, (size_t)n);
	}
}

static void
welcome(int listener, enum kind kind)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), size = FAKE_PACKET * 2;

	for (int i = 0; fd >= 0 && i < PEERS; i++)
		if (peers[i].fd < 0) {
			(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
			peers[i] = (struct peer){.fd = fd, .kind = kind};
			return;
		}
	if (fd >= 0)
		close(fd);
}

static void
serve(int daemons, int commands)
{
	struct pollfd fds[PEERS + 3] = {
	    {daemons, POLLIN, 0}, {commands, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};

	for (;;) {
		for (int i = 0; i < PEERS; i++)
			fds[i + 3] = (struct pollfd){peers[i].fd, POLLIN, 0};
		if (poll(fds, PEERS + 3, -1) < 0)
			continue;
		if (fds[2].revents != 0)
			return;
		/* what is there first: a test that has got its answer relies on it */
		for (int i = 0; i < PEERS; i++)
			if (peers[i].fd >= 0 && fds[i + 3].fd == peers[i].fd &&
			    fds[i + 3].revents != 0)
				hear(&peers[i]);
		if (fds[0].revents != 0)
			welcome(daemons, UNKNOWN);
		if (fds[1].revents != 0)
			welcome(commands, COMMANDS);
	}
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: fake_openbsd FOLDER\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < PEERS; i++)
		peers[i].fd = -1;
	fake_init(&kernel, tell, NULL);
	serve(listen_at(argv[1], "kernel.sock", SOCK_SEQPACKET),
	      listen_at(argv[1], "command.sock", SOCK_STREAM));
	return 0;
}

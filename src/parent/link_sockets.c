/* SPDX-License-Identifier: ISC */
/* Sockets of a link for prober and runner, which can't mark any themselves. They get
 * what is marked for a link of the configuration, whatever they ask for: so a prober
 * that was taken over can send by any link, and change nothing. */
#include "parent/link_sockets.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "parent/child.h"

/* A thousand targets that are asked each second need less. */
#define EACH_NS (NSEC_PER_SEC / 4000)
#define AHEAD_NS NSEC_PER_SEC
enum { REFUSED_MAX = 10000 };

int
link_sockets_ration(struct socket_ration *r, uint64_t now_ns, int *flood)
{
	*flood = 0;
	if (r->until_ns < now_ns)
		r->until_ns = now_ns;
	if (r->until_ns - now_ns >= AHEAD_NS) {
		*flood = ++r->refused >= REFUSED_MAX;
		return 0;
	}
	r->until_ns += EACH_NS;
	r->refused = 0;
	return 1;
}

/* A channel without room: it does not read, and will not wait for ever. */
static void
refuse(struct child *c, uint32_t id, int error)
{
	struct ipc_socket answer = {.id = id, .error = error};

	ipc_send(c->channel, IPC_NO_SOCKET, &answer, sizeof(answer), -1);
}

/* The prober asks targets and nobody else, so that answers come by the link too. What a
 * program asks besides may be on this machine. */
static int
open_for(const struct child *c, const struct ipc_socket_wanted *wanted)
{
	const struct link_facts *facts = &c->parent->facts[wanted->link];
	int fd = sys_link_socket(c->parent->conf, facts, wanted->link, wanted->family,
				 (enum socket_kind)wanted->kind);
	int saved;

	if (fd < 0 || c->role != IPC_PEER_PROBER || wanted->kind != SOCKET_TCP ||
	    facts->ifindex == 0 || sys_tcp_keep_to(fd, facts->ifindex) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

void
link_sockets_answer(struct child *c, const struct ipc_socket_wanted *wanted)
{
	struct parent *p = c->parent;
	struct ipc_socket answer = {.id = wanted->id};
	int fd, flood;

	if (wanted->family >= FAMILIES || wanted->kind == 0 || wanted->kind >= SOCKET_KIND__END) {
		child_kill(c, "wants a socket that there is none of");
		return;
	}
	if (!link_sockets_ration(&c->sockets, clock_mono_ns(), &flood)) {
		refuse(c, wanted->id, EAGAIN);
		if (flood)
			child_kill(c, "wants sockets without end");
		return;
	}
	if (conf_link_by_index(p->conf, wanted->link) == NULL) {
		refuse(c, wanted->id, ENOENT);
		return;
	}
	fd = open_for(c, wanted);
	if (fd < 0) {
		refuse(c, wanted->id, errno);
		return;
	}
	ipc_send(c->channel, IPC_SOCKET, &answer, sizeof(answer), fd);
	close(fd);
}

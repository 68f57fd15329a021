/* SPDX-License-Identifier: ISC */
/* Probe sockets. */
#include "config.h"

#include "engine/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/method.h"
#include "engine/probing.h"

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct probe_socket *s = arg;

	(void)fd, (void)what;
	method_ops(s->method)->ready(s);
}

static void
socket_free(struct probe_socket *s)
{
	if (s == NULL)
		return;
	if (s->event != NULL)
		event_free(s->event);
	close(s->fd);
	free(s);
}

static struct probe_socket *
socket_new(struct engine *e, struct link *link, const struct ipc_probe_socket *what, int fd)
{
	const struct method_ops *ops = method_ops(what->method);
	short events = ops->arms_itself ? EV_WRITE : EV_READ | EV_PERSIST;
	struct probe_socket *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct probe_socket){.engine = e,
				   .link = link,
				   .method = what->method,
				   .family = what->family,
				   .fd = fd,
				   .ifindex = what->ifindex};
	if (link != NULL && ops->answers_shared)
		return s; /* nothing comes in */
	s->event = event_new(e->base, fd, events, on_ready, s);
	if (s->event != NULL && (ops->arms_itself || event_add(s->event, NULL) == 0))
		return s;
	if (s->event != NULL)
		event_free(s->event);
	free(s);
	return NULL;
}

/* A probe that is out on the old one gets no answer any more. */
static void
socket_replace(struct probe_socket **place, struct probe_socket *s)
{
	struct probe_socket *old = *place;

	if (old != NULL && old->target != NULL)
		probing_end(old->target, probing_probe(old->target, old->sequence));
	socket_free(old);
	*place = s;
}

/* Room for that number in the list. */
static int
reserve(struct socket_list *list, unsigned number)
{
	struct probe_socket **more;

	if (number < list->n)
		return 0;
	more = realloc(list->socket, (number + 1) * sizeof(struct probe_socket *));
	if (more == NULL)
		return -1;
	list->socket = more;
	while (list->n <= number)
		list->socket[list->n++] = NULL;
	return 0;
}

/* The one for all links, or another where there is none. */
static int
set_shared(struct engine *e, const struct ipc_probe_socket *what, int fd)
{
	struct probe_socket **s = &e->echo[what->family];

	if (*s != NULL) {
		close(fd);
		return 0;
	}
	*s = socket_new(e, NULL, what, fd);
	if (*s != NULL)
		return 0;
	close(fd);
	errno = ENOMEM;
	return -1;
}

int
sockets_set(struct engine *e, struct link *link, const struct ipc_probe_socket *what, int fd)
{
	struct socket_list *list;
	struct probe_socket *s;

	if (what->family >= FAMILIES || what->method >= PROBE_METHODS ||
	    method_ops(what->method) == NULL || what->number >= SOCKETS_MAX ||
	    (link == NULL && what->method != METHOD_ICMP)) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	if (link == NULL)
		return set_shared(e, what, fd);
	list = &link->sockets[what->method][what->family];
	if (what->number < list->n && list->socket[what->number] != NULL &&
	    list->socket[what->number]->ifindex == what->ifindex) {
		close(fd); /* as good as the other, on which a probe may be out */
		return 0;
	}
	s = reserve(list, what->number) == 0 ? socket_new(e, link, what, fd) : NULL;
	if (s == NULL) {
		close(fd);
		errno = ENOMEM;
		return -1;
	}
	socket_replace(&list->socket[what->number], s);
	return 0;
}

void
sockets_close(struct link *link)
{
	for (int m = 0; m < PROBE_METHODS; m++)
		for (int f = 0; f < FAMILIES; f++) {
			struct socket_list *list = &link->sockets[m][f];

			for (size_t i = 0; i < list->n; i++)
				socket_free(list->socket[i]);
			free(list->socket);
			*list = (struct socket_list){0};
		}
}

struct probe_socket *
sockets_first(const struct link *link, unsigned method, int family)
{
	const struct socket_list *list;

	if (method >= PROBE_METHODS)
		return NULL;
	list = &link->sockets[method][family];
	return list->n > 0 ? list->socket[0] : NULL;
}

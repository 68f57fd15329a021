/* SPDX-License-Identifier: ISC */
/* Opens what an SNMP agent of its own needs: see agent.h. Nothing here waits. */
#include "parent/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/textstream.h"

#define AGENT_LOW_PORT "a port below 1024 is opened at the start only: restart uplinkd"

_Static_assert(AGENT_FDS_MAX == AGENT_FD_LISTEN - AGENT_FD_CONF + AGENT_LISTENS_MAX, "all fit");

static bool
same_place(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->tcp == b->tcp && a->family == b->family && a->port == b->port &&
	       addr_equal(&a->addr, &b->addr);
}

/* Which socket stands at that place, -1: none. */
static int
find(const struct agent_files *f, const struct conf_listen *l)
{
	for (unsigned i = 0; i < f->nlistens; i++)
		if (f->listen[i] >= 0 && same_place(&f->at[i], l))
			return (int)i;
	return -1;
}

/* Takes the socket at that place out of the old ones, -1: there is none. */
static int
take(struct agent_files *old, const struct conf_listen *l)
{
	int i = find(old, l), fd = i < 0 ? -1 : old->listen[i];

	if (i >= 0)
		old->listen[i] = -1;
	return fd;
}

static const char *
remedy(int error)
{
	switch (error) {
	case EADDRINUSE:
		return " (does an snmpd run? Then use snmp { agentx })";
	case EACCES:
		return " (" AGENT_LOW_PORT ")";
	}
	return "";
}

static void
refuse(int *told_errno, const char *what, int error)
{
	if (*told_errno != error)
		log_error("SNMP: %s: %s%s. Trying again until it is possible", what,
			  strerror(error), remedy(error));
	*told_errno = error;
}

static int
open_listens(struct parent *p)
{
	const struct conf_agent *a = &p->conf->snmp.agent;
	static struct agent_files old;
	struct agent_files *f = &p->agent;
	char text[LISTEN_TEXT_LEN];
	int result = 0;

	old = *f;
	f->nlistens = a->nlistens;
	for (unsigned i = 0; i < a->nlistens; i++) {
		if (i >= old.nlistens || !same_place(&old.at[i], &a->listens[i]))
			f->told_errno[i] = 0;
		f->at[i] = a->listens[i];
		f->listen[i] = take(&old, &a->listens[i]);
	}
	for (unsigned i = 0; i < old.nlistens; i++)
		if (old.listen[i] >= 0)
			close(old.listen[i]);
	for (unsigned i = 0; i < a->nlistens; i++) {
		if (f->listen[i] < 0)
			f->listen[i] = sys_agent_socket(&a->listens[i]);
		if (f->listen[i] >= 0) {
			f->told_errno[i] = 0;
			continue;
		}
		refuse(&f->told_errno[i], conf_listen_text(&a->listens[i], text), errno);
		result = -1;
	}
	return result;
}

const char *
agent_engine_path(struct parent *p)
{
	char *path = p->agent.engine_path;

	snprintf(path, sizeof(p->agent.engine_path), "%s/snmp-engine", p->options->statedir);
	return path;
}

static int
open_engine_file(struct parent *p)
{
	struct agent_files *f = &p->agent;
	const char *path = agent_engine_path(p);

	if (f->engine >= 0)
		return 0;
	f->engine = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (f->engine < 0)
		refuse(&f->told_errno[AGENT_LISTENS_MAX], path, errno);
	else
		f->told_errno[AGENT_LISTENS_MAX] = 0;
	return f->engine < 0 ? -1 : 0;
}

/* A system without IPv6 has none of these sockets, and no such receiver either. */
static void
open_sinks(struct parent *p)
{
	for (int family = 0; family < FAMILIES; family++)
		if (p->agent.sink[family] < 0)
			p->agent.sink[family] = sys_sink_socket(family);
}

int
agent_may_listen(const struct parent *p, const struct conf_agent *a, char *reason, size_t size)
{
	char text[LISTEN_TEXT_LEN];

	for (unsigned i = 0; i < a->nlistens; i++) {
		int fd =
		    find(&p->agent, &a->listens[i]) >= 0 ? -2 : sys_agent_socket(&a->listens[i]);

		if (fd >= 0)
			close(fd);
		if (fd != -1 || errno != EACCES)
			continue;
		snprintf(reason, size, "listen \"%s\": %s", conf_listen_text(&a->listens[i], text),
			 AGENT_LOW_PORT);
		return -1;
	}
	return 0;
}

int
agent_open(struct parent *p)
{
	if (open_listens(p) != 0 || open_engine_file(p) != 0)
		return -1;
	open_sinks(p);
	return 0;
}

void
agent_close(struct parent *p)
{
	struct agent_files *f = &p->agent;

	for (unsigned i = 0; i < f->nlistens; i++)
		if (f->listen[i] >= 0)
			close(f->listen[i]);
	f->nlistens = 0;
	for (int family = 0; family < FAMILIES; family++)
		if (f->sink[family] >= 0)
			close(f->sink[family]);
	if (f->engine >= 0)
		close(f->engine);
	f->sink[V4] = f->sink[V6] = f->engine = -1;
}

unsigned
agent_descriptors(const struct parent *p, int fds[static AGENT_FDS_MAX])
{
	const struct agent_files *f = &p->agent;
	unsigned n = 0;

	fds[n++] = fcntl(p->conf_fd, F_DUPFD_CLOEXEC, 0);
	fds[n++] = sys_text_fd(p->secrets != NULL ? p->secrets : "", p->secrets_len);
	if (fds[0] < 0 || fds[1] < 0) {
		for (unsigned i = 0; i < n; i++)
			if (fds[i] >= 0)
				close(fds[i]);
		return 0;
	}
	fds[n++] = f->engine;
	fds[n++] = f->sink[V4];
	fds[n++] = f->sink[V6];
	for (unsigned i = 0; i < f->nlistens; i++)
		fds[n++] = f->listen[i];
	return n;
}

static char *
text_of(const struct conf_agent *a)
{
	struct textstream stream;
	FILE *out = textstream_begin(&stream);

	if (out != NULL)
		conf_print_agent(a, out);
	return textstream_end(&stream, NULL);
}

bool
agent_differs(const struct conf_agent *a, const struct conf_agent *b)
{
	char *ta = text_of(a), *tb = text_of(b);
	bool differs = ta == NULL || tb == NULL || strcmp(ta, tb) != 0;

	free(ta);
	free(tb);
	return differs;
}

/* SPDX-License-Identifier: ISC */
/* Connecting to the master, and what to tell of it. */
#include "config.h"

#include "subagent/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

void
place_set(struct place *p, const char *path)
{
	snprintf(p->path, sizeof(p->path), "%s", path);
	p->trouble = 0;
}

static void
tell_trouble(struct place *p, int error)
{
	if (error == p->trouble)
		return;
	p->trouble = error;
	switch (error) {
	case EACCES:
	case EPERM:
		log_error(
		    "AgentX socket %s: permission denied: put the line 'agentXPerms 0660 0755 root "
		    "_uplinksnmp' into snmpd.conf and restart snmpd",
		    p->path);
		break;
	case ENOENT:
	case ECONNREFUSED:
		log_warn("no AgentX master at %s: is snmpd running, with 'master agentx' and this "
			 "socket in "
			 "snmpd.conf? Trying again until it is there",
			 p->path);
		break;
	case EAGAIN:
		log_warn(
		    "the AgentX master at %s takes no connections: it stands still or is swamped. "
		    "Trying again",
		    p->path);
		break;
	default:
		log_warn("AgentX socket %s: %s. Trying again", p->path, strerror(error));
		break;
	}
}

int
place_connect(struct place *p)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int error, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(sun.sun_path, p->path, strlen(p->path) + 1);
	if (fd >= 0 && stat(p->path, &p->socket) == 0 &&
	    connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == 0) {
		p->trouble = 0;
		return fd;
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	tell_trouble(p, error);
	return -1;
}

bool
place_changed(const struct place *p)
{
	struct stat now;

	return stat(p->path, &now) == 0 &&
	       (now.st_dev != p->socket.st_dev || now.st_ino != p->socket.st_ino);
}

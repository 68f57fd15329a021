/* SPDX-License-Identifier: ISC */
/* Tells a supervisor (systemd) what the daemon is up to: one datagram, which is
 * lost rather than waited for. */
#include "parent/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un supervisor;
static socklen_t supervisor_len;

bool
notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path == NULL ? 0 : strlen(path);

	if (len < 2 || len >= sizeof(supervisor.sun_path) || (path[0] != '/' && path[0] != '@'))
		return false;
	supervisor.sun_family = AF_UNIX;
	memcpy(supervisor.sun_path, path, len);
	if (path[0] == '@')
		supervisor.sun_path[0] = '\0';
	supervisor_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	unsetenv("NOTIFY_SOCKET");
	return true;
}

void
notify_supervisor(const char *state)
{
	int fd;

	if (supervisor_len == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
		      (struct sockaddr *)&supervisor, supervisor_len);
	close(fd);
}

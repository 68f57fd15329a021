/* SPDX-License-Identifier: ISC */
/* Tells a supervisor (systemd) what the daemon is up to: one datagram, which is
 * lost rather than waited for. */
#include "parent/notify.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BEATS = 3 }; /* within the supervisor's limit, so that one may be lost */

static struct sockaddr_un supervisor;
static socklen_t supervisor_len;
static uint64_t beat_every_ns; /* 0: nobody waits for beats */
static uint64_t beaten_ns;

/* sd_watchdog_enabled(3): a limit in microseconds, for the process with that pid. */
static uint64_t
watchdog_limit_ns(void)
{
	const char *limit = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t ns = limit == NULL ? 0 : strtoull(limit, NULL, 10) * 1000;

	if (pid != NULL && strtol(pid, NULL, 10) != getpid())
		ns = 0;
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return ns;
}

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
	beat_every_ns = watchdog_limit_ns() / BEATS;
	return true;
}

void
notify_alive(uint64_t now_ns)
{
	if (beat_every_ns == 0 || now_ns - beaten_ns < beat_every_ns)
		return;
	beaten_ns = now_ns;
	notify_supervisor("WATCHDOG=1");
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

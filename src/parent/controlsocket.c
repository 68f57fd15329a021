/* SPDX-License-Identifier: ISC */
/* The control socket's place in the file system. */
#include "parent/controlsocket.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

enum { BACKLOG = 32 };

int
controlsocket_group(const struct conf *conf, gid_t *gid)
{
	const struct group *g = getgrnam(conf->group);

	if (g == NULL)
		return -1;
	if (gid != NULL)
		*gid = g->gr_gid;
	return 0;
}

/* Nobody but root, until group and mode are set. */
static int
bind_private(int fd, const struct sockaddr_un *sun)
{
	mode_t before = umask(0177);
	int result = bind(fd, (const struct sockaddr *)sun, sizeof(*sun));

	umask(before);
	return result;
}

int
controlsocket_open(struct parent *p)
{
	struct sockaddr_un sun;
	gid_t gid;
	int saved;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	errno = ENAMETOOLONG;
	if (strlen(p->control_path) > PATH_LEN)
		return -1;
	memcpy(sun.sun_path, p->control_path, strlen(p->control_path) + 1);
	errno = ENOENT;
	if (controlsocket_group(p->conf, &gid) != 0)
		return -1;
	p->control = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->control < 0)
		return -1;
	if (unlink(sun.sun_path) != 0 && errno != ENOENT)
		goto fail;
	if (bind_private(p->control, &sun) != 0 || listen(p->control, BACKLOG) != 0 ||
	    chown(sun.sun_path, 0, gid) != 0 || chmod(sun.sun_path, 0660) != 0)
		goto fail;
	return 0;
fail:
	saved = errno;
	close(p->control);
	p->control = -1;
	errno = saved;
	return -1;
}

/* An owner may give its file to a group that it is in, without CAP_CHOWN. */
static int
give_to(const char *path, gid_t gid)
{
	gid_t own = getegid();
	int result, saved;

	if (setegid(gid) != 0)
		return -1;
	result = chown(path, (uid_t)-1, gid);
	saved = errno;
	if (setegid(own) != 0)
		return -1;
	errno = saved;
	return result;
}

void
controlsocket_regroup(const struct parent *p)
{
	gid_t gid;

	if (controlsocket_group(p->conf, &gid) != 0 || give_to(p->control_path, gid) != 0)
		log_error("group \"%s\" does not get the control socket: %s", p->conf->group,
			  strerror(errno));
}

void
controlsocket_close(struct parent *p)
{
	if (p->control < 0)
		return;
	unlink(p->control_path);
	close(p->control);
	p->control = -1;
}

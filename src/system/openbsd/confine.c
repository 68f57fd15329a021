/* SPDX-License-Identifier: ISC */
/* Gives up what a process does not need: user and groups, then the file system but the named paths
 * (unveil(2)), then system calls (pledge(2)). A child starts with neither of the last two, as they
 * end with execve(2).
 *
 *   parent   writes its open route socket, makes probe sockets and runs the others: pledged. It can
 *            open no further route socket, read no sysctl of net.inet or kern.boottime, and set but
 *            a few options of a socket (echo_socket.c), all of which comes before.
 *   engine   pledged to its sockets: no file at all.
 *   worker   pf(4) can't be asked to end states by a pledged process: unveiled only.
 *   snmp     pledged to sockets: local ones for its master, or those that the parent made.
 *   hooks    pledged; programs may be anywhere.
 *   runner   pledged, and so is what it forks, until that becomes another program: "id" is for
 *            setrtable(2), "unix" for the size of a channel's buffers.
 *   prober   pledged; reads certificates, and gets its sockets. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/openbsd/bpf.h"

enum { PATHS_MAX = 16 };

static struct {
	const char *path, *rights;
} paths[PATHS_MAX];
static unsigned npaths;

void
sys_allow_path(const char *path, const char *rights)
{
	if (npaths < PATHS_MAX) {
		paths[npaths].path = path;
		paths[npaths++].rights = rights;
	}
}

static const struct passwd *
look_up(const char *user, const char **step)
{
	const struct passwd *pw;

	*step = "look up the user";
	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL && errno == 0)
		errno = ENOENT;
	return pw;
}

static int
become(const char *user, const char **step)
{
	const struct passwd *pw = look_up(user, step);

	if (pw == NULL)
		return -1;
	*step = "set the groups";
	if (setgroups(1, &pw->pw_gid) == -1)
		return -1;
	*step = "set the group";
	if (setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == -1)
		return -1;
	*step = "set the user";
	return setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid);
}

/* What does not exist now may be made later. */
static int
veil(const char **step)
{
	*step = "unveil";
	for (unsigned i = 0; i < npaths; i++)
		if (unveil(paths[i].path, paths[i].rights) == -1 && errno != ENOENT)
			return -1;
	return unveil(NULL, NULL);
}

const char *
sys_lacks(void)
{
	return NULL;
}

int
sys_confine(enum sys_role role, const char *user, const char **step)
{
	if (role == SYS_ROLE_PARENT) {
		sys_allow_path("/dev/null", "rw");
		sys_allow_path("/tmp", "rwc");
	} else if (role == SYS_ROLE_WORKER) {
		sys_allow_path("/dev/null", "rw");
		sys_allow_path("/dev/pf", "rw");
		sys_allow_path("/sbin/pfctl", "x");
	}
	if (user != NULL && become(user, step) == -1)
		return -1;
	return role == SYS_ROLE_PARENT || role == SYS_ROLE_WORKER ? veil(step) : 0;
}

static const char *
promises(enum sys_role role)
{
	switch (role) {
	case SYS_ROLE_PARENT:
		return "stdio rpath wpath cpath fattr chown flock unix inet mcast route "
		       "wroute sendfd recvfd proc exec getpw";
	case SYS_ROLE_ENGINE:
		return "stdio inet route wroute unix sendfd recvfd";
	case SYS_ROLE_PROBER:
		return "stdio rpath recvfd sendfd inet";
	case SYS_ROLE_RUNNER:
		return "stdio rpath wpath unix proc exec id recvfd sendfd";
	case SYS_ROLE_SNMP: /* the master comes and goes */
		return "stdio unix sendfd recvfd";
	case SYS_ROLE_AGENT:
		return "stdio inet sendfd recvfd";
	case SYS_ROLE_HOOKS:
		return "stdio rpath wpath cpath proc exec id getpw sendfd recvfd";
	case SYS_ROLE_WORKER:
		break;
	}
	return NULL;
}

int
sys_limit_calls(enum sys_role role)
{
	const char *list = promises(role);

	bpf_no_more();
	return list == NULL ? 0 : pledge(list, NULL);
}

int
sys_confine_program(const char *user, const char **step)
{
	const struct passwd *pw = look_up(user, step);

	if (pw == NULL)
		return -1;
	*step = "set the groups";
	if (initgroups(user, pw->pw_gid) == -1 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == -1)
		return -1;
	*step = "set the user";
	return setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid);
}

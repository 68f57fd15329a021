/* SPDX-License-Identifier: ISC */
/* Gives up what a process does not need, for good: user, groups, capabilities,
 * new privileges, being traced. Raw system calls: libcap would be one more
 * library for two calls. Never gives anything back. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "system/linux/limits.h"

#define CAP(c) (1ULL << (c))

/* A child starts with what the parent has left (no_new_privs), so the parent
 * keeps what a child needs to become another user, and no more. Locked memory and
 * real-time scheduling are inherited as limits, and the latter, where a limit can't be
 * raised, as in a container, as the class itself: see sys_schedule. */
static uint64_t
role_capabilities(enum sys_role role)
{
	switch (role) {
	case SYS_ROLE_PARENT:
		return CAP(CAP_NET_ADMIN) | CAP(CAP_NET_RAW) | CAP(CAP_SETUID) | CAP(CAP_SETGID) |
		       CAP(CAP_KILL);
	case SYS_ROLE_WORKER:
		return CAP(CAP_NET_ADMIN);
	case SYS_ROLE_HOOKS: /* to become who runs a program, to end it, and for one of root */
		return CAP(CAP_SETUID) | CAP(CAP_SETGID) | CAP(CAP_KILL) | CAP(CAP_NET_ADMIN) |
		       CAP(CAP_NET_RAW);
	case SYS_ROLE_ENGINE:
	case SYS_ROLE_SNMP:
	case SYS_ROLE_AGENT:
	case SYS_ROLE_PROBER:
	case SYS_ROLE_RUNNER:
		break;
	}
	return 0;
}

static void
raise_limits(void)
{
	const struct rlimit priority = {REALTIME_PRIORITY, REALTIME_PRIORITY};
	const struct rlimit memory = {RLIM_INFINITY, RLIM_INFINITY};

	/* where it is refused, sys_realtime says so in the process that misses it */
	(void)setrlimit(RLIMIT_RTPRIO, &priority);
	(void)setrlimit(RLIMIT_MEMLOCK, &memory);
}

/* Nothing in the bounding set, or in the ambient one, but these. A process
 * without CAP_SETPCAP inherits its parent's bounding set, and no_new_privs keeps
 * it from using it. */
static int
bound_capabilities(uint64_t keep)
{
	for (int c = 0; prctl(PR_CAPBSET_READ, c) >= 0; c++)
		if ((keep & CAP(c)) == 0 && prctl(PR_CAPBSET_DROP, c) != 0 && errno != EPERM)
			return -1;
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static int
set_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
	    {.effective = (uint32_t)keep, .permitted = (uint32_t)keep},
	    {.effective = (uint32_t)(keep >> 32), .permitted = (uint32_t)(keep >> 32)},
	};

	return (int)syscall(SYS_capset, &header, data);
}

/* In a container some are missing. Without one of these nothing works; the others are
 * done without. */
const char *
sys_lacks(void)
{
	static const struct {
		unsigned capability;
		const char *text;
	} needed[] = {
#define NEEDED(name) {CAP_##name, "CAP_" #name " (in a container: --cap-add " #name ")"}
	    NEEDED(NET_ADMIN), NEEDED(NET_RAW), NEEDED(SETUID), NEEDED(SETGID), NEEDED(KILL),
#undef NEEDED
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (prctl(PR_CAPBSET_READ, needed[i].capability) == 0)
			return needed[i].text;
	return NULL;
}

static int
become(const char *user, const char **step)
{
	const struct passwd *pw;

	*step = "look up the user";
	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL) {
		if (errno == 0)
			errno = ENOENT;
		return -1;
	}
	*step = "set the groups";
	if (setgroups(1, &pw->pw_gid) != 0)
		return -1;
	*step = "set the group";
	if (setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0)
		return -1;
	*step = "set the user";
	return setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid);
}

/* A child sees its channel close when the parent dies, unless it is stopped or
 * hangs: then it would keep what a new parent's children need. Last of all steps:
 * a change of user forgets it. */
static int
follow_parent(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/* Capabilities and system calls are what is limited here. */
void
sys_allow_path(const char *path, const char *rights)
{
	(void)path;
	(void)rights;
}

int
sys_confine(enum sys_role role, const char *user, const char **step)
{
	static const unsigned spared[] = {CAP_SYS_NICE, CAP_NET_BIND_SERVICE};
	uint64_t keep = role_capabilities(role);

	for (size_t i = 0; i < sizeof(spared) / sizeof(spared[0]); i++)
		if (prctl(PR_CAPBSET_READ, spared[i]) == 0)
			keep &= ~CAP(spared[i]);
	*step = "set no_new_privs";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	if (role == SYS_ROLE_PARENT)
		raise_limits();
	*step = "bound the capabilities";
	if (bound_capabilities(keep) != 0)
		return -1;
	if (user != NULL && become(user, step) != 0)
		return -1;
	*step = "set the capabilities";
	if (set_capabilities(keep) != 0)
		return -1;
	*step = "become undumpable";
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return -1;
	/* What a program of the runner's leaves behind is the runner's to bury. */
	if (role == SYS_ROLE_RUNNER && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		return -1;
	*step = "follow the parent";
	return role == SYS_ROLE_PARENT ? 0 : follow_parent();
}

/* What the engine's real-time scheduling needs is not for others. */
static void
lower_limits(void)
{
	const struct rlimit priority = {0, 0}, memory = {8 << 20, 8 << 20}, files = {1024, 4096};

	(void)setrlimit(RLIMIT_RTPRIO, &priority);
	(void)setrlimit(RLIMIT_MEMLOCK, &memory);
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

int
sys_confine_program(const char *user, const char **step)
{
	const uint64_t network = CAP(CAP_NET_ADMIN) | CAP(CAP_NET_RAW);
	const struct passwd *pw;

	lower_limits();
	*step = "look up the user";
	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL) {
		if (errno == 0)
			errno = ENOENT;
		return -1;
	}
	*step = "set the groups";
	if (initgroups(user, pw->pw_gid) != 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0)
		return -1;
	*step = "set the user";
	if (setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return -1;
	*step = "set the capabilities";
	if (set_capabilities(pw->pw_uid == 0 ? network : 0) != 0)
		return -1;
	*step = "follow the parent";
	return follow_parent();
}

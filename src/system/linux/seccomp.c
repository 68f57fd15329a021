/* SPDX-License-Identifier: ISC */
/* Which system calls each process may still make, once it is set up. Whatever stands
 * in no list ends the process at once, by SIGSYS, which the parent logs; the kernel
 * names the call in its audit log. Nothing here can be taken back.
 *
 * A filter is inherited, and those of a process add up. So what the parent may call
 * bounds all: its list has what its children need to start, what nft(8) needs, and what
 * ordinary programs need, since some are run on events. What no list has: other
 * processes' memory, namespaces, mounts, modules, keys, the clock, a reboot. */
#include "config.h"

#include "system/linux/landlock.h"
#include "system/system.h"

#include <errno.h>

#ifdef LIMIT_CALLS

#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	P = 1 << SYS_ROLE_PARENT,
	E = 1 << SYS_ROLE_ENGINE,
	W = 1 << SYS_ROLE_WORKER,
	S = 1 << SYS_ROLE_SNMP,
	A = 1 << SYS_ROLE_AGENT,
	B = 1 << SYS_ROLE_PROBER,
	ALL = P | E | W | S | A | B,
};

/* A call by its name: which of them there are differs by machine and by the version
 * of libc, and the one that is not there does no harm. */
static const struct {
	unsigned roles;
	const char *names[40];
} lists[] = {
    /* descriptors that are open already */
    {ALL, {"read",    "readv",      "pread64", "write",    "writev",      "close",
	   "lseek",   "_llseek",    "fstat",   "fstat64",  "newfstatat",  "fstatat64",
	   "statx",   "fcntl",      "fcntl64", "recvfrom", "recvmsg",     "sendto",
	   "sendmsg", "getsockopt", "poll",    "ppoll",    "ppoll_time64"}},
    /* the event loop, as it stands */
    {ALL,
     {"epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "timerfd_settime",
      "timerfd_settime64"}},
    /* memory; executable memory: see below */
    {ALL, {"brk", "munmap", "mremap", "madvise", "futex", "futex_time64"}},
    /* how much there is: qsort(3) asks before it sorts much */
    {ALL, {"sysinfo"}},
    {P | W, {"mmap", "mmap2", "mprotect"}},
    /* clocks, where the vDSO does not answer; random numbers */
    {ALL,
     {"clock_gettime", "clock_gettime64", "gettimeofday", "time", "clock_nanosleep",
      "clock_nanosleep_time64", "nanosleep", "restart_syscall", "getrandom"}},
    /* who am I; signals of its own; the end */
    {ALL,
     {"getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getuid32", "geteuid32",
      "getgid32", "getegid32", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn",
      "exit", "exit_group"}},
    /* the engine: probes in bursts, TCP probes, the control socket, text for the worker.
     * No file can be opened, no socket made, no program run. */
    {E | P,
     {"recvmmsg", "recvmmsg_time64", "sendmmsg", "bind", "connect", "setsockopt", "getsockname",
      "getpeername", "shutdown", "accept4", "memfd_create"}},
    /* the SNMP process: its master's socket, which comes and goes; and it looks whether
     * that is there. So it can reach unix sockets, and nothing of the network. */
    {S, {"connect", "shutdown", "getsockname", "getpeername", "stat", "stat64"}},
    /* where it is its own master, it has its sockets, can take connections, and make or
     * connect no other */
    {A, {"accept4", "shutdown", "setsockopt", "getsockname", "getpeername"}},
    /* the prober: connections over the sockets that the parent gives it. It can make no
     * socket and open no file: its certificates are read before */
    {B, {"connect", "setsockopt", "getsockname", "getpeername", "shutdown"}},
    /* the worker and the parent: files, ... */
    {P | W,
     {"open",      "openat",    "openat2",     "access",    "faccessat",  "faccessat2", "stat",
      "stat64",    "lstat",     "lstat64",     "readlink",  "readlinkat", "getdents64", "mkdir",
      "mkdirat",   "rename",    "renameat",    "renameat2", "unlink",     "unlinkat",   "fsync",
      "fdatasync", "ftruncate", "ftruncate64", "fallocate", "flock",      "umask",      "fadvise64",
      "pwrite64",  "statfs",    "fstatfs"}},
    /* ... netlink, ... */
    {P | W,
     {"socketpair", "bind", "connect", "setsockopt", "getsockname", "getpeername", "recvmmsg",
      "recvmmsg_time64", "sendmmsg", "shutdown", "memfd_create", "ioctl"}},
    /* ... programs: children, and nft with its libraries; what ld.so and libc do before
     * main(), ... */
    {P | W,
     {"execve",
      "execveat",
      "fork",
      "vfork",
      "wait4",
      "waitid",
      "dup",
      "dup2",
      "dup3",
      "pipe",
      "pipe2",
      "arch_prctl",
      "set_tid_address",
      "set_robust_list",
      "rseq",
      "set_tls",
      "set_thread_area",
      "get_thread_area",
      "prlimit64",
      "getrlimit",
      "ugetrlimit",
      "prctl",
      "seccomp",
      "sigaltstack",
      "tgkill",
      "kill",
      "sched_getaffinity",
      "uname",
      "getcwd",
      "chdir",
      "getppid",
      "close_range",
      "pselect6"}},
    /* ... and what is opened in the set-up of any of them */
    {P | W,
     {"epoll_create", "epoll_create1", "timerfd_create", "eventfd2", "select", "_newselect",
      "pselect6_time64"}},
    /* the worker: away from the processors of the engine, while it takes long */
    {W, {"sched_setaffinity"}},
    /* the parent: listens for the engine, ... */
    {P,
     {"listen", "chown", "chown32", "fchown", "fchown32", "lchown", "fchownat", "chmod", "fchmod",
      "fchmodat"}},
    /* ... and starts children, who become someone else before they do anything */
    {P,
     {"setsid",
      "setuid",
      "setuid32",
      "setgid",
      "setgid32",
      "setgroups",
      "setgroups32",
      "setresuid",
      "setresuid32",
      "setresgid",
      "setresgid32",
      "getgroups",
      "getgroups32",
      "capget",
      "capset",
      "sched_setscheduler",
      "sched_getscheduler",
      "sched_getparam",
      "sched_get_priority_min",
      "sched_get_priority_max",
      "mlockall",
      "munlockall",
      "mlock",
      "setrlimit"}},
    /* ... and programs of an administrator's choice, run on events or as probes: shells,
     * scripts, clients of the network */
    {P, {"setpgid",       "getpgrp",         "getpgid",         "getsid",        "getgroups",
	 "getresuid",     "getresuid32",     "getresgid",       "getresgid32",   "getrusage",
	 "times",         "alarm",           "setitimer",       "getitimer",     "pause",
	 "rt_sigsuspend", "rt_sigpending",   "rt_sigtimedwait", "signalfd",      "signalfd4",
	 "eventfd",       "timerfd_gettime", "timer_create",    "timer_settime", "timer_gettime",
	 "timer_delete",  "sched_yield",     "clock_getres",    "getpriority",   "setpriority",
	 "accept",        "epoll_pwait2"}},
    {P, {"link",     "linkat",     "symlink",          "symlinkat",  "rmdir",
	 "mknod",    "mknodat",    "truncate",         "truncate64", "utime",
	 "utimes",   "utimensat",  "utimensat_time64", "futimesat",  "fchdir",
	 "getdents", "preadv",     "preadv2",          "pwritev",    "pwritev2",
	 "sendfile", "sendfile64", "splice",           "tee",        "copy_file_range",
	 "sync",     "syncfs",     "sync_file_range",  "msync",      "mincore",
	 "mlock2"}},
    {P,
     {"getxattr",
      "lgetxattr",
      "fgetxattr",
      "listxattr",
      "llistxattr",
      "flistxattr",
      "setregid",
      "setreuid",
      "setfsuid",
      "setfsgid",
      "setregid32",
      "setreuid32",
      "tkill",
      "membarrier",
      "get_robust_list",
      "inotify_init",
      "inotify_init1",
      "inotify_add_watch",
      "inotify_rm_watch",
      "getcpu",
      "sched_setaffinity",
      "pkey_alloc",
      "pkey_free",
      "pkey_mprotect",
      "capset",
      "socketcall",
      "pidfd_open",
      "pidfd_send_signal",
      "waitpid",
      "timer_getoverrun",
      "clock_getres_time64",
      "rt_sigtimedwait_time64",
      "timer_settime64",
      "timer_gettime64",
      "fchmodat2"}},
};

/* A call that may be made with some arguments only; -errno. */
static int
allow_if(scmp_filter_ctx f, const char *name, struct scmp_arg_cmp argument)
{
	int nr = seccomp_syscall_resolve_name(name);

	return nr == __NR_SCMP_ERROR ? 0
				     : seccomp_rule_add_array(f, SCMP_ACT_ALLOW, nr, 1, &argument);
}

static int
allow_listed(scmp_filter_ctx f, unsigned role)
{
	int error = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t k = 0; (lists[i].roles & role) && lists[i].names[k] && !error; k++) {
			int nr = seccomp_syscall_resolve_name(lists[i].names[k]);

			if (nr != __NR_SCMP_ERROR)
				error = seccomp_rule_add(f, SCMP_ACT_ALLOW, nr, 0);
		}
	return error;
}

/* Sockets: the parent opens all kinds that probes need, the worker netlink and the
 * log's, the SNMP process its master's, the engine none. */
static int
allow_sockets(scmp_filter_ctx f, unsigned role)
{
	static const struct {
		int domain;
		unsigned roles;
	} sockets[] = {
	    {AF_UNIX, P | W | S}, {AF_NETLINK, P | W}, {AF_INET, P}, {AF_INET6, P}, {AF_PACKET, P},
	};
	int error = 0;

	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]) && !error; i++)
		if (sockets[i].roles & role)
			error = allow_if(f, "socket",
					 SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)sockets[i].domain, 0));
	return error;
}

/* Engine, prober and SNMP process talk to strangers. They can't make memory executable; a
 * failed assertion can end them, but they can signal nobody else; and of all ioctls
 * they have the one by which libevent learns how much has come, the engine also the one
 * for an interface's own address, which ARP and neighbour discovery ask with. */
static int
allow_to_exposed(scmp_filter_ctx f, unsigned role)
{
	static const char *const memory[] = {"mmap", "mmap2", "mprotect"};
	int error = 0;

	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]) && !error; i++)
		error = allow_if(f, memory[i], SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!error)
		error = allow_if(f, "tgkill", SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)getpid(), 0));
	if (!error)
		error = allow_if(f, "ioctl", SCMP_A1_32(SCMP_CMP_EQ, FIONREAD, 0));
	if (!error && (role & E))
		error = allow_if(f, "ioctl", SCMP_A1_32(SCMP_CMP_EQ, SIOCGIFHWADDR, 0));
	return error;
}

static int
not_there(scmp_filter_ctx f, const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	return nr == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), nr, 0);
}

/* A process may be made, but no namespace. clone3 hides its flags behind a pointer:
 * libc falls back to clone where there is no such call. Nor is there io_uring, which
 * makes calls past any filter; programs that would like it do without. */
static int
allow_processes(scmp_filter_ctx f)
{
	static const int landlock[] = {SYS_landlock_create_ruleset, SYS_landlock_restrict_self};
	const uint32_t namespaces = 0x7e020080; /* all of CLONE_NEW* */
	int error = allow_if(f, "clone", SCMP_A0_32(SCMP_CMP_MASKED_EQ, namespaces, 0));

	if (!error)
		error = not_there(f, "clone3");
	/* a child gives up its files: by number, since not every libseccomp has the name */
	for (size_t i = 0; i < sizeof(landlock) / sizeof(landlock[0]) && !error; i++)
		error = seccomp_rule_add(f, SCMP_ACT_ALLOW, landlock[i], 0);
	if (!error)
		error = not_there(f, "io_uring_setup");
	return error;
}

int
sys_limit_calls(enum sys_role role)
{
	unsigned bit = 1U << role;
	scmp_filter_ctx f;
	int error;

	/* foreign programs would inherit it */
	if (role == SYS_ROLE_HOOKS || role == SYS_ROLE_RUNNER)
		return 0;
	if ((bit & (P | W)) == 0 && landlock_no_files() != 0)
		return -1;
	f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	error = f == NULL ? -ENOMEM : 0;

	/* looked up as a tree; where that is not known, as a list */
	if (!error)
		(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!error)
		error = allow_listed(f, bit);
	if (!error)
		error = allow_sockets(f, bit);
	if (!error)
		error = (bit & (P | W)) != 0 ? allow_processes(f) : allow_to_exposed(f, bit);
	if (!error)
		error = seccomp_load(f);
	if (f != NULL)
		seccomp_release(f);
	if (error) {
		errno = -error;
		return -1;
	}
	return 0;
}

#else

int
sys_limit_calls(enum sys_role role)
{
	switch (role) {
	case SYS_ROLE_ENGINE:
	case SYS_ROLE_SNMP:
	case SYS_ROLE_AGENT:
	case SYS_ROLE_PROBER:
		return landlock_no_files();
	default:
		return 0;
	}
}

#endif

/* SPDX-License-Identifier: ISC */
/* Network namespaces held by descriptors. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns.h"

static int
own(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	return fd;
}

static int
enter(int ns)
{
	int before = own();

	if (ns != -1)
		assert_int_equal(setns(ns, CLONE_NEWNET), 0);
	return before;
}

static void
go_back(int before)
{
	assert_int_equal(setns(before, CLONE_NEWNET), 0);
	close(before);
}

bool
netns_enter_new(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0)
		return false;
	netns_run(-1, "ip link set lo up");
	return true;
}

int
netns_make(void)
{
	int before = own(), made;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	made = own();
	netns_run(-1, "ip link set lo up");
	go_back(before);
	return made;
}

void
netns_run(int ns, const char *fmt, ...)
{
	char command[2048];
	int before = enter(ns);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
	go_back(before);
}

void
netns_output(int ns, const char *command, char *text, unsigned size)
{
	int before = enter(ns);
	FILE *pipe = popen(command, "re");
	size_t len;

	assert_non_null(pipe);
	len = fread(text, 1, size - 1, pipe);
	text[len] = '\0';
	pclose(pipe);
	go_back(before);
}

void
netns_veth(int a, const char *near, int b, const char *far)
{
	/* Ends with one number, each in its own namespace, are no cable for the kernel: it
	 * keeps the news of their carrier back, for a second after any other such news. */
	static unsigned index = 1000;

	netns_run(a, "ip link add %s index %u type veth peer name %s netns /proc/%d/fd/%d", near,
		  index++, far, (int)getpid(), b);
	netns_run(a, "ip link set %s up", near);
	netns_run(b, "ip link set %s up", far);
}

int
netns_socket(int ns, int domain, int type, int protocol)
{
	int before = enter(ns), fd = socket(domain, type | SOCK_CLOEXEC, protocol);

	go_back(before);
	assert_int_not_equal(fd, -1);
	return fd;
}

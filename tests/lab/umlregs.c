/* SPDX-License-Identifier: ISC */
/* For tests: lets Debian's user-mode-linux run on processors with AMX. That kernel sets a
 * process's registers by PTRACE_SETREGSET from a buffer of the size that they had before
 * AMX; the machine's kernel takes all of them or nothing. The rest is zero here, which says
 * that it is not in use, and nobody uses AMX who has not asked for it. Loaded by LD_PRELOAD.
 * The buffer is not on the stack: those of user-mode-linux are small, and it has one thread
 * that sets registers. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

static unsigned char all[16384];
static long (*next)(enum __ptrace_request, ...);

static void __attribute__((constructor)) find_next(void)
{
	*(void **)&next = dlsym(RTLD_NEXT, "ptrace");
}

long
ptrace(enum __ptrace_request request, ...)
{
	va_list more;

	va_start(more, request);
	pid_t pid = va_arg(more, pid_t);
	void *addr = va_arg(more, void *);
	void *data = va_arg(more, void *);
	va_end(more);

	struct iovec whole = {.iov_base = all, .iov_len = sizeof(all)};

	if (request == PTRACE_SETREGSET && (long)addr == NT_X86_XSTATE) {
		const struct iovec *some = data;

		memcpy(all, some->iov_base,
		       some->iov_len < sizeof(all) ? some->iov_len : sizeof(all));
		data = &whole;
	}
	return next(request, pid, addr, data);
}

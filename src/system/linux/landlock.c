/* SPDX-License-Identifier: ISC */
/* Takes the file system away from a process that has all its files open: a second wall
 * behind the filter of system calls, and the only one where that is not built in. An empty
 * root would do the same, but takes a capability that the parent does not keep. */
#include "config.h"

#include "system/linux/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(LIMIT_FILES) && defined(SYS_landlock_create_ruleset)

enum { VERSION_FLAG = 1, SCOPE_SIGNAL = 1 << 1, SCOPES_SINCE = 6 };

/* As in <linux/landlock.h>, of which a system may have an older one than the kernel. */
struct ruleset {
	uint64_t files, network, scopes;
};

/* How many kinds of access to files each version knows: all of them are ruled, and no rule
 * allows any. */
static uint64_t
all_access(long version)
{
	static const unsigned kinds[] = {0, 13, 14, 15, 15, 16};
	const long last = (long)(sizeof(kinds) / sizeof(kinds[0])) - 1;

	return (1ULL << kinds[version < last ? version : last]) - 1;
}

int
landlock_no_files(void)
{
	struct ruleset rules = {0};
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
	int fd, result, saved;

	if (version < 1)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
	rules.files = all_access(version);
	rules.scopes = version >= SCOPES_SINCE ? SCOPE_SIGNAL : 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	if (fd < 0)
		return -1;
	result = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

#else

int
landlock_no_files(void)
{
	return 0;
}

#endif

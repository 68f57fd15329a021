/* SPDX-License-Identifier: ISC */
/* Log lines: formatted here, handed to the system's sink, which takes a line at
 * once or not at all. Nothing here waits. */
#include "config.h"

#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "system/system.h"

static struct {
	const char *process;
	int sink;
	bool to_stderr;
	int verbose;
	uint64_t lost;
} state = {.process = "uplinkd", .sink = -1, .to_stderr = true};

void
log_init(const char *process, int to_stderr, int verbose)
{
	state.process = process;
	state.to_stderr = to_stderr != 0;
	state.verbose = verbose;
	state.sink = sys_log_open(state.to_stderr);
}

/* A line from outside must not be able to forge another or steer a terminal. */
static void
replace_controls(char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
}

static void __attribute__((format(printf, 2, 0)))
write_line(int priority, const char *fmt, va_list ap)
{
	int saved = errno;
	char line[1024];
	int n = vsnprintf(line, sizeof(line), fmt, ap);

	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	replace_controls(line, (size_t)n);
	if (sys_log_send(state.sink, state.to_stderr, priority, state.process, line, (size_t)n) !=
	    0)
		state.lost++;
	errno = saved;
}

#define DEFINE_LOG(name, priority)             \
	void name(const char *fmt, ...)        \
	{                                      \
		va_list ap;                    \
                                               \
		va_start(ap, fmt);             \
		write_line(priority, fmt, ap); \
		va_end(ap);                    \
	}

DEFINE_LOG(log_error, LOG_ERR)
DEFINE_LOG(log_warn, LOG_WARNING)
DEFINE_LOG(log_info, LOG_INFO)

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (state.verbose == 0)
		return;
	va_start(ap, fmt);
	write_line(LOG_DEBUG, fmt, ap);
	va_end(ap);
}

uint64_t
log_lost(void)
{
	return state.lost;
}

/* SPDX-License-Identifier: ISC */
/* Log lines that never wait: a line that the sink can't take at once is dropped
 * and counted. The sink (stderr or syslog) is made by the system's part. */
#ifndef UPLINK_LOG_H
#define UPLINK_LOG_H

#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Must be called once, before any line. process is the name in each line
 * ("engine"); to_stderr: lines go to standard error, else to syslog; verbose:
 * 0 up to info, 1 debug. Opens the sink so that it never blocks. */
void log_init(const char *process, int to_stderr, int verbose);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

uint64_t log_lost(void); /* lines dropped by this process so far */

#endif

/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_SYSLOG_H
#define OPENBSD_SYSLOG_H

#include <stddef.h>
#define LOG_EMERG 0
#define LOG_ALERT 1
#define LOG_CRIT 2
#define LOG_ERR 3
#define LOG_WARNING 4
#define LOG_NOTICE 5
#define LOG_INFO 6
#define LOG_DEBUG 7
#define LOG_DAEMON (3 << 3)
void syslog(int, const char *, ...) __attribute__((__format__(__printf__, 2, 3)));
int sendsyslog(const char *, size_t, int);

#endif

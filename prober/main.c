/* SPDX-License-Identifier: ISC */
/* uplinkd-prober: asks by http and https. The only program that has anything to do with
 * TLS, and it can do nothing else: it has no privilege, no file, and no socket but those
 * that the parent gives it, each of which keeps to a link. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "asker/asker.h"
#include "common/log.h"
#include "fetch.h"
#include "parent/child.h"
#include "system/system.h"
#include "tls.h"

int
main(int argc, char **argv)
{
	static struct asker a = {.is_own = conf_method_is_probers, .ask = fetch_start};
	bool foreground = false;
	const char *step = "";
	int c, verbose = 0;

	while ((c = getopt(argc, argv, "dv")) != -1) {
		if (c == '?')
			return 2;
		foreground |= c == 'd';
		verbose += c == 'v';
	}
	log_init("uplinkd-prober", foreground, verbose);
	if (sys_confine(SYS_ROLE_PROBER, USER_PROBE, &step) != 0) {
		log_error("confinement: %s: %s", step, strerror(errno));
		return 1;
	}
	if (asker_start(&a, CHILD_CHANNEL_FD) != 0)
		return 1;
	if (tls_start(a.conf) != 0) {
		log_error("no TLS: leaving");
		return 1;
	}
	tzset(); /* opens the zone's file, which the dates in certificates lead to */
	if (sys_limit_calls(SYS_ROLE_PROBER) != 0) {
		log_error("the prober's system calls can't be limited: %s", strerror(errno));
		return 1;
	}
	asker_run(&a);
	return 0;
}

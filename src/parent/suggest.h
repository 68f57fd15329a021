/* SPDX-License-Identifier: ISC */
/* uplinkd --suggest: a configuration to start from, made of what the machine has. */
#ifndef UPLINK_SUGGEST_H
#define UPLINK_SUGGEST_H

#include <stdio.h>

#include "system/system.h"

/* Prints it and returns the exit status: 1 where there is no default route at all. */
int suggest_main(void);

/* The text, from those ways and the name servers (of either IP version) that the
 * machine asks. How many links it has. Pure. */
unsigned suggest_print(const struct sys_way *ways, size_t nways, const struct addr *servers,
		       size_t nservers, FILE *out);

/* The name servers of a text like /etc/resolv.conf that stand behind a provider: into
 * servers, at most max, without those of this machine and of private networks. How many.
 * Pure. */
size_t suggest_servers(FILE *in, struct addr *servers, size_t max);

#endif

/* SPDX-License-Identifier: ISC */
/* Settings of the kernel that failover depends on. They are the administrator's, in sysctl.conf(5):
 * what is missing is said, nothing is set. They can be read before pledge(2) only, so they are read
 * once. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "system/openbsd/releases.h"
#include "system/openbsd/rtio.h"
#include "system/system.h"

static const char *const family_words[FAMILIES] = {"net.inet.ip", "net.inet6.ip6"};

static unsigned
carriers(const struct conf *conf, int family)
{
	unsigned n = 0;

	for (size_t i = 0; i < conf->nlinks; i++)
		n += conf->links[i].route[family].gateway_kind != CONF_GATEWAY_NONE;
	return n;
}

static void
check_multipath(int family, sys_report *report, void *arg)
{
	char text[256];

	if (rtio_multipath(family) != 0)
		return;
	snprintf(text, sizeof(text),
		 "%s.multipath is 0: the kernel uses one default route of several. Set it to 1, in "
		 "sysctl.conf too; flows that pf leads are spread all the same",
		 family_words[family]);
	report(arg, true, text);
}

static void
check_forwarding(int family, sys_report *report, void *arg)
{
	char text[256];

	if (rtio_forwarding(family) != 0)
		return;
	snprintf(text, sizeof(text),
		 "%s.forwarding is 0: only this machine's own traffic is routed",
		 family_words[family]);
	report(arg, false, text);
}

static void
check_release(sys_report *report, void *arg)
{
	char release[32], text[256];

	if (rtio_release(release, sizeof(release)) != 0 || !release_skips_last_next_hop(release))
		return;
	snprintf(
	    text, sizeof(text),
	    "OpenBSD %s never takes the last of several default routes: they are for failover "
	    "only. New flows are balanced by pf: see the anchor uplinkd/inside in uplinkd-pf(7)",
	    release);
	report(arg, true, text);
}

/* What the file asks for and this system can't do. */
static void
check_possible(const struct conf *conf, sys_report *report, void *arg)
{
	char text[256];

	if (conf->ndeprecate > 0)
		report(arg, true,
		       "deprecate on: nothing is told here. rad(8) does it, and the program "
		       "rad-deprecate tells rad: see uplinkd-pf(7)");
	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_route *route = &conf->links[i].route[V4];

		if (route->gateway_kind != CONF_GATEWAY_STATIC || route->gateway.version != 6)
			continue;
		snprintf(text, sizeof(text),
			 "link \"%s\": the kernel has no IPv4 route by an IPv6 gateway: its IPv4 "
			 "stays out",
			 conf->links[i].name);
		report(arg, true, text);
	}
}

void
sys_settings(const struct conf *conf, sys_report *report, void *arg)
{
	static bool checked;
	bool several = false;

	check_possible(conf, report, arg);
	if (checked)
		return;
	checked = true;
	rtio_prepare(conf);
	for (int family = 0; family < FAMILIES; family++) {
		unsigned n = carriers(conf, family);

		if (n > 0)
			check_forwarding(family, report, arg);
		if (n > 1)
			check_multipath(family, report, arg);
		several |= n > 1;
	}
	if (several)
		check_release(report, arg);
}

/* Nothing is set by interface. */
void
sys_settings_link(const struct conf *conf, unsigned link, sys_report *report, void *arg)
{
	(void)conf;
	(void)link;
	(void)report;
	(void)arg;
}

/* SPDX-License-Identifier: ISC */
/* Kernel settings without which failover does not work: set where they have the
 * kernel's default, reported always. What is the administrator's own decision
 * (forwarding) is only reported. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct teller {
	sys_report *report;
	void *arg;
};

static void __attribute__((format(printf, 3, 4)))
tell(const struct teller *t, bool problem, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->report(t->arg, problem, text);
}

/* name is below /proc/sys/net, with slashes: an interface's name may hold dots. */
static int
open_setting(const char *name, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	return open(path, flags | O_CLOEXEC);
}

/* The value, or -1. */
static int
get(const char *name)
{
	char buf[32];
	int fd = open_setting(name, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	return atoi(buf);
}

static int
put(const char *name, int value)
{
	char buf[16];
	int len = snprintf(buf, sizeof(buf), "%d", value);
	int fd = open_setting(name, O_WRONLY);
	ssize_t n;
	int saved;

	if (fd < 0)
		return -1;
	n = write(fd, buf, (size_t)len);
	saved = errno;
	close(fd);
	errno = saved;
	return n == len ? 0 : -1;
}

static void
change(const struct teller *t, const char *name, int value, const char *why)
{
	int old = get(name);

	if (put(name, value) == 0)
		tell(t, false, "net/%s: %d -> %d: %s", name, old, value, why);
	else
		tell(t, true, "net/%s: %s: set it to %d: %s", name, strerror(errno), value, why);
}

static void
change_from(const struct teller *t, const char *name, int from, int value, const char *why)
{
	if (get(name) == from)
		change(t, name, value, why);
}

static void
set_interface(const struct teller *t, const struct conf_link *link)
{
	const char *ifname = link->interface;
	char name[128];
	int rp_filter, all = get("ipv4/conf/all/rp_filter");

	/* the kernel takes the larger of both */
	snprintf(name, sizeof(name), "ipv4/conf/%s/rp_filter", ifname);
	rp_filter = get(name);
	if (rp_filter >= 0 && (rp_filter > all ? rp_filter : all) == 1)
		change(t, name, 2, "a strict filter drops answers to flows kept on this link");
	snprintf(name, sizeof(name), "ipv4/conf/%s/ignore_routes_with_linkdown", ifname);
	change_from(t, name, 0, 1, "the kernel leaves a link without carrier at once");
	snprintf(name, sizeof(name), "ipv4/conf/%s/promote_secondaries", ifname);
	change_from(t, name, 0, 1, "an address stays when the first one is removed");
	if (link->route[V6].gateway_kind == CONF_GATEWAY_NONE)
		return;
	snprintf(name, sizeof(name), "ipv6/conf/%s/ignore_routes_with_linkdown", ifname);
	change_from(t, name, 0, 1, "the kernel leaves a link without carrier at once");
	if (link->route[V6].gateway_kind != CONF_GATEWAY_AUTO)
		return;
	snprintf(name, sizeof(name), "ipv6/conf/%s/forwarding", ifname);
	if (get(name) != 1)
		return;
	snprintf(name, sizeof(name), "ipv6/conf/%s/accept_ra", ifname);
	if (get(name) == 1)
		tell(t, false,
		     "net/%s is 1: a router does not learn a gateway so; set it to 2, unless "
		     "another program handles router advertisements",
		     name);
}

static bool
carries(const struct conf *conf, int family)
{
	for (size_t i = 0; i < conf->nlinks; i++)
		if (conf->links[i].route[family].gateway_kind != CONF_GATEWAY_NONE)
			return true;
	return false;
}

void
sys_settings(const struct conf *conf, sys_report *report, void *arg)
{
	const struct teller t = {report, arg};
	const char *by_flow = "each flow keeps to one next hop, and weights hold";

	change_from(&t, "ipv4/fib_multipath_hash_policy", 0, 1, by_flow);
	if (carries(conf, V6))
		change_from(&t, "ipv6/fib_multipath_hash_policy", 0, 1, by_flow);
	for (size_t i = 0; i < conf->nlinks; i++)
		set_interface(&t, &conf->links[i]);
	if (carries(conf, V4) && get("ipv4/ip_forward") == 0)
		tell(&t, false,
		     "net/ipv4/ip_forward is 0: only this machine's own traffic is routed");
	if (carries(conf, V6) && get("ipv6/conf/all/forwarding") == 0)
		tell(
		    &t, false,
		    "net/ipv6/conf/all/forwarding is 0: only this machine's own traffic is routed");
}

void
sys_settings_link(const struct conf *conf, unsigned link, sys_report *report, void *arg)
{
	const struct teller t = {report, arg};
	const struct conf_link *l = conf_link_by_index(conf, link);

	if (l != NULL)
		set_interface(&t, l);
}

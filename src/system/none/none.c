/* SPDX-License-Identifier: ISC */
/* A system that uplinkd has no folder for: it builds, its pure parts are tested, configurations are
 * checked and recordings judged again. The kernel can't be asked for anything, so no daemon starts;
 * doc/guide/openbsd.md says what is missing where. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "system/datagram_parts.h"
#include "system/local_address.h"
#include "system/system.h"

const char sys_ruleset_name[] = "ruleset";
const char sys_flows_hint[] = "";

static int
cannot(void)
{
	errno = ENOSYS;
	return -1;
}

struct sys_routing *
sys_routing_open(const struct sys_routing_hooks *hooks)
{
	(void)hooks;
	(void)cannot();
	return NULL;
}

void
sys_routing_close(struct sys_routing *r)
{
	(void)r;
}

int
sys_routing_fd(const struct sys_routing *r)
{
	(void)r;
	return cannot();
}

int
sys_routing_read(struct sys_routing *r)
{
	(void)r;
	return cannot();
}

int
sys_routing_configure(struct sys_routing *r, const struct conf *conf, char *error,
		      size_t error_size)
{
	(void)r;
	(void)conf;
	(void)error;
	(void)error_size;
	return cannot();
}

int
sys_routing_resync(struct sys_routing *r)
{
	(void)r;
	return cannot();
}

int
sys_routing_apply(struct sys_routing *r, const struct plan *plan, struct plan *installed,
		  struct sys_apply_counts *counts)
{
	(void)r;
	(void)plan;
	(void)installed;
	(void)counts;
	return ENOSYS;
}

bool
sys_routing_stands_otherwise(struct sys_routing *r, struct plan *installed)
{
	(void)r;
	(void)installed;
	return false;
}

int
sys_routing_repair(struct sys_routing *r)
{
	(void)r;
	return ENOSYS;
}

int
sys_routing_release(struct sys_routing *r)
{
	(void)r;
	return ENOSYS;
}

void
sys_routing_print(const struct conf *conf, FILE *out)
{
	(void)conf;
	(void)out;
}

bool
sys_can_advertise(void)
{
	return false;
}

int
sys_advertise(struct sys_routing *r, const char *ifname, const struct addr *prefix, bool preferred)
{
	(void)r;
	(void)ifname;
	(void)prefix;
	(void)preferred;
	return ENOSYS;
}

int
sys_remains(struct sys_remains *remains)
{
	(void)remains;
	return cannot();
}

int
sys_routing_path(struct sys_routing *r, unsigned link, const struct addr *dst,
		 struct sys_path *path)
{
	(void)r;
	(void)link;
	(void)dst;
	(void)path;
	return ENOSYS;
}

void
sys_settings(const struct conf *conf, sys_report *report, void *arg)
{
	(void)conf;
	(void)report;
	(void)arg;
}

void
sys_settings_link(const struct conf *conf, unsigned link, sys_report *report, void *arg)
{
	(void)conf;
	(void)link;
	(void)report;
	(void)arg;
}

int
sys_probe_socket(const struct conf *conf, unsigned link, int family, unsigned method)
{
	(void)conf;
	(void)link;
	(void)family;
	(void)method;
	return cannot();
}

int
sys_echo_socket(int family)
{
	(void)family;
	return cannot();
}

int
sys_echo_send(int fd, const struct sys_echo_way *way, const void *packet, size_t len)
{
	(void)fd;
	(void)way;
	(void)packet;
	(void)len;
	return cannot();
}

int
sys_stamp_sends(int fd)
{
	(void)fd;
	return cannot();
}

void
sys_tcp_prepare(int fd)
{
	(void)fd;
}

int
sys_tcp_keep_to(int fd, uint32_t ifindex)
{
	(void)fd;
	(void)ifindex;
	return 0;
}

uint32_t
sys_tcp_kept_out(int fd)
{
	(void)fd;
	return 0;
}

int
sys_tcp_look(int fd, uint64_t *rtt_ns)
{
	(void)fd;
	(void)rtt_ns;
	return ENOSYS;
}

bool
sys_tcp_first_answered(int fd, uint64_t took_ns)
{
	(void)fd;
	(void)took_ns;
	return false;
}

unsigned
sys_tcp_resent(int fd)
{
	(void)fd;
	return 0;
}

uint64_t
sys_tcp_octets(int fd, int family)
{
	(void)fd;
	(void)family;
	return 0;
}

void
sys_tcp_cut(int fd)
{
	(void)fd;
}

int
sys_link_socket(const struct conf *conf, const struct link_facts *facts, unsigned link, int family,
		enum socket_kind kind)
{
	(void)conf;
	(void)facts;
	(void)link;
	(void)family;
	(void)kind;
	return cannot();
}

int
sys_arp_lladdr(int fd, const char *ifname, uint8_t lladdr[static 6])
{
	(void)fd;
	(void)ifname;
	(void)lladdr;
	return cannot();
}

int
sys_arp_send(int fd, uint32_t ifindex, const void *packet, size_t len)
{
	(void)fd;
	(void)ifindex;
	(void)packet;
	(void)len;
	return cannot();
}

ssize_t
sys_arp_receive(int fd, void *packet, size_t size, struct sys_arp_from *from)
{
	(void)fd;
	(void)packet;
	(void)size;
	(void)from;
	return cannot();
}

struct sys_traffic *
sys_traffic_open(void)
{
	(void)cannot();
	return NULL;
}

void
sys_traffic_close(struct sys_traffic *t)
{
	(void)t;
}

int
sys_traffic_read(struct sys_traffic *t, const struct link_facts *facts, bool fresh,
		 struct sys_traffic_count *count)
{
	(void)t;
	(void)facts;
	(void)fresh;
	(void)count;
	return cannot();
}

struct sys_flows *
sys_flows_open(void)
{
	(void)cannot();
	return NULL;
}

void
sys_flows_close(struct sys_flows *f)
{
	(void)f;
}

int
sys_ruleset_load(struct sys_flows *f, const char *text, size_t len, char *error, size_t error_size)
{
	(void)f;
	(void)text;
	(void)len;
	(void)error;
	(void)error_size;
	return cannot();
}

int
sys_ruleset_release(struct sys_flows *f)
{
	(void)f;
	return cannot();
}

int
sys_counters_read(struct sys_flows *f, sys_counter *each, void *arg)
{
	(void)f;
	(void)each;
	(void)arg;
	return cannot();
}

int
sys_lookups_read(struct sys_flows *f, sys_lookups *each, void *arg)
{
	(void)f;
	(void)each;
	(void)arg;
	errno = EOPNOTSUPP;
	return -1;
}

uint32_t
sys_counters_epoch(const struct sys_flows *f)
{
	(void)f;
	return 0;
}

int64_t
sys_flows_kill(struct sys_flows *f, const struct conf *conf, unsigned link)
{
	(void)f;
	(void)conf;
	(void)link;
	return cannot();
}

int
sys_flows_count(struct sys_flows *f, const struct conf *conf, uint64_t *counts, sys_hurry *hurry,
		void *arg)
{
	(void)f;
	(void)conf;
	(void)counts;
	(void)hurry;
	(void)arg;
	return cannot();
}

int
local_address_ask4(int fd)
{
	(void)fd;
	return cannot();
}

int
local_address_v6_only(int fd)
{
	(void)fd;
	return cannot();
}

void
local_address_take4(const struct cmsghdr *c, struct addr *local)
{
	(void)c;
	(void)local;
}

void
local_address_put4(struct msghdr *msg, const struct addr *local)
{
	(void)msg;
	(void)local;
}

int
sys_ways(struct sys_way *ways, size_t max)
{
	(void)ways;
	(void)max;
	return cannot();
}

int
sys_confine_program(const char *user, const char **step)
{
	(void)user;
	(void)step;
	return cannot();
}

int
sys_cage_enter(const struct conf *conf, unsigned link)
{
	(void)conf, (void)link;
	return cannot();
}

int
sys_cage_follow(int lifeline)
{
	(void)lifeline;
	return cannot();
}

int
sys_cage_take(int cage, struct sys_cage_wish *wish)
{
	(void)cage;
	(void)wish;
	return cannot();
}

void
sys_cage_give(int cage, const struct sys_cage_wish *wish, int fd, int error)
{
	(void)cage;
	(void)wish;
	(void)fd;
	(void)error;
}

int
sys_peer(int fd, uid_t *uid, gid_t *gid)
{
	(void)fd;
	(void)uid;
	(void)gid;
	return cannot();
}

int
datagram_put_source4(int fd, struct msghdr *msg, const struct addr *source)
{
	(void)fd;
	(void)msg;
	(void)source;
	return cannot();
}

int
datagram_receive(int fd, datagram_each *each, void *arg)
{
	(void)fd;
	(void)each;
	(void)arg;
	return cannot();
}

int
datagram_sent(int fd, int most, datagram_stamp *stamp, datagram_each *error, void *arg)
{
	(void)fd;
	(void)most;
	(void)stamp;
	(void)error;
	(void)arg;
	return cannot();
}

/* ---- what is the same everywhere ---- */

/* Nothing has to be told apart by it here. */
uint32_t
sys_probe_token(void)
{
	return 0x75706c6b;
}

uint16_t
sys_probe_id(unsigned link)
{
	return (uint16_t)(0x8000 | link);
}

bool
sys_flows_neighbours(const struct conf *conf, struct link_facts *facts, size_t nfacts)
{
	(void)conf;
	(void)facts;
	(void)nfacts;
	return false;
}

int
sys_flows_facts(struct sys_flows *f, const struct conf *conf, const struct link_facts *facts,
		size_t nfacts)
{
	(void)f;
	(void)conf;
	(void)facts;
	(void)nfacts;
	return 0;
}

int
sys_ruleset_print(const struct conf *conf, const struct link_facts *facts, size_t nfacts,
		  const struct plan *plan, FILE *out)
{
	(void)conf;
	(void)facts;
	(void)nfacts;
	(void)plan;
	(void)out;
	return 0;
}

bool
sys_ruleset_follows_plan(void)
{
	return false;
}

bool
sys_ruleset_intact(struct sys_flows *f)
{
	(void)f;
	return true;
}

int
sys_ruleset_watch(const struct sys_flows *f)
{
	(void)f;
	return -1;
}

void
sys_ruleset_seen(struct sys_flows *f)
{
	(void)f;
}

const char *
sys_bypass(struct sys_flows *f, const struct conf *conf)
{
	(void)f;
	(void)conf;
	return "";
}

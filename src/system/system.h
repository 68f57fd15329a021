/* SPDX-License-Identifier: ISC */
/* The operations that differ by system, one folder each, chosen at link time.
 *
 * Everything here that talks to the kernel's routing is called by the parent,
 * in one thread, and returns at once: the kernel answers requests synchronously
 * and nothing else is waited for. The worker's part may be slow. */
#ifndef UPLINK_SYSTEM_H
#define UPLINK_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "common/facts.h"
#include "common/ipc.h"
#include "conf/conf.h"
#include "common/plan.h"

/* ---- routing (parent) ---- */

struct sys_routing;

struct sys_routing_hooks {
	/* what the kernel says of this link has changed */
	void (*facts)(void *arg, const struct link_facts *facts);
	/* something that the daemon made was removed or changed by someone else;
	 * text names it. The parent answers with sys_routing_repair. */
	void (*drift)(void *arg, unsigned link, int family, const char *text);
	void *arg;
};

/* The rules and routes that this configuration leads to when all links are up, in the
 * words of the system's own program, one a line; what only the kernel can tell, such as
 * a learned gateway, is named as such. Asks nobody. */
void sys_routing_print(const struct conf *conf, FILE *out);

/* Opens the sockets to the kernel. Changes nothing. NULL with errno. */
struct sys_routing *sys_routing_open(const struct sys_routing_hooks *hooks);
void sys_routing_close(struct sys_routing *r);

/* For the event loop: readable means call sys_routing_read, which calls hooks.
 * Returns -1 with errno on a failure that needs sys_routing_resync. */
int sys_routing_fd(const struct sys_routing *r);
int sys_routing_read(struct sys_routing *r);

/* Sets the links: makes the per-link tables and rules that are missing, removes
 * those of links that are gone, leaves all others untouched (so a restart takes
 * over without a gap), and calls hooks->facts once for every link. May be called
 * again with another configuration; conf must live until the next call. 0, or -1
 * with errno and *error naming what failed (the rest is still tried). Where the kernel could
 * not be read, that is for a moment only: to be called again. */
int sys_routing_configure(struct sys_routing *r, const struct conf *conf, char *error,
			  size_t error_size);

/* Reads everything from the kernel again (after lost events), calls the hooks
 * for what has changed. */
int sys_routing_resync(struct sys_routing *r);

/* Installs the plan atomically per IP version: replaces the daemon's default
 * routes and IPv6 source rules, then reads back what stands. A family without
 * any weight is left as it is. Members whose next hop is unknown are left out.
 * *installed is what was read back, whatever happened. Returns 0 when it is what
 * was wanted, else the errno of the first failure. */
struct sys_apply_counts {
	uint32_t adds, deletes;
};
int sys_routing_apply(struct sys_routing *r, const struct plan *plan, struct plan *installed,
		      struct sys_apply_counts *counts);

/* A default route may outlive the gateway that it was made for, where no plan has another
 * one, and then go, or come back, without any plan. After sys_routing_read: whether that
 * is so, and other links stand than were told last; then *installed has them. */
bool sys_routing_stands_otherwise(struct sys_routing *r, struct plan *installed);

/* Puts back what drift named: rules, tables and the last plan. 0 or errno. */
int sys_routing_repair(struct sys_routing *r);

/* Removes every route, rule and table entry that carries the daemon's protocol
 * id, of whatever configuration. 0 or errno. */
int sys_routing_release(struct sys_routing *r);

/* Tells the hosts behind an interface, by one router advertisement, whether to begin
 * flows with addresses of those nets of the interface that are part of the prefix. At
 * once, or not. 0 or errno: ENOENT: it has no such net, EOPNOTSUPP: not built here. */
bool sys_can_advertise(void); /* false: always EOPNOTSUPP, other means must do */
int sys_advertise(struct sys_routing *r, const char *ifname, const struct addr *prefix,
		  bool preferred);

/* What carries the daemon's mark of origin in the kernel, whoever asks: for a look
 * at what a daemon that has ended left. 0, or -1 with errno. */
struct sys_remains {
	unsigned rules, routes;
	bool ruleset_seen; /* the caller may see whether there is one */
	bool ruleset;      /* there is */
};
int sys_remains(struct sys_remains *remains);

/* Which next hop, interface and source a probe (mark of a probe) or a flow of
 * that link to dst really takes, as the kernel says. 0 or errno. */
struct sys_path {
	struct addr gateway, source;
	uint32_t ifindex;
	char ifname[IFNAME_LEN + 1];
};
int sys_routing_path(struct sys_routing *r, unsigned link, const struct addr *dst,
		     struct sys_path *path);

/* Settings of the kernel (sysctl) that the daemon depends on: sets what it may
 * for the configured interfaces, calls report for each that it changed or could
 * not, with what to do. */
typedef void sys_report(void *arg, bool problem, const char *text);
void sys_settings(const struct conf *conf, sys_report *report, void *arg);
/* Only those of the link's interface: for one that has just appeared. */
void sys_settings_link(const struct conf *conf, unsigned link, sys_report *report, void *arg);

/* A socket for probes of that method (enum method), non-blocking, whose packets can
 * only leave by the link: marked for its table, with no way out when that is
 * empty. -1 with errno; EOPNOTSUPP: not a method with sockets.
 * All but tcp tell the receiving interface and the kernel's receive timestamp; icmp
 * and dns also when each packet left, see sys_stamp_sends.
 * icmp: sends only, by sys_echo_send. The identifier of its requests must be
 *   sys_probe_id(link).
 * tcp: to be connected, and after disconnecting (AF_UNSPEC) again.
 * dns: bound to a port of the kernel's choice; hears port 53 only, and errors.
 * neighbour: IPv4: sys_arp_*; IPv6: raw, sends with hop limit 255 and receives
 *   neighbour advertisements, with their hop limit. */
uint16_t sys_probe_id(unsigned link);
/* What icmp probes begin with, the same for all processes of this daemon, and for no other
 * daemon whose probes may pass here. Opens a file. */
uint32_t sys_probe_token(void);
int sys_probe_socket(const struct conf *conf, unsigned link, int family, unsigned method);
/* A socket for the answers to the icmp probes of all links: raw, receives echo replies
 * and errors that quote a request, where the identifier may be that of a link. */
int sys_echo_socket(int family);
/* Sends an echo request over an icmp probe socket, whole or not at all: 0, or -1 with
 * errno (EMSGSIZE: too large for the interface or for the path). Never blocks. */
struct sys_echo_way {
	const struct addr *to;
	const struct addr *source; /* NULL: the kernel's choice */
	uint8_t ttl;
};
int sys_echo_send(int fd, const struct sys_echo_way *way, const void *packet, size_t len);

/* From now on the kernel stamps each packet that the (icmp or dns) socket sends, and
 * tells it by its number, which begins at 0. 0, or -1 with errno. */
int sys_stamp_sends(int fd);

/* A connection over a probe socket that only asks whether it can be opened. Before it
 * is: what keeps the other end from being bothered. */
void sys_tcp_prepare(int fd);
/* From now on only what comes in by that interface answers it, where the system has a filter
 * for that. 0, or -1 with errno: not everybody may. */
int sys_tcp_keep_to(int fd, uint32_t ifindex);
/* How many segments were kept out so far, by that or because no connection could have
 * wanted them; it wraps. 0 where that is not known. */
uint32_t sys_tcp_kept_out(int fd);
/* How it stands: EINPROGRESS, or 0: it was answered, and *rtt_ns is the time of the
 * handshake where the kernel has measured it; else the errno that it failed with. */
int sys_tcp_look(int fd, uint64_t *rtt_ns);
/* How often it has sent its first segment again, on its own. */
unsigned sys_tcp_resent(int fd);
/* It was answered so long after its first segment: to that one, and not to one that was
 * sent again? False where nobody can tell. */
bool sys_tcp_first_answered(int fd, uint64_t took_ns);
/* What a connection has sent and received so far as IP packets of that version, about; 0:
 * not known. */
uint64_t sys_tcp_octets(int fd, int family);
/* Cuts it by a reset. The descriptor can be connected again. */
void sys_tcp_cut(int fd);
/* A socket of that kind for prober and runner, which like those for probes can only
 * send by the link, from its address; non-blocking, not bound to a port. -1 with errno. */
int sys_link_socket(const struct conf *conf, const struct link_facts *facts, unsigned link,
		    int family, enum socket_kind kind);

/* ARP over a probe socket. The link-layer address of an interface of Ethernet, or
 * -1 with errno. */
int sys_arp_lladdr(int fd, const char *ifname, uint8_t lladdr[static 6]);
/* Sends a packet (without its Ethernet header) to all stations: 0, or -1 with errno. */
int sys_arp_send(int fd, uint32_t ifindex, const void *packet, size_t len);
/* Receives one that was sent to this station. Its length; 0: it is for others, or no
 * ARP reply; -1 with errno. */
struct sys_arp_from {
	uint32_t ifindex;
	uint8_t lladdr[6];
	uint64_t wall_ns; /* the kernel's stamp, 0: none */
};
ssize_t sys_arp_receive(int fd, void *packet, size_t size, struct sys_arp_from *from);

/* ---- traffic (engine) ---- */

/* What an interface has received and sent since it exists. */
struct sys_traffic_count {
	uint64_t received, sent; /* packets; of the received without multicast */
	uint64_t in_octets, out_octets;
};

/* Returns at once, whatever others do to interfaces meanwhile. fresh: what was read within
 * the last millisecond will do; else what was read a little earlier, where reading takes
 * long. 0, or -1 with errno. */
struct sys_traffic;
struct sys_traffic *sys_traffic_open(void);
void sys_traffic_close(struct sys_traffic *t);
int sys_traffic_read(struct sys_traffic *t, const struct link_facts *facts, bool fresh,
		     struct sys_traffic_count *count);

/* ---- flows, NAT, counters (worker) ---- */

struct sys_flows;
struct sys_flows *sys_flows_open(void);
void sys_flows_close(struct sys_flows *f);

/* Fills in what the ruleset depends on and the parent's facts lack: the link-layer
 * addresses of gateways that share an interface. What is not known now is left as
 * it is. Returns whether there are such gateways: ask again some time later. */
bool sys_flows_neighbours(const struct conf *conf, struct link_facts *facts, size_t nfacts);
/* What the links' flows are known by where the kernel keeps no mark on them: for
 * sys_flows_kill and sys_flows_count. 0, or -1 with errno. */
int sys_flows_facts(struct sys_flows *f, const struct conf *conf, const struct link_facts *facts,
		    size_t nfacts);

/* The ruleset (marks, NAT, counters) as text for the system's packet filter, for
 * these links. plan: what is installed, NULL: not known; only where the ruleset
 * follows it. Pure. 0, or -1 with errno from writing. */
int sys_ruleset_print(const struct conf *conf, const struct link_facts *facts, size_t nfacts,
		      const struct plan *plan, FILE *out);
/* What it is called in a log line, and what to do where flows can't be read. */
extern const char sys_ruleset_name[];
extern const char sys_flows_hint[];
/* Whether the ruleset is another one for another plan. */
bool sys_ruleset_follows_plan(void);
/* Loads such a text atomically; foreign rules are untouched, counters keep their
 * values. Slow. 0, or -1 with the reason in error. */
int sys_ruleset_load(struct sys_flows *f, const char *text, size_t len, char *error,
		     size_t error_size);
/* Whether what was loaded last is still there as it was: false when someone else has
 * changed or removed it. Cheap while nobody changes any rules. */
bool sys_ruleset_intact(struct sys_flows *f);
/* A descriptor that can be read after someone has changed any rules, -1: nobody tells
 * here, so look now and then. sys_ruleset_seen forgets what it has told so far. */
int sys_ruleset_watch(const struct sys_flows *f);
void sys_ruleset_seen(struct sys_flows *f);
/* What of others takes packets of the links past the counters, in words, such as a
 * flow table; "" when there is nothing. Cheap while nobody changes any rules. Valid
 * until the next call. */
const char *sys_bypass(struct sys_flows *f, const struct conf *conf);
/* Removes all of it. */
int sys_ruleset_release(struct sys_flows *f);

/* Reads the counters: calls each once per link and family. Returns 0, or -1 with
 * errno (ENOENT: the ruleset is not loaded). */
typedef void sys_counter(void *arg, unsigned link, int family, uint64_t packets, uint64_t octets,
			 uint64_t new_flows);
int sys_counters_read(struct sys_flows *f, sys_counter *each, void *arg);
/* How often the kernel has chosen the route of a link, since it was made, where the
 * kernel counts that: look-ups, which are not packets. Links without a route of the
 * daemon's, and those that share one, are left out. 0, or -1 with errno (EOPNOTSUPP). */
typedef void sys_lookups(void *arg, unsigned link, int family, uint64_t lookups);
int sys_lookups_read(struct sys_flows *f, sys_lookups *each, void *arg);
/* Of the last read of counters: another number when all were made afresh. */
uint32_t sys_counters_epoch(const struct sys_flows *f);

/* Cuts every flow that carries the link's mark, both IP versions, and the
 * router's own sockets of those flows; the link need not be configured any more.
 * Slow. The number of flows, or -1 with errno. */
int64_t sys_flows_kill(struct sys_flows *f, const struct conf *conf, unsigned link);
/* Counts live flows by link into counts[index] (LINKS_MAX + 1 of them): flows of
 * which a packet was seen within the drain_idle_s of the link. Slow: hurry (may be NULL) is asked
 * now and then whether something else can't wait. 0, or -1 with errno: EINTR when
 * it was given up. */
typedef bool sys_hurry(void *arg);
int sys_flows_count(struct sys_flows *f, const struct conf *conf, uint64_t *counts,
		    sys_hurry *hurry, void *arg);

/* ---- an SNMP agent of its own ---- */

/* A bound, non-blocking socket to be asked at, TCP with its backlog; IPv6 only is
 * IPv6 only. A datagram that comes by it tells its local address. -1 with errno. */
int sys_agent_socket(const struct conf_listen *l);
/* A non-blocking UDP socket to send notifications from. -1 with errno. */
int sys_sink_socket(int family);

/* Between whom a datagram goes. */
struct sys_peer_path {
	struct sockaddr_storage peer;
	socklen_t peer_len;
	struct addr local; /* not set: not known, or whatever the system chooses */
};
/* The datagram's length; 0: it was cut off; -1 with errno. */
ssize_t sys_datagram_receive(int fd, void *data, size_t size, struct sys_peer_path *path);
/* 0, or -1 with errno. */
int sys_datagram_send(int fd, const void *data, size_t size, const struct sys_peer_path *path);

/* ---- a first look ---- */

/* What uplinkd --suggest makes links of: a default route that someone else has set, or,
 * where way is false, an interface that has an address and no such route. */
struct sys_way {
	char ifname[IFNAME_LEN + 1];
	bool way;
	uint8_t family;
	bool learned; /* by DHCP, PPP or router advertisement: it may change by itself */
	bool carrier; /* false: the interface has none, or is down */
	uint32_t metric;
	struct addr gateway; /* not set: the device has one other end */
	struct addr address; /* where way is false: one of the interface's */
};

/* Into ways, at most max, in the system's order of preference; needs no privilege. How
 * many, or -1 with errno. */
int sys_ways(struct sys_way *ways, size_t max);

/* ---- processes ---- */

/* What a child may still do. */
enum sys_role {
	SYS_ROLE_PARENT,
	SYS_ROLE_ENGINE,
	SYS_ROLE_WORKER,
	SYS_ROLE_SNMP,
	SYS_ROLE_AGENT, /* the SNMP process where it is its own master */
	SYS_ROLE_HOOKS, /* runs programs, each as a user of its own */
	SYS_ROLE_PROBER,
	SYS_ROLE_RUNNER
};

/* A path that the process needs after sys_confine, where the system can close off all others:
 * rights of r, w, x and c (make and remove). Before it; the text is kept, not copied. */
void sys_allow_path(const char *path, const char *rights);

/* A right that root usually has, that this root lacks, and without which the daemon can do
 * nothing: its name, and how to give it. NULL: none. */
const char *sys_lacks(void);

/* Gives up everything that the role does not need: user, groups, capabilities; not dumpable, no new
 * privileges. Called in the process itself, after its set-up. user: NULL to stay. 0, or -1 with
 * errno and the step in *step. */
int sys_confine(enum sys_role role, const char *user, const char **step);

/* Leaves the calling process the system calls that its role needs after its set-up:
 * any other one ends it. Who needs no file any more can't have one. After sys_confine.
 * Does nothing where it is not built in. 0, or -1 with errno. */
int sys_limit_calls(enum sys_role role);

/* In a child that is about to become a program that is not ours: that user with all its
 * groups, no rights but that user's (root keeps those on the network), and it ends with
 * the process that started it. 0, or -1 with errno and the step in *step. */
int sys_confine_program(const char *user, const char **step);
/* ---- foreign programs (runner) ---- */

/* In a child of the runner, before it becomes a program that is to keep to that link: from
 * here on, and for all that it starts, no packet leaves by another one, and that can't be
 * taken back. Where each socket has to be wished for, it is over the descriptor that this
 * returns; elsewhere that one only ends. -1 with errno, ENOSYS where it can't be done. */
int sys_cage_enter(const struct conf *conf, unsigned link);

/* The process group of the caller is killed when the other end of that pipe closes. 0, or -1
 * with errno. */
int sys_cage_follow(int lifeline);

struct sys_cage_wish {
	uint64_t id;
	int family; /* V4 or V6 */
	enum socket_kind kind;
	bool nonblocking, close_on_exec;
};
/* The descriptor is readable: takes a wish. 1: one that may be granted; 0: there was none,
 * or it has been refused; -1 with errno: nobody is left who could wish. */
int sys_cage_take(int cage, struct sys_cage_wish *wish);
/* Gives it its own copy of the socket; fd -1: refuses, with that errno. */
void sys_cage_give(int cage, const struct sys_cage_wish *wish, int fd, int error);

/* Soft real-time for the calling process: memory locked, SCHED_RR. Each step that
 * is not allowed is reported and left. */
void sys_realtime(sys_report *report, void *arg);

/* The calling process, and what it starts from then on, in the scheduling class of
 * sys_realtime, or in that of any other program: so a child is in it also where the right
 * to enter it has been given up meanwhile. 0, or -1 with errno. */
int sys_schedule(bool realtime);

/* A descriptor for log lines that never blocks: standard error or the system's
 * syslog; -1 with errno. Sending a line: 0, or -1 when it could not be taken now. */
int sys_log_open(bool to_stderr);
int sys_log_send(int sink, bool to_stderr, int level, const char *ident, const char *line,
		 size_t len);

/* An identifier of this boot of the machine, NUL-terminated, into buf. */
int sys_boot_id(char buf[static 40]);

/* A name of the file that this process runs, also where it was replaced since; NULL: the
 * system has none. */
const char *sys_own_image(void);

/* A sealed, read-only descriptor with this text, for another process to map. */
int sys_text_fd(const char *text, size_t len);
/* Reads such a descriptor back: the text, NUL-terminated behind its len octets, to be
 * freed. NULL with errno: EINVAL for any other descriptor (it could keep the reader
 * waiting, or change under it), EFBIG for more than max octets. */
char *sys_text_read(int fd, size_t max, size_t *len);
/* Room on the disk for that part of a file, whose contents stay. 0, or -1 with errno. Where it
 * can't be had beforehand nothing happens, and 0. */
int sys_make_room(int fd, off_t at, off_t len);

/* The first len octets of a file, which has them, read as zeroes from now on, by whomever it is
 * mapped too; it is never shorter. Gives back the room where the system can. 0, or -1 with errno.
 */
int sys_make_zero(int fd, off_t len);

/* Peer of a connected unix socket. 0, or -1 with errno. */
int sys_peer(int fd, uid_t *uid, gid_t *gid);

#endif

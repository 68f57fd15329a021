/* SPDX-License-Identifier: ISC */
/* The configuration: what uplinkd.conf(5) says, checked and with every default
 * filled in. Reading it is pure: text in, struct or a list of mistakes out; no
 * interface is looked up and no file but the given one is opened. */
#ifndef UPLINK_CONF_H
#define UPLINK_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/addr.h"
#include "common/limits.h"
#include "common/names.h"
#include "conf/agent.h"

/* How often a target is asked and what its answers mean. Each value is resolved:
 * target, else link, else file, else default. */
struct conf_probe {
	uint32_t interval_ms; /* from one probe to the next: 10 ms..1 h, default 1 s */
	uint32_t timeout_ms;  /* a probe without an answer for so long is lost: default 1 s */
	uint32_t down_after;  /* so many lost in a row: the target is down. Default 3 */
	uint32_t up_after;    /* so many answered in a row: the target is up. Default 5 */
	uint32_t window_ms;   /* so far back its figures go: default 1 min */
	uint32_t pace_ms[2];  /* what is left of the interval, with standby interval and budget of
				 the link: while it carries, while it waits for its turn */
};

enum { CONF_QUERY_LEN = 253, CONF_RCODE_ANY = 255 };

/* What http and https ask for, and what is a good answer. */
enum { CONF_HOST_LEN = 253, CONF_PATH_LEN = 255, CONF_EXPECT_LEN = 127 };
struct conf_http {
	char host[CONF_HOST_LEN + 1];     /* name in request and certificate; "": the address */
	char path[CONF_PATH_LEN + 1];     /* with its query. Default / */
	char expect[CONF_EXPECT_LEN + 1]; /* must stand in the body; "": anything may */
	char ca[CONF_PATH_LEN + 1];       /* https: a file of certificates; "": the system's */
	uint16_t status;                  /* default 200 */
};

/* A program and its arguments, each with its NUL, one behind the other. */
enum { CONF_ARGS_MAX = 32, CONF_COMMAND_LEN = 1024 };
struct conf_command {
	uint16_t argc, len;
	char text[CONF_COMMAND_LEN];
};

struct conf_target {
	struct addr addr; /* not set where gateway is true */
	bool gateway;     /* the link's gateway itself, whatever its address is now */
	uint8_t family;   /* V4 or V6 */
	uint8_t method;   /* enum method */
	uint16_t port;    /* 0 where the method has none */
	uint16_t size;    /* icmp: octets of data in a request. Default 16 */
	uint8_t ttl;      /* icmp: time to live, hop limit. Default 64 */
	uint8_t rcode;    /* dns: the answer's that counts, or CONF_RCODE_ANY. Default 0, noerror */
	uint16_t query_type;            /* dns: the number of the type. Default 1, a */
	char query[CONF_QUERY_LEN + 1]; /* dns: the name, without a dot at its end; "." the root */
	struct conf_http *http;         /* http and https, else NULL */
	struct conf_command *command;   /* command, else NULL */
	struct conf_probe probe;
	int line; /* where it stands in the file */
};

enum conf_gateway { CONF_GATEWAY_NONE, CONF_GATEWAY_STATIC, CONF_GATEWAY_AUTO };
enum conf_nat { CONF_NAT_NONE, CONF_NAT_MASQUERADE, CONF_NAT_SNAT, CONF_NAT_PREFIX };

/* What the largest segment of TCP is cut to: a number of octets, or one of these. */
enum { CONF_MSS_NO = 0, CONF_MSS_PMTU = 1 };

/* How a flow keeps to its link. */
enum conf_flows {
	CONF_FLOWS_MARKS,  /* by marks. Default */
	CONF_FLOWS_KERNEL, /* by the kernel's hash alone: no marks, no NAT, no connection tracking
			    */
};

/* One IP version of a link. */
struct conf_route {
	uint8_t gateway_kind; /* enum conf_gateway; NONE: the link does not carry this version */
	bool if_there;        /* AUTO for either version, and no target of this one: not missed
			       * where the kernel has no gateway of it */
	struct addr gateway;  /* where STATIC */
	struct addr source;   /* where the file says so, else not set: the interface's own */
	struct addr
	    prefix;  /* IPv6: the provider's prefix; not set: that of the interface's address */
	uint8_t nat; /* enum conf_nat. Default masquerade for IPv4, none for IPv6 */
	struct addr nat_addr;   /* where SNAT; where PREFIX: the prefix outside */
	struct addr nat_inside; /* where PREFIX: the prefix of as many bits inside */
};

/* A threshold with two edges: crossed upwards at enter, left again at or below
 * leave. enter 0: no threshold. */
struct conf_threshold {
	uint32_t enter, leave;
};

/* Above one of these a link that answers is degraded. Default: none. */
struct conf_limits {
	struct conf_threshold loss_ppm;
	struct conf_threshold rtt_us; /* of the average */
	struct conf_threshold jitter_us;
};

/* What a link does in an IP version in which it is degraded. */
enum conf_degraded {
	CONF_DEGRADED_STAY,   /* carries traffic like any other. Default */
	CONF_DEGRADED_WEIGHT, /* carries with another weight */
	CONF_DEGRADED_LAST,   /* carries only where no link of any tier is better */
	CONF_DEGRADED_LEAVE,  /* goes as if it were down, but is never missed as the last way */
};

/* Flap damping (RFC 2439): each fall adds 1000 to a penalty that halves in every
 * half-life. */
struct conf_flap {
	uint32_t suppress;     /* kept out from this penalty on; 0: never. Default 3000 */
	uint32_t reuse;        /* may carry again below this one. Default 1000 */
	uint32_t ceiling;      /* the penalty grows no further. Default 12000 */
	uint32_t half_life_ms; /* default 2 min */
};

struct conf_link {
	uint16_t index; /* 1..LINKS_MAX: pinned in the file, else given by conf_assign_indexes; 0:
			   not yet */
	bool pinned;
	char name[NAME_LEN + 1];
	char alias[TEXT_LEN + 1];
	char interface[IFNAME_LEN + 1];
	uint8_t tier;   /* 1..TIER_MAX, default 1; the lowest usable one carries the traffic */
	uint8_t weight; /* 1..WEIGHT_MAX, default 1 */
	uint32_t standby_interval_ms; /* while it waits for its turn, no target more often; 0: as
					 ever. Default 0 */
	uint64_t budget;  /* octets of probes and their answers in a day; 0: no bound. Default 0 */
	uint32_t hold_ms; /* must be well for so long before it carries flows again. Default 30 s */
	uint32_t quorum;  /* so many of a family's targets must be up for the family to be up.
			     Default 1 */
	bool keeps_flows; /* by marks: as the file says. Else none is ever cut */
	bool kill_flows;  /* cut the flows of this link when it dies. Default yes */
	bool rebalance;   /* and when another comes back. Default no */
	bool last_resort; /* carries only where no other link can. Default no */
	uint16_t mss;     /* CONF_MSS_*, or octets. Default CONF_MSS_NO */
	uint32_t drain_deadline_s; /* a drain is over after so long; 0: it has all the time. Default
				    */
	uint32_t drain_idle_s; /* a flow silent for so long does not hold up a drain. Default 5 min
				*/
	struct conf_limits limits;
	uint8_t degraded;        /* enum conf_degraded */
	uint8_t degraded_weight; /* where CONF_DEGRADED_WEIGHT */
	struct conf_flap flap;
	struct conf_route route[FAMILIES];
	bool gateway_only;           /* no target is configured: only the gateway can be asked */
	struct conf_target *targets; /* in the order of the file; implicit gateway targets last */
	size_t ntargets;
	int line;
};

struct conf_snmp {
	bool enabled;               /* snmp no: no snmp process at all. Default yes */
	char agentx[PATH_LEN + 1];  /* the master's socket. Default /var/agentx/master */
	bool control;               /* SET allowed. Default yes */
	uint32_t default_timeout_s; /* for orders by SET that name none; 0: they have no end */
	struct conf_agent agent;    /* where it listens, it is its own master and agentx is "" */
	bool notify_targets;        /* notifications of single targets too. Default no */
	uint32_t notify_limit;      /* notifications of one kind about one link in a minute; 0: as
				       many as there are. Default 20 */
};

enum { PROGRAM_LEN = 255, HOOK_ARG_LEN = 127, USER_LEN = 32 };

/* A program that is run on events. Which events: one bit each, by enum event_type,
 * and the lowest for HOOK_SYNC, a look at how things stand. */
#define HOOK_SYNC 0
struct conf_hook {
	uint64_t events;
	uint16_t link; /* where the link stands in the file, from 1; 0: for all links */
	char program[PROGRAM_LEN + 1];
	char args[HOOK_ARGS_MAX][HOOK_ARG_LEN + 1];
	uint32_t nargs;
	char user[USER_LEN + 1]; /* default _uplinkhook */
	uint32_t timeout_ms;     /* ended after so long. Default 10 s */
	int line;
};

enum { DEPRECATE_MAX = 16 };

struct conf {
	char site[NAME_LEN + 1];  /* default: "" */
	char group[NAME_LEN + 1]; /* may use the control socket. Default _uplinkd */
	uint32_t mark_mask;       /* default 0x7ff00: the top bit marks probes, the rest the link */
	uint32_t table_base;      /* default 7000: link N's table is table_base + N */
	uint32_t rule_base;       /* default 7000: preferences rule_base .. rule_base + 4999 */
	bool confirm;   /* a missing answer makes all targets be asked at once. Default yes */
	bool suspicion; /* so does traffic that gets no answer. Default yes */
	uint8_t flows;  /* enum conf_flows */
	/* interfaces behind which hosts hear of prefixes that carry no traffic now */
	char deprecate_on[DEPRECATE_MAX][IFNAME_LEN + 1];
	unsigned ndeprecate;
	bool reset_clients; /* tell clients at once that their flow was cut. Default no */
	bool realtime;      /* SCHED_RR for the engine where allowed. Default yes */
	struct conf_snmp snmp;
	struct conf_link *links; /* in the order of the file */
	size_t nlinks;
	struct conf_hook *hooks; /* in the order of the file */
	size_t nhooks;
};

enum {
	CONF_FILE_MAX = 1 << 20,                     /* octets of a file */
	CONF_TEXT_MAX = CONF_FILE_MAX + (128 << 10), /* the same with its lines of indexes */
};

/* Reads text (len octets; name is the file's name in messages). Every mistake is
 * reported through complain as "NAME:LINE: what is wrong, what to do"; warnings
 * likewise, with error false. Returns the configuration, or NULL where there was
 * at least one mistake. Links without a pinned index have index 0. */
typedef void conf_complain(void *arg, bool error, const char *file, int line, const char *message);
struct conf *conf_parse(const char *text, size_t len, const char *name, conf_complain *complain,
			void *arg);
void conf_free(struct conf *conf);

/* The same file again as text, every default spelled out; for -n -v and tests.
 * What it writes parses to an equal configuration. */
void conf_print(const struct conf *conf, FILE *out);

/* The lines to add to the text of a file for another process: a newline, and
 * index "NAME" N for each link whose index the file does not pin itself. */
void conf_print_indexes(const struct conf *conf, FILE *out);

/* How many probes of a target a confirm burst has. */
unsigned conf_burst(const struct conf_probe *probe);
/* How long its window is: as set, or as long as 30 probes take. */
uint32_t conf_window_ms(const struct conf_probe *probe);

/* The events that "any" stands for: all that happen. */
uint64_t conf_hook_any(void);

/* Both run the same program in the same way on the same events. */
bool conf_same_hook(const struct conf_hook *a, const struct conf_hook *b);

/* They ask the same of the same host: one of them is enough, and across a reload
 * they are the same target. */
bool conf_same_target(const struct conf_target *a, const struct conf_target *b);
/* An order of all targets, 0 where they are the same. */
int conf_compare_targets(const struct conf_target *a, const struct conf_target *b);

/* Octets on the link's own line of one probe of the target and what answers it, as IP
 * packets. Of http, https and command, which can't be known before, a guess. */
uint32_t conf_probe_octets(const struct conf_target *target);
/* Of a probe of each target of the link. */
uint64_t conf_round_octets(const struct conf_link *link);
/* A budget allows at least so many of those in a day: one each hour, with what is kept
 * for bursts. */
enum { CONF_BUDGET_ROUNDS = 36 };
/* Of a budget, in percent: what the probes of the intervals may take. */
enum { CONF_BUDGET_SHARE = 75 };

/* Prober and runner, the processes that ask in the engine's place: what each does. */
bool conf_method_is_probers(unsigned method);
bool conf_has_method(const struct conf *conf, bool (*is)(unsigned method));
bool conf_method_is_runners(unsigned method);

/* Whether the link is one of those that carry traffic when all are up: those of the lowest
 * tier, and no last resort where there is another. */
bool conf_carries_first(const struct conf *conf, const struct conf_link *link, int family);

const struct conf_link *conf_link_by_index(const struct conf *conf, unsigned index);
const struct conf_link *conf_link_by_name(const struct conf *conf, const char *name);

/* Which name every index was ever given to. An index is never reused for another
 * name while the map lives. */
struct conf_index_map {
	char name[LINKS_MAX + 1][NAME_LEN + 1]; /* [index]; "": never given. [0] unused */
};

/* Gives every link without index the one its name had before, else the lowest
 * that no name ever had, and notes it in the map. Returns 0, or -1 with a reason
 * in error (a pinned index that belongs to another name, no free index); then
 * neither conf nor map has changed. */
int conf_assign_indexes(struct conf *conf, struct conf_index_map *map, char *error,
			size_t error_size);

/* The link's mark bits, the mask of them, and the probe bit, of this configuration. */
uint32_t conf_link_mark(const struct conf *conf, unsigned index);
uint32_t conf_link_mark_mask(const struct conf *conf);
uint32_t conf_probe_mark(const struct conf *conf);
/* The largest index that fits into the mark: LINKS_MAX, or less. */
unsigned conf_index_max(const struct conf *conf);

#endif

/* SPDX-License-Identifier: ISC */
/* Messages between the processes: fixed structs over SOCK_SEQPACKET socketpairs,
 * with at most one descriptor each. Sending never blocks; receiving checks
 * length, version, type and who may say it. A malformed message is the sender's
 * death, never the receiver's.
 *
 * channel            who -> whom                       messages
 * parent - engine    parent: STATE CONFIG FACTS PROBE_SOCKET CONTROL_SOCKET CHANNEL PLAN_RESULT
 *                            RELOADED STATS REPAIR PATH_ANSWER EXIT
 *                    engine: PLAN RELOAD RELEASE READY PATH BLAME
 * parent - worker    parent: CONFIG FACTS PLAN CHANNEL INDEXES RELEASE PING EXIT
 *                    worker: READY STATS BLAME PONG
 * parent - snmp      parent: CHANNEL SETTINGS PING EXIT
 *                    snmp:   PONG
 * engine - worker    engine: KILL_FLOWS STATE
 *                    worker: COUNTERS FLOWS_KILLED LIVE_FLOWS BYPASS
 * parent - hooks     parent: CONFIG CHANNEL PING EXIT
 *                    hooks:  READY PONG
 * engine - hooks     engine: EVENT
 *                    hooks:  SYNC
 * engine - snmp      engine: SET_ANSWER WAKE
 *                    snmp:   SET_TEST SET_APPLY SET_END NOTIFIED
 * parent - prober    parent: CONFIG CHANNEL SOCKET NO_SOCKET PING EXIT
 *   and runner       they:   READY SOCKET_WANTED PONG
 * engine - prober    engine: ASK
 *   and runner       they:   ASKED
 * runner - program   before it is one: CAGE NOT_RUN
 */
#ifndef UPLINK_IPC_H
#define UPLINK_IPC_H

#include <stddef.h>
#include <stdint.h>

#include "common/facts.h"
#include "common/limits.h"
#include "common/names.h"
#include "common/order.h"
#include "common/plan.h"
#include "common/sinks.h"

#define IPC_VERSION 1

enum ipc_type {
	IPC_CONFIG = 1,     /* fd: the text of the file, sealed; struct ipc_config */
	IPC_FACTS,          /* struct link_facts */
	IPC_PROBE_SOCKET,   /* fd: for probes of the link, and no other; struct ipc_probe_socket */
	IPC_CONTROL_SOCKET, /* fd: listening unix socket for uplinkctl; no body */
	IPC_CHANNEL,        /* fd: the receiver's end of a new channel; struct ipc_channel */
	IPC_PLAN,           /* struct plan: what should be; from the parent: what stands */
	IPC_PLAN_RESULT,    /* struct ipc_plan_result */
	IPC_RELOAD,         /* please read the file again; no body */
	IPC_RELOADED, /* struct ipc_reloaded: the answer, when nothing changed or it was refused */
	IPC_RELEASE,  /* remove all that the daemon made; no body */
	IPC_READY,    /* the child has started; no body */
	IPC_STATS,    /* struct ipc_stats */
	IPC_REPAIR,   /* struct ipc_repair: something foreign was put right */
	IPC_INDEXES,  /* fd: the index map to store, JSON; no body */
	IPC_SETTINGS, /* struct ipc_settings */
	IPC_EXIT,     /* leave now, quietly; no body */
	IPC_PING,     /* do you still turn your loop? no body */
	IPC_PONG,     /* yes; no body */
	IPC_KILL_FLOWS,   /* struct ipc_flows */
	IPC_FLOWS_KILLED, /* struct ipc_flows */
	IPC_COUNTERS,     /* struct ipc_counters */
	IPC_LIVE_FLOWS,   /* struct ipc_flows */
	IPC_BYPASS,       /* struct ipc_bypass: the counters miss something */
	IPC_SET_TEST,     /* struct ipc_set: is it possible? Reserves for 2 s */
	IPC_SET_APPLY,    /* struct ipc_set_id: do what was tested */
	IPC_SET_END,      /* struct ipc_set_id with undo: take it back, or forget the reservation */
	IPC_SET_ANSWER,   /* struct ipc_set_answer, to TEST and to APPLY */
	IPC_NOTIFIED,     /* struct ipc_notified */
	IPC_PATH,         /* struct ipc_path: which way does a packet of that link take? */
	IPC_PATH_ANSWER,  /* struct ipc_path */
	IPC_WAKE,         /* look at the board's events; no body */
	IPC_BLAME,        /* struct ipc_blame: a peer sent nonsense */
	IPC_EVENT,        /* struct ipc_event: it happened */
	IPC_SYNC,         /* please say how things stand; no body */
	IPC_HOOKS,        /* struct ipc_hooks: how the runs of programs ended so far */
	IPC_STATE,        /* fd: what must outlive a reboot, sealed text; no body */
	IPC_ASK,          /* struct ipc_ask: probe this target now */
	IPC_ASKED,        /* struct ipc_asked: what came of it */
	IPC_SOCKET_WANTED, /* struct ipc_socket_wanted */
	IPC_SOCKET,        /* fd: what was wanted; struct ipc_socket */
	IPC_CAGE,          /* fd: see sys_cage_enter; no body */
	IPC_NOT_RUN,       /* struct ipc_socket: why a program could not be started */
	IPC_NO_SOCKET,     /* struct ipc_socket: why not */
	IPC__END
};

enum ipc_peer {
	IPC_PEER_PARENT = 1,
	IPC_PEER_ENGINE,
	IPC_PEER_WORKER,
	IPC_PEER_SNMP,
	IPC_PEER_HOOKS,
	IPC_PEER_PROBER, /* http, https */
	IPC_PEER_RUNNER, /* command */
	IPC_PEER__END
};

struct ipc_config {
	uint32_t serial;   /* 1.., of accepted configurations */
	uint32_t text_len; /* octets of the file; after them stand the index pins, one a line:
			    * index "NAME" N */
	uint64_t started_ns, started_wall_ns; /* of the daemon */
};

/* The methods that ask over sockets of the parent's; one number more than the last. */
enum { PROBE_METHODS = METHOD_NEIGHBOUR + 1 };
/* Of a method and IP version of a link: one probe at a time may need one for itself. */
enum { SOCKETS_MAX = LINK_TARGETS_MAX * INFLIGHT_MAX };

struct ipc_probe_socket {
	uint16_t link;   /* 0: it sends nothing and hears the answers to the probes of all links */
	uint8_t family;  /* V4 or V6 */
	uint8_t method;  /* enum method, below PROBE_METHODS */
	uint16_t number; /* 0.., below SOCKETS_MAX: its place among those of its kind */
	uint8_t reserved[2];
	uint32_t ifindex; /* tcp: what comes in elsewhere does not answer it. 0: anything may */
};

struct ipc_channel {
	uint32_t peer; /* enum ipc_peer: who is at the other end */
	uint32_t reserved;
};

enum ipc_fault { FAULT_MALFORMED = 1, FAULT_SILENT };

struct ipc_blame {
	uint32_t peer;  /* enum ipc_peer: who did */
	uint32_t fault; /* enum ipc_fault: what */
};

/* Prober and runner have the configuration from the parent: the engine names a target
 * of it by link and place, and says nothing of what is asked there, or which program
 * runs. slot, sequence and nonce come back with the answer. */
struct ipc_ask {
	uint32_t slot;
	uint32_t serial; /* of the configuration */
	uint16_t link;
	uint16_t place; /* 0..: which of the link's targets */
	uint16_t sequence;
	uint16_t reserved;
	uint64_t nonce;
	struct addr to; /* that of the target, or of the gateway now */
};

enum asked_verdict {
	ASKED_ANSWERED = 1, /* as it should be, after rtt_us */
	ASKED_LOST,         /* error says why (names.h) */
	ASKED_UNSENT,       /* nothing can be said: error says why */
};

struct ipc_asked {
	uint32_t slot;
	uint16_t sequence;
	uint16_t error;
	uint64_t nonce;
	uint32_t rtt_us;
	uint32_t octets; /* that it took on the line, both ways; 0: not known */
	uint8_t verdict; /* enum asked_verdict */
	uint8_t reserved[5];
	uint16_t elsewhere; /* answers that came in by another interface than the link's */
};

enum socket_kind { SOCKET_TCP = 1, SOCKET_UDP, SOCKET_PING, SOCKET_KIND__END };

struct ipc_socket_wanted { /* of a link, so that nothing can leave by another */
	uint32_t id;
	uint16_t link;
	uint8_t family; /* V4 or V6 */
	uint8_t kind;   /* enum socket_kind */
};

struct ipc_socket {
	uint32_t id;
	int32_t error; /* errno, of NO_SOCKET and NOT_RUN */
};

struct ipc_plan_result {
	uint64_t serial;
	int32_t error; /* errno of the first failure, 0: read back as wanted */
	uint32_t adds, deletes;
	uint32_t reserved;
	struct plan installed; /* as read back, serial 0 */
};

struct ipc_reloaded {
	uint32_t ok; /* bool */
	uint32_t mistakes;
	uint64_t at_ns, at_wall_ns;
	char error[TEXT_LEN * 4]; /* the first mistake */
};

struct ipc_stats {
	/* from the parent */
	uint64_t engine_restarts, worker_restarts, snmp_restarts, hooks_restarts;
	uint64_t prober_restarts, runner_restarts;
	uint64_t log_lost; /* of parent and worker, or of the sender */
};

struct ipc_repair {
	uint16_t link;  /* 0: not of one link */
	uint8_t family; /* V4, V6 */
	uint8_t reserved;
	int32_t error; /* 0: put right; errno: could not */
	char text[160];
};

struct ipc_path { /* the request sets id, link and target, the answer the rest */
	uint32_t id;
	uint16_t link;
	uint16_t reserved;
	struct addr target;
	int32_t error; /* errno, 0: the rest is valid */
	uint32_t ifindex;
	struct addr gateway, source;
	char ifname[IFNAME_LEN + 1];
};

struct ipc_settings {
	char agentx[PATH_LEN + 1];
	uint32_t notify_limit;   /* of one kind about one link in a minute; 0: no limit */
	uint32_t notify_targets; /* bool: those of single targets too */
};

struct ipc_flows {
	uint16_t link;
	uint16_t reserved[3];
	uint64_t count;
};

struct ipc_hooks { /* since that process began */
	uint64_t ended, failed;
	uint64_t left_out; /* that were due and never begun, for want of room */
	char error[256];   /* of the newest failure, until that hook goes well; "": none */
};

struct ipc_bypass {
	char text[160]; /* what packets take past the counters; "": nothing any more */
};

struct ipc_counter {
	uint16_t link;
	uint8_t family;
	uint8_t has_traffic;   /* bool: packets and octets */
	uint8_t has_new_flows; /* bool */
	uint8_t has_lookups;   /* bool */
	uint8_t reserved[2];
	uint64_t packets, octets, new_flows; /* totals since the kernel's counters were made */
	uint64_t lookups;                    /* since the route was made */
};

struct ipc_counters { /* sent with count entries only */
	uint32_t count;
	uint32_t epoch; /* another number: the kernel's counters began again at 0 */
	struct ipc_counter counters[2 * LINKS_MAX];
};

struct ipc_set { /* sent with count entries only */
	uint32_t id;
	uint16_t count;
	uint8_t has_lock;
	uint8_t reserved;
	uint32_t lock; /* TestAndIncr value that the manager sent */
	uint32_t reserved2;
	char user[NAME_LEN + 1]; /* who wants it, "": nobody says */
	uint8_t reserved3[7];
	struct order orders[SET_ORDERS_MAX];
};

struct ipc_set_id {
	uint32_t id;
	uint8_t undo; /* bool, of SET_END: take back what was applied */
	uint8_t reserved[3];
};

struct ipc_set_answer {
	uint32_t id;
	uint8_t apply;   /* bool: answers APPLY, else TEST */
	uint8_t verdict; /* enum order_verdict */
	uint8_t field;   /* ORDER_* at fault, 0: the lock or none */
	uint8_t reserved;
	uint16_t order; /* index into orders of the one at fault */
	uint16_t reserved2;
	uint32_t reserved3;
};

struct ipc_notified {
	uint64_t number;                  /* all events up to here are dealt with */
	uint64_t sent, lost, suppressed;  /* totals, also of those who sent this before */
	uint64_t lost_first, lost_last;   /* events that the NMS is to read again; 0: none */
	uint64_t doubt_first, doubt_last; /* the same: told by a link that was dying; 0: none */
	uint64_t sets_refused;            /* without asking the engine; of the sender's lifetime */
	uint64_t reconnects;
	uint32_t connected; /* bool */
	uint32_t pending;
	uint64_t log_lost;
	struct sink_mark sinks[SINKS_MAX]; /* of each way out */
};

/* An event and how things stood then; unknown times and figures as on the board. */
struct ipc_event {
	uint64_t number; /* 0: no event, only how things stand now */
	uint64_t at_wall_ns;
	uint16_t link;   /* 0: not about one link */
	uint16_t target; /* index within the link, 0: not about one */
	uint8_t type, reason, actor, family, old_state, new_state; /* as in struct board_event */
	uint8_t health, oper, admin;                               /* of the link */
	uint8_t all_down;                                          /* bool */
	uint8_t reserved[2];
	uint32_t actor_uid, detection_us, switch_us, loss_ppm, rtt_us;
	uint32_t links, usable_links, active_tier;
	char link_name[NAME_LEN + 1];
	char site[NAME_LEN + 1];
	char text[EVENT_TEXT_LEN + 1];
	uint8_t reserved2[6];
};

/* A message as received. body is aligned for every struct above. */
struct ipc_message {
	uint16_t type;
	uint16_t version;
	uint32_t length; /* octets of body */
	int fd;          /* or -1; the receiver owns it */
	const void *body;
};

enum ipc_status {
	IPC_OK = 1,
	IPC_AGAIN = 0,   /* nothing there now */
	IPC_CLOSED = -1, /* the peer is gone */
	/* A message that may not be: errno EBADMSG; or one whose descriptor found no room here:
	 * errno EMFILE, and all else is in *message. */
	IPC_MALFORMED = -2,
};

/* A pair of non-blocking, close-on-exec ends. 0, or -1 with errno. */
int ipc_pair(int ends[2]);

/* Sends; fd -1 for none. 0, or -1 with errno: EAGAIN when the channel is full
 * (the message is not sent), EPIPE when the peer is gone. Never blocks. */
int ipc_send(int channel, enum ipc_type type, const void *body, size_t length, int fd);

/* Receives one message from a peer of that kind. The body stays valid until the
 * next call from this process. A descriptor that the type does not call for is
 * malformed (and closed). Never blocks. */
enum ipc_status ipc_receive(int channel, enum ipc_peer from, struct ipc_message *message);

/* Octets to send of the two structs with a variable tail. */
size_t ipc_counters_size(uint32_t count);
size_t ipc_set_size(uint32_t count);

#endif

/* SPDX-License-Identifier: ISC */
/* What the engine knows: links, their targets, their published rows. The rows are
 * the state itself, so that what is published and what is decided on cannot
 * differ, and a restarted engine finds all of it on the board. */
#ifndef UPLINK_MODEL_H
#define UPLINK_MODEL_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/board.h"
#include "common/facts.h"
#include "common/ipc.h"
#include "conf/conf.h"
#include "engine/damping.h"
#include "engine/judge.h"
#include "engine/planner.h"
#include "engine/rto.h"
#include "engine/suspicion.h"
#include "engine/timers.h"

struct control;
struct engine;
struct keep;
struct link;
struct probe_socket;
struct sys_traffic;

enum probe_state { PROBE_FREE, PROBE_WAITING, PROBE_LOST };

/* Which sample: its number among the target's, and when it was taken. */
struct sample_id {
	uint32_t number;
	uint64_t at_ns;
};

/* A probe on its way. */
struct probe {
	uint8_t state; /* enum probe_state */
	uint16_t sequence;
	uint16_t error;          /* errno that someone on the way gave for it, 0: none */
	struct sample_id sample; /* once lost */
	uint64_t nonce;
	bool stamped;      /* sent_wall_ns is the kernel's */
	bool urgent;       /* of a burst */
	bool overdue;      /* it has taken longer than answers of this target do */
	uint64_t limit_ns; /* counted as lost when it has taken so long */
	uint64_t sent_ns, sent_wall_ns;
	struct probe_socket *socket; /* that it holds, where it needs one for itself */
};

/* How a target stands that is down. */
enum outlier {
	OUTLIER_NO,
	OUTLIER_WAIT,  /* it may be a bad target: it counts as before, for a short while */
	OUTLIER_ASIDE, /* it is one, and counts for nothing */
};

struct target {
	struct link *link;
	struct conf_target conf;
	uint32_t slot; /* its row is board->targets[slot] */
	struct board_target row;
	struct target_judge judge;
	struct target *sibling;      /* the next that asks the same by another link; a ring, ... */
	struct target *ring;         /* ... of which this is the one that speaks for all */
	uint32_t ring_waits;         /* of that one: so many of the ring are OUTLIER_WAIT */
	uint8_t outlier;             /* enum outlier */
	bool mute;                   /* it was never measured, and has had its time */
	struct board_window *window; /* on the board, as ... */
	struct board_recent *recent; /* ... this one */
	uint16_t next_sequence;      /* of the next probe */
	uint16_t oldest_waiting;     /* sequence from which on a probe may be waiting */
	uint64_t due_ns;             /* when the next probe should leave */
	uint64_t regular_due_ns;     /* during a burst: when the one of the interval is due */
	uint32_t urgent_left;        /* probes of a burst that have not left yet */
	struct rto rto;
	struct wheel_timer send_timer, timeout_timer;
	struct probe probes[INFLIGHT_MAX]; /* by sequence % INFLIGHT_MAX; the rest of each lasts */
};

/* The probe sockets of one method and IP version; NULL: not there (yet). */
struct socket_list {
	struct probe_socket **socket;
	size_t n;
};

struct link {
	struct engine *engine;
	const struct conf_link *conf; /* in engine->conf */
	struct board_link row;
	struct link_facts facts;
	bool facts_known;
	struct target **targets;
	size_t ntargets;
	struct socket_list sockets[PROBE_METHODS][FAMILIES];
	bool waits; /* for its turn: its targets are asked at the pace of that */
	struct verdict verdict[FAMILIES];
	uint64_t way_since_ns[FAMILIES]; /* probes can leave since then, 0: they can't */
	struct damping damping;
	bool was_in; /* well since it last fell: the next fall is one that counts */
	struct {
		uint64_t until_ns; /* no other burst before */
		uint64_t received; /* by the interface when it began */
		bool counted;
	} burst[FAMILIES];
	struct suspicion suspicion;
	struct board_minute minute;       /* the present one */
	struct wheel_timer figures_timer; /* to publish what its samples say */
	uint64_t flows_counted_ns;        /* when live flows were last counted, 0: never */
	uint64_t octets_ns;      /* when its interface's octets were last published, 0: never */
	uint64_t failover_event; /* number of its last failover event, 0: none */
	struct {
		uint8_t type; /* enum event_type, 0: none */
		uint8_t reason, actor, old_admin;
		uint32_t uid;
		char user[NAME_LEN + 1]; /* of SNMP, "": not known */
	} order_news;        /* about its order, to be told before what follows from it */
	bool left_by_itself; /* it is not in the kernel's routes, though it is wanted there */
	bool stood;          /* in the routes, by the last result of a plan */
	bool has_carried;    /* at least once in this engine's life */
	bool is_back;        /* and carries again: others' flows may be spread over it */
};

/* A reservation made by SET_TEST. */
struct reservation {
	uint32_t id; /* 0: none */
	bool applied, has_lock;
	uint16_t count;
	char user[NAME_LEN + 1];
	uint64_t until_ns;
	struct order orders[SET_ORDERS_MAX];
	struct standing_order before[SET_ORDERS_MAX], after[SET_ORDERS_MAX];
};

/* A process that asks in the engine's place: prober or runner. */
struct asked_peer {
	struct engine *engine;
	enum ipc_peer peer;
	bool there;
	int channel;
	uint64_t since_ns; /* what was asked before was asked of the one before */
	struct event *readable;
	unsigned silent; /* probes of which it said nothing, since its last answer */
	uint64_t restarts;
	bool restarts_known;
};

struct engine {
	struct event_base *base;
	struct board *board;
	struct board_global global;
	struct conf *conf;
	struct link **links; /* ascending by index */
	size_t nlinks;
	uint8_t gone_cut[LINKS_MAX + 1];   /* enum cut, of those that left the configuration */
	struct target *slots[TARGETS_MAX]; /* whose row it is */
	uint32_t probe_token;              /* see sys_probe_token */
	int probe_fds_end;    /* probe sockets are below it: the others are for the rest */
	bool probe_fds_short; /* that there are too few was logged */
	struct probe_socket *echo[FAMILIES]; /* hear the answers to icmp probes, NULL: not there */
	int parent, worker, snmp, hooks;     /* channels, -1: none */
	struct event *parent_readable, *worker_readable, *snmp_readable, *hooks_readable;
	struct event *heartbeat, *deadline;
	struct asked_peer asked[2];
	struct timers *timers;       /* of the targets */
	struct sys_traffic *traffic; /* NULL: not to be had */
	struct event *traffic_poll;
	size_t traffic_polls; /* since the links were last looked at */
	uint32_t beats;
	struct control *control;
	struct plan sent; /* the newest plan */
	uint64_t sent_ns;
	uint64_t answered;       /* serial of the newest plan of which the parent has told */
	bool plan_known;         /* what stands in the kernel has been read back since the start */
	bool unsent;             /* the parent has not got it: its channel was full */
	uint64_t clear_after_ns; /* the end of an outage is told then at the latest, 0: no need */
	int route_error;         /* errno of the last plan that could not be installed, 0: none */
	uint64_t route_error_ns; /* since when that is so */
	bool route_error_told;
	struct reservation reservation;
	struct keep *keep;
	uint64_t refusal_due_ns; /* when the next refused order is due, had they come evenly */
	uint32_t refusals_untold;
	uint64_t untold_from; /* the hooks wait for the events from this on, 0: for none */
	uint64_t replayed_ns; /* when lost notifications were last told of */
	uint64_t doubted_ns;  /* and those that may have left by a dying link */
	bool explained;       /* what it found there has been told */
	bool adopted;         /* the board has been read */
	bool exiting;
	uint64_t sync_due_ns; /* the hooks hear how things stand then at the latest, 0: no need */
	size_t sync_told;     /* of that: the site and so many links, less one */
	uint32_t path_id;     /* of the last IPC_PATH */
};

struct link *model_link(struct engine *e, unsigned index); /* NULL: none */

/* Takes over a configuration: keeps links and targets that stay, with their rows,
 * makes those that are new, ends those that are gone. Frees the old one. 0, or -1
 * when memory is short: then nothing has changed and conf still belongs to the
 * caller. */
int model_load(struct engine *e, struct conf *conf);

/* The link is to carry this IP version. One that is taken only if it is there does not
 * count while the kernel has no gateway of it, unless nothing else would. */
bool model_counts(const struct link *link, int family);

#endif

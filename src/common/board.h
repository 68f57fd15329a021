/* SPDX-License-Identifier: ISC */
/* The board: the shared memory in which the engine publishes everything that may
 * be read. One writer (the engine), any number of readers, no locks: each row
 * has a sequence counter, odd while it is being written, and a reader copies the
 * row, compares and tries again a bounded number of times.
 *
 * It is a file, so that it outlives every process: a restarted engine adopts the
 * windows and states in it. A reader takes what it finds for hostile.
 *
 * All times are CLOCK_MONOTONIC nanoseconds, 0 for never, unless the name ends
 * in _wall_ns. The file is sparse: rows that nobody wrote cost nothing. */
#ifndef UPLINK_BOARD_H
#define UPLINK_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/limits.h"
#include "common/names.h"
#include "common/order.h"
#include "common/sinks.h"

#define BOARD_MAGIC 0x75706c6b62647231ULL /* "uplkbdr1" */
#define BOARD_LAYOUT 19                   /* raise it with every change of a struct below */

enum {
	BOARD_EVENTS = 8192, /* slots of the event ring: event n stands in slot n % BOARD_EVENTS */
	BOARD_MINUTES =
	    1440, /* history minutes per link: minute m stands in slot m % BOARD_MINUTES */
	BOARD_LATENESS_BUCKETS = 64,
};

#define RTT_UNKNOWN UINT32_MAX  /* not measured */
#define LOSS_UNKNOWN UINT32_MAX /* not measured */

/* What is to become of the flows of a link that is out. It outlives whoever was to see to it. */
enum cut {
	CUT_NONE,
	CUT_WANTED,  /* once the others are installed */
	CUT_ORDERED, /* the worker was told, and has not answered */
};

struct board_seq {
	_Atomic uint32_t count; /* odd: being written */
	uint32_t reserved;
};

struct board_header {
	uint64_t magic;
	uint32_t layout; /* BOARD_LAYOUT */
	uint32_t size;   /* sizeof(struct board) */
	char boot_id[40];
};

struct board_global {
	struct board_seq seq;
	char version[32];
	char site[NAME_LEN + 1];
	uint64_t started_ns, started_wall_ns; /* the daemon, not the engine */
	uint64_t heartbeat_ns;                /* at least every 100 ms */
	uint32_t links, usable_links;
	uint32_t active_tier; /* 0: none */
	uint8_t all_down;     /* bool */
	uint8_t config_ok;    /* bool: the last load was taken */
	uint8_t control;      /* bool: SET is allowed */
	uint8_t reserved;
	uint32_t config_serial;                           /* 1 for the first that was taken */
	uint64_t config_loaded_ns, config_loaded_wall_ns; /* last attempt */
	char config_error[TEXT_LEN * 4];                  /* of the last refused load, else "" */
	uint64_t events_last;                             /* number of the newest event, 0: none */
	uint64_t events_started; /* the first number since the ring was started afresh */
	uint64_t notified;       /* the SNMP side has dealt with all events up to here */
	struct sink_mark
	    notified_by[SINKS_MAX]; /* the same of each receiver, where it has several */
	uint64_t notifications_sent, notifications_lost, notifications_pending;
	uint64_t notifications_suppressed;
	uint64_t outage_first; /* the first event of the present outage, 0: there is none */
	uint64_t replay_last;  /* lost notifications were told of up to this event */
	uint64_t doubt_first, doubt_last; /* and of these, which may have left by a dead link */
	uint64_t agentx_reconnects;
	uint8_t agentx_connected; /* bool */
	uint8_t reserved2[3];
	uint32_t set_lock; /* TestAndIncr */
	uint64_t sets_taken, sets_refused;
	uint64_t engine_restarts, worker_restarts, snmp_restarts, hooks_restarts;
	uint64_t prober_restarts, runner_restarts;
	uint64_t hooks_ended, hooks_failed, hooks_left_out; /* runs of programs on events */
	uint64_t hooks_seen[3];                             /* as that process last said */
	uint64_t hook_error_ns;
	char hook_error[256]; /* of the newest failure, until that hook goes well; "": none */
	uint64_t repairs;
	uint64_t since_wall_ns; /* the board was started afresh then */
	char bypass[160];       /* what takes packets past the counters, "": nothing */
	uint32_t counter_epoch; /* of the kernel's counters that stand in the routes' rows */
	uint32_t reserved3;
	uint64_t log_lost;
	uint64_t log_lost_seen[3];  /* as engine, parent with worker, and SNMP last said */
	uint64_t sets_refused_seen; /* as the SNMP side last said */
	uint64_t table_change_ns;   /* a link or target row came or went */
	uint32_t table_change;      /* count of the same */
	uint32_t default_timeout_s;
	uint32_t link_slots;   /* no link has a row from links[link_slots] on, ... */
	uint32_t target_slots; /* ... no target from targets[target_slots]: readers stop there */
	uint64_t history_start_ns, history_start_minute; /* minute number n begins n -
							  * history_start_minute minutes after it */
	uint64_t plan_serial;                            /* newest plan sent to the parent */
	uint64_t plan_installed; /* newest plan that was read back from the kernel */
	uint64_t lateness_us[BOARD_LATENESS_BUCKETS]; /* how often a timer of the engine was so
						       * late: bucket by lateness_bucket() */
};

struct board_route {
	struct addr gateway, source, prefix;
	uint64_t packets, octets, new_flows; /* that left by this link, since discontinuity_ns */
	uint64_t counter_offset[3]; /* these less what the kernel's counters say: for the engine */
	uint64_t lookups;           /* times that the kernel chose it, where it counts that */
	uint64_t lookups_offset;    /* that less what the kernel says: for the engine */
	uint64_t discontinuity_ns, discontinuity_wall_ns;
	uint64_t last_change_ns;
	uint32_t adds, deletes, errors, drift;
	uint32_t targets, targets_up;
	uint8_t configured;     /* bool: the link carries this IP version */
	uint8_t gateway_origin; /* enum gateway_origin */
	uint8_t health;         /* enum health, of this family alone */
	uint8_t reason;         /* enum reason, for the health */
	uint8_t wanted;         /* bool: in the newest plan */
	uint8_t installed;      /* bool: read back from the kernel */
	uint8_t weight;         /* in the newest plan, 0: not in it */
	uint8_t has_counters;   /* bool: packets and octets were measured */
	uint8_t has_new_flows;  /* bool: new_flows too */
	uint8_t has_lookups;    /* bool: lookups were measured */
	uint8_t reserved[6];
};

struct board_budget {     /* see engine/budget.h */
	int64_t left;     /* octets; below 0: something took more than was thought */
	uint64_t part_ns; /* time that was not worth a whole octet yet */
	uint64_t at_ns;   /* when that was so; 0: never, all that can be saved is there */
};

struct board_link {
	struct board_seq seq;
	uint16_t index;       /* 0: no row. Link N's row is links[N] */
	uint8_t removed;      /* bool: left the configuration; only index and name still count */
	uint8_t gateway_only; /* bool */
	char name[NAME_LEN + 1];
	char alias[TEXT_LEN + 1];
	char ifname[IFNAME_LEN + 1];
	uint32_t ifindex; /* 0: no such interface */
	uint8_t tier, weight;
	uint8_t health, health_reason; /* enum health, enum reason */
	uint8_t oper, oper_reason;     /* enum oper, enum reason */
	uint8_t carrier;               /* enum carrier */
	uint8_t usable;                /* bool: may carry traffic as it is now */
	uint64_t health_since_ns, health_since_wall_ns;
	uint64_t oper_since_ns, oper_since_wall_ns;
	uint32_t transitions; /* changes of health between usable and not */
	uint32_t rtt_last_us, rtt_avg_us, rtt_min_us, rtt_max_us, jitter_us; /* or RTT_UNKNOWN */
	uint32_t loss_ppm; /* of the windows of its targets, parts per million, or LOSS_UNKNOWN */
	uint32_t flap_penalty;  /* decays: written anew every second while it is not 0 */
	uint64_t flap_until_ns; /* suppressed until then, if it does not fall again; 0: not */
	uint64_t hold_until_ns; /* 0: not held */
	uint64_t live_flows;
	uint8_t has_live_flows; /* bool */
	uint8_t failed_over;    /* bool: it left the routes because it died, and is not back */
	uint16_t targets_given; /* the highest target index that this link ever gave */
	uint8_t has_if_octets;  /* bool: the next two were measured */
	uint8_t cut;            /* enum cut: for the engine */
	uint8_t reserved[2];
	uint64_t if_in_octets, if_out_octets; /* of its interface, since the row appeared */
	uint64_t if_seen[2];                  /* as the kernel last had them: for the engine, ... */
	uint32_t if_seen_index;               /* ... and of which interface */
	uint32_t reserved2;
	uint64_t since_wall_ns;     /* its counters began at 0 then */
	uint64_t probe_octets;      /* of probes and their answers, about */
	uint64_t budget_per_day;    /* of such octets; 0: no bound */
	struct board_budget budget; /* what is left of it */
	uint64_t budget_refusals;   /* probes and bursts that it had no room for */
	uint64_t up_ns,
	    down_ns; /* time spent so, without the running state: add now - health_since_ns */
	uint32_t detection_us; /* first lost probe sent, to verdict; RTT_UNKNOWN: never */
	uint32_t switch_us;    /* verdict to routes read back; RTT_UNKNOWN: never */
	/* the order in force */
	uint8_t admin;   /* enum admin */
	uint8_t actor;   /* enum actor */
	uint8_t yielded; /* bool: a drain that carries traffic again for want of another link */
	uint8_t forced;  /* bool: ordered with --force */
	uint32_t order_timeout_s; /* as ordered, 0: no end */
	uint64_t order_since_ns, order_since_wall_ns;
	uint64_t order_expires_ns; /* 0: no end */
	char owner[TEXT_LEN + 1];
	char comment[TEXT_LEN + 1];
	struct board_route route[FAMILIES];
};

struct board_target {
	struct board_seq seq;
	uint16_t link;  /* the link's index; 0: no row */
	uint16_t index; /* 1.. within the link, never reused for another target */
	uint8_t method, family, status, gateway; /* enum method; V4/V6; enum target_status; bool */
	struct addr addr;
	uint16_t port;
	uint8_t set_aside; /* bool: a bad target, which counts for nothing */
	uint8_t reserved[3];
	uint16_t last_error; /* errno of the newest probe that ended with one, 0: it did not */
	uint32_t interval_ms, timeout_ms;
	uint32_t run_failures, run_successes;
	uint64_t sent, received, late, lost, send_errors, wrong_interface, duplicates;
	uint64_t icmp_errors;   /* unreachable, TTL exceeded: what others said of probes */
	uint64_t last_good_ns;  /* when the last answer came */
	uint64_t since_wall_ns; /* its counters began at 0 then */
	/* over the window, or ..._UNKNOWN */
	uint32_t window_ms;
	uint32_t rtt_last_us, rtt_avg_us, rtt_min_us, rtt_max_us, jitter_us, loss_ppm;
	uint32_t rtt_p50_us, rtt_p95_us, rtt_p99_us;
	uint64_t status_since_ns;
};

/* What follows is the engine's own: it works on it where it is, so that the next engine
 * finds it whatever happens to this one, and nobody else reads it. */

/* A target's last samples one by one (engine/recent.h). */
struct board_recent {
	uint32_t count, next;        /* the newest stands at (next - 1) % RECENT_SAMPLES */
	uint32_t us[RECENT_SAMPLES]; /* RTT, or RTT_UNKNOWN: lost */
};

/* A target's window (engine/window.h). */
enum { WINDOW_PARTS = 6, RTT_BUCKETS = 368 };

struct window_part {
	uint32_t answered, lost;
	uint32_t outage; /* of the lost, those that were outages */
	uint32_t run;    /* of the lost, those of a run that goes on and is no outage yet */
	uint32_t rtt_min_us, rtt_max_us;
	uint32_t differences; /* between one RTT and the next */
	uint32_t reserved;
	uint64_t rtt_sum_us, difference_sum_us;
	uint16_t bucket[RTT_BUCKETS]; /* how many answers took how long */
};

struct board_window {
	uint64_t newest;  /* number of the newest part: n stands in part[n % WINDOW_PARTS] */
	uint32_t part_ms; /* how long a part is; 0: no window */
	uint32_t run;     /* losses since the last answer */
	uint32_t last_us; /* the last answer */
	uint32_t reserved;
	struct window_part part[WINDOW_PARTS], all; /* all: of all parts together */
};

/* One numbered fact. */
struct board_event {
	struct board_seq seq;
	uint64_t number; /* 1.., ever-increasing */
	uint64_t at_ns, at_wall_ns;
	uint64_t plan_serial; /* send its notification once plan_installed is at least this */
	uint16_t link;        /* 0: not about one link */
	uint16_t target;      /* index within the link, 0: not about one */
	uint8_t type;         /* enum event_type */
	uint8_t reason;       /* enum reason */
	uint8_t actor;        /* enum actor */
	uint8_t family;       /* 4, 6, or 0: both or neither */
	uint8_t old_state, new_state; /* in the enumeration that the type is about, 0: none */
	uint16_t reserved;
	uint32_t actor_uid;               /* of ACTOR_CONTROL, else UINT32_MAX */
	uint32_t detection_us, switch_us; /* RTT_UNKNOWN: not measured */
	uint32_t loss_ppm, rtt_us;        /* as measured at the event, or unknown */
	uint64_t flows_killed;
	uint64_t replay_first, replay_last; /* of EVENT_EVENTS_REPLAY */
	char link_name[NAME_LEN + 1];
	char actor_name[NAME_LEN + 1]; /* the SNMP user's, "": nobody says */
	char text[EVENT_TEXT_LEN + 1]; /* UTF-8 without control characters, "" for none */
};

struct board_minute {
	struct board_seq seq;
	uint64_t minute; /* its number: ever-increasing, minutes of wall time since 1970 as it was
			  * when the history began. 0: empty */
	uint32_t answered, lost;         /* samples of all targets of the link */
	uint64_t rtt_sum_us;             /* of the answered */
	uint32_t rtt_min_us, rtt_max_us; /* RTT_UNKNOWN without any */
	uint8_t worst_health;            /* enum health: down, degraded, up, unknown is the order */
	uint8_t reserved[7];
};

/* A SET that is being carried out: how things were before it, so that an engine that
 * finds it half done can take it back. */
struct board_set {
	struct board_seq seq;
	uint16_t count; /* of orders; 0: none is under way, or all of it is done */
	uint8_t has_lock;
	uint8_t reserved;
	uint32_t lock;
	struct board_set_order {
		uint32_t link, reserved;
		struct standing_order before;
	} orders[SET_ORDERS_MAX];
};

struct board {
	struct board_header header;
	struct board_global global;
	struct board_set set;
	struct board_link links[LINKS_MAX + 1];
	struct board_target targets[TARGETS_MAX];
	struct board_event events[BOARD_EVENTS];
	struct board_minute minutes[LINKS_MAX + 1][BOARD_MINUTES];
	struct board_recent recent[TARGETS_MAX];  /* of the target in the same slot */
	struct board_window windows[TARGETS_MAX]; /* likewise */
};

/* Makes or opens the file for its writer: mode 0600, whole size, sparse. A file
 * of another boot, layout or size is started afresh (*fresh true). Returns a
 * descriptor, -1 with errno. */
int board_create(const char *path, bool *fresh);
/* As if it had just been made, for all who have mapped it too. 0, or -1 with errno. */
int board_afresh(int fd);
/* Maps it; -1's place is taken by NULL with errno. Unmap with munmap(b, sizeof *b). */
struct board *board_map_writable(int fd);
const struct board *board_map_readable(int fd);
/* The header is that of this layout and size. Of which boot it is, board_create has seen to: where
 * that is known by the clock (OpenBSD), a clock that was set since says otherwise. */
bool board_header_valid(const struct board *board);

/* Writing a row: copies size octets of src over *row (both start with struct
 * board_seq) between an odd and an even count. Only the one writer may. */
void board_write(void *row, const void *src, size_t size);
/* The same with a part of the row only: size octets from that offset on. */
void board_write_part(void *row, const void *src, size_t offset, size_t size);
/* Reading a row into dst: true when the copy is whole, false when the writer kept
 * it busy (or died within it) for a bounded number of tries; dst then holds the
 * last try: stale, perhaps torn. */
bool board_read(const void *row, void *dst, size_t size);

/* The bucket of a lateness, about 4 a doubling, and the largest lateness of a
 * bucket, microseconds. */
unsigned lateness_bucket(uint64_t us);
uint64_t lateness_bucket_top(unsigned bucket);
/* The smallest lateness (µs) that at least permille/1000 of the samples do not
 * exceed; UINT64_MAX without samples. */
uint64_t lateness_percentile(const uint64_t buckets[static BOARD_LATENESS_BUCKETS],
			     unsigned permille);

#endif

/* SPDX-License-Identifier: ISC */
/* What the rooms of the parent share: one struct, made in parent.c, passed to
 * each. Nothing outside src/parent sees it. */
#ifndef UPLINK_PARENT_STATE_H
#define UPLINK_PARENT_STATE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/board.h"
#include "common/ipc.h"
#include "conf/conf.h"
#include "parent/options.h"
#include "parent/link_sockets.h"
#include "common/ration.h"
#include "parent/respawn.h"
#include "system/system.h"

#define USER_ENGINE "_uplinkd"
#define USER_SNMP "_uplinksnmp"
#define USER_HOOKS "_uplinkhook"  /* of programs on events, unless the file names another */
#define USER_PROBE "_uplinkprobe" /* of prober and runner */

enum { CHILDREN_END = IPC_PEER__END }; /* children stand at their enum ipc_peer */

enum { NOTES_MAX = 64 };

/* A small message without descriptor that waits for room in the channel. */
struct note {
	enum ipc_type type;
	size_t length;
	void *body;
};

/* Probe sockets of one kind: the numbers from next up to end. */
struct socket_range {
	uint16_t next, end;
};

/* What a child has not been told yet. States, not a queue: what changes twice
 * before the child reads is told once, so it can't grow. Only notes are a queue,
 * with a bound; a child that lets it fill up is hung. */
struct owed {
	bool state, config, control_socket, settings, indexes, stats, release, exit;
	bool facts[LINKS_MAX + 1];
	struct socket_range sockets[PROBE_METHODS][FAMILIES][LINKS_MAX + 1];
	int channel[CHILDREN_END]; /* its end of a channel to that peer, -1: none */
	bool plan_result, plan;
	struct ipc_plan_result result;
	struct note notes[NOTES_MAX];
	unsigned note_first, note_count;
};

struct child {
	struct parent *parent;
	enum ipc_peer role;
	const char *name;
	pid_t pid;                 /* 0: not running */
	int channel;               /* -1: none */
	bool wanted;               /* start it (again) when it is not there */
	bool speaks;               /* says READY when it has started */
	unsigned answers_within_s; /* to IPC_PING; 0: it is not asked */
	bool ready;
	bool killed;        /* by the parent, for a reason that was logged */
	bool held;          /* it could not be started yet: what it needs is not to be had */
	bool scarce_logged; /* that something could not be made that it is owed */
	bool absent_logged; /* that something is not installed that it needs */
	struct socket_ration sockets;
	uint64_t started_ns;
	uint64_t leave_by_ns;   /* it was told to leave, and is killed then; 0: not told */
	bool asked;             /* IPC_PING is not answered yet, for so long: */
	unsigned silent_ticks;  /* quarters of a second */
	uint64_t full_since_ns; /* its channel has had no room since, 0: it has */
	uint64_t restarts;
	uint64_t log_lost, log_lost_before; /* of this one, of those before it */
	struct respawn respawn;
	struct event *read, *flush, *start;
	struct owed owed;
};

struct drift {
	uint16_t link;
	uint8_t family;
	char text[160];
};

enum { DRIFTS_MAX = 8 };

/* What an SNMP agent of its own needs, open as long as it is configured. -1: not. */
struct agent_files {
	struct conf_listen at[AGENT_LISTENS_MAX];
	int listen[AGENT_LISTENS_MAX];
	unsigned nlistens;
	int sink[FAMILIES];
	int engine; /* the file that counts the process's starts */
	char engine_path[4096], secrets[AGENT_PATH_LEN + 1];
	/* why each, and last the file, can't be had, so that each trouble is told once */
	int told_errno[AGENT_LISTENS_MAX + 1];
};

/* What hosts were told of the links' prefixes. */
struct deprecation {
	bool deprecated[LINKS_MAX + 1];
	uint8_t times_left[LINKS_MAX + 1]; /* to say that it is preferred again */
	struct event *again;
};

struct parent {
	const struct options *options;
	struct event_base *base;
	struct event *on_routing, *on_tick, *on_repair, *on_deadline;
	struct event *on_signal[4];
	struct child children[CHILDREN_END];

	struct conf *conf;
	char *conf_text;
	size_t conf_len;
	int conf_fd; /* the text with the pins of the indexes, sealed */
	uint32_t conf_serial;
	unsigned tcp_left_out; /* of a thousand sockets for TCP, where too few may be open */
	char *secrets;         /* of the SNMP agent, NULL: it needs none */
	size_t secrets_len;
	struct agent_files agent;
	struct conf_index_map map;
	bool map_changed; /* since it was read from its file */
	int state_fd;     /* what outlived the last boot, as sealed text; -1: nothing */
	uint64_t started_ns, started_wall_ns;

	struct sys_routing *routing;
	struct link_facts facts[LINKS_MAX + 1];
	uint64_t plan_serial;  /* newest of this engine, 0: none */
	struct plan installed; /* as last read back; serial 0: not yet */
	int install_error;     /* what came of that plan */
	struct deprecation deprecation;
	struct drift drifts[DRIFTS_MAX];
	unsigned ndrifts;
	bool drifted, fighting;
	enum {
		KERNEL_NOTHING,
		KERNEL_RESYNC,
		KERNEL_CONFIGURE
	} kernel_owes; /* to be tried again */
	struct ration repairs;

	int pid_file, control, board_rw, board_ro;
	char *control_path, *pid_path, *board_path;
	const struct board *board;
	uint64_t heartbeat_ns;    /* as last seen */
	unsigned heartbeat_still; /* ticks without another */
	unsigned ticks;
	struct ipc_stats stats;

	void (*tell_start)(struct parent *p,
			   int status); /* whoever started the daemon waits for it */
	/* what a child asks, of the right length and from the right sender; and that it was buried
	 */
	void (*take_request)(struct child *c, const struct ipc_message *m);
	void (*child_gone)(struct child *c, int status);
	bool releasing, leaving;
	int exit_status;
};

#endif

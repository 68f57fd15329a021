/* SPDX-License-Identifier: ISC */
/* What the files of the worker share: its state, and which file does what. */
#ifndef UPLINK_WORKER_INTERNAL_H
#define UPLINK_WORKER_INTERNAL_H

#include <event2/event.h>

#include "common/ipc.h"
#include "common/ration.h"
#include "conf/conf.h"
#include "system/system.h"
#include "worker/worker.h"

/* The ruleset: what is loaded, and when to try again. */
struct loader {
	struct event *timer;
	struct event *changes; /* someone has changed any rules; NULL: nobody tells */
	struct event *look;    /* a little after that, once for many */
	uint64_t due_ns;       /* when it is next due, if it is */
	char *text;            /* as loaded last; NULL: nothing of this process's life */
	size_t len;
	bool released;     /* told to remove it, so leave it until the next configuration */
	unsigned failures; /* in a row */
	char error[512];   /* of the last failure that was logged */
	struct ration repairs;
	bool changed;                  /* by someone else, and not put right yet */
	bool fighting;                 /* that was logged */
	unsigned repaired, unrepaired; /* what the engine is still to be told */
};

/* What the engine is told, and what it could not take yet. */
struct reports {
	struct event *counters_timer, *flows_timer, *writable;
	bool live_pending[LINKS_MAX + 1], killed_pending[LINKS_MAX + 1];
	uint64_t counted[LINKS_MAX + 1], live[LINKS_MAX + 1], killed[LINKS_MAX + 1];
	char bypass[sizeof(((struct ipc_bypass *)0)->text)]; /* as last told */
	bool bypass_pending;
	bool flows_failing; /* the failure to count was logged */
	struct ipc_counters counters;
};

enum store_kind { STORE_STATE, STORE_INDEXES, STORES };

/* The engine's state, or the map of indexes, on its way to the disk. */
struct store {
	struct event *timer;
	int fd;             /* of the newest text that is not stored, -1: all is */
	uint64_t stored_ns; /* when that was last tried */
	char error[512];    /* of the last try, "": it went well */
};

struct worker {
	const struct worker_options *options;
	struct event_base *base;
	struct event *from_parent, *from_engine;
	int engine; /* channel, or -1 */
	int status; /* of the process's exit */
	struct sys_flows *flows;
	struct conf *conf; /* NULL: none yet */
	struct link_facts facts[LINKS_MAX + 1];
	struct plan plan; /* what is installed; serial 0: not told */
	uint64_t log_lost_told;
	struct loader loader;
	struct reports reports;
	struct store stores[STORES];
};

/* loader.c */
int loader_open(struct worker *w);
void loader_close(struct worker *w);
void loader_configure(struct worker *w); /* another configuration: load at once */
void loader_changed(struct worker *w);   /* facts have changed: soon */
void loader_hurry(struct worker *w);     /* what is due soon, now */
void loader_check(struct worker *w);     /* now and then: is it still there? */
int loader_release(struct worker *w);    /* -1: it is still there, and was said */

/* store.c */
void store_init(struct worker *w);
int store_open(struct worker *w);
void store_close(struct worker *w); /* one last try of what is not stored */
/* The descriptor is its own from now on. */
void store_take(struct worker *w, enum store_kind kind, int fd);

/* reports.c */
int reports_open(struct worker *w);
void reports_close(struct worker *w);
void reports_connect(struct worker *w); /* another engine channel */
void reports_kill(struct worker *w, unsigned link);

/* channel.c */
void channel_gone(struct worker *w); /* closes it, where there is one */

#endif

/* SPDX-License-Identifier: ISC */
/* The privileged process: its set-up and its loop. What it does is in the other
 * files of this folder; this one only says in which order. */
#include "config.h"

#include "parent/parent.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/reserve.h"
#include "parent/agent.h"
#include "parent/boardfile.h"
#include "parent/children.h"
#include "parent/controlsocket.h"
#include "parent/daemonise.h"
#include "parent/deprecate.h"
#include "parent/indexes.h"
#include "parent/kernel.h"
#include "parent/leave.h"
#include "parent/notify.h"
#include "parent/optional.h"
#include "parent/pidfile.h"
#include "parent/reload.h"
#include "parent/requests.h"
#include "parent/spawn.h"
#include "parent/state.h"
#include "parent/statefile.h"
#include "parent/textfile.h"
#include "parent/watch.h"
#include "hooks/hooks.h"

enum { TICK_MS = 250, FDS_WANTED = 65536 };

static struct parent parent = {.pid_file = -1,
			       .control = -1,
			       .board_rw = -1,
			       .board_ro = -1,
			       .conf_fd = -1,
			       .state_fd = -1,
			       .agent = {.sink = {-1, -1}, .engine = -1}};
static int start_report = -1; /* who waits for the start of the daemon */

/* ---- what must be there before anything is touched ---- */

static bool
user_exists(const char *name)
{
	if (getpwnam(name) != NULL)
		return true;
	fprintf(stderr,
		"uplinkd: there is no user %s: useradd --system --user-group --home-dir "
		"/nonexistent --shell /usr/sbin/nologin %s\n",
		name, name);
	return false;
}

static bool
may_start(void)
{
	const char *lacks;
	bool engine, snmp;

	if (geteuid() != 0) {
		fprintf(stderr, "uplinkd: must be started by root (to check a configuration: "
				"uplinkd -n)\n");
		return false;
	}
	lacks = sys_lacks();
	if (lacks != NULL) {
		fprintf(stderr, "uplinkd: root lacks a right that it needs: %s\n", lacks);
		return false;
	}
	engine = user_exists(USER_ENGINE);
	snmp = user_exists(USER_SNMP);
	return engine && snmp;
}

/* Descriptors: some sockets for each link, and one or more for each target that is
 * asked by TCP. In here only while they are handed over, but children inherit it. */
static void
raise_limits(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= FDS_WANTED)
		return;
	l.rlim_cur = l.rlim_max < FDS_WANTED ? l.rlim_max : FDS_WANTED;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

/* ---- how the start went ---- */

static void
tell_start(struct parent *p, int status)
{
	p->tell_start = NULL;
	if (status == 0) {
		log_info("uplinkd %s runs: %zu links", PACKAGE_VERSION, p->conf->nlinks);
		notify_supervisor("READY=1");
	} else {
		log_error("the engine does not start: giving up");
	}
	if (start_report >= 0)
		daemonise_report(start_report, status);
	start_report = -1;
	if (status != 0)
		leave(p, status);
}

/* Said on the terminal that is still there, and in the log. */
static int __attribute__((format(printf, 2, 3))) cannot(struct parent *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!p->options->foreground)
		fprintf(stderr, "uplinkd: %s\n", text);
	log_error("%s", text);
	return -1;
}

/* ---- set-up, in the order in which it is called ---- */

static int
name_paths(struct parent *p)
{
	const char *rundir = p->options->rundir;

	if (asprintf(&p->pid_path, "%s/uplinkd.pid", rundir) < 0 ||
	    asprintf(&p->control_path, "%s/control.sock", rundir) < 0 ||
	    asprintf(&p->board_path, "%s/board", rundir) < 0)
		return cannot(p, "no memory");
	if (strlen(p->control_path) > PATH_LEN)
		return cannot(p, "%s: a socket's path has at most %d characters", p->control_path,
			      PATH_LEN);
	return 0;
}

static int
make_folder(struct parent *p, const char *path)
{
	struct stat st;

	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return cannot(p, "%s can't be made: %s", path, strerror(errno));
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return cannot(p, "%s is not a folder", path);
	if (st.st_uid != 0 || (st.st_mode & 022) != 0)
		return cannot(p, "%s must belong to root, and nobody else may write in it", path);
	return 0;
}

/* Where programs on events run, and may keep files. Without their user there is none. */
static int
make_hooks_folder(struct parent *p)
{
	const struct passwd *pw = getpwnam(USER_HOOKS);
	char path[4096];

	if (pw == NULL)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", p->options->rundir, HOOKS_FOLDER);
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return cannot(p, "%s can't be made: %s", path, strerror(errno));
	if (lchown(path, pw->pw_uid, pw->pw_gid) != 0)
		return cannot(p, "%s can't be given to %s: %s", path, USER_HOOKS, strerror(errno));
	return 0;
}

static int
take_pid_file(struct parent *p)
{
	pid_t owner = 0;

	p->pid_file = pidfile_take(p->pid_path, &owner);
	if (p->pid_file >= 0)
		return 0;
	if (p->pid_file == -2)
		cannot(p, "uplinkd runs already with %s, as process %d", p->options->rundir,
		       (int)owner);
	else
		cannot(p, "%s: %s", p->pid_path, strerror(errno));
	return -1;
}

static int
open_board(struct parent *p)
{
	int result = boardfile_open(p);

	if (result == -2)
		return cannot(p, "%s is still written by the engine of a daemon that died: stop it",
			      p->board_path);
	if (result != 0)
		return cannot(p, "%s: %s", p->board_path, strerror(errno));
	return 0;
}

static int
load_indexes(struct parent *p)
{
	char path[4096], reason[256];
	unsigned known = 0;
	int result;

	snprintf(path, sizeof(path), "%s/indexes.json", p->options->statedir);
	result = indexes_load(path, &p->map, reason, sizeof(reason));
	if (result < 0) {
		indexes_from_board(p->board, &p->map);
		for (unsigned i = 1; i <= LINKS_MAX; i++)
			known += p->map.name[i][0] != '\0';
		log_error("%s can't be used (%s): going on with the %u names that the board knows",
			  path, reason, known);
		p->map_changed = true;
	}
	return 0;
}

static int
open_kernel(struct parent *p)
{
	kernel_settings(p);
	if (kernel_open(p) != 0)
		return cannot(p, "the kernel's routing can't be reached: %s", strerror(errno));
	kernel_configure(p);
	return 0;
}

/* ---- the loop ---- */

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct parent *p = arg;

	(void)what;
	switch (signo) {
	case SIGCHLD:
		children_reap(p);
		return;
	case SIGHUP:
		if (!p->leaving && !p->releasing)
			reload(p);
		return;
	default:
		log_info("leaving: routes, rules and the board stay");
		if (p->tell_start != NULL)
			p->tell_start(p, 1);
		leave(p, 0);
	}
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	watch_children(arg);
	kernel_tick(arg);
	notify_alive(clock_mono_ns());
}

static int
make_events(struct parent *p)
{
	static const int signals[] = {SIGCHLD, SIGHUP, SIGTERM, SIGINT};
	struct timeval tick = {0, TICK_MS * 1000};

	signal(SIGPIPE, SIG_IGN);
	reserve_for_libevent();
	p->base = event_base_new();
	if (p->base == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		p->on_signal[i] = evsignal_new(p->base, signals[i], on_signal, p);
		if (p->on_signal[i] == NULL || event_add(p->on_signal[i], NULL) != 0)
			return -1;
	}
	p->on_tick = event_new(p->base, -1, EV_PERSIST, on_tick, p);
	if (p->on_tick == NULL || event_add(p->on_tick, &tick) != 0)
		return -1;
	p->take_request = requests_take;
	p->child_gone = leave_child_gone;
	return children_init(p) != 0 || leave_init(p) != 0 ? -1 : 0;
}

/* What the parent reads again, writes and runs. */
static void
allow_paths(struct parent *p)
{
	const struct options *o = p->options;

	if (p->conf->snmp.agent.secrets[0] != '\0') {
		/* the configuration goes with the next reload, the text must stay */
		snprintf(p->agent.secrets, sizeof(p->agent.secrets), "%s",
			 p->conf->snmp.agent.secrets);
		sys_allow_path(p->agent.secrets, "r");
	}
	sys_allow_path(agent_engine_path(p), "rwc");
	sys_allow_path(o->file, "r");
	sys_allow_path(o->rundir, "rwc");
	sys_allow_path(o->statedir, "r");
	sys_allow_path(o->snmp_binary, "rx");
	sys_allow_path(o->prober_binary, "rx");
	sys_allow_path(spawn_own_path(), "rx");
}

static int
set_up(struct parent *p)
{
	const char *step = "";
	char mistake[512];

	if (name_paths(p) != 0 || make_folder(p, p->options->rundir) != 0 || take_pid_file(p) != 0)
		return -1;
	if (make_folder(p, p->options->statedir) != 0 || make_hooks_folder(p) != 0)
		return -1;
	if (make_events(p) != 0)
		return cannot(p, "no event loop: %s", strerror(errno));
	if (open_board(p) != 0 || load_indexes(p) != 0)
		return -1;
	statefile_load(p);
	if (reload_first(p, mistake, sizeof(mistake)) != 0) { /* which stands in the log */
		if (!p->options->foreground)
			fprintf(stderr, "uplinkd: %s\n", mistake);
		return -1;
	}
	if (open_kernel(p) != 0)
		return -1;
	if (controlsocket_open(p) != 0)
		return cannot(p, "%s: %s", p->control_path, strerror(errno));
	if (p->conf->snmp.agent.nlistens > 0)
		(void)agent_open(p); /* while it may; what is not possible is tried again */
	if (p->conf->realtime)
		(void)sys_schedule(true); /* the engine says so where it is refused */
	allow_paths(p);
	if (sys_confine(SYS_ROLE_PARENT, NULL, &step) != 0)
		return cannot(p, "confinement: %s: %s", step, strerror(errno));
	if (sys_limit_calls(SYS_ROLE_PARENT) != 0)
		return cannot(p, "the system calls can't be limited: %s", strerror(errno));
	return 0;
}

static void
tear_down(struct parent *p)
{
	children_free(p);
	agent_close(p);
	deprecate_close(p);
	kernel_close(p);
	controlsocket_close(p);
	boardfile_close(p);
	statefile_drop(p);
	if (p->pid_path != NULL)
		pidfile_remove(p->pid_path, p->pid_file);
	for (size_t i = 0; i < sizeof(p->on_signal) / sizeof(p->on_signal[0]); i++)
		if (p->on_signal[i] != NULL)
			event_free(p->on_signal[i]);
	if (p->on_tick != NULL)
		event_free(p->on_tick);
	if (p->on_deadline != NULL)
		event_free(p->on_deadline);
	if (p->base != NULL)
		event_base_free(p->base);
	if (p->conf != NULL)
		conf_free(p->conf);
	if (p->conf_fd >= 0)
		close(p->conf_fd);
	free(p->conf_text);
	textfile_forget(p->secrets, p->secrets_len);
	free(p->pid_path);
	free(p->control_path);
	free(p->board_path);
}

int
parent_main(struct options *options, const char *argv0)
{
	struct parent *p = &parent;

	if (!may_start())
		return 1;
	closefrom(STDERR_FILENO + 1);
	if (daemonise_streams() != 0) {
		fprintf(stderr, "uplinkd: /dev/null can't be opened: %s\n", strerror(errno));
		return 1;
	}
	options->foreground |= notify_init();
	p->options = options;
	spawn_init(argv0);
	if (!options->foreground && (start_report = daemonise()) < 0) {
		fprintf(stderr, "uplinkd: no background process: %s\n", strerror(errno));
		return 1;
	}
	umask(022);
	log_init("uplinkd", options->foreground, options->verbose);
	raise_limits();
	p->tell_start = tell_start;
	p->started_ns = clock_mono_ns();
	p->started_wall_ns = clock_wall_ns();
	if (set_up(p) != 0) {
		p->exit_status = 1;
	} else {
		children_start(&p->children[IPC_PEER_ENGINE]);
		children_start(&p->children[IPC_PEER_WORKER]);
		optional_see_to(p);
		event_base_dispatch(p->base);
	}
	tear_down(p);
	return p->exit_status;
}

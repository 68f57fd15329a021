/* SPDX-License-Identifier: ISC */
/* One run of a target's command. Its exit status is the answer; when its time is over
 * that is a failure, and it is killed with all that it has started. A program that can't
 * be run says nothing of the link. */
#include "config.h"

#include "runner/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "runner/caged.h"
#include "system/system.h"

#define TELL_EVERY_NS (60 * NSEC_PER_SEC)
enum { RUNS_MAX = 128, SOCKETS_PER_RUN = 256 };

struct run {
	struct asker *asker;
	struct ipc_ask question;
	const struct conf_link *link;
	const struct conf_target *target;
	struct caged program;
	int cage; /* -1: not there (any more) */
	struct event *starts, *wishes, *over;
	uint64_t started_ns;
	int start_error; /* why it could not be started, 0: nothing is known of that */
	bool answered;
	struct sys_cage_wish wish;
	uint32_t wanted; /* the number of the wish at the parent, 0: none */
	unsigned sockets;
};

static struct run *runs[RUNS_MAX];

static void
answer(struct run *r, enum asked_verdict verdict, unsigned error)
{
	struct asker_result result = {
	    .verdict = verdict, .rtt_ns = clock_mono_ns() - r->started_ns, .error = error};

	if (r->answered)
		return;
	r->answered = true;
	asker_answer(r->asker, &r->question, &result);
}

/* ---- its sockets ---- */

static void
close_cage(struct run *r)
{
	asker_forget(r->asker, r->wanted);
	r->wanted = 0;
	if (r->wishes != NULL)
		event_free(r->wishes);
	r->wishes = NULL;
	if (r->cage >= 0)
		close(r->cage);
	r->cage = -1;
}

static void
grant(void *arg, int fd, int error)
{
	struct run *r = arg;

	r->wanted = 0;
	sys_cage_give(r->cage, &r->wish, fd, error);
	if (fd >= 0)
		close(fd);
	event_add(r->wishes, NULL);
}

/* One wish at a time: whoever else wishes waits until it is granted. */
static void
on_wish(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;
	int taken = sys_cage_take(fd, &r->wish);

	(void)what;
	if (taken < 0) {
		close_cage(r);
		return;
	}
	if (taken > 0 && ++r->sockets <= SOCKETS_PER_RUN)
		r->wanted =
		    asker_want(r->asker, r->link->index, r->wish.family, r->wish.kind, grant, r);
	if (taken > 0 && r->wanted == 0)
		sys_cage_give(fd, &r->wish, -1, ENOBUFS);
	if (r->wanted == 0)
		event_add(r->wishes, NULL);
}

/* ---- its start ---- */

static void
on_start(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;
	int cage = caged_cage(&r->program);

	(void)fd, (void)what;
	if (cage >= 0) {
		close_cage(r);
		r->cage = cage;
		r->wishes = event_new(r->asker->base, cage, EV_READ, on_wish, r);
		if (r->wishes == NULL || event_add(r->wishes, NULL) != 0)
			close_cage(r);
		return;
	}
	if (errno == EAGAIN)
		return;
	if (errno != EPIPE)
		r->start_error = errno;
	event_del(r->starts);
}

/* ---- its end ---- */

static void
run_free(struct run *r)
{
	close_cage(r);
	if (r->starts != NULL)
		event_free(r->starts);
	if (r->over != NULL)
		event_free(r->over);
	if (r->program.pid > 0) {
		close(r->program.channel);
		close(r->program.lifeline);
	}
	for (unsigned i = 0; i < RUNS_MAX; i++)
		if (runs[i] == r)
			runs[i] = NULL;
	free(r);
}

static void
on_over(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd, (void)what;
	answer(r, ASKED_LOST, ETIMEDOUT);
	kill(-r->program.pid, SIGKILL);
}

/* Why it did not run may still be unread. */
static int
why_not(struct run *r)
{
	for (int i = 0; i < 2 && r->start_error == 0; i++)
		on_start(-1, 0, r);
	return r->start_error;
}

/* Not at each probe. */
static void
tell(const struct run *r)
{
	static uint64_t told_ns;
	uint64_t now = clock_mono_ns();

	if (told_ns != 0 && now - told_ns < TELL_EVERY_NS)
		return;
	told_ns = now;
	log_error("link %s: %s can't be run: %s", r->link->name, r->target->command->text,
		  strerror(r->start_error));
}

static void
ended(struct run *r, const siginfo_t *info)
{
	if (info->si_code != CLD_EXITED) {
		answer(r, ASKED_LOST, ERROR_SIGNAL + (unsigned)info->si_status);
	} else if (info->si_status == CAGED_FAILED && why_not(r) != 0) {
		tell(r);
		answer(r, ASKED_UNSENT, (unsigned)r->start_error);
	} else if (info->si_status != 0) {
		answer(r, ASKED_LOST, ERROR_EXIT + (unsigned)info->si_status);
	} else {
		answer(r, ASKED_ANSWERED, 0);
	}
}

static struct run *
run_of(pid_t pid)
{
	for (unsigned i = 0; i < RUNS_MAX; i++)
		if (runs[i] != NULL && runs[i]->program.pid == pid)
			return runs[i];
	return NULL;
}

/* What a program leaves behind ends with it: the group is killed while the number of
 * its leader, who is not buried yet, can't be anybody else's. */
void
run_bury(void)
{
	for (;;) {
		siginfo_t info = {0};
		struct run *r;

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
			return;
		r = run_of(info.si_pid);
		if (r != NULL)
			kill(-info.si_pid, SIGKILL);
		waitpid(info.si_pid, NULL, 0);
		if (r != NULL) {
			ended(r, &info);
			run_free(r);
		}
	}
}

/* ---- its beginning ---- */

static int
watch(struct run *r)
{
	const struct timeval limit = {r->target->probe.timeout_ms / 1000,
				      r->target->probe.timeout_ms % 1000 * 1000};

	r->starts =
	    event_new(r->asker->base, r->program.channel, EV_READ | EV_PERSIST, on_start, r);
	r->over = evtimer_new(r->asker->base, on_over, r);
	if (r->starts == NULL || r->over == NULL)
		return -1;
	return event_add(r->starts, NULL) != 0 || event_add(r->over, &limit) != 0 ? -1 : 0;
}

void
run_start(struct asker *a, const struct ipc_ask *question, const struct conf_link *link,
	  const struct conf_target *target)
{
	const struct caged_task task = {a->conf, link, target, &question->to};
	struct run *r = NULL;
	unsigned place = 0;

	while (place < RUNS_MAX && runs[place] != NULL)
		place++;
	if (place < RUNS_MAX)
		r = calloc(1, sizeof(*r));
	if (r == NULL) {
		asker_refuse(a, question, EAGAIN);
		return;
	}
	*r = (struct run){.asker = a,
			  .question = *question,
			  .link = link,
			  .target = target,
			  .cage = -1,
			  .started_ns = clock_mono_ns()};
	if (caged_start(&r->program, &task) != 0) {
		answer(r, ASKED_UNSENT, (unsigned)errno);
		r->program.pid = 0;
		run_free(r);
		return;
	}
	runs[place] = r;
	if (watch(r) != 0) {
		answer(r, ASKED_UNSENT, ENOMEM);
		kill(-r->program.pid, SIGKILL);
	}
}

/* SPDX-License-Identifier: ISC */
/* The board's file as the parent sees it. The lock belongs to the open file, so
 * it lasts as long as any engine has it: two daemons, or one and the engine that
 * a dead one left behind, never write the same board. */
#include "parent/boardfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

enum { LOCK_TRIES = 100, LOCK_PAUSE_MS = 20 };

/* The engine of a parent that was killed leaves by itself, within moments. */
static int
lock(int fd)
{
	const struct timespec pause = {0, LOCK_PAUSE_MS * 1000000};

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		nanosleep(&pause, NULL);
	}
	return -2;
}

int
boardfile_open(struct parent *p)
{
	/* First the lock, on whatever stands there: creating may start it afresh. */
	int probe = open(p->board_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), result;
	bool fresh;

	if (probe >= 0) {
		result = lock(probe);
		close(probe);
		if (result != 0)
			return result;
	}
	p->board_rw = board_create(p->board_path, &fresh);
	if (p->board_rw < 0)
		return -1;
	result = lock(p->board_rw);
	if (result != 0)
		return result;
	p->board_ro = open(p->board_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (p->board_ro < 0)
		return -1;
	p->board = board_map_readable(p->board_ro);
	if (p->board == NULL)
		return -1;
	log_debug("board %s: %s", p->board_path, fresh ? "new" : "taken over");
	return 0;
}

/* An array of the board: where it begins, and how large each row is. */
struct part {
	size_t at, row;
};
#define PART(name)                                                                 \
	{                                                                          \
		offsetof(struct board, name), sizeof(((struct board *)0)->name[0]) \
	}
static const struct part links = PART(links), minutes = PART(minutes), events = PART(events),
			 targets = PART(targets), recent = PART(recent), windows = PART(windows);

static int
make_room(int fd, const struct part *part, size_t from, size_t n)
{
	return n == 0 ? 0
		      : sys_make_room(fd, (off_t)(part->at + from * part->row),
				      (off_t)(n * part->row));
}

/* Targets may keep the rows that they have while others come. */
static size_t
rows_of_targets(const struct parent *p, const struct conf *conf)
{
	size_t n = p->board->global.target_slots;

	for (size_t i = 0; i < conf->nlinks; i++)
		n += conf->links[i].ntargets;
	return n < TARGETS_MAX ? n : TARGETS_MAX;
}

int
boardfile_make_room(const struct parent *p, const struct conf *conf)
{
	int fd = p->board_rw;
	size_t n = rows_of_targets(p, conf);

	if (sys_make_room(fd, 0, (off_t)offsetof(struct board, links)) != 0 ||
	    make_room(fd, &events, 0, BOARD_EVENTS) != 0 || make_room(fd, &targets, 0, n) != 0 ||
	    make_room(fd, &recent, 0, n) != 0 || make_room(fd, &windows, 0, n) != 0)
		return -1;
	for (size_t i = 0; i < conf->nlinks; i++)
		if (make_room(fd, &links, conf->links[i].index, 1) != 0 ||
		    make_room(fd, &minutes, conf->links[i].index, 1) != 0)
			return -1;
	return 0;
}

void
boardfile_afresh(struct parent *p)
{
	/* By its descriptor: everyone has this file, whatever has become of its name. */
	if (board_afresh(p->board_rw) != 0)
		log_error("the board can't be started afresh: %s", strerror(errno));
	else if (boardfile_make_room(p, p->conf) != 0)
		log_error("the board has no room: %s", strerror(errno));
}

void
boardfile_close(struct parent *p)
{
	if (p->board != NULL)
		munmap((void *)(uintptr_t)p->board, sizeof(*p->board));
	if (p->board_ro >= 0)
		close(p->board_ro);
	if (p->board_rw >= 0)
		close(p->board_rw);
	p->board = NULL;
	p->board_ro = p->board_rw = -1;
}

/* SPDX-License-Identifier: ISC */
/* The board's file, its rows' sequence counters, and the lateness histogram. */
#include "config.h"

#include "common/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/system.h"

/* Some ten microseconds: a writer that is interrupted within a row is back by then,
 * one that has died within it costs a reader no more. */
enum { READ_TRIES = 10000 };

static void
header_fill(struct board_header *h)
{
	memset(h, 0, sizeof(*h));
	h->magic = BOARD_MAGIC;
	h->layout = BOARD_LAYOUT;
	h->size = sizeof(struct board);
	sys_boot_id(h->boot_id);
}

static bool
header_matches(const struct board_header *h)
{
	struct board_header want;

	header_fill(&want);
	return memcmp(h, &want, sizeof(want)) == 0;
}

bool
board_header_valid(const struct board *board)
{
	struct board_header copy;

	memcpy(&copy, &board->header, sizeof(copy));
	return copy.magic == BOARD_MAGIC && copy.layout == BOARD_LAYOUT &&
	       copy.size == sizeof(struct board);
}

int
board_afresh(int fd)
{
	struct board_header h;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -1;
	/* What stood there must read as zeroes, and never be less: who has mapped it may be
	 * reading, and is killed (SIGBUS) where the file has ended. */
	if (st.st_size > (off_t)sizeof(struct board))
		st.st_size = sizeof(struct board);
	if (sys_make_zero(fd, st.st_size) != 0 || ftruncate(fd, sizeof(struct board)) != 0)
		return -1;
	header_fill(&h);
	return pwrite(fd, &h, sizeof(h), 0) == (ssize_t)sizeof(h) ? 0 : -1;
}

int
board_create(const char *path, bool *fresh)
{
	struct board_header h;
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0)
		goto fail;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		goto fail;
	}
	if (fchmod(fd, 0600) != 0)
		goto fail;
	*fresh = st.st_size != (off_t)sizeof(struct board) ||
		 pread(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h) || !header_matches(&h);
	if (*fresh && board_afresh(fd) != 0)
		goto fail;
	return fd;
fail:
	close(fd);
	return -1;
}

static void *
map(int fd, int protection)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0)
		return NULL;
	if (st.st_size != (off_t)sizeof(struct board)) {
		errno = EINVAL;
		return NULL;
	}
	p = mmap(NULL, sizeof(struct board), protection, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

struct board *
board_map_writable(int fd)
{
	return map(fd, PROT_READ | PROT_WRITE);
}

const struct board *
board_map_readable(int fd)
{
	return map(fd, PROT_READ);
}

void
board_write(void *row, const void *src, size_t size)
{
	board_write_part(row, src, sizeof(struct board_seq), size - sizeof(struct board_seq));
}

void
board_write_part(void *row, const void *src, size_t offset, size_t size)
{
	struct board_seq *seq = row;
	/* A writer that died within a row left the count odd: | 1 starts from there. */
	uint32_t odd = atomic_load_explicit(&seq->count, memory_order_relaxed) | 1;

	atomic_store_explicit(&seq->count, odd, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	memcpy((char *)row + offset, (const char *)src + offset, size);
	atomic_store_explicit(&seq->count, odd + 1, memory_order_release);
}

bool
board_read(const void *row, void *dst, size_t size)
{
	const struct board_seq *seq = row;

	for (int i = 0; i < READ_TRIES; i++) {
		uint32_t before = atomic_load_explicit(&seq->count, memory_order_acquire);

		if (before & 1) /* nothing whole to be had: wait without copying */
			continue;
		memcpy((char *)dst + sizeof(*seq), (const char *)row + sizeof(*seq),
		       size - sizeof(*seq));
		atomic_thread_fence(memory_order_acquire);
		if (before == atomic_load_explicit(&seq->count, memory_order_relaxed)) {
			memset(dst, 0, sizeof(*seq));
			return true;
		}
	}
	memcpy((char *)dst + sizeof(*seq), (const char *)row + sizeof(*seq), size - sizeof(*seq));
	memset(dst, 0, sizeof(*seq));
	return false;
}

unsigned
lateness_bucket(uint64_t us)
{
	unsigned top;

	if (us < 4)
		return (unsigned)us;
	top = 63 - (unsigned)__builtin_clzll(us);
	top = (top - 1) * 4 + (unsigned)(us >> (top - 2) & 3);
	return top < BOARD_LATENESS_BUCKETS ? top : BOARD_LATENESS_BUCKETS - 1;
}

uint64_t
lateness_bucket_top(unsigned bucket)
{
	unsigned shift;

	if (bucket < 4)
		return bucket;
	shift = bucket / 4 - 1;
	return ((uint64_t)(bucket % 4 + 5) << shift) - 1;
}

uint64_t
lateness_percentile(const uint64_t buckets[static BOARD_LATENESS_BUCKETS], unsigned permille)
{
	uint64_t total = 0, seen = 0;

	for (unsigned i = 0; i < BOARD_LATENESS_BUCKETS; i++)
		total += buckets[i];
	if (total == 0)
		return UINT64_MAX;
	for (unsigned i = 0; i < BOARD_LATENESS_BUCKETS; i++) {
		seen += buckets[i];
		if (seen * 1000 >= total * permille)
			return lateness_bucket_top(i);
	}
	return lateness_bucket_top(BOARD_LATENESS_BUCKETS - 1);
}

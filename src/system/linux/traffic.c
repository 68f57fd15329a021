/* SPDX-License-Identifier: ISC */
/* How many packets and octets the interfaces have sent and received, from the kernel's own
 * list of them, as text. It is read without the lock of the network's configuration, which
 * whoever changes interfaces may hold for a tenth of a second: a question by netlink waits
 * for that. The file is opened before the process gives up opening any. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

/* The whole list is read for any of them, which costs with its length: some ten nanoseconds
 * an octet. So it is not read again sooner than that it takes a fortieth of the time. */
#define AGE_NS_AN_OCTET 400
#define FRESH_NS NSEC_PER_MSEC

enum { ROOM_LEAST = 16 * 1024, COLUMNS = 16 };

struct sys_traffic {
	int fd;
	char *text; /* ends with a zero */
	size_t room, len;
	size_t next; /* of the text: after the interface that was last looked for */
	uint64_t read_ns;
};

struct sys_traffic *
sys_traffic_open(void)
{
	struct sys_traffic *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->room = ROOM_LEAST;
	t->text = malloc(t->room);
	/* "self": of this process's network namespace */
	t->fd = open("/proc/self/net/dev", O_RDONLY | O_CLOEXEC);
	if (t->text != NULL && t->fd >= 0)
		return t;
	sys_traffic_close(t);
	return NULL;
}

void
sys_traffic_close(struct sys_traffic *t)
{
	if (t->fd >= 0)
		close(t->fd);
	free(t->text);
	free(t);
}

/* ---- reading ---- */

static int
make_room(struct sys_traffic *t)
{
	char *more;

	if (t->len + 1 < t->room)
		return 0;
	more = realloc(t->text, 2 * t->room);
	if (more == NULL)
		return -1;
	t->text = more;
	t->room *= 2;
	return 0;
}

static int
read_all(struct sys_traffic *t)
{
	ssize_t n;

	t->len = t->next = 0;
	do {
		if (make_room(t) != 0)
			return -1;
		n = pread(t->fd, t->text + t->len, t->room - t->len - 1, (off_t)t->len);
		if (n < 0)
			return -1;
		t->len += (size_t)n;
	} while (n > 0);
	t->text[t->len] = '\0';
	return 0;
}

static int
refresh(struct sys_traffic *t, bool fresh)
{
	uint64_t now_ns = clock_mono_ns(), age_ns = t->len * AGE_NS_AN_OCTET;

	if (fresh || age_ns < FRESH_NS)
		age_ns = FRESH_NS;
	if (t->read_ns != 0 && now_ns - t->read_ns < age_ns)
		return 0;
	t->read_ns = 0;
	if (read_all(t) != 0)
		return -1;
	t->read_ns = now_ns;
	return 0;
}

/* ---- the text ---- */

/* What follows the name, when the line is that interface's. */
static char *
line_of(char *line, const char *ifname)
{
	size_t len = strlen(ifname);

	line += strspn(line, " ");
	return strncmp(line, ifname, len) == 0 && line[len] == ':' ? line + len + 1 : NULL;
}

/* The same, of the lines that begin between there. */
static char *
find_between(struct sys_traffic *t, size_t from, size_t to, const char *ifname)
{
	char *line = t->text + from, *end, *found;

	while (line < t->text + to) {
		end = strchr(line, '\n');
		if (end == NULL)
			return NULL; /* cut: not a whole line */
		found = line_of(line, ifname);
		if (found != NULL) {
			t->next = (size_t)(end + 1 - t->text);
			return found;
		}
		line = end + 1;
	}
	return NULL;
}

/* Who asks for many asks in the list's order, mostly. */
static char *
find(struct sys_traffic *t, const char *ifname)
{
	size_t next = t->next;
	char *found = find_between(t, next, t->len, ifname);

	return found != NULL ? found : find_between(t, 0, next, ifname);
}

/* Octets, packets, errors, dropped, fifo, frame, compressed and multicast that came in;
 * octets, packets and so on that went out. */
static int
read_columns(char *p, uint64_t column[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++) {
		char *end;

		column[i] = strtoull(p, &end, 10);
		if (end == p)
			return -1;
		p = end;
	}
	return 0;
}

int
sys_traffic_read(struct sys_traffic *t, const struct link_facts *facts, bool fresh,
		 struct sys_traffic_count *count)
{
	uint64_t column[COLUMNS];
	char *line;

	if (refresh(t, fresh) != 0)
		return -1;
	line = find(t, facts->ifname);
	if (line == NULL || read_columns(line, column) != 0) {
		errno = ENXIO;
		return -1;
	}
	/* What is for everybody answers nobody. */
	count->received = column[1] > column[7] ? column[1] - column[7] : 0;
	count->sent = column[9];
	count->in_octets = column[0];
	count->out_octets = column[8];
	return 0;
}

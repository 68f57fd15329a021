/* SPDX-License-Identifier: ISC */
/* Talking to the kernel over the route socket. Its answers come among everybody's messages, and
 * are known by pid and number; what it could not tell is read again. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"
#include "system/openbsd/routing.h"
#include "system/openbsd/rtio.h"

/* How many messages are read in a row: a flood must not keep the parent from its children. */
enum { SHARE = 4096 };

static void
take(struct sys_routing *r, const struct rtmsg *m)
{
	bool route = m->type == RTMSG_ADD || m->type == RTMSG_DELETE || m->type == RTMSG_CHANGE ||
		     m->type == RTMSG_GET;

	if (route && m->pid == rtio_pid() && m->seq == r->seq && m->seq != 0) {
		r->answered = true;
		r->answer = *m;
	}
	/* an answer to a question is no event */
	if (m->type != RTMSG_GET)
		settle_note(r, m);
}

int
talk_listen(struct sys_routing *r)
{
	static uint8_t buf[RTMSG_MAX];
	struct rtmsg m;

	for (int i = 0; i < SHARE; i++) {
		ssize_t len = rtio_receive(r->fd, buf, sizeof(buf));

		if (len < 0)
			return errno == EAGAIN ? 0 : -1;
		if (rtmsg_read(buf, (size_t)len, rtio_rounding(), &m) >= 0)
			take(r, &m);
	}
	return 0;
}

int
talk_request(struct sys_routing *r, struct rtmsg *m)
{
	static uint8_t buf[RTMSG_MAX];
	ssize_t len;
	int error = 0;

	m->seq = ++r->seq;
	r->answered = false;
	len = rtmsg_write(m, rtio_rounding(), buf, sizeof(buf));
	if (len < 0)
		return EMSGSIZE;
	if (rtio_send(r->fd, buf, (size_t)len) != 0)
		error = errno;
	if (talk_listen(r) != 0 && error == 0)
		error = errno;
	/* it had no room for the answer: who knows what else it could not tell */
	if (error == 0 && !r->answered)
		r->batch.reread_all = true;
	return error;
}

/* ---- dumps ---- */

static int
note_all(struct sys_routing *r, const uint8_t *buf, size_t size)
{
	struct world_route route;
	struct rtmsg m;
	uint16_t ifindex;

	for (size_t at = 0; at < size;) {
		ssize_t len = rtmsg_read(buf + at, size - at, rtio_rounding(), &m);

		if (len <= 0) {
			errno = EBADMSG;
			return -1;
		}
		world_note(&r->world, &m, &ifindex, &route);
		at += (size_t)len;
	}
	if (r->world.error == 0)
		return 0;
	errno = r->world.error;
	return -1;
}

int
talk_read_interfaces(struct sys_routing *r)
{
	size_t len;
	uint8_t *buf = rtio_dump_interfaces(0, &len);
	int rc, saved;

	if (buf == NULL)
		return -1;
	world_begin_interfaces(&r->world);
	rc = note_all(r, buf, len);
	saved = errno;
	free(buf);
	errno = saved;
	return rc;
}

static int
read_table(struct sys_routing *r, uint16_t table, int family)
{
	size_t len;
	uint8_t *buf = rtio_dump_routes(table, family, &len);
	int rc, saved;

	if (buf == NULL) /* most tables don't exist */
		return table == MAIN_TABLE && errno != EAFNOSUPPORT ? -1 : 0;
	rc = note_all(r, buf, len);
	saved = errno;
	free(buf);
	errno = saved;
	return rc;
}

static bool
table_matters(const struct sys_routing *r, unsigned table)
{
	if (table == MAIN_TABLE)
		return true;
	for (size_t i = 0; i < r->nlinks; i++)
		if (link_table(r->conf, r->links[i].conf->index) == table)
			return true;
	return false;
}

int
talk_read_routes(struct sys_routing *r, bool all_tables)
{
	int rc = 0;

	world_begin_routes(&r->world);
	for (unsigned table = 0; table <= TABLE_MAX; table++)
		for (int family = 0; family < FAMILIES; family++)
			if (all_tables || table_matters(r, table))
				rc |= read_table(r, (uint16_t)table, family);
	if (rc == 0)
		world_end_routes(&r->world);
	return rc == 0 ? 0 : -1;
}

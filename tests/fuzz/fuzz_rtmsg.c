/* SPDX-License-Identifier: ISC */
/* Any octets as what a route socket says; the first says how addresses are padded. Nothing is read
 * beyond the end, and what was read can be written and is read as the same again. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/rtmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_and_read(const struct rtmsg *m, unsigned rounding)
{
	static uint8_t buf[RTMSG_MAX];
	static struct rtmsg again;
	ssize_t len = rtmsg_write(m, rounding, buf, sizeof(buf));

	if (len < 0) /* a type or an address that is never written */
		return;
	if (rtmsg_read(buf, (size_t)len, rounding, &again) != len || again.type != m->type ||
	    again.addrs != m->addrs || again.flags != m->flags ||
	    !addr_equal(&again.dst, &m->dst) || strcmp(again.label, m->label) != 0 ||
	    strcmp(again.ifp.name, m->ifp.name) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rtmsg m;
	unsigned rounding;
	size_t at = 0;
	uint8_t *exact;

	if (size == 0)
		return 0;
	rounding = data[0] & 1 ? RTMSG_ROUND_64 : RTMSG_ROUND_32;
	size--;
	exact = malloc(size > 0 ? size : 1);
	if (exact == NULL)
		return 0;
	memcpy(exact, data + 1, size);
	while (at < size) {
		ssize_t len = rtmsg_read(exact + at, size - at, rounding, &m);

		if (len < 0)
			break;
		if (len == 0 || (size_t)len > size - at)
			abort();
		write_and_read(&m, rounding);
		at += (size_t)len;
	}
	free(exact);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* A look from outside at what the daemon has in the kernel. It needs no privilege for routes, and
 * never changes anything. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"
#include "system/openbsd/pfctl.h"
#include "system/openbsd/rtio.h"
#include "system/openbsd/world.h"
#include "system/system.h"

static unsigned
count(const uint8_t *buf, size_t size)
{
	unsigned n = 0;
	struct rtmsg m;

	for (size_t at = 0; at < size;) {
		ssize_t len = rtmsg_read(buf + at, size - at, rtio_rounding(), &m);

		if (len <= 0)
			return n;
		n += strcmp(m.label, OWN_LABEL) == 0;
		at += (size_t)len;
	}
	return n;
}

static void
look_for_rules(struct sys_remains *remains)
{
	char error[256];

	for (int part = 0; part < PF_PARTS; part++) {
		size_t len = 0;
		char *text = pfctl_show((enum pf_part)part, "rules", &len, error, sizeof(error));

		if (text == NULL)
			return; /* not everyone may see them */
		remains->ruleset |= len > 0;
		free(text);
	}
	remains->ruleset_seen = true;
}

int
sys_remains(struct sys_remains *remains)
{
	memset(remains, 0, sizeof(*remains));
	for (unsigned table = 0; table <= TABLE_MAX; table++)
		for (int family = 0; family < FAMILIES; family++) {
			size_t len;
			uint8_t *buf = rtio_dump_routes((uint16_t)table, family, &len);

			if (buf == NULL && table == MAIN_TABLE && errno != EAFNOSUPPORT)
				return -1;
			remains->routes += buf != NULL ? count(buf, len) : 0;
			free(buf);
		}
	look_for_rules(remains);
	return 0;
}

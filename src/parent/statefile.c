/* SPDX-License-Identifier: ISC */
/* The state file as the parent sees it. It is read by a process without privileges:
 * the parent only takes care that it is a small regular file. */
#include "parent/statefile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "parent/textfile.h"

void
statefile_load(struct parent *p)
{
	char path[4096], reason[256];
	size_t len;
	char *text;

	statefile_drop(p);
	if (p->board->global.started_ns != 0)
		return;
	snprintf(path, sizeof(path), "%s/state.json", p->options->statedir);
	text = textfile_read(path, &len, reason, sizeof(reason));
	if (text == NULL && errno == ENOENT) {
		log_info("there is no %s: no order is in force, events are numbered from 1", path);
		return;
	}
	if (text != NULL) {
		p->state_fd = sys_text_fd(text, len);
		snprintf(reason, sizeof(reason), "%s", strerror(errno));
		free(text);
	}
	if (p->state_fd < 0)
		log_error("%s can't be used (%s): no order of before is in force, events are "
			  "numbered from 1",
			  path, reason);
}

void
statefile_drop(struct parent *p)
{
	if (p->state_fd >= 0)
		close(p->state_fd);
	p->state_fd = -1;
}

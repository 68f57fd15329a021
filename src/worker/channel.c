/* SPDX-License-Identifier: ISC */
/* The channel to the engine, at its end: whoever finds it broken closes it, and the next one
 * comes from the parent. */
#include <unistd.h>

#include "worker/internal.h"

static void
forget(struct event **event)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
}

void
channel_gone(struct worker *w)
{
	if (w->engine == -1)
		return;
	forget(&w->reports.writable);
	forget(&w->from_engine);
	close(w->engine);
	w->engine = -1;
}

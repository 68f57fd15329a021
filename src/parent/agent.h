/* SPDX-License-Identifier: ISC */
/* What the SNMP process needs to be its own master and may not open itself: sockets at
 * privileged ports, sockets for notifications, the configuration with its secrets, and
 * the file that counts its starts. It inherits them, see common/agentfds.h. */
#ifndef UPLINK_PARENT_AGENT_H
#define UPLINK_PARENT_AGENT_H

#include "common/agentfds.h"
#include "parent/state.h"

/* Opens what is missing and closes what the configuration does not name any more. What
 * stands keeps standing, and with it the requests that wait in it. 0, or -1 where the
 * process can't be started now; why is logged, once. */
int agent_open(struct parent *p);
void agent_close(struct parent *p);
/* Can each place be listened at that is not yet? The parent has no right to a port below
 * 1024 once it has confined itself: such a one is opened before that, or not at all.
 * Else -1 with the reason. */
int agent_may_listen(const struct parent *p, const struct conf_agent *a, char *reason, size_t size);
/* Where the starts are counted. */
const char *agent_engine_path(struct parent *p);

/* The descriptors for a new process, in their order, into fds. Returns how many, 0
 * without memory. The first AGENT_TEXTS of them are to be closed after the start. */
enum { AGENT_TEXTS = 2 };
unsigned agent_descriptors(const struct parent *p, int fds[static AGENT_FDS_MAX]);

/* Is another agent described, so that the process must be another? */
bool agent_differs(const struct conf_agent *a, const struct conf_agent *b);

#endif

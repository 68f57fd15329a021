/* SPDX-License-Identifier: ISC */
/* The control socket's place in the file system. The engine serves it; the
 * parent keeps it open, so that no engine's death closes it to a caller. */
#ifndef UPLINK_CONTROLSOCKET_H
#define UPLINK_CONTROLSOCKET_H

#include <sys/types.h>

#include "parent/state.h"

/* The group that may use it, where gid is not NULL. 0, or -1: no such group. */
int controlsocket_group(const struct conf *conf, gid_t *gid);
/* Makes it anew; the pid file's lock says that no other daemon serves it. 0, or
 * -1 with errno. */
int controlsocket_open(struct parent *p);
/* The configuration names another group. */
void controlsocket_regroup(const struct parent *p);
void controlsocket_close(struct parent *p);

#endif

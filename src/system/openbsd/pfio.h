/* SPDX-License-Identifier: ISC */
/* The calls to pf(4), and nothing else: on OpenBSD pfio.c; tests have their own. */
#ifndef UPLINK_OPENBSD_PFIO_H
#define UPLINK_OPENBSD_PFIO_H

#include "system/openbsd/states.h"

/* Of pfctl(8). */
const char *pfio_program(void);

/* The device: 0 or more, or -1 with errno. */
int pfio_open(void);
void pfio_close(int fd);

/* Calls each for every state; it says whether to go on. 0, or -1 with errno. */
typedef bool pfio_state(void *arg, const struct pf_flow *s);
int pfio_states(int fd, pfio_state *each, void *arg);

/* Ends that state. 1, 0: it had gone, -1 with errno. */
int pfio_kill(int fd, const struct pf_flow *s);

#endif

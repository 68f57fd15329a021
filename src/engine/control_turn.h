/* SPDX-License-Identifier: ISC */
/* Who is served next by the control socket, and for how long. */
#ifndef UPLINK_CONTROL_TURN_H
#define UPLINK_CONTROL_TURN_H

#include <event2/util.h>

/* The callback of the timer that client_schedule() starts. arg: struct control. */
void control_turn(evutil_socket_t fd, short what, void *arg);

#endif

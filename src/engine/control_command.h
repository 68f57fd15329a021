/* SPDX-License-Identifier: ISC */
/* What a request of the control socket does. */
#ifndef UPLINK_CONTROL_COMMAND_H
#define UPLINK_CONTROL_COMMAND_H

struct client;
struct control_request;

/* Answers it, or begins to: the client's state says how it goes on. Changes nothing in
 * r but the link of its order. */
void control_command(struct client *c, struct control_request *r);

#endif

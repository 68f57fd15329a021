/* SPDX-License-Identifier: ISC */
/* A connection to the daemon's control socket. What comes from it is checked and
 * bounded: uplinkctl may be run by root against anything that listens there. */
#ifndef UPLINK_CTL_CLIENT_H
#define UPLINK_CTL_CLIENT_H

#include <jansson.h>

#include "ctl/ctl.h"

struct client;

enum {
	CLIENT_ANSWER_S = 15,    /* longer than the daemon takes for any answer */
	CLIENT_COME_BACK_S = 30, /* how long the daemon may be gone while it is followed */
};

/* NULL, with *status saying why, and said on standard error unless quiet. */
struct client *client_open(const char *path, bool quiet, enum ctl_exit *status);
void client_close(struct client *c);
/* Opens it again once the daemon is back from a restart, for a while. */
struct client *client_come_back(const struct ctl *ctl, enum ctl_exit *status);

/* Sends a request: the members of arguments (its reference is taken, may be NULL)
 * and the command. */
enum ctl_exit client_send(struct client *c, const char *command, json_t *arguments);
/* The next line, within timeout_ms (negative: for ever). *line: a new reference. */
enum ctl_exit client_next(struct client *c, int timeout_ms, json_t **line);
/* The result in an answer: a new reference, or an error said and its status. */
enum ctl_exit client_result(const json_t *answer, json_t **result);

/* No complaints about this connection from now on: the caller owns the screen. */
void client_hush(struct client *c);
/* Send, and wait for the result. *result: a new reference, or NULL. */
enum ctl_exit client_exchange(struct client *c, const char *command, json_t *arguments,
			      int timeout_ms, json_t **result);

/* All of it: open, send, wait for the answer, close. */
enum ctl_exit client_ask(const struct ctl *ctl, const char *command, json_t *arguments,
			 json_t **result);
/* The same without a complaint. */
enum ctl_exit client_ask_quietly(const struct ctl *ctl, const char *command, json_t *arguments,
				 json_t **result);

#endif

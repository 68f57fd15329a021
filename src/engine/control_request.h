/* SPDX-License-Identifier: ISC */
/* One line of the control socket, read and checked: pure, and every octet of it
 * is taken for hostile. */
#ifndef UPLINK_CONTROL_REQUEST_H
#define UPLINK_CONTROL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/limits.h"
#include "common/order.h"

enum {
	CONTROL_VERSION = 1,          /* of the schema: doc/control-protocol.md */
	CONTROL_REQUEST_MAX = 4096,   /* octets of a request's line, without the newline */
	CONTROL_EVENTS_DEFAULT = 100, /* events in an answer when the request has no limit */
	CONTROL_MINUTES_DEFAULT = 60, /* of a history */
};

enum control_command {
	CONTROL_STATUS,
	CONTROL_TARGETS,
	CONTROL_ROUTES,
	CONTROL_PLAN,
	CONTROL_EVENTS,
	CONTROL_HISTORY,
	CONTROL_STATS,
	CONTROL_JUDGEMENT,
	CONTROL_RECORD,
	CONTROL_ORDER, /* drain, force-up, force-down, auto: see order.admin */
	CONTROL_VERIFY,
	CONTROL_RELOAD,
	CONTROL_RELEASE,
};

struct control_request {
	enum control_command command;
	char link[NAME_LEN + 1]; /* "": none, or given by index */
	uint16_t link_index;     /* 0: none, or given by name */
	struct order order;      /* of CONTROL_ORDER, without link */
	struct addr target;      /* of CONTROL_VERIFY: not set: any of the link's */
	bool has_after, follow;  /* of CONTROL_EVENTS */
	uint64_t after;          /* the number of an event */
	uint32_t samples;        /* of CONTROL_TARGETS: the newest so many too */
	uint32_t minutes;        /* of CONTROL_HISTORY */
	uint32_t limit;          /* at most so many events; UINT32_MAX: not given */
};

/* Why a request is refused: a word for programs, a text for people. */
struct control_error {
	const char *code;
	char message[320];
};

void control_error_set(struct control_error *error, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Reads line (len octets, without the newline). False: error says why not. */
bool control_request_parse(const char *line, size_t len, struct control_request *request,
			   struct control_error *error);

#endif

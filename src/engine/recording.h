/* SPDX-License-Identifier: ISC */
/* Samples as lines of JSON: what uplinkctl record writes, and uplinkd --replay
 * reads. Pure. */
#ifndef UPLINK_RECORDING_H
#define UPLINK_RECORDING_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "common/addr.h"
#include "common/limits.h"
#include "conf/conf.h"

/* One sample as it was taken into the judgement, or a late answer to an earlier one. */
struct recorded {
	char link[NAME_LEN + 1];
	struct addr address; /* of a gateway: what it was then */
	bool gateway;
	uint8_t family, method;
	uint16_t port, query_type;
	char query[CONF_QUERY_LEN + 1]; /* dns: the name, else "" */
	uint32_t number;  /* counts the target's samples; a late answer has that of its loss */
	uint64_t at_ns;   /* when it was taken; like sent_ns on the machine's monotonic clock */
	uint64_t sent_ns; /* when its probe was sent */
	uint64_t wall_ns; /* at_ns for people */
	uint32_t rtt_us;  /* RTT_UNKNOWN: lost */
	bool late;
};

/* A new reference, or NULL without memory. */
json_t *recording_write(const struct recorded *r);

/* Reads a line (len octets). 1: it was a sample, 0: something else that may stand
 * there, -1: neither; why says what is wrong, in words. missed counts the samples that the
 * recorder could not take. */
int recording_read(const char *line, size_t len, struct recorded *r, uint64_t *missed,
		   const char **why);

#endif

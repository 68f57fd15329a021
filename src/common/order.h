/* SPDX-License-Identifier: ISC */
/* What a person can order of a link, by SNMP SET or uplinkctl. */
#ifndef UPLINK_ORDER_H
#define UPLINK_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "common/limits.h"

enum { SET_ORDERS_MAX = 32 }; /* orders of one SET */

enum { /* which fields an order sets */
       ORDER_ADMIN = 1,
       ORDER_TIMEOUT = 2,
       ORDER_OWNER = 4,
       ORDER_COMMENT = 8,
};

struct order {
	uint16_t link;  /* index */
	uint8_t fields; /* ORDER_* */
	uint8_t admin;  /* enum admin */
	uint8_t force;  /* bool: even if it is the last usable link. Never by SNMP */
	uint8_t reserved[3];
	uint32_t timeout_s;       /* 0: no end */
	char owner[TEXT_LEN + 1]; /* UTF-8, NUL-terminated */
	char comment[TEXT_LEN + 1];
};

/* The order in force of one link. */
struct standing_order {
	uint8_t admin, actor, forced, reserved;
	uint32_t timeout_s; /* 0: no end */
	uint64_t since_ns, since_wall_ns;
	uint64_t expires_ns; /* 0: no end */
	char owner[TEXT_LEN + 1];
	char comment[TEXT_LEN + 1];
};

enum order_verdict { /* why an order is refused */
		     ORDER_OK = 0,
		     ORDER_NO_LINK,      /* no such row: noCreation */
		     ORDER_WRONG_VALUE,  /* outside the enumeration or range: wrongValue */
		     ORDER_INCONSISTENT, /* last usable link, or timeout/owner/comment with auto:
					    inconsistentValue */
		     ORDER_READ_ONLY,    /* control no: notWritable */
		     ORDER_BUSY,         /* another order is reserved: resourceUnavailable */
		     ORDER_LOCK, /* the TestAndIncr lock has another value: inconsistentValue */
};

/* Text from outside: valid UTF-8, no control characters (C0, DEL, C1), at most
 * TEXT_LEN octets. Returns 1 when it may be taken. */
int text_ok(const char *text, size_t len);
/* The same without a bound. */
int text_clean(const char *text, size_t len);

/* The same of any length. */
int text_clean(const char *text, size_t len);

#endif

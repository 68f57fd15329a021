/* SPDX-License-Identifier: ISC */
/* The words of uplinkd as numbers: every enumeration that is published. The
 * values are the MIB's (mibs/UPLINK-MIB.txt) and never change their meaning;
 * the names that names.c gives are the MIB's labels, used in logs, JSON and
 * uplinkctl alike. */
#ifndef UPLINK_NAMES_H
#define UPLINK_NAMES_H

#include <stddef.h>

/* Measured. */
enum health { HEALTH_UNKNOWN = 1, HEALTH_UP, HEALTH_DEGRADED, HEALTH_DOWN };

/* Ordered by a person. */
enum admin { ADMIN_AUTO = 1, ADMIN_DRAIN, ADMIN_FORCE_UP, ADMIN_FORCE_DOWN };

/* What the link does now. */
enum oper { OPER_ACTIVE = 1, OPER_STANDBY, OPER_DRAINING, OPER_DRAINED, OPER_OUT };

enum carrier { CARRIER_UNKNOWN = 1, CARRIER_UP, CARRIER_DOWN };

enum method {
	METHOD_ICMP = 1,
	METHOD_TCP,
	METHOD_DNS,
	METHOD_NEIGHBOUR,
	METHOD_HTTP,
	METHOD_HTTPS,
	METHOD_COMMAND
};

/* What a target's last probes say. */
enum target_status { TARGET_UNKNOWN = 1, TARGET_UP, TARGET_DOWN };

/* Where a gateway's address comes from. */
enum gateway_origin { GATEWAY_NONE = 1, GATEWAY_CONFIGURED, GATEWAY_LEARNED };

/* Why a link's health, admin or oper status is what it is. */
enum reason {
	REASON_NONE = 1,         /* nothing to explain */
	REASON_STARTING,         /* not measured yet */
	REASON_TARGETS_ANSWER,   /* enough targets answer */
	REASON_TARGETS_LOST,     /* too few targets answer */
	REASON_LOSS,             /* loss above its limit */
	REASON_RTT,              /* round-trip time above its limit */
	REASON_JITTER,           /* jitter above its limit */
	REASON_NO_INTERFACE,     /* the interface does not exist */
	REASON_INTERFACE_DOWN,   /* the interface is administratively down */
	REASON_NO_CARRIER,       /* the interface has no carrier */
	REASON_NO_ADDRESS,       /* the interface has no usable source address */
	REASON_NO_GATEWAY,       /* no next hop is known */
	REASON_HOLD,             /* well again, but not for long enough */
	REASON_FLAPPING,         /* well, but suppressed by flap damping */
	REASON_BETTER_TIER,      /* links of a better tier carry the traffic */
	REASON_ORDER_DRAIN,      /* a person ordered drain */
	REASON_ORDER_FORCE_UP,   /* a person ordered forceUp */
	REASON_ORDER_FORCE_DOWN, /* a person ordered forceDown */
	REASON_ORDER_EXPIRED,    /* an order's time ran out */
	REASON_ORDER_ENDED,      /* a person ordered auto */
	REASON_NO_OTHER_LINK,    /* no other link could carry the traffic */
	REASON_OTHER_LINK_BACK,  /* another link can carry the traffic again */
	REASON_KEPT_LAST_ROUTES, /* all links are down: the last routes stay */
	REASON_NO_FLOWS,         /* no live flow is left on the link */
	REASON_DEADLINE,         /* the time for it is over */
	REASON_ROUTE_ERROR,      /* the kernel refused a route */
	REASON_FOREIGN_CHANGE,   /* someone else changed what the daemon made */
	REASON_CONFIG,           /* the configuration was loaded */
	REASON_CRASH,            /* a process died */
	REASON_REFUSED,          /* an order was refused for another reason: see the text */
	REASON_SET_ASIDE,        /* a target fails on every link, while others answer there */
	REASON_ORDER_UNDONE,     /* a part of the SET that somebody else had to do failed */
	REASON_NO_PATH,      /* no way out, or a dying one: notifications may not have arrived */
	REASON_NOT_NOTIFIED, /* notifications could not be kept, or were refused */
	REASON__END
};

enum event_type {
	EVENT_STARTED = 1,
	EVENT_LINK_DOWN,
	EVENT_LINK_UP,
	EVENT_LINK_DEGRADED,
	EVENT_LINK_RECOVERED,
	EVENT_LINK_FLAPPING,
	EVENT_LINK_SETTLED,
	EVENT_FAILOVER, /* a link left the routes, others carry its traffic */
	EVENT_FAILBACK, /* a link is back in the routes */
	EVENT_ALL_DOWN, /* no link is usable: the last routes stay */
	EVENT_ALL_DOWN_CLEAR,
	EVENT_DRAIN_STARTED,
	EVENT_DRAINED,
	EVENT_DRAIN_YIELDED, /* a draining link carries traffic again: the others died */
	EVENT_DRAIN_RESUMED,
	EVENT_CONTROL_SET,
	EVENT_CONTROL_EXPIRED,
	EVENT_CONTROL_REFUSED,
	EVENT_ROUTE_FAILED,
	EVENT_ROUTE_REPAIRED,
	EVENT_TARGET_DOWN,
	EVENT_TARGET_UP,
	EVENT_CONFIG_LOADED,
	EVENT_CONFIG_REJECTED,
	EVENT_PROCESS_RESTARTED,
	EVENT_EVENTS_REPLAY,
	EVENT__END
};

/* Who caused an event. */
enum actor { ACTOR_DAEMON = 1, ACTOR_SNMP, ACTOR_CONTROL };

/* Each returns the MIB's label ("forceUp"), or "?" for a number without one. */
const char *health_name(unsigned v);
const char *admin_name(unsigned v);
const char *oper_name(unsigned v);
const char *carrier_name(unsigned v);
const char *method_name(unsigned v);
const char *target_status_name(unsigned v);
const char *gateway_origin_name(unsigned v);
const char *reason_name(unsigned v);
const char *event_type_name(unsigned v);
const char *actor_name(unsigned v);
/* Of the enumeration that an event of that type is about. */
const char *event_state_name(unsigned type, unsigned state);

/* The event type of that label, or 0. */
unsigned event_type_by_name(const char *name);

/* What a reason means, in words for a log line or a person ("no carrier"). */
const char *reason_text(unsigned v);

/* Why a probe failed, where errno has no word for it: above all of errno's. Some carry
 * a value: ERROR_STATUS + 503. */
enum probe_error {
	ERROR_STATUS = 1000, /* + the status of an HTTP answer, up to 999 */
	ERROR_EXIT = 2000,   /* + the exit status of a command, up to 255 */
	ERROR_SIGNAL = 2300, /* + the signal that ended it */
	ERROR_TLS = 3000,    /* no TLS session came about */
	ERROR_CERTIFICATE,
	ERROR_CERTIFICATE_EXPIRED,
	ERROR_CERTIFICATE_EARLY,
	ERROR_CERTIFICATE_NAME,
	ERROR_HTTP,          /* the answer is not HTTP */
	ERROR_HTTP_SHORT,    /* it ended too early */
	ERROR_HTTP_LONG,     /* it has more than anybody reads */
	ERROR_HTTP_EXPECTED, /* it lacks the expected text */
	ERROR_NO_CERTIFICATES,
	ERROR_SILENT, /* the process that asks does not answer */
	ERROR__END,
};
/* errno or one of these, in words. */
enum { ERROR_TEXT_LEN = 64 };
const char *probe_error_text(unsigned error, char buf[static ERROR_TEXT_LEN]);

/* The admin status of that label (also force-up, force-down), or 0. */
unsigned admin_by_name(const char *name);

#endif

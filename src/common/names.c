/* SPDX-License-Identifier: ISC */
/* The labels of every published enumeration, as the MIB writes them. */
#include "config.h"

#include "common/names.h"

#include <stdio.h>
#include <string.h>

#define LABEL(table, v) ((v) < sizeof(table) / sizeof((table)[0]) && (table)[v] ? (table)[v] : "?")

static const char *const health_names[] = {NULL, "unknown", "up", "degraded", "down"};
static const char *const admin_names[] = {NULL, "auto", "drain", "forceUp", "forceDown"};
static const char *const oper_names[] = {NULL, "active", "standby", "draining", "drained", "out"};
static const char *const carrier_names[] = {NULL, "unknown", "up", "down"};
static const char *const method_names[] = {NULL,        "icmp", "tcp",   "dns",
					   "neighbour", "http", "https", "command"};
static const char *const target_status_names[] = {NULL, "unknown", "up", "down"};
static const char *const gateway_origin_names[] = {NULL, "none", "configured", "learned"};
static const char *const actor_names[] = {NULL, "daemon", "snmp", "control"};

static const struct {
	const char *name, *text;
} reasons[] = {
    [REASON_NONE] = {"none", "nothing to explain"},
    [REASON_STARTING] = {"starting", "not measured yet"},
    [REASON_TARGETS_ANSWER] = {"targetsAnswer", "targets answer"},
    [REASON_TARGETS_LOST] = {"targetsLost", "too few targets answer"},
    [REASON_LOSS] = {"loss", "loss above its limit"},
    [REASON_RTT] = {"rtt", "round-trip time above its limit"},
    [REASON_JITTER] = {"jitter", "jitter above its limit"},
    [REASON_NO_INTERFACE] = {"noInterface", "the interface does not exist"},
    [REASON_INTERFACE_DOWN] = {"interfaceDown", "the interface is administratively down"},
    [REASON_NO_CARRIER] = {"noCarrier", "no carrier"},
    [REASON_NO_ADDRESS] = {"noAddress", "no usable source address"},
    [REASON_NO_GATEWAY] = {"noGateway", "no gateway is known"},
    [REASON_HOLD] = {"hold", "well again, but not for long enough"},
    [REASON_FLAPPING] = {"flapping", "suppressed by flap damping"},
    [REASON_BETTER_TIER] = {"betterTier", "links of a better tier carry the traffic"},
    [REASON_ORDER_DRAIN] = {"orderDrain", "drain was ordered"},
    [REASON_ORDER_FORCE_UP] = {"orderForceUp", "forceUp was ordered"},
    [REASON_ORDER_FORCE_DOWN] = {"orderForceDown", "forceDown was ordered"},
    [REASON_ORDER_EXPIRED] = {"orderExpired", "the order's time ran out"},
    [REASON_ORDER_ENDED] = {"orderEnded", "auto was ordered"},
    [REASON_NO_OTHER_LINK] = {"noOtherLink", "no other link can carry the traffic"},
    [REASON_OTHER_LINK_BACK] = {"otherLinkBack", "another link can carry the traffic again"},
    [REASON_KEPT_LAST_ROUTES] = {"keptLastRoutes", "all links are down: the last routes stay"},
    [REASON_NO_FLOWS] = {"noFlows", "no live flow is left on the link"},
    [REASON_DEADLINE] = {"deadline", "the time for it is over"},
    [REASON_ROUTE_ERROR] = {"routeError", "the kernel refused a route"},
    [REASON_FOREIGN_CHANGE] = {"foreignChange", "someone else changed it"},
    [REASON_CONFIG] = {"config", "the configuration was loaded"},
    [REASON_CRASH] = {"crash", "a process died"},
    [REASON_REFUSED] = {"refused", "the order was refused"},
    [REASON_SET_ASIDE] = {"setAside", "the target fails on every link, others answer there"},
    [REASON_ORDER_UNDONE] = {"orderUndone", "another part of the SET failed: the order is undone"},
    [REASON_NO_PATH] = {"noPath", "notifications had no way out, or one that was dying"},
    [REASON_NOT_NOTIFIED] = {"notNotified", "notifications were lost"},
};

static const char *const event_type_names[] = {
    [EVENT_STARTED] = "started",
    [EVENT_LINK_DOWN] = "linkDown",
    [EVENT_LINK_UP] = "linkUp",
    [EVENT_LINK_DEGRADED] = "degraded",
    [EVENT_LINK_RECOVERED] = "recovered",
    [EVENT_LINK_FLAPPING] = "flapping",
    [EVENT_LINK_SETTLED] = "settled",
    [EVENT_FAILOVER] = "failover",
    [EVENT_FAILBACK] = "failback",
    [EVENT_ALL_DOWN] = "allDown",
    [EVENT_ALL_DOWN_CLEAR] = "allDownClear",
    [EVENT_DRAIN_STARTED] = "drainStarted",
    [EVENT_DRAINED] = "drained",
    [EVENT_DRAIN_YIELDED] = "drainYielded",
    [EVENT_DRAIN_RESUMED] = "drainResumed",
    [EVENT_CONTROL_SET] = "controlSet",
    [EVENT_CONTROL_EXPIRED] = "controlExpired",
    [EVENT_CONTROL_REFUSED] = "controlRefused",
    [EVENT_ROUTE_FAILED] = "routeFailed",
    [EVENT_ROUTE_REPAIRED] = "routeRepaired",
    [EVENT_TARGET_DOWN] = "targetDown",
    [EVENT_TARGET_UP] = "targetUp",
    [EVENT_CONFIG_LOADED] = "configLoaded",
    [EVENT_CONFIG_REJECTED] = "configRejected",
    [EVENT_PROCESS_RESTARTED] = "processRestarted",
    [EVENT_EVENTS_REPLAY] = "eventsReplay",
};

const char *
health_name(unsigned v)
{
	return LABEL(health_names, v);
}

const char *
admin_name(unsigned v)
{
	return LABEL(admin_names, v);
}

const char *
oper_name(unsigned v)
{
	return LABEL(oper_names, v);
}

const char *
carrier_name(unsigned v)
{
	return LABEL(carrier_names, v);
}

const char *
method_name(unsigned v)
{
	return LABEL(method_names, v);
}

const char *
target_status_name(unsigned v)
{
	return LABEL(target_status_names, v);
}

const char *
gateway_origin_name(unsigned v)
{
	return LABEL(gateway_origin_names, v);
}

const char *
actor_name(unsigned v)
{
	return LABEL(actor_names, v);
}

const char *
event_type_name(unsigned v)
{
	return LABEL(event_type_names, v);
}

const char *
reason_name(unsigned v)
{
	return v < REASON__END && reasons[v].name ? reasons[v].name : "?";
}

const char *
reason_text(unsigned v)
{
	return v < REASON__END && reasons[v].text ? reasons[v].text : "?";
}

unsigned
admin_by_name(const char *name)
{
	if (strcmp(name, "force-up") == 0)
		return ADMIN_FORCE_UP;
	if (strcmp(name, "force-down") == 0)
		return ADMIN_FORCE_DOWN;
	for (unsigned v = ADMIN_AUTO; v <= ADMIN_FORCE_DOWN; v++)
		if (strcmp(name, admin_names[v]) == 0)
			return v;
	return 0;
}

const char *
event_state_name(unsigned type, unsigned state)
{
	switch (type) {
	case EVENT_LINK_DOWN:
	case EVENT_LINK_UP:
	case EVENT_LINK_DEGRADED:
	case EVENT_LINK_RECOVERED:
	case EVENT_LINK_FLAPPING:
	case EVENT_LINK_SETTLED:
		return health_name(state);
	case EVENT_CONTROL_SET:
	case EVENT_CONTROL_EXPIRED:
	case EVENT_CONTROL_REFUSED:
		return admin_name(state);
	case EVENT_TARGET_DOWN:
	case EVENT_TARGET_UP:
		return target_status_name(state);
	default:
		return oper_name(state);
	}
}

unsigned
event_type_by_name(const char *name)
{
	for (unsigned v = EVENT_STARTED; v < EVENT__END; v++)
		if (strcmp(name, event_type_name(v)) == 0)
			return v;
	return 0;
}

const char *
probe_error_text(unsigned error, char buf[static ERROR_TEXT_LEN])
{
	static const char *const words[] = {
	    [0] = "no TLS session",
	    [ERROR_CERTIFICATE - ERROR_TLS] = "certificate not trusted",
	    [ERROR_CERTIFICATE_EXPIRED - ERROR_TLS] = "certificate has expired",
	    [ERROR_CERTIFICATE_EARLY - ERROR_TLS] = "certificate is not valid yet",
	    [ERROR_CERTIFICATE_NAME - ERROR_TLS] = "certificate is for another name",
	    [ERROR_HTTP - ERROR_TLS] = "not an HTTP answer",
	    [ERROR_HTTP_SHORT - ERROR_TLS] = "the answer ends too early",
	    [ERROR_HTTP_LONG - ERROR_TLS] = "the answer is too long",
	    [ERROR_HTTP_EXPECTED - ERROR_TLS] = "the answer lacks the expected text",
	    [ERROR_NO_CERTIFICATES - ERROR_TLS] = "there are no certificates to check by",
	    [ERROR_SILENT - ERROR_TLS] = "the process that asks does not answer",
	};

	if (error < ERROR_STATUS)
		snprintf(buf, ERROR_TEXT_LEN, "%s", strerror((int)error));
	else if (error < ERROR_EXIT)
		snprintf(buf, ERROR_TEXT_LEN, "HTTP status %u", error - ERROR_STATUS);
	else if (error < ERROR_SIGNAL)
		snprintf(buf, ERROR_TEXT_LEN, "exit status %u", error - ERROR_EXIT);
	else if (error < ERROR_TLS)
		snprintf(buf, ERROR_TEXT_LEN, "ended by signal %u", error - ERROR_SIGNAL);
	else
		snprintf(buf, ERROR_TEXT_LEN, "%s",
			 error < ERROR__END ? words[error - ERROR_TLS] : "?");
	return buf;
}

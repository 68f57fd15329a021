/* SPDX-License-Identifier: ISC */
/* What to do about a link, by what is wrong with it: the first thing to do first. */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "common/limits.h"
#include "ctl/ctl.h"
#include "ctl/explain.h"
#include "ctl/format.h"

enum { HEARTBEAT_LATE_MS = 1000 };

static void __attribute__((format(printf, 2, 3))) advise(json_t *advice, const char *fmt, ...)
{
	char text[1024];
	const json_t *said;
	va_list ap;
	size_t i;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Both IP versions may want the same. */
	json_array_foreach(advice, i, said)
	{
		if (strcmp(json_string_value(said), text) == 0)
			return;
	}
	json_array_append_new(advice, json_string(text));
}

static bool
text_is(const json_t *object, const char *key, const char *text)
{
	return strcmp(ctl_text(object, key, ""), text) == 0;
}

/* What is wrong with a link, and how a shell takes its name. */
struct patient {
	const struct explanation *e;
	char name[5 * NAME_LEN]; /* each octet of it as '\'' at most, and two quotes */
};

static void
quote(const char *name, char *to, size_t size)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = 0;

	if (name[strspn(name, plain)] == '\0') {
		snprintf(to, size, "%s", name);
		return;
	}
	to[len++] = '\'';
	for (; *name != '\0' && len + 6 < size; name++)
		if (*name == '\'')
			len += (size_t)snprintf(to + len, size - len, "'\\''");
		else
			to[len++] = *name;
	memcpy(to + len, "'", 2);
}

static void
advise_daemon(const struct explanation *e, json_t *advice)
{
	const json_t *g = e->global;

	if (ctl_number(g, "heartbeat_age_ms", 0) > HEARTBEAT_LATE_MS)
		advise(advice,
		       "The engine of uplinkd is late: what stands here may be old. Look at its "
		       "log and at the load of this machine.");
	if (!ctl_true(g, "config_ok") && ctl_number(g, "config_age_s", -1) >= 0)
		advise(
		    advice,
		    "The last configuration was refused, an older one is in force: mend it (%s), "
		    "then uplinkctl reload.",
		    ctl_text(g, "config_error", "uplinkd -n names the mistake"));
}

/* The gateway, where it is asked: 1 it answers, 0 it does not, -1 nobody asks. */
static int
gateway_answers(const struct explanation *e, long long version, const char **address)
{
	const json_t *t;
	size_t i;

	json_array_foreach(e->targets, i, t)
	{
		if (!ctl_true(t, "gateway") || ctl_number(t, "version", 4) != version)
			continue;
		*address = ctl_text(t, "address", NULL);
		return text_is(t, "status", "up");
	}
	return -1;
}

static void
advise_targets_lost(const struct patient *who, const json_t *route, json_t *advice)
{
	const char *interface = ctl_text(route, "interface", "?");
	const char *gateway = ctl_text(route, "gateway", NULL);
	int answers = gateway_answers(who->e, ctl_number(route, "version", 4), &gateway);

	if (answers == 1 && !ctl_true(who->e->link, "gateway_only"))
		advise(advice,
		       "The gateway answers, what lies behind it does not: the fault is with the "
		       "provider. Call it; for the ticket: uplinkctl history %s --svg > fault.svg",
		       who->name);
	else if (answers == 0)
		advise(advice,
		       "Not even the gateway answers: look at modem, cable and line, switch the "
		       "modem off and on, then call the provider.");
	else if (gateway != NULL)
		advise(
		    advice,
		    "See whether the gateway answers: ping -I %s %s. If it does, the fault is with "
		    "the provider: call it. If not, look at modem, cable and line first.",
		    interface, gateway);
	advise(advice, "See that probes take the right way: uplinkctl verify %s", who->name);
}

static void
advise_quality(const struct patient *who, const char *interface, json_t *advice)
{
	advise(
	    advice,
	    "The line answers, but badly. See since when: uplinkctl history %s --minutes 360. If "
	    "it is full (ip -s link show dev %s), wait or find out who fills it, else call the "
	    "provider with that picture.",
	    who->name, interface);
}

/* By the reason for which an IP version is not well. */
static void
advise_version(const struct patient *who, const json_t *route, json_t *advice)
{
	const char *interface = ctl_text(route, "interface", "?");
	bool six = ctl_number(route, "version", 4) == 6;

	if (text_is(route, "reason", "targetsLost"))
		advise_targets_lost(who, route, advice);
	else if (text_is(route, "reason", "loss") || text_is(route, "reason", "rtt") ||
		 text_is(route, "reason", "jitter"))
		advise_quality(who, interface, advice);
	else if (text_is(route, "reason", "noInterface"))
		advise(advice,
		       "There is no interface %s: is its card or modem there, its session (PPP, "
		       "VLAN) up? See ip link; if it has another name now, mend uplinkd.conf.",
		       interface);
	else if (text_is(route, "reason", "interfaceDown"))
		advise(advice, "The interface is switched off: ip link set %s up", interface);
	else if (text_is(route, "reason", "noCarrier"))
		advise(advice,
		       "%s has no carrier: look at the cable, and whether the modem has power.",
		       interface);
	else if (text_is(route, "reason", "noAddress"))
		advise(advice,
		       "%s has no %s address: look at its DHCP client or PPP session (ip -%d addr "
		       "show dev %s), then call the provider.",
		       interface, six ? "IPv6" : "IPv4", six ? 6 : 4, interface);
	else if (text_is(route, "reason", "noGateway"))
		advise(advice, "No %s gateway is known on %s: %s, or write it into uplinkd.conf.",
		       six ? "IPv6" : "IPv4", interface,
		       six ? "see that router advertisements come in" : "renew its DHCP lease");
	else if (text_is(route, "reason", "starting"))
		advise(advice, "%s is being measured: look again in a few seconds.",
		       six ? "IPv6" : "IPv4");
}

static void
advise_versions(const struct patient *who, json_t *advice)
{
	const json_t *route;
	size_t i;

	json_array_foreach(who->e->routes, i, route)
	{
		if (!text_is(route, "health", "up") && !explain_is_absent(route))
			advise_version(who, route, advice);
	}
}

static void
advise_waiting(const struct patient *who, json_t *advice)
{
	long long hold = ctl_number(who->e->link, "hold_remaining_s", -1);
	long long flap = ctl_number(who->e->link, "flap_remaining_s", -1);
	char left[FORMAT_LEN];

	if (flap >= 0)
		advise(
		    advice,
		    "It comes and goes: find out why (uplinkctl events, uplinkctl history %s). It "
		    "comes back by itself in %s; to use it now: uplinkctl force-up %s",
		    who->name, format_duration(flap, left), who->name);
	else if (hold >= 0)
		advise(advice,
		       "Wait: it comes back by itself in %s. To use it now: uplinkctl force-up %s",
		       format_duration(hold, left), who->name);
}

static void
advise_order(const struct patient *who, json_t *advice)
{
	if (json_object_get(who->e->link, "order") != NULL)
		advise(advice, "If the order is no longer needed: uplinkctl auto %s", who->name);
}

static void
advise_kernel(const struct explanation *e, json_t *advice)
{
	bool behind =
	    ctl_number(e->global, "plan_installed", 0) < ctl_number(e->global, "plan_serial", 0);
	const json_t *route;
	size_t i;

	json_array_foreach(e->routes, i, route)
	{
		if (ctl_true(route, "wanted") && !ctl_true(route, "installed"))
			behind = true;
	}
	if (behind)
		advise(
		    advice,
		    "The kernel does not have the routes that are wanted. If that lasts for more "
		    "than a second or two: uplinkctl events and the log say what it refused.");
}

/* Targets that are bad in themselves. */
static void
advise_targets(const struct explanation *e, json_t *advice)
{
	const json_t *t;
	size_t i;

	if (text_is(e->link, "health", "down"))
		return;
	json_array_foreach(e->targets, i, t)
	{
		if (text_is(t, "status", "down"))
			advise(advice,
			       "The target %s does not answer, although the link works. If that "
			       "lasts, put another in its place in uplinkd.conf.",
			       ctl_text(t, "address", "gateway"));
	}
	if (ctl_true(e->link, "gateway_only"))
		advise(advice,
		       "Only the gateway is asked, so a fault behind it is not seen: name a target "
		       "or two for this link in uplinkd.conf.");
}

static void
advise_nothing(const struct explanation *e, json_t *advice)
{
	const char *oper = ctl_text(e->link, "oper", "?");

	if (strcmp(oper, "active") == 0)
		advise(advice, "Nothing: the link is well and carries traffic.");
	else if (strcmp(oper, "standby") == 0)
		advise(advice, "Nothing: the link is well, and will be used when it is needed.");
	else
		advise(advice, "uplinkctl events and the log of uplinkd say more.");
}

json_t *
explain_advice(const struct explanation *e)
{
	struct patient who = {.e = e};
	json_t *advice = json_array();

	quote(ctl_text(e->link, "link", "?"), who.name, sizeof(who.name));
	advise_daemon(e, advice);
	advise_versions(&who, advice);
	advise_waiting(&who, advice);
	advise_order(&who, advice);
	advise_kernel(e, advice);
	advise_targets(e, advice);
	if (json_array_size(advice) == 0)
		advise_nothing(e, advice);
	return advice;
}

/* SPDX-License-Identifier: ISC */
/* The agent's own objects: see standard.h. The counters are the library's. */
#include "config.h"

#include "subagent/standard.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "common/clock.h"
#include "subagent/wire.h"

static const struct conf_agent *agent;
static uint64_t started_ns;
static struct utsname host;

uint32_t
standard_uptime(void)
{
	return (uint32_t)((clock_mono_ns() - started_ns) / (10 * NSEC_PER_MSEC));
}

static bool
seek_scalar(struct mib_row *row)
{
	return row->index[0] == 0;
}

/* ---- system ---- */

static void
get_descr(const struct mib_row *row, struct mib_value *value)
{
	char text[255];

	(void)row;
	snprintf(text, sizeof(text), "uplinkd %s on %s %s %s", PACKAGE_VERSION, host.sysname,
		 host.release, host.machine);
	value_text(value, text);
}

static void
get_object_id(const struct mib_row *row, struct mib_value *value)
{
	static const uint32_t id[] = {MIB_OID};

	(void)row;
	value_object(value, id, sizeof(id) / sizeof(id[0]));
}

static void
get_up_time(const struct mib_row *row, struct mib_value *value)
{
	(void)row;
	value_number(value, standard_uptime());
}

static void
get_contact(const struct mib_row *row, struct mib_value *value)
{
	(void)row;
	value_text(value, agent->contact);
}

static void
get_name(const struct mib_row *row, struct mib_value *value)
{
	(void)row;
	value_text(value, host.nodename);
}

static void
get_location(const struct mib_row *row, struct mib_value *value)
{
	(void)row;
	value_text(value, agent->location);
}

static void
get_services(const struct mib_row *row, struct mib_value *value)
{
	enum { INTERNET = 1 << 2, END_TO_END = 1 << 3, APPLICATIONS = 1 << 6 };

	(void)row;
	value_number(value, INTERNET | END_TO_END | APPLICATIONS);
}

static void
get_or_last_change(const struct mib_row *row, struct mib_value *value)
{
	(void)row;
	value_number(value, 0); /* as it was at the start */
}

#define ANY 0, UINT64_MAX

static const struct mib_column system_columns[] = {
    {1, MIB_OCTETS, MIB_READ_ONLY, 0, 255, "sysDescr", get_descr},
    {2, MIB_OBJECT, MIB_READ_ONLY, ANY, "sysObjectID", get_object_id},
    {3, MIB_TICKS, MIB_READ_ONLY, ANY, "sysUpTime", get_up_time},
    {4, MIB_OCTETS, MIB_READ_ONLY, 0, 255, "sysContact", get_contact},
    {5, MIB_OCTETS, MIB_READ_ONLY, 0, 255, "sysName", get_name},
    {6, MIB_OCTETS, MIB_READ_ONLY, 0, 255, "sysLocation", get_location},
    {7, MIB_INTEGER, MIB_READ_ONLY, 0, 127, "sysServices", get_services},
    {8, MIB_TICKS, MIB_READ_ONLY, ANY, "sysORLastChange", get_or_last_change},
};

/* ---- sysORTable: the modules that are served ---- */

static const struct served_module {
	const char *descr;
	size_t length;
	uint32_t id[MIB_OID_LEN + 4];
} modules[] = {
    {"The MIB module for SNMP entities", 7, {1, 3, 6, 1, 6, 3, 1}},
    {"The SNMP Management Architecture MIB", 10, {1, 3, 6, 1, 6, 3, 10, 3, 1, 1}},
    {"The MIB for Message Processing and Dispatching", 10, {1, 3, 6, 1, 6, 3, 11, 3, 1, 1}},
    {"The management information definitions for the SNMP User-based Security Model",
     10,
     {1, 3, 6, 1, 6, 3, 15, 2, 1, 1}},
    {"The WAN links of a site, as uplinkd measures and uses them", MIB_OID_LEN, {MIB_OID}},
};

enum { MODULES = sizeof(modules) / sizeof(modules[0]) };

static bool
seek_module(struct mib_row *row)
{
	if (row->index[0] == 0)
		row->index[0] = 1;
	return row->index[0] <= MODULES;
}

static void
get_or_id(const struct mib_row *row, struct mib_value *value)
{
	const struct served_module *m = &modules[row->index[0] - 1];

	value_object(value, m->id, m->length);
}

static void
get_or_descr(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, modules[row->index[0] - 1].descr);
}

static const struct mib_column or_columns[] = {
    {2, MIB_OBJECT, MIB_READ_ONLY, ANY, "sysORID", get_or_id},
    {3, MIB_OCTETS, MIB_READ_ONLY, 0, 255, "sysORDescr", get_or_descr},
    {4, MIB_TICKS, MIB_READ_ONLY, ANY, "sysORUpTime", get_or_last_change},
};

/* ---- counters ---- */

#define STATISTIC(name, which)                                                     \
	static void get_##name(const struct mib_row *row, struct mib_value *value) \
	{                                                                          \
		(void)row;                                                         \
		value_number(value, snmp_get_statistic(which));                    \
	}

STATISTIC(in_packets, STAT_SNMPINPKTS)
STATISTIC(out_packets, STAT_SNMPOUTPKTS)
STATISTIC(bad_versions, STAT_SNMPINBADVERSIONS)
STATISTIC(bad_names, STAT_SNMPINBADCOMMUNITYNAMES)
STATISTIC(bad_uses, STAT_SNMPINBADCOMMUNITYUSES)
STATISTIC(parse_errors, STAT_SNMPINASNPARSEERRS)
STATISTIC(silent_drops, STAT_SNMPSILENTDROPS)
STATISTIC(proxy_drops, STAT_SNMPPROXYDROPS)
STATISTIC(unknown_models, STAT_SNMPUNKNOWNSECURITYMODELS)
STATISTIC(invalid_messages, STAT_SNMPINVALIDMSGS)
STATISTIC(unknown_handlers, STAT_SNMPUNKNOWNPDUHANDLERS)
STATISTIC(unsupported_levels, STAT_USMSTATSUNSUPPORTEDSECLEVELS)
STATISTIC(not_in_window, STAT_USMSTATSNOTINTIMEWINDOWS)
STATISTIC(unknown_names, STAT_USMSTATSUNKNOWNUSERNAMES)
STATISTIC(unknown_engines, STAT_USMSTATSUNKNOWNENGINEIDS)
STATISTIC(wrong_digests, STAT_USMSTATSWRONGDIGESTS)
STATISTIC(decryption_errors, STAT_USMSTATSDECRYPTIONERRORS)

static void
get_authen_traps(const struct mib_row *row, struct mib_value *value)
{
	enum { DISABLED = 2 };

	(void)row;
	value_number(value, DISABLED);
}

#define COUNTER(number, label, get)                                             \
	{                                                                       \
		number, MIB_COUNTER32, MIB_READ_ONLY, 0, UINT32_MAX, label, get \
	}

static const struct mib_column snmp_columns[] = {
    COUNTER(1, "snmpInPkts", get_in_packets),
    COUNTER(2, "snmpOutPkts", get_out_packets),
    COUNTER(3, "snmpInBadVersions", get_bad_versions),
    COUNTER(4, "snmpInBadCommunityNames", get_bad_names),
    COUNTER(5, "snmpInBadCommunityUses", get_bad_uses),
    COUNTER(6, "snmpInASNParseErrs", get_parse_errors),
    {30, MIB_INTEGER, MIB_READ_ONLY, 1, 2, "snmpEnableAuthenTraps", get_authen_traps},
    COUNTER(31, "snmpSilentDrops", get_silent_drops),
    COUNTER(32, "snmpProxyDrops", get_proxy_drops),
};

static const struct mib_column dispatch_columns[] = {
    COUNTER(1, "snmpUnknownSecurityModels", get_unknown_models),
    COUNTER(2, "snmpInvalidMsgs", get_invalid_messages),
    COUNTER(3, "snmpUnknownPDUHandlers", get_unknown_handlers),
};

static const struct mib_column usm_columns[] = {
    COUNTER(1, "usmStatsUnsupportedSecLevels", get_unsupported_levels),
    COUNTER(2, "usmStatsNotInTimeWindows", get_not_in_window),
    COUNTER(3, "usmStatsUnknownUserNames", get_unknown_names),
    COUNTER(4, "usmStatsUnknownEngineIDs", get_unknown_engines),
    COUNTER(5, "usmStatsWrongDigests", get_wrong_digests),
    COUNTER(6, "usmStatsDecryptionErrors", get_decryption_errors),
};

/* ---- snmpEngine ---- */

static void
get_engine_id(const struct mib_row *row, struct mib_value *value)
{
	size_t length;
	u_char *id = snmpv3_generate_engineID(&length);

	(void)row;
	if (id == NULL || length > sizeof(value->octets)) {
		free(id);
		return;
	}
	value->present = true;
	value->length = length;
	memcpy(value->octets, id, length);
	free(id);
}

static void
get_engine_boots(const struct mib_row *row, struct mib_value *value)
{
	(void)row;
	value_number(value, snmpv3_local_snmpEngineBoots());
}

static void
get_engine_time(const struct mib_row *row, struct mib_value *value)
{
	(void)row;
	value_number(value, snmpv3_local_snmpEngineTime());
}

static void
get_message_size(const struct mib_row *row, struct mib_value *value)
{
	(void)row;
	value_number(value, WIRE_MESSAGE_MAX);
}

static const struct mib_column engine_columns[] = {
    {1, MIB_OCTETS, MIB_READ_ONLY, 5, 32, "snmpEngineID", get_engine_id},
    {2, MIB_INTEGER, MIB_READ_ONLY, 1, INT32_MAX, "snmpEngineBoots", get_engine_boots},
    {3, MIB_INTEGER, MIB_READ_ONLY, 0, INT32_MAX, "snmpEngineTime", get_engine_time},
    {4, MIB_INTEGER, MIB_READ_ONLY, 484, INT32_MAX, "snmpEngineMaxMessageSize", get_message_size},
};

/* ---- where they stand ---- */

static const uint32_t mib_2[] = {1, 3, 6, 1, 2, 1}, system_root[] = {1, 3, 6, 1, 2, 1, 1},
		      engine_root[] = {1, 3, 6, 1, 6, 3, 10, 2},
		      dispatch_root[] = {1, 3, 6, 1, 6, 3, 11, 2},
		      usm_root[] = {1, 3, 6, 1, 6, 3, 15, 1};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define SCALARS(r, n, c)                                                                          \
	{                                                                                         \
		.root = (r), .root_length = LENGTH(r), .arc = (n), .scalars = true, .indexes = 1, \
		.columns = (c), .ncolumns = LENGTH(c), .seek = seek_scalar                        \
	}

static const struct mib_group system_group = SCALARS(mib_2, 1, system_columns);
static const struct mib_group or_group = {.root = system_root,
					  .root_length = LENGTH(system_root),
					  .arc = 9,
					  .indexes = 1,
					  .columns = or_columns,
					  .ncolumns = LENGTH(or_columns),
					  .seek = seek_module};
static const struct mib_group snmp_group = SCALARS(mib_2, 11, snmp_columns);
static const struct mib_group engine_group = SCALARS(engine_root, 1, engine_columns);
static const struct mib_group dispatch_group = SCALARS(dispatch_root, 1, dispatch_columns);
static const struct mib_group usm_group = SCALARS(usm_root, 1, usm_columns);

const struct mib_group *const *
standard_groups(const struct conf_agent *a)
{
	static const struct mib_group *groups[32];
	unsigned n = 0;

	agent = a;
	started_ns = clock_mono_ns();
	(void)uname(&host);
	groups[n++] = &system_group;
	groups[n++] = &or_group;
	groups[n++] = &snmp_group;
	for (unsigned i = 0; mib_groups[i] != NULL && n < LENGTH(groups) - 4; i++)
		groups[n++] = mib_groups[i];
	groups[n++] = &engine_group;
	groups[n++] = &dispatch_group;
	groups[n++] = &usm_group;
	return groups;
}

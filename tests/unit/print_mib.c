/* SPDX-License-Identifier: ISC */
/* Prints what the subagent knows of UPLINK-MIB, one line a thing, for test_mib.py:
 *   column LABEL OID TYPE ACCESS
 *   notification LABEL OID OBJECT...
 *   value ENUMERATION NUMBER LABEL       of common/names.h */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "common/names.h"
#include "subagent/mib.h"

static const char *const type_names[] = {
    [MIB_INTEGER] = "Integer32",   [MIB_UNSIGNED] = "Unsigned32", [MIB_COUNTER32] = "Counter32",
    [MIB_COUNTER64] = "Counter64", [MIB_OCTETS] = "OctetString",
};

static const char *const access_names[] = {
    [MIB_READ_ONLY] = "readonly", [MIB_READ_WRITE] = "readwrite", [MIB_NOTIFY_ONLY] = "notifyonly"};

static void
print_name(const struct mib_name *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		printf("%s%u", i ? "." : " ", name->id[i]);
}

static void
print_columns(void)
{
	static const uint32_t none[MIB_INDEXES_MAX];

	for (const struct mib_group *const *g = mib_groups; *g != NULL; g++)
		for (size_t i = 0; i < (*g)->ncolumns; i++) {
			const struct mib_column *c = &(*g)->columns[i];
			struct mib_name name;

			mib_name_of(*g, c, none, &name);
			printf("column %s", c->label);
			print_name(&name, name.length - (*g)->indexes);
			printf(" %s %s\n", type_names[c->type], access_names[c->access]);
		}
}

struct object {
	uint32_t arc, number;
};

static void
print_notification(const char *label, uint32_t number, const struct object *objects, size_t n)
{
	static const uint32_t ids[] = {MIB_OID, MIB_ARC_NOTIFICATIONS};
	struct mib_name name = {.length = sizeof(ids) / sizeof(ids[0]) + 1};

	memcpy(name.id, ids, sizeof(ids));
	name.id[name.length - 1] = number;
	printf("notification %s", label);
	print_name(&name, name.length);
	for (size_t i = 0; i < n; i++)
		for (const struct mib_group *const *g = mib_groups; *g != NULL; g++)
			if ((*g)->arc == objects[i].arc)
				printf(" %s", mib_column(*g, objects[i].number)->label);
	puts("");
}

#define PRINT_NOTIFICATION(name, number, label, ...)                                              \
	{                                                                                         \
		static const struct object objects[] = {__VA_ARGS__};                             \
		print_notification(label, number, objects, sizeof(objects) / sizeof(objects[0])); \
	}

static void
print_values(const char *name, const char *(*label)(unsigned))
{
	for (unsigned v = 0; v < 256; v++)
		if (strcmp(label(v), "?") != 0)
			printf("value %s %u %s\n", name, v, label(v));
}

int
main(void)
{
	print_columns();
	MIB_NOTIFICATIONS(PRINT_NOTIFICATION)
	print_values("UplinkHealth", health_name);
	print_values("UplinkAdmin", admin_name);
	print_values("UplinkOper", oper_name);
	print_values("UplinkCarrier", carrier_name);
	print_values("UplinkMethod", method_name);
	print_values("UplinkProbeStatus", target_status_name);
	print_values("UplinkGatewayOrigin", gateway_origin_name);
	print_values("UplinkReason", reason_name);
	print_values("UplinkEventKind", event_type_name);
	print_values("UplinkActor", actor_name);
	return 0;
}

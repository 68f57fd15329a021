/* SPDX-License-Identifier: ISC */
/* What net-snmp's own library does best as an AgentX subagent: one registration, no
 * helper, a handler over a sorted array. 20 columns, as many rows as asked for. The
 * figure that the SNMP process is held against.
 *
 * usage: own_handler SOCKET ROWS */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS = 20, ENTRY_LENGTH = 11 };

static const oid entry[ENTRY_LENGTH] = {1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7, 1};
static unsigned long rows;
static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

/* Rows are numbered from 1, so that finding one is no more than a comparison. */
static void
put(netsnmp_variable_list *var, oid column, oid row)
{
	char text[16];
	struct counter64 big = {.high = (u_long)column, .low = (u_long)row};

	switch (column % 4) {
	case 0:
		snprintf(text, sizeof(text), "row %8lu", (unsigned long)row);
		snmp_set_var_typed_value(var, ASN_OCTET_STR, text, 12);
		break;
	case 1:
		snmp_set_var_typed_integer(var, ASN_INTEGER, (long)row);
		break;
	case 2:
		snmp_set_var_typed_integer(var, ASN_GAUGE, (long)row);
		break;
	default:
		snmp_set_var_typed_value(var, ASN_COUNTER64, &big, sizeof(big));
	}
}

static void
answer_next(netsnmp_request_info *request)
{
	netsnmp_variable_list *var = request->requestvb;
	oid name[ENTRY_LENGTH + 2], column = 1, row = 1;
	size_t n = var->name_length;

	if (snmp_oidtree_compare(var->name, n, entry, ENTRY_LENGTH) == 0 && n > ENTRY_LENGTH) {
		column = var->name[ENTRY_LENGTH];
		if (n > ENTRY_LENGTH + 1)
			row = var->name[ENTRY_LENGTH + 1] +
			      !(request->inclusive && n == ENTRY_LENGTH + 2);
	}
	if (row > rows) {
		row = 1;
		column++;
	}
	if (column > COLUMNS)
		return;
	memcpy(name, entry, sizeof(entry));
	name[ENTRY_LENGTH] = column;
	name[ENTRY_LENGTH + 1] = row;
	snmp_set_var_objid(var, name, ENTRY_LENGTH + 2);
	put(var, column, row);
}

static int
handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
       netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	(void)handler;
	(void)registration;
	for (; requests != NULL; requests = requests->next)
		if (!requests->processed && info->mode == MODE_GETNEXT)
			answer_next(requests);
	return SNMP_ERR_NOERROR;
}

int
main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: own_handler SOCKET ROWS\n", stderr);
		return 2;
	}
	rows = strtoul(argv[2], NULL, 10);
	signal(SIGTERM, on_signal);
	netsnmp_set_mib_directory("");
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, argv[1]);
	init_agent("own_handler");
	init_snmp("own_handler");
	netsnmp_register_handler(netsnmp_create_handler_registration(
	    "own", handle, entry, ENTRY_LENGTH, HANDLER_CAN_RONLY));
	puts("ready");
	fflush(stdout);
	while (!stop)
		agent_check_and_process(1);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* AgentX messages (RFC 2741) by net-snmp's own encoder and decoder. Nothing else
 * of that library runs here: no session, no agent, no init_snmp; so no MIB file
 * or configuration is read, no state is written, and nothing can wait. */
#ifndef UPLINK_SUBAGENT_CODEC_H
#define UPLINK_SUBAGENT_CODEC_H

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "subagent/mib.h"

struct evbuffer;

enum agentx_command {
	AGENTX_OPEN = 1,
	AGENTX_CLOSE = 2,
	AGENTX_REGISTER = 3,
	AGENTX_GET = 5,
	AGENTX_GETNEXT = 6,
	AGENTX_GETBULK = 7,
	AGENTX_TESTSET = 8,
	AGENTX_COMMITSET = 9,
	AGENTX_UNDOSET = 10,
	AGENTX_CLEANUPSET = 11,
	AGENTX_NOTIFY = 12,
	AGENTX_PING = 13,
	AGENTX_RESPONSE = 18,
};

enum agentx_error { /* RFC 2741, 6.2.16, beside those of SNMP */
		    AGENTX_ERROR_OPEN_FAILED = 256,
		    AGENTX_ERROR_NOT_OPEN = 257,
		    AGENTX_ERROR_UNSUPPORTED_CONTEXT = 262,
		    AGENTX_ERROR_DUPLICATE_REGISTRATION = 263,
		    AGENTX_ERROR_PARSE = 266,
		    AGENTX_ERROR_REQUEST_DENIED = 267,
		    AGENTX_ERROR_PROCESSING = 268,
};

/* Keeps the library from writing to stderr by itself. Once, at start. */
void codec_init(void);

/* Takes one message out of the buffer. 1: *pdu is to be freed with snmp_free_pdu;
 * 0: none is complete; -1: what stands there is no AgentX. */
int codec_take(struct evbuffer *in, netsnmp_pdu **pdu);

/* A new message; NULL without memory. */
netsnmp_pdu *codec_new(enum agentx_command command, uint32_t session, uint32_t packet);
/* Writes it to the buffer's end and frees it. -1: it can't be said. */
int codec_put(struct evbuffer *out, netsnmp_pdu *pdu);

/* Appends a variable at *end, which moves on. -1 without memory. */
int codec_add(netsnmp_variable_list ***end, const struct mib_name *name, enum mib_type type,
	      const struct mib_value *value);
/* The same without a value: ASN_NULL or an exception such as SNMP_ENDOFMIBVIEW. */
int codec_add_empty(netsnmp_variable_list ***end, const struct mib_name *name, int asn_type);
int codec_add_oid(netsnmp_variable_list ***end, const struct mib_name *name,
		  const struct mib_name *value);

/* The net-snmp type of ours. */
int codec_asn_type(enum mib_type type);

/* The name of a variable; of a search range, its start. */
void codec_name(const netsnmp_variable_list *var, struct mib_name *name);
/* A search range's end, and whether its start belongs to it. */
bool codec_range_end(const netsnmp_variable_list *var, struct mib_name *end);

#endif

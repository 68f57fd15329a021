/* SPDX-License-Identifier: ISC */
/* The edge to net-snmp's AgentX codec. It is exported by libnetsnmpagent, since
 * 5.0 and unchanged, but declared in no installed header; hence the declarations
 * here. It asks nothing of a session but the protocol's version. */
#include "config.h"

#include "subagent/codec.h"

#include <event2/buffer.h>
#include <string.h>

#include "common/log.h"

extern int agentx_realloc_build(netsnmp_session *session, netsnmp_pdu *pdu, u_char **buf,
				size_t *buf_len, size_t *out_len);
extern int agentx_parse(netsnmp_session *session, netsnmp_pdu *pdu, u_char *data, size_t len);

enum {
	AGENTX_VERSION = 192 + 1, /* as the library has it inside */
	HEADER = 20,
	PAYLOAD_MAX = 65536, /* no request of a master is near that */
	/* Decoders up to 5.9.3 look at a length field before they know that it is
	 * there: what they find past the end must be ours, and 0. */
	SLACK = 64,
	FLAG_NETWORK_ORDER = 0x10,
};

static netsnmp_session session_of_no_use = {.version = AGENTX_VERSION};

static int
on_library_log(int major, int minor, void *message, void *arg)
{
	(void)major;
	(void)minor;
	(void)arg;
	log_debug("net-snmp: %s", ((struct snmp_log_message *)message)->msg);
	return SNMP_ERR_NOERROR;
}

void
codec_init(void)
{
	snmp_disable_stderrlog();
	snmp_enable_calllog();
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_library_log, NULL);
}

static uint32_t
payload_length(const uint8_t *header)
{
	const uint8_t *p = header + 16;
	uint32_t host;

	if (header[2] & FLAG_NETWORK_ORDER)
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	memcpy(&host, p, sizeof(host));
	return host;
}

int
codec_take(struct evbuffer *in, netsnmp_pdu **pdu)
{
	static u_char frame[HEADER + PAYLOAD_MAX + SLACK];
	size_t length = evbuffer_get_length(in);
	uint32_t payload;

	if (length < HEADER)
		return 0;
	evbuffer_copyout(in, frame, HEADER);
	payload = payload_length(frame);
	if (frame[0] != 1 || payload > PAYLOAD_MAX || payload % 4 != 0)
		return -1;
	if (length < HEADER + payload)
		return 0;
	evbuffer_remove(in, frame, HEADER + payload);
	memset(frame + HEADER + payload, 0, SLACK);
	*pdu = snmp_pdu_create(0);
	if (*pdu == NULL)
		return -1;
	if (agentx_parse(&session_of_no_use, *pdu, frame, HEADER + payload) == SNMP_ERR_NOERROR)
		return 1;
	snmp_free_pdu(*pdu);
	return -1;
}

netsnmp_pdu *
codec_new(enum agentx_command command, uint32_t session, uint32_t packet)
{
	netsnmp_pdu *pdu = snmp_pdu_create(command);

	if (pdu == NULL)
		return NULL;
	pdu->version = AGENTX_VERSION;
	pdu->sessid = session;
	pdu->reqid = packet;
	pdu->flags = 0;
	pdu->time = 0;
	pdu->errstat = 0;
	pdu->errindex = 0;
	return pdu;
}

int
codec_put(struct evbuffer *out, netsnmp_pdu *pdu)
{
	u_char *octets = NULL;
	size_t size = 0, length = 0;
	int failed = agentx_realloc_build(&session_of_no_use, pdu, &octets, &size, &length) != 0 ||
		     evbuffer_add(out, octets, length) != 0;

	free(octets);
	snmp_free_pdu(pdu);
	return failed ? -1 : 0;
}

/* ---- variables ---- */

static void
to_oid(const struct mib_name *name, oid *ids)
{
	for (size_t i = 0; i < name->length; i++)
		ids[i] = name->id[i];
}

static void
from_oid(const oid *ids, size_t length, struct mib_name *name)
{
	name->length = length < MIB_NAME_MAX ? length : MIB_NAME_MAX;
	for (size_t i = 0; i < name->length; i++)
		name->id[i] = (uint32_t)ids[i];
}

static int
add(netsnmp_variable_list ***end, const struct mib_name *name, int asn_type, const void *value,
    size_t length)
{
	oid ids[MIB_NAME_MAX];
	netsnmp_variable_list *var;

	to_oid(name, ids);
	var = snmp_varlist_add_variable(*end, ids, name->length, (u_char)asn_type, value, length);
	if (var == NULL)
		return -1;
	*end = &var->next_variable;
	return 0;
}

int
codec_asn_type(enum mib_type type)
{
	switch (type) {
	case MIB_INTEGER:
		return ASN_INTEGER;
	case MIB_UNSIGNED:
		return ASN_UNSIGNED;
	case MIB_COUNTER32:
		return ASN_COUNTER;
	case MIB_COUNTER64:
		return ASN_COUNTER64;
	case MIB_TICKS:
		return ASN_TIMETICKS;
	case MIB_OBJECT:
		return ASN_OBJECT_ID;
	case MIB_OCTETS:
		break;
	}
	return ASN_OCTET_STR;
}

int
codec_add(netsnmp_variable_list ***end, const struct mib_name *name, enum mib_type type,
	  const struct mib_value *value)
{
	struct counter64 big = {.high = (u_long)(value->number >> 32),
				.low = (u_long)(value->number & UINT32_MAX)};
	u_long number = (u_long)value->number;
	struct mib_name object;

	switch (type) {
	case MIB_OBJECT:
		object.length = value->length / sizeof(object.id[0]);
		memcpy(object.id, value->octets, value->length);
		return codec_add_oid(end, name, &object);
	case MIB_OCTETS:
		return add(end, name, ASN_OCTET_STR, value->octets, value->length);
	case MIB_COUNTER64:
		return add(end, name, ASN_COUNTER64, &big, sizeof(big));
	default:
		return add(end, name, codec_asn_type(type), &number, sizeof(number));
	}
}

int
codec_add_empty(netsnmp_variable_list ***end, const struct mib_name *name, int asn_type)
{
	return add(end, name, asn_type, NULL, 0);
}

int
codec_add_oid(netsnmp_variable_list ***end, const struct mib_name *name,
	      const struct mib_name *value)
{
	oid ids[MIB_NAME_MAX];

	to_oid(value, ids);
	return add(end, name, ASN_OBJECT_ID, ids, value->length * sizeof(ids[0]));
}

void
codec_name(const netsnmp_variable_list *var, struct mib_name *name)
{
	from_oid(var->name, var->name_length, name);
}

bool
codec_range_end(const netsnmp_variable_list *var, struct mib_name *end)
{
	end->length = 0;
	if ((var->type == ASN_PRIV_INCL_RANGE || var->type == ASN_PRIV_EXCL_RANGE) &&
	    var->val.objid != NULL)
		from_oid(var->val.objid, var->val_len / sizeof(oid), end);
	return var->type == ASN_PRIV_INCL_RANGE;
}

/* SPDX-License-Identifier: ISC */
/* The library's user-based security model, filled from the configuration: see
 * security.h. */
#include "config.h"

#include "subagent/security.h"

#include <net-snmp/library/keytools.h>
#include <net-snmp/library/lcd_time.h>
#include <net-snmp/library/scapi.h>
#include <net-snmp/library/snmpusm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

/* Exported by the library beside engineBoots_conf, which is declared. */
extern void oldengineID_conf(const char *word, char *value);

/* The library's configuration, its files and its state on disk are not used. */
static void
no_files(void)
{
	setenv("MIBS", "", 1);
	netsnmp_set_mib_directory("");
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_CONFIG_LOAD, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_ALARM_DONT_USE_SIG, 1);
}

int
security_init(const struct engine_identity *engine)
{
	char boots[32], old[2 * ENGINE_ID_MAX + 16];
	int n;

	no_files();
	init_snmp("uplinkd");
	if (set_exact_engineID(engine->id, engine->length) != SNMPERR_SUCCESS) {
		log_error("SNMP: the library does not take the engine's identifier");
		return -1;
	}
	/* It takes the number that was saved, with whose it was, and counts one more. */
	n = snprintf(old, sizeof(old), "0x");
	for (size_t i = 0; i < engine->length; i++)
		n += snprintf(old + n, sizeof(old) - (size_t)n, "%02x", engine->id[i]);
	oldengineID_conf("oldEngineID", old);
	snprintf(boots, sizeof(boots), "%u", engine->boots - 1);
	engineBoots_conf("engineBoots", boots);
	init_snmpv3_post_config(0, 0, NULL, NULL);
	if (snmpv3_local_snmpEngineBoots() == engine->boots)
		return 0;
	log_error("SNMP: the library does not take the number of starts");
	return -1;
}

/* ---- users ---- */

static const char *
auth_of(unsigned auth)
{
	switch (auth) {
	case CONF_AUTH_SHA512:
		return "SHA-512";
	case CONF_AUTH_SHA384:
		return "SHA-384";
	default:
		return "SHA-256";
	}
}

static const char *
priv_of(unsigned priv)
{
	switch (priv) {
	case CONF_PRIV_AES256:
		return "AES-256";
	case CONF_PRIV_AES:
		return "AES";
	default:
		return "NOPRIV";
	}
}

static int
set_auth(const struct conf_user *user, const struct conf_secret *secret, netsnmp_session *s)
{
	int type = usm_lookup_auth_type(auth_of(user->auth));
	size_t n = 0;
	const oid *protocol;

	if (type < 0)
		return -1;
	protocol = sc_get_auth_oid(type, &n);
	s->securityAuthProto = snmp_duplicate_objid(protocol, n);
	s->securityAuthProtoLen = n;
	s->securityAuthKeyLen = sizeof(s->securityAuthKey);
	return s->securityAuthProto != NULL &&
		       generate_Ku(s->securityAuthProto, (u_int)n, (const u_char *)secret->auth,
				   strlen(secret->auth), s->securityAuthKey,
				   &s->securityAuthKeyLen) == SNMPERR_SUCCESS
		   ? 0
		   : -1;
}

static int
set_priv(const struct conf_user *user, const struct conf_secret *secret, netsnmp_session *s)
{
	int type = usm_lookup_priv_type(priv_of(user->priv));
	size_t n = 0;
	const oid *protocol;

	if (type < 0)
		return -1;
	protocol = sc_get_priv_oid(type, &n);
	s->securityPrivProto = snmp_duplicate_objid(protocol, n);
	s->securityPrivProtoLen = n;
	if (user->priv == CONF_PRIV_NONE)
		return s->securityPrivProto != NULL ? 0 : -1;
	s->securityPrivKeyLen = sizeof(s->securityPrivKey);
	return s->securityPrivProto != NULL &&
		       generate_Ku(s->securityAuthProto, (u_int)s->securityAuthProtoLen,
				   (const u_char *)secret->priv, strlen(secret->priv),
				   s->securityPrivKey, &s->securityPrivKeyLen) == SNMPERR_SUCCESS
		   ? 0
		   : -1;
}

int
security_user(const struct conf_user *user, const struct conf_secret *secret,
	      netsnmp_session *settings)
{
	settings->version = SNMP_VERSION_3;
	settings->securityModel = SNMP_SEC_MODEL_USM;
	settings->securityLevel =
	    user->priv != CONF_PRIV_NONE ? SNMP_SEC_LEVEL_AUTHPRIV : SNMP_SEC_LEVEL_AUTHNOPRIV;
	settings->securityName = strdup(user->name);
	settings->securityNameLen = strlen(user->name);
	if (settings->securityName != NULL && set_auth(user, secret, settings) == 0 &&
	    set_priv(user, secret, settings) == 0)
		return 0;
	log_error("SNMP user %s: net-snmp's library here can't do auth %s with priv %s", user->name,
		  conf_auth_name(user->auth), conf_priv_name(user->priv));
	security_forget(settings);
	return -1;
}

void
security_forget(netsnmp_session *s)
{
	free(s->securityName);
	free(s->securityAuthProto);
	free(s->securityPrivProto);
	free(s->securityEngineID);
	free(s->contextEngineID);
	explicit_bzero(s, sizeof(*s));
}

int
security_own_engine(netsnmp_session *s)
{
	s->securityEngineID = snmpv3_generate_engineID(&s->securityEngineIDLen);
	s->contextEngineID = snmpv3_generate_engineID(&s->contextEngineIDLen);
	return s->securityEngineID != NULL && s->contextEngineID != NULL ? 0 : -1;
}

int
security_admit(netsnmp_session *s)
{
	return usm_create_user_from_session(s) == SNMPERR_SUCCESS ? 0 : -1;
}

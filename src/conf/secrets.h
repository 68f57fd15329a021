/* SPDX-License-Identifier: ISC */
/* The secrets of the SNMP agent's users and communities, from a file of their own that
 * only root can read:
 *
 *	user "NAME" auth "PASSPHRASE" priv "PASSPHRASE"
 *	community "NAME" "COMMUNITY"
 *
 * Reading it is pure. No message ever has a secret in it. */
#ifndef UPLINK_CONF_SECRETS_H
#define UPLINK_CONF_SECRETS_H

#include <stddef.h>

#include "conf/conf.h"

enum { SECRET_LEN = 128 }; /* octets, without the NUL */

struct conf_secret {
	bool community;
	char name[NAME_LEN + 1];
	char auth[SECRET_LEN + 1]; /* of a community: what is sent */
	char priv[SECRET_LEN + 1]; /* "": none */
	int line;
};

struct conf_secrets {
	struct conf_secret list[AGENT_USERS_MAX + AGENT_COMMUNITIES_MAX];
	unsigned n;
};

/* Reads text; every mistake is reported as by conf_parse. NULL where there was one. */
struct conf_secrets *conf_secrets_parse(const char *text, size_t len, const char *name,
					conf_complain *complain, void *arg);
void conf_secrets_free(struct conf_secrets *s); /* leaves no trace in memory */

const struct conf_secret *conf_secret(const struct conf_secrets *s, bool community,
				      const char *name);

/* Has every user and community of the agent, which stand in file, what it needs?
 * 0, or -1 where a mistake was reported; secrets of nobody are warned about, by the
 * name of their own file. */
int conf_secrets_check(const struct conf_secrets *s, const struct conf_agent *a, const char *file,
		       const char *secrets_name, conf_complain *complain, void *arg);

#endif

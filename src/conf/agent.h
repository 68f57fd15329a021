/* SPDX-License-Identifier: ISC */
/* What snmp { } says of an SNMP agent of its own: where it listens, who may read and
 * write what, and who is told of events. Secrets are not here: they stand in a file
 * of their own, see secrets.h. Fixed sizes, so that it is copied and compared whole. */
#ifndef UPLINK_CONF_AGENT_H
#define UPLINK_CONF_AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/addr.h"
#include "common/limits.h"

enum {
	AGENT_LISTENS_MAX = 8,
	AGENT_VIEWS_MAX = 16,
	AGENT_USERS_MAX = 32,
	AGENT_COMMUNITIES_MAX = 16,
	VIEW_SUBTREES_MAX = 16,
	SUBTREE_LEN = 32,         /* sub-identifiers of a subtree's name */
	AGENT_PATH_LEN = 255,     /* octets of the path of the secrets, without the NUL */
	AGENT_PORT = 161,         /* of requests */
	AGENT_TRAP_PORT = 162,    /* of notifications */
	AGENT_PASSPHRASE_MIN = 8, /* octets (RFC 3414, 11.2) */
};

struct conf_listen {
	bool tcp;
	uint8_t family; /* V4 or V6 */
	uint16_t port;
	struct addr addr; /* not set: every address of the family */
	int line;
};

/* The names of subtrees that are not numbers. */
enum conf_subtree_name { SUBTREE_NUMERIC, SUBTREE_UPLINK, SUBTREE_SYSTEM };

struct conf_subtree {
	bool include;
	uint8_t name; /* enum conf_subtree_name; where it is one, id is empty */
	uint8_t length;
	uint32_t id[SUBTREE_LEN];
};

/* What is within: the longest subtree that a name belongs to decides. */
struct conf_view {
	char name[NAME_LEN + 1];
	struct conf_subtree subtrees[VIEW_SUBTREES_MAX];
	unsigned nsubtrees;
	int line;
};

enum conf_auth { CONF_AUTH_NONE, CONF_AUTH_SHA256, CONF_AUTH_SHA384, CONF_AUTH_SHA512 };
enum conf_priv { CONF_PRIV_NONE, CONF_PRIV_AES, CONF_PRIV_AES256 };

/* A view by its name: "" for nothing, "all" for everything. */
#define CONF_VIEW_ALL "all"

struct conf_user {
	char name[NAME_LEN + 1];
	uint8_t auth; /* enum conf_auth, never none */
	uint8_t priv; /* enum conf_priv */
	char read[NAME_LEN + 1], write[NAME_LEN + 1];
	int line, read_line, write_line;
};

/* The name is that in the file of secrets; the community itself stands only there. */
struct conf_community {
	char name[NAME_LEN + 1];
	char read[NAME_LEN + 1];
	struct addr from; /* a prefix; not set: from everywhere */
	int line, read_line;
};

/* Who is told: with a user by SNMPv3, else with a community by SNMPv2c. */
struct conf_sink {
	struct addr addr;
	uint16_t port;
	bool inform; /* wants to acknowledge */
	char user[NAME_LEN + 1], community[NAME_LEN + 1];
	int line;
};

struct conf_agent {
	struct conf_listen listens[AGENT_LISTENS_MAX];
	unsigned nlistens; /* 0: there is no agent of its own */
	char secrets[AGENT_PATH_LEN + 1];
	char contact[TEXT_LEN + 1], location[TEXT_LEN + 1];
	struct conf_view views[AGENT_VIEWS_MAX];
	unsigned nviews;
	struct conf_user users[AGENT_USERS_MAX];
	unsigned nusers;
	struct conf_community communities[AGENT_COMMUNITIES_MAX];
	unsigned ncommunities;
	struct conf_sink sinks[SINKS_MAX];
	unsigned nsinks;
};

/* Each by its name, or NULL. */
const struct conf_view *conf_view(const struct conf_agent *a, const char *name);
const struct conf_user *conf_user(const struct conf_agent *a, const char *name);
const struct conf_community *conf_community(const struct conf_agent *a, const char *name);

/* Writes all of it as statements of snmp { }. */
void conf_print_agent(const struct conf_agent *a, FILE *out);

/* "sha256", "aes256"; "?" for a number without a name. */
const char *conf_auth_name(unsigned auth);
const char *conf_priv_name(unsigned priv);

/* "udp:192.0.2.1:161", as the file writes it. */
enum { LISTEN_TEXT_LEN = 80 };
const char *conf_listen_text(const struct conf_listen *l, char buf[static LISTEN_TEXT_LEN]);

#endif

/* SPDX-License-Identifier: ISC */
/* What the files of flows, NAT and counters share among themselves: the names
 * inside the table inet uplinkd, and the netlink sockets. Nobody else includes
 * this. */
#ifndef UPLINK_LINUX_FLOWS_H
#define UPLINK_LINUX_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#include "common/addr.h"
#include "common/limits.h"
#include "conf/conf.h"

#define FLOWS_TABLE "uplinkd"

/* The objects that exist once per link: counters of packets and octets, counters
 * of new flows, the chain that gives a new flow its mark, the chain that gives a
 * packet the mark of its flow, and where the configuration asks for it those that
 * translate an IPv6 prefix and that cut the size of segments. */
enum flows_object {
	FLOWS_USE4,
	FLOWS_USE6,
	FLOWS_NEW4,
	FLOWS_NEW6,
	FLOWS_BEGIN,
	FLOWS_KEEP,
	FLOWS_PREFIX,
	FLOWS_MSS,
};
enum { FLOWS_OBJECTS = FLOWS_MSS + 1 };

/* Which object of which link a name in the table stands for. */
bool flows_object_parse(const char *name, size_t len, enum flows_object *kind, unsigned *link);
/* Into name, which holds FLOWS_NAME_LEN octets; returns it. */
enum { FLOWS_NAME_LEN = 16 };
const char *flows_object_name(enum flows_object kind, unsigned link,
			      char name[static FLOWS_NAME_LEN]);
bool flows_object_is_chain(enum flows_object kind);

/* A set or map by its name, as others may have left it: letters, digits and _ only. */
enum { FLOWS_SETS_MAX = 64, FLOWS_SET_NAME_LEN = 32 };
struct flows_set {
	bool is_map;
	char name[FLOWS_SET_NAME_LEN];
};

struct flows_seen { /* which objects a text declares, or the kernel holds */
	bool seen[FLOWS_OBJECTS][LINKS_MAX + 1];
	unsigned nsets; /* of the kernel only */
	struct flows_set sets[FLOWS_SETS_MAX];
};
bool flows_text_declares(const char *text, size_t len, const struct flows_set *set);
void flows_text_objects(const char *text, size_t len, struct flows_seen *declared);

enum { FLOWS_BUFFER = 1 << 16 };

struct flows_counter {
	bool present;
	uint64_t packets, octets;
};

/* Something that packets of a link take past the ruleset. */
struct flows_bypass {
	const struct conf *conf;
	char text[160]; /* "": nothing */
};
/* One flow table of the kernel's: notes in the struct flows_bypass the first that has
 * an interface of a link. */
int flows_note_bypass(const struct nlmsghdr *header, void *bypass);

struct sys_flows {
	struct mnl_socket *netfilter;
	struct mnl_socket *diag;
	struct mnl_socket *changes; /* of any rules of nf_tables; NULL: nobody tells */
	uint32_t seq;
	uint32_t generation;   /* of all rulesets, when the shape was last looked at */
	uint64_t shape;        /* of our rules as loaded, 0: not known */
	uint64_t table_handle; /* of the table that the counters were last read from, 0: never */
	uint32_t bypass_generation; /* of all rulesets, when flow tables were last looked at */
	struct flows_bypass bypass;
	struct flows_counter counters[FLOWS_NEW6 + 1][LINKS_MAX + 1];
	char request[4096], answer[FLOWS_BUFFER];
};

/* A netlink socket of that bus, whose answers are waited for no longer than some
 * seconds. NULL with errno. */
struct mnl_socket *flows_open_socket(int bus);
/* Starts a request in f->request: header with type and flags, and the family. */
struct nlmsghdr *flows_netfilter_request(struct sys_flows *f, unsigned subsystem, unsigned type,
					 uint16_t flags, uint8_t family);
/* Sends size octets of requests and hands every answer to the one numbered seq to
 * each (may be NULL), until the dump is done or the request acknowledged. 0, or -1
 * with errno. */
int flows_talk(struct sys_flows *f, struct mnl_socket *socket, const void *request, size_t size,
	       uint32_t seq, mnl_cb_t each, void *arg);
/* errno EINTR: the ruleset changed under a dump. So often it is begun again. */
enum { FLOWS_DUMP_TRIES = 20 };
/* The same for a single request. */
int flows_talk_one(struct sys_flows *f, struct mnl_socket *socket, const struct nlmsghdr *request,
		   mnl_cb_t each, void *arg);

/* The same for a request that walks through all flows of the machine, where it holds
 * up nobody who has to be in time. */
int flows_walk(struct sys_flows *f, struct mnl_socket *socket, const struct nlmsghdr *request,
	       mnl_cb_t each, void *arg);
/* A setting of connection tracking, by its name without nf_conntrack_. */
uint32_t flows_setting(const char *name, uint32_t otherwise);

/* Collects attributes by type into the array tb of size max + 1. */
struct flows_attributes {
	const struct nlattr **tb;
	unsigned max;
};
int flows_attribute(const struct nlattr *attr, void *arg);
/* What an attribute holds; 0 or "" where it is NULL or of another length. */
uint8_t flows_get_u8(const struct nlattr *attr);
uint16_t flows_get_u16(const struct nlattr *attr);
uint32_t flows_get_u32(const struct nlattr *attr);
uint64_t flows_get_u64(const struct nlattr *attr);
const char *flows_get_str(const struct nlattr *attr);

/* Notes what the table looks like now, right after it was loaded. False: somebody has
 * changed some rules since before, the generation of before the load, and perhaps
 * these. */
bool flows_table_loaded(struct sys_flows *f, uint32_t before);

/* Whether another link carries this IP version over the same interface. */
bool flows_shares_interface(const struct conf *conf, const struct conf_link *link, unsigned family);

/* A number that no other table of that name has had since the machine started, or
 * the network namespace was made. 0, or -1 with errno: ENOENT where there is none. */
int flows_table_handle(struct sys_flows *f, uint64_t *handle);

/* The number of changes that anyone made to any rules of this namespace. 0 or -1. */
int flows_generation(struct sys_flows *f, uint32_t *generation);

/* The names of the per-link objects that the kernel's table holds; *exists says
 * whether there is such a table. 0, or -1 with errno. */
int flows_kernel_objects(struct sys_flows *f, struct flows_seen *held, bool *exists);

/* One TCP or UDP conversation as a socket of this machine sees it, in network
 * order, IPv4 in the first four octets. */
struct flows_tuple {
	uint8_t family; /* V4 or V6 */
	uint8_t protocol;
	uint16_t local_port, remote_port;
	uint8_t local[16], remote[16];
};

/* The router's own connected sockets, for looking up the flows that end here. */
struct flows_sockets;
struct flows_sockets *flows_sockets_read(struct sys_flows *f);
void flows_sockets_free(struct flows_sockets *sockets);
/* Notes the socket of that conversation, if there is one, for its end. */
void flows_sockets_pick(struct flows_sockets *sockets, const struct flows_tuple *tuple);
/* Ends those that were picked; returns how many. */
unsigned flows_sockets_destroy(struct sys_flows *f, struct flows_sockets *sockets);

#endif

/* SPDX-License-Identifier: ISC */
/* The model. Each rule of it was seen on a real kernel (7.9). */
#include "config.h"

#include "openbsd/fake_kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { STATIC_PRIORITY = 8, F_DONE = 0x40, OTHER_PROCESS = 4242, WIRE_ENETUNREACH = 51 };

void
fake_init(struct fake *k, void (*tell)(void *, const uint8_t *, size_t), void *arg)
{
	memset(k, 0, sizeof(*k));
	k->tell = tell;
	k->arg = arg;
	k->multipath = k->forwarding = true;
	strlcpy(k->release, "7.7", sizeof(k->release));
}

/* ---- looking up ---- */

static struct fake_interface *
by_name(struct fake *k, const char *name)
{
	for (int i = 0; i < FAKE_MAX; i++)
		if (k->interfaces[i].there && strcmp(k->interfaces[i].name, name) == 0)
			return &k->interfaces[i];
	return NULL;
}

static const struct fake_interface *
by_index(const struct fake *k, uint16_t index)
{
	for (int i = 0; i < FAKE_MAX; i++)
		if (k->interfaces[i].there && k->interfaces[i].index == index)
			return &k->interfaces[i];
	return NULL;
}

static bool
carries(const struct fake_interface *i)
{
	return (i->flags & RTMSG_IFF_UP) != 0 && rtmsg_link_is_up(i->link_state);
}

/* The address whose link a gateway is on. */
static const struct fake_address *
way_to(const struct fake *k, const struct addr *gateway)
{
	for (int i = 0; i < FAKE_MAX; i++) {
		const struct fake_address *a = &k->addresses[i];

		if (!a->there || a->local.version != gateway->version)
			continue;
		if (addr_is_linklocal(gateway)
			? gateway->scope == a->ifindex
			: addr_in_prefix(gateway, &a->local) || addr_equal(gateway, &a->peer))
			return a;
	}
	return NULL;
}

static uint8_t
bare(uint8_t priority)
{
	return priority & (uint8_t)~RTMSG_DOWN;
}

/* Without a priority: the first by that gateway. */
static struct fake_route *
find_route(struct fake *k, uint16_t table, const struct addr *gateway, uint8_t priority)
{
	for (int i = 0; i < FAKE_ROUTES_MAX; i++) {
		struct fake_route *r = &k->routes[i];

		if (r->there && r->table == table && addr_equal(&r->gateway, gateway) &&
		    (priority == 0 || bare(r->priority) == priority))
			return r;
	}
	return NULL;
}

static bool
has_default(const struct fake *k, uint16_t table, const struct addr *gateway, uint8_t priority)
{
	for (int i = 0; i < FAKE_ROUTES_MAX; i++)
		if (k->routes[i].there && k->routes[i].table == table &&
		    k->routes[i].gateway.version == gateway->version &&
		    bare(k->routes[i].priority) == priority)
			return true;
	return false;
}

/* ---- telling ---- */

static void
tell(struct fake *k, const struct rtmsg *m)
{
	uint8_t buf[RTMSG_MAX];
	ssize_t len;

	if (k->mute)
		return;
	if (k->losing > 0) {
		const struct rtmsg desync = {.type = RTMSG_DESYNC};

		if (--k->losing > 0)
			return;
		len = rtmsg_write(&desync, RTMSG_ROUND_64, buf, sizeof(buf));
	} else {
		len = rtmsg_write(m, RTMSG_ROUND_64, buf, sizeof(buf));
	}
	if (len > 0)
		k->tell(k->arg, buf, (size_t)len);
}

static void
name_interface(const struct fake_interface *i, struct rtmsg *m)
{
	m->addrs |= RTMSG_IFP;
	m->ifp.index = i->index;
	m->ifp.type = 6;
	strlcpy(m->ifp.name, i->name, sizeof(m->ifp.name));
	m->ifp.lladdr_len = 6;
	memcpy(m->ifp.lladdr, "\xfe\xe1\xba\xd0\x00", 5);
	m->ifp.lladdr[5] = (uint8_t)i->index;
}

static void
route_message(const struct fake *k, uint8_t type, const struct fake_route *r, struct rtmsg *m)
{
	const struct fake_interface *i = by_index(k, r->ifindex);

	memset(m, 0, sizeof(*m));
	m->type = type;
	m->table = r->table;
	m->ifindex = r->ifindex;
	m->priority = r->priority;
	m->flags = r->flags | F_DONE;
	m->use = r->use;
	m->addrs = RTMSG_DST | RTMSG_GATEWAY | RTMSG_NETMASK | RTMSG_IFA;
	m->dst.version = r->gateway.version;
	m->gateway = r->gateway;
	m->ifa = r->ifa;
	if (i != NULL)
		name_interface(i, m);
	if (r->label[0] != '\0') {
		m->addrs |= RTMSG_LABELLED;
		strlcpy(m->label, r->label, sizeof(m->label));
	}
}

static void
interface_message(const struct fake_interface *i, struct rtmsg *m)
{
	memset(m, 0, sizeof(*m));
	m->type = RTMSG_IFINFO;
	m->ifindex = i->index;
	m->flags = i->flags;
	m->link_state = i->link_state;
	m->iftype = 6;
	m->mtu = i->mtu;
	m->opackets = i->opackets;
	m->obytes = i->obytes;
	name_interface(i, m);
}

static void
address_message(const struct fake *k, uint8_t type, const struct fake_address *a, struct rtmsg *m)
{
	const struct fake_interface *i = by_index(k, a->ifindex);

	memset(m, 0, sizeof(*m));
	m->type = type;
	m->ifindex = a->ifindex;
	m->addrs = RTMSG_NETMASK | RTMSG_IFA;
	m->ifa = a->local;
	if (addr_is_set(&a->peer)) {
		m->addrs |= RTMSG_BRD;
		m->brd = a->peer;
	}
	if (i != NULL)
		name_interface(i, m);
}

/* The answer to another process, with the same number, and a host route that ARP made. */
static void
make_noise(struct fake *k, const struct rtmsg *request)
{
	struct rtmsg m = *request;

	if (!k->noisy)
		return;
	m.pid = OTHER_PROCESS;
	m.error = EEXIST;
	tell(k, &m);
	m = (struct rtmsg){.type = RTMSG_ADD,
			   .ifindex = 3,
			   .priority = 3,
			   .flags = 0x10445,
			   .addrs = RTMSG_DST | RTMSG_GATEWAY,
			   .dst = {.version = 4, .plen = 32, .octets = {192, 0, 2, 77}},
			   .gateway_link = {.index = 3, .type = 6}};
	tell(k, &m);
}

/* ---- requests ---- */

static void
answer(struct fake *k, const struct fake_route *r, const struct rtmsg *request)
{
	struct rtmsg m;

	route_message(k, request->type, r, &m);
	m.pid = request->pid;
	m.seq = request->seq;
	tell(k, &m);
}

static int
refuse(struct fake *k, const struct rtmsg *request, int error)
{
	struct rtmsg m = *request;

	m.error = error == ENETUNREACH ? WIRE_ENETUNREACH : error;
	tell(k, &m);
	return error;
}

static int
add_route(struct fake *k, const struct rtmsg *m)
{
	uint8_t priority = m->priority != 0 ? m->priority : STATIC_PRIORITY;
	const struct fake_address *way = way_to(k, &m->gateway);
	struct fake_route *r = NULL;

	if (way == NULL)
		return refuse(k, m, ENETUNREACH);
	if (find_route(k, m->table, &m->gateway, priority) != NULL ||
	    ((m->flags & RTMSG_F_MPATH) == 0 && has_default(k, m->table, &m->gateway, priority)))
		return refuse(k, m, EEXIST);
	for (int i = 0; i < FAKE_ROUTES_MAX && r == NULL; i++)
		if (!k->routes[i].there)
			r = &k->routes[i];
	if (r == NULL)
		return refuse(k, m, ENOBUFS);
	memset(r, 0, sizeof(*r));
	r->there = true;
	r->table = m->table;
	r->ifindex = way->ifindex;
	r->priority = priority;
	r->flags = (m->flags | RTMSG_F_UP) & ~(uint32_t)F_DONE;
	r->gateway = m->gateway;
	r->ifa = way->local;
	r->ifa.plen = (uint8_t)(addr_size(&way->local) * 8);
	memcpy(r->label, m->label, sizeof(r->label));
	if (!carries(by_index(k, way->ifindex))) {
		r->flags &= ~(uint32_t)RTMSG_F_UP;
		r->priority |= RTMSG_DOWN;
	}
	/* a route that is no longer alone becomes one of several, without a word */
	for (int i = 0; i < FAKE_ROUTES_MAX; i++)
		if (k->routes[i].there && k->routes[i].table == m->table &&
		    k->routes[i].gateway.version == m->gateway.version &&
		    (m->flags & RTMSG_F_MPATH) != 0)
			k->routes[i].flags |= RTMSG_F_MPATH;
	answer(k, r, m);
	return 0;
}

static int
delete_route(struct fake *k, const struct rtmsg *m)
{
	struct fake_route *r =
	    addr_is_set(&m->gateway) ? find_route(k, m->table, &m->gateway, m->priority) : NULL;

	if (r == NULL)
		return refuse(k, m, ESRCH);
	r->flags &= ~(uint32_t)RTMSG_F_UP;
	answer(k, r, m);
	r->there = false;
	return 0;
}

/* Changes a label; another gateway is another route. */
static int
change_route(struct fake *k, const struct rtmsg *m)
{
	struct fake_route *r = find_route(k, m->table, &m->gateway, m->priority);

	if (r == NULL)
		return refuse(k, m, ESRCH);
	if (m->addrs & RTMSG_LABELLED)
		memcpy(r->label, m->label, sizeof(r->label));
	answer(k, r, m);
	return 0;
}

static int
look_up(struct fake *k, const struct rtmsg *m)
{
	const struct fake_route *best = NULL;

	for (int i = 0; i < FAKE_ROUTES_MAX; i++) {
		const struct fake_route *r = &k->routes[i];

		if (r->there && r->table == m->table && r->gateway.version == m->dst.version &&
		    (r->flags & RTMSG_F_UP) != 0 && (best == NULL || r->priority < best->priority))
			best = r;
	}
	if (best == NULL)
		return refuse(k, m, ESRCH);
	answer(k, best, m);
	return 0;
}

static int
decide(struct fake *k, const struct rtmsg *m)
{
	int error;

	switch (m->type) {
	case RTMSG_ADD:
		error = add_route(k, m);
		k->changes += error == 0;
		return error;
	case RTMSG_DELETE:
		error = delete_route(k, m);
		k->changes += error == 0;
		return error;
	case RTMSG_CHANGE:
		return change_route(k, m);
	case RTMSG_GET:
		return look_up(k, m);
	}
	return EOPNOTSUPP;
}

int
fake_request(struct fake *k, uint32_t pid, const uint8_t *message, size_t len)
{
	struct rtmsg m;
	int error;

	if (rtmsg_read(message, len, RTMSG_ROUND_64, &m) != (ssize_t)len)
		return EINVAL;
	m.pid = pid;
	make_noise(k, &m);
	if (m.type != RTMSG_GET && m.dst.plen != 0)
		return refuse(k, &m, EOPNOTSUPP); /* no daemon makes such */
	error = decide(k, &m);
	make_noise(k, &m);
	return error;
}

/* ---- dumps ---- */

static size_t
put(const struct rtmsg *m, uint8_t *buf, size_t size, size_t used)
{
	ssize_t len = rtmsg_write(m, RTMSG_ROUND_64, buf + used, size - used);

	return len < 0 ? used : used + (size_t)len;
}

size_t
fake_dump_interfaces(const struct fake *k, uint16_t index, uint8_t *buf, size_t size)
{
	size_t used = 0;
	struct rtmsg m;

	for (int i = 0; i < FAKE_MAX; i++) {
		if (!k->interfaces[i].there || (index != 0 && k->interfaces[i].index != index))
			continue;
		interface_message(&k->interfaces[i], &m);
		used = put(&m, buf, size, used);
		for (int a = 0; a < FAKE_MAX; a++) {
			if (!k->addresses[a].there ||
			    k->addresses[a].ifindex != k->interfaces[i].index)
				continue;
			address_message(k, RTMSG_NEWADDR, &k->addresses[a], &m);
			used = put(&m, buf, size, used);
		}
	}
	return used;
}

size_t
fake_dump_routes(const struct fake *k, uint16_t table, int family, uint8_t *buf, size_t size)
{
	size_t used = 0;
	struct rtmsg m;

	for (int i = 0; i < FAKE_ROUTES_MAX; i++) {
		const struct fake_route *r = &k->routes[i];

		if (!r->there || r->table != table || addr_family(&r->gateway) != family)
			continue;
		route_message(k, RTMSG_GET, r, &m);
		m.pid = OTHER_PROCESS;
		used = put(&m, buf, size, used);
	}
	return used;
}

/* ---- what happens ---- */

/* Only the interface is told of. */
static void
follow_link(struct fake *k, struct fake_interface *i)
{
	struct rtmsg m;

	for (int n = 0; n < FAKE_ROUTES_MAX; n++) {
		struct fake_route *r = &k->routes[n];

		if (!r->there || r->ifindex != i->index)
			continue;
		if (carries(i)) {
			r->flags |= RTMSG_F_UP;
			r->priority = bare(r->priority);
		} else {
			r->flags &= ~(uint32_t)RTMSG_F_UP;
			r->priority |= RTMSG_DOWN;
		}
	}
	interface_message(i, &m);
	tell(k, &m);
}

static void
drop_route(struct fake *k, struct fake_route *r, uint32_t pid, bool silent)
{
	struct rtmsg m;

	r->flags &= ~(uint32_t)RTMSG_F_UP;
	route_message(k, RTMSG_DELETE, r, &m);
	m.pid = pid;
	r->there = false;
	if (!silent)
		tell(k, &m);
}

static void
drop_address(struct fake *k, struct fake_address *a)
{
	struct rtmsg m;

	for (int i = 0; i < FAKE_ROUTES_MAX; i++) {
		struct fake_route *r = &k->routes[i];

		if (r->there && r->ifindex == a->ifindex &&
		    memcmp(r->ifa.octets, a->local.octets, sizeof(r->ifa.octets)) == 0)
			drop_route(k, r, 0, k->silent);
	}
	address_message(k, RTMSG_DELADDR, a, &m);
	a->there = false;
	tell(k, &m);
}

static int
arrive(struct fake *k, const char *name, unsigned index)
{
	struct rtmsg m = {
	    .type = RTMSG_IFANNOUNCE, .ifindex = (uint16_t)index, .what = RTMSG_ARRIVAL};

	for (int i = 0; i < FAKE_MAX; i++) {
		struct fake_interface *n = &k->interfaces[i];

		if (n->there)
			continue;
		*n = (struct fake_interface){.there = true,
					     .index = (uint16_t)index,
					     .flags = 0x8843,
					     .mtu = 1500,
					     .link_state = RTMSG_LINK_UP};
		strlcpy(n->name, name, sizeof(n->name));
		strlcpy(m.name, name, sizeof(m.name));
		tell(k, &m);
		interface_message(n, &m);
		tell(k, &m);
		return 0;
	}
	return -1;
}

static int
depart(struct fake *k, const char *name)
{
	struct fake_interface *i = by_name(k, name);
	struct rtmsg m = {.type = RTMSG_IFANNOUNCE, .what = RTMSG_DEPARTURE};

	if (i == NULL)
		return -1;
	for (int a = 0; a < FAKE_MAX; a++)
		if (k->addresses[a].there && k->addresses[a].ifindex == i->index)
			drop_address(k, &k->addresses[a]);
	i->there = false;
	m.ifindex = i->index;
	strlcpy(m.name, i->name, sizeof(m.name));
	tell(k, &m);
	return 0;
}

static int
add_address(struct fake *k, const char *name, const char *text, const char *peer)
{
	struct fake_interface *i = by_name(k, name);
	struct fake_address a = {.there = true};
	char buf[ADDR_STRLEN];
	char *slash;
	struct rtmsg m;

	strlcpy(buf, text, sizeof(buf));
	slash = strchr(buf, '/');
	if (i == NULL || slash == NULL)
		return -1;
	*slash = '\0';
	if (addr_parse(buf, &a.local) != 0 || (*peer != '\0' && addr_parse(peer, &a.peer) != 0))
		return -1;
	a.local.plen = (uint8_t)atoi(slash + 1);
	a.ifindex = i->index;
	if (addr_is_linklocal(&a.local))
		a.local.scope = i->index;
	if (*peer != '\0')
		i->flags |= RTMSG_IFF_POINTOPOINT;
	for (int n = 0; n < FAKE_MAX; n++) {
		if (k->addresses[n].there)
			continue;
		k->addresses[n] = a;
		address_message(k, RTMSG_NEWADDR, &a, &m);
		tell(k, &m);
		return 0;
	}
	return -1;
}

static int
remove_address(struct fake *k, const char *name, const char *text)
{
	const struct fake_interface *i = by_name(k, name);
	struct addr a;

	if (i == NULL || addr_parse(text, &a) != 0)
		return -1;
	for (int n = 0; n < FAKE_MAX; n++)
		if (k->addresses[n].there && k->addresses[n].ifindex == i->index &&
		    memcmp(k->addresses[n].local.octets, a.octets, sizeof(a.octets)) == 0) {
			drop_address(k, &k->addresses[n]);
			return 0;
		}
	return -1;
}

static int
foreign_route(struct fake *k, const char *verb, unsigned table, const char *gateway,
	      unsigned priority, const char *label)
{
	struct rtmsg m = {.table = (uint16_t)table,
			  .priority = (uint8_t)priority,
			  .pid = OTHER_PROCESS,
			  .seq = 1,
			  .flags = RTMSG_F_UP | RTMSG_F_GATEWAY | RTMSG_F_STATIC | RTMSG_F_MPATH,
			  .addrs = RTMSG_DST | RTMSG_GATEWAY | RTMSG_NETMASK};

	if (addr_parse(gateway, &m.gateway) != 0)
		return -1;
	m.dst.version = m.gateway.version;
	if (*label != '\0') {
		m.addrs |= RTMSG_LABELLED;
		strlcpy(m.label, label, sizeof(m.label));
	}
	m.type = strcmp(verb, "add") == 0 ? RTMSG_ADD : RTMSG_DELETE;
	return m.type == RTMSG_ADD ? add_route(k, &m) : delete_route(k, &m);
}

static void
list_routes(struct fake *k, int table, FILE *out)
{
	char gateway[ADDR_STRLEN];

	for (int i = 0; i < FAKE_ROUTES_MAX; i++) {
		const struct fake_route *r = &k->routes[i];
		const struct fake_interface *interface = by_index(k, r->ifindex);

		if (r->there && (table < 0 || r->table == table))
			fprintf(out, "%u %s %u %s %s %s\n", r->table,
				addr_text(&r->gateway, gateway), bare(r->priority),
				r->flags & RTMSG_F_UP ? "up" : "down",
				interface != NULL ? interface->name : "-",
				r->label[0] != '\0' ? r->label : "-");
	}
}

/* Look-ups that chose the daemon's routes by that gateway. */
static int
use_route(struct fake *k, unsigned table, const char *gateway, unsigned times)
{
	struct fake_route *r;
	struct addr a;

	if (addr_parse(gateway, &a) != 0)
		return -1;
	r = find_route(k, (uint16_t)table, &a, 0);
	if (r == NULL)
		return -1;
	r->use += times;
	return 0;
}

/* "NAME yes|no" */
static bool
is_switch(const char *line, const char *name, bool *value)
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) != 0 || line[len] != ' ')
		return false;
	*value = strcmp(line + len + 1, "yes") == 0;
	return true;
}

static int
interface_command(struct fake *k, const char *line)
{
	char name[17] = "", word[64] = "", peer[64] = "";
	struct fake_interface *i;
	unsigned index;

	if (sscanf(line, "interface %16s %u", name, &index) == 2)
		return arrive(k, name, index);
	if (sscanf(line, "departure %16s", name) == 1)
		return depart(k, name);
	if (sscanf(line, "address %16s %63s %63s", name, word, peer) >= 2)
		return add_address(k, name, word, peer);
	if (sscanf(line, "unaddress %16s %63s", name, word) == 2)
		return remove_address(k, name, word);
	if (sscanf(line, "carrier %16s %63s", name, word) == 2 && (i = by_name(k, name)) != NULL) {
		i->link_state = strcmp(word, "up") == 0 ? RTMSG_LINK_UP : RTMSG_LINK_DOWN;
		follow_link(k, i);
		return 0;
	}
	if (sscanf(line, "mtu %16s %u", name, &index) == 2 && (i = by_name(k, name)) != NULL) {
		struct rtmsg m;

		i->mtu = index;
		interface_message(i, &m);
		tell(k, &m);
		return 0;
	}
	if (sscanf(line, "ifconfig %16s %63s", name, word) == 2 && (i = by_name(k, name)) != NULL) {
		i->flags = strcmp(word, "up") == 0 ? i->flags | RTMSG_IFF_UP
						   : i->flags & ~(uint32_t)RTMSG_IFF_UP;
		follow_link(k, i);
		return 0;
	}
	return -1;
}

int
fake_command(struct fake *k, const char *line, FILE *out)
{
	char verb[8] = "", gateway[64] = "", label[32] = "";
	unsigned table, priority = STATIC_PRIORITY, times;
	int only = -1;

	if (is_switch(line, "multipath", &k->multipath) ||
	    is_switch(line, "forwarding", &k->forwarding) || is_switch(line, "noise", &k->noisy) ||
	    is_switch(line, "silent", &k->silent) || is_switch(line, "mute", &k->mute))
		return 0;
	if (sscanf(line, "lose %u", &k->losing) == 1 ||
	    sscanf(line, "release %15s", k->release) == 1)
		return 0;
	if (strcmp(line, "changes") == 0) {
		fprintf(out, "%u\n", k->changes);
		return 0;
	}
	if (strncmp(line, "routes", 6) == 0) {
		(void)sscanf(line, "routes %d", &only);
		list_routes(k, only, out);
		return 0;
	}
	if (sscanf(line, "route %7s %u %63s %u %31s", verb, &table, gateway, &priority, label) >= 3)
		return foreign_route(k, verb, table, gateway, priority, label) == 0 ? 0 : -1;
	if (sscanf(line, "use %u %63s %u", &table, gateway, &times) == 3)
		return use_route(k, table, gateway, times);
	return interface_command(k, line);
}

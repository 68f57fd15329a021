/* SPDX-License-Identifier: ISC */
/* The mirror of interfaces, addresses and foreign default routes. Reads only. */
#include "config.h"

#include "system/linux/view.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "system/linux/limits.h"
#include "system/linux/message.h"

void
view_free(struct view *v)
{
	free(v->interfaces);
	free(v->addresses);
	free(v->defaults);
	memset(v, 0, sizeof(*v));
}

/* Room for one more of size octets: the array, perhaps at another place. */
static void *
room_for_one(void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 16 : *room * 2;
	void *grown;

	if (count < *room)
		return array;
	grown = reallocarray(array, more, size);
	if (grown != NULL)
		*room = more;
	return grown;
}

static void
take_out(void *array, size_t *count, size_t i, size_t size)
{
	char *at = (char *)array + i * size;

	memmove(at, at + size, (*count - i - 1) * size);
	(*count)--;
}

/* ---- interfaces ---- */

static struct view_interface *
find_interface(const struct view *v, uint32_t ifindex)
{
	for (size_t i = 0; i < v->ninterfaces; i++)
		if (v->interfaces[i].ifindex == ifindex)
			return &v->interfaces[i];
	return NULL;
}

const struct view_interface *
view_interface_by_index(const struct view *v, uint32_t ifindex)
{
	return find_interface(v, ifindex);
}

const struct view_interface *
view_interface_by_name(const struct view *v, const char *name)
{
	for (size_t i = 0; i < v->ninterfaces; i++)
		if (strcmp(v->interfaces[i].name, name) == 0)
			return &v->interfaces[i];
	return NULL;
}

static struct view_interface *
add_interface(struct view *v, uint32_t ifindex)
{
	struct view_interface *grown =
	    room_for_one(v->interfaces, v->ninterfaces, &v->interfaces_room, sizeof(*grown));

	if (grown == NULL) {
		v->error = ENOMEM;
		return NULL;
	}
	v->interfaces = grown;
	grown = &v->interfaces[v->ninterfaces++];
	memset(grown, 0, sizeof(*grown));
	grown->ifindex = ifindex;
	return grown;
}

static void
remove_addresses_of(struct view *v, uint32_t ifindex)
{
	for (size_t i = v->naddresses; i-- > 0;)
		if (v->addresses[i].ifindex == ifindex)
			take_out(v->addresses, &v->naddresses, i, sizeof(v->addresses[0]));
}

static void
remove_interface(struct view *v, uint32_t ifindex)
{
	struct view_interface *gone = find_interface(v, ifindex);

	if (gone != NULL)
		take_out(v->interfaces, &v->ninterfaces, (size_t)(gone - v->interfaces),
			 sizeof(*gone));
	remove_addresses_of(v, ifindex);
}

uint32_t
view_note_interface(struct view *v, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	struct view_interface *interface;
	const struct nlattr *attr;
	uint32_t ifindex;

	/* a bridge tells of its ports in the same group, as another family */
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*info) || info->ifi_family != AF_UNSPEC)
		return 0;
	ifindex = (uint32_t)info->ifi_index;
	if (nlh->nlmsg_type == RTM_DELLINK) {
		remove_interface(v, ifindex);
		return ifindex;
	}
	interface = find_interface(v, ifindex);
	if (interface == NULL)
		interface = add_interface(v, ifindex);
	if (interface == NULL)
		return 0;
	interface->flags = info->ifi_flags;
	mnl_attr_for_each(attr, nlh, sizeof(*info))
	{
		if (mnl_attr_get_type(attr) == IFLA_OPERSTATE)
			interface->operstate = mnl_attr_get_u8(attr);
		else if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
			 mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0 &&
			 mnl_attr_get_payload_len(attr) <= sizeof(interface->name))
			strcpy(interface->name, mnl_attr_get_str(attr));
	}
	return ifindex;
}

static void
each_interface(void *arg, const struct nlmsghdr *nlh)
{
	view_note_interface(arg, nlh);
}

static void
restart_interfaces(void *arg)
{
	struct view *v = arg;

	v->ninterfaces = 0;
}

/* The end of loading: what could not be noted is a failure of it. */
static int
loaded(struct view *v, int rc)
{
	if (rc == 0 && v->error != 0) {
		errno = v->error;
		rc = -1;
	}
	v->error = 0;
	return rc;
}

int
view_load_interfaces(struct view *v, struct netlink *nl)
{
	const struct netlink_reader reader = {each_interface, restart_interfaces, v};
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	char buf[256] __attribute__((aligned(8)));

	return loaded(v, netlink_dump(nl, netlink_message(buf, RTM_GETLINK, 0, &info, sizeof(info)),
				      &reader));
}

/* ---- addresses ---- */

static bool
parse_address(const struct nlmsghdr *nlh, struct view_address *a)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct addr local = {0};

	memset(a, 0, sizeof(*a));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*info))
		return false;
	a->ifindex = info->ifa_index;
	a->flags = info->ifa_flags;
	a->scope = info->ifa_scope;
	mnl_attr_for_each(attr, nlh, sizeof(*info))
	{
		switch (mnl_attr_get_type(attr)) {
		case IFA_ADDRESS:
			message_addr(attr, info->ifa_family, &a->prefix);
			break;
		case IFA_LOCAL:
			message_addr(attr, info->ifa_family, &local);
			break;
		case IFA_FLAGS:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
				a->flags = mnl_attr_get_u32(attr);
			break;
		}
	}
	/* on a point-to-point device IFA_ADDRESS is the other end */
	a->local = addr_is_set(&local) ? local : a->prefix;
	a->prefix.plen = info->ifa_prefixlen;
	return addr_is_set(&a->local);
}

/* An IPv4 address may be there more than once, for other ends that differ; of an IPv6 one
 * the kernel changes the other end where it stands. */
static bool
same_address(const struct view_address *a, const struct view_address *b)
{
	return a->ifindex == b->ifindex && addr_equal(&a->local, &b->local) &&
	       a->prefix.plen == b->prefix.plen &&
	       (a->local.version == 6 || addr_equal(&a->prefix, &b->prefix));
}

static struct view_address *
find_address(const struct view *v, const struct view_address *like)
{
	for (size_t i = 0; i < v->naddresses; i++)
		if (same_address(&v->addresses[i], like))
			return &v->addresses[i];
	return NULL;
}

static void
add_address(struct view *v, const struct view_address *a)
{
	struct view_address *grown =
	    room_for_one(v->addresses, v->naddresses, &v->addresses_room, sizeof(*grown));

	if (grown == NULL) {
		v->error = ENOMEM;
		return;
	}
	v->addresses = grown;
	v->addresses[v->naddresses++] = *a;
}

uint32_t
view_note_address(struct view *v, const struct nlmsghdr *nlh)
{
	struct view_address a, *known;

	if (!parse_address(nlh, &a))
		return 0;
	known = find_address(v, &a);
	if (nlh->nlmsg_type == RTM_DELADDR) {
		if (known != NULL)
			take_out(v->addresses, &v->naddresses, (size_t)(known - v->addresses),
				 sizeof(a));
	} else if (known != NULL) {
		*known = a;
	} else {
		add_address(v, &a);
	}
	return a.ifindex;
}

static void
each_address(void *arg, const struct nlmsghdr *nlh)
{
	view_note_address(arg, nlh);
}

static void
restart_addresses(void *arg)
{
	struct view *v = arg;

	v->naddresses = 0;
}

int
view_load_addresses(struct view *v, struct netlink *nl)
{
	const struct netlink_reader reader = {each_address, restart_addresses, v};
	const struct ifaddrmsg info = {.ifa_family = AF_UNSPEC};
	char buf[256] __attribute__((aligned(8)));

	return loaded(v, netlink_dump(nl, netlink_message(buf, RTM_GETADDR, 0, &info, sizeof(info)),
				      &reader));
}

/* ---- default routes of others ---- */

static void
add_default(struct view *v, const struct message_route *route, const struct message_hop *hop)
{
	struct view_default *grown =
	    room_for_one(v->defaults, v->ndefaults, &v->defaults_room, sizeof(*grown));

	if (grown == NULL) {
		v->error = ENOMEM;
		return;
	}
	v->defaults = grown;
	v->defaults[v->ndefaults++] = (struct view_default){
	    .ifindex = hop->ifindex,
	    .table = route->table,
	    .metric = route->metric,
	    .family = route->family,
	    .protocol = route->protocol,
	    .preference = route->preference,
	    .gateway = hop->gateway,
	};
}

struct default_load {
	struct view *view;
	uint8_t family;
};

static void
note_default_hop(void *arg, const struct message_route *route, const struct message_hop *hop)
{
	add_default(arg, route, hop);
}

static void
each_default(void *arg, const struct nlmsghdr *nlh)
{
	const struct default_load *load = arg;
	struct message_route route;

	if (message_route(nlh, &route) && route.family == load->family && route.dst.plen == 0 &&
	    route.tos == 0 && route.type == RTN_UNICAST && route.protocol != OWN_PROTOCOL)
		message_hops(nlh, &route, note_default_hop, load->view);
}

static void
restart_defaults(void *arg)
{
	const struct default_load *load = arg;
	struct view *v = load->view;

	for (size_t i = v->ndefaults; i-- > 0;)
		if (v->defaults[i].family == load->family)
			take_out(v->defaults, &v->ndefaults, i, sizeof(v->defaults[0]));
}

int
view_load_defaults(struct view *v, struct netlink *nl)
{
	struct view fresh = {0};
	int result = 0;

	for (unsigned family = 0; family < FAMILIES && result == 0; family++) {
		struct default_load load = {&fresh, (uint8_t)family};
		const struct netlink_reader reader = {each_default, restart_defaults, &load};

		result = message_dump_routes(nl, load.family, 0, 0, &reader);
	}
	result = loaded(&fresh, result);
	if (result == 0) {
		free(v->defaults);
		v->defaults = fresh.defaults;
		v->ndefaults = fresh.ndefaults;
		v->defaults_room = fresh.defaults_room;
	} else {
		free(fresh.defaults);
	}
	return result;
}

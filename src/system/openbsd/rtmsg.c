/* SPDX-License-Identifier: ISC */
/* The codec of the route socket. Every length is checked before an octet is read. Numbers are in
 * the order of the machine, as the kernel has them. */
#include "config.h"

#include "system/openbsd/rtmsg.h"

#include <string.h>

/* Sockaddrs: all begin with their length and family. */
enum {
	SA_LEN = 0,
	SA_FAMILY = 1,
	SA_DATA = 2,
	IN_ADDR = 4,
	IN_SIZE = 16,
	IN6_ADDR = 8,
	IN6_SCOPE = 24,
	IN6_SIZE = 28,
	DL_INDEX = 2,
	DL_TYPE = 4,
	DL_NAME_LEN = 5,
	DL_ADDR_LEN = 6,
	DL_DATA = 8,
	DL_SIZE = 32,
	LABEL_SIZE = SA_DATA + RTMSG_LABEL,
	LAST_BIT = 0x4000, /* RTA_SEARCH: the last that is defined */
};

bool
rtmsg_link_is_up(uint8_t link_state)
{
	return link_state >= RTMSG_LINK_UP || link_state == RTMSG_LINK_UNKNOWN;
}

/* ---- numbers ---- */

static uint16_t
get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t
get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t
get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void
set16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void
set32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void
set64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

/* ---- reading addresses ---- */

struct sockaddrs {
	const uint8_t *at, *end;
	unsigned rounding;
};

/* No address at all still takes the place of a long. */
static size_t
padded(size_t len, unsigned rounding)
{
	return len == 0 ? rounding : (len + rounding - 1) / rounding * rounding;
}

/* Steps over one; NULL where it does not fit. The last may lack its padding. */
static const uint8_t *
next(struct sockaddrs *s)
{
	const uint8_t *sa = s->at;
	size_t left = (size_t)(s->end - s->at), len;

	if (left < 1 || sa[SA_LEN] > left)
		return NULL;
	len = padded(sa[SA_LEN], s->rounding);
	s->at += len < left ? len : left;
	return sa;
}

/* The kernel keeps the interface of a link-local address within it. */
static void
take_scope_out(struct addr *a)
{
	if (!addr_is_linklocal(a))
		return;
	if (a->octets[2] != 0 || a->octets[3] != 0)
		a->scope = (uint32_t)a->octets[2] << 8 | a->octets[3];
	a->octets[2] = a->octets[3] = 0;
}

static void
read_ip(const uint8_t *sa, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (sa[SA_LEN] >= IN_ADDR + 4 && sa[SA_FAMILY] == RTMSG_AF_INET) {
		a->version = 4;
		a->plen = 32;
		memcpy(a->octets, sa + IN_ADDR, 4);
	} else if (sa[SA_LEN] >= IN6_SIZE && sa[SA_FAMILY] == RTMSG_AF_INET6) {
		a->version = 6;
		a->plen = 128;
		memcpy(a->octets, sa + IN6_ADDR, 16);
		if (addr_is_linklocal(a))
			a->scope = get32(sa + IN6_SCOPE);
		take_scope_out(a);
	}
}

static void
read_link(const uint8_t *sa, struct rtmsg_link *link)
{
	size_t name, address;

	memset(link, 0, sizeof(*link));
	if (sa[SA_LEN] < DL_DATA || sa[SA_FAMILY] != RTMSG_AF_LINK)
		return;
	name = sa[DL_NAME_LEN];
	address = sa[DL_ADDR_LEN];
	if (DL_DATA + name + address > sa[SA_LEN] || name > RTMSG_NAME)
		return;
	link->index = get16(sa + DL_INDEX);
	link->type = sa[DL_TYPE];
	memcpy(link->name, sa + DL_DATA, name);
	if (address == sizeof(link->lladdr)) {
		link->lladdr_len = sizeof(link->lladdr);
		memcpy(link->lladdr, sa + DL_DATA + name, address);
	}
}

/* A netmask may have no family, and end where its ones do. */
static uint8_t
mask_length(const uint8_t *sa, const struct addr *of)
{
	size_t first = of->version == 6 ? IN6_ADDR : IN_ADDR;
	unsigned ones = 0;

	for (size_t i = 0; i < addr_size(of); i++) {
		uint8_t octet = first + i < sa[SA_LEN] ? sa[first + i] : 0;

		for (uint8_t bit = 0x80; bit != 0; bit >>= 1) {
			if ((octet & bit) == 0)
				return (uint8_t)ones;
			ones++;
		}
	}
	return (uint8_t)ones;
}

static void
read_label(const uint8_t *sa, char label[RTMSG_LABEL])
{
	size_t len = sa[SA_LEN] > SA_DATA ? sa[SA_LEN] - (size_t)SA_DATA : 0;

	if (len > RTMSG_LABEL)
		len = RTMSG_LABEL;
	memset(label, 0, RTMSG_LABEL);
	memcpy(label, sa + SA_DATA, len);
	label[RTMSG_LABEL - 1] = '\0';
}

static void
take_gateway(const uint8_t *sa, struct rtmsg *m)
{
	if (sa[SA_LEN] > SA_FAMILY && sa[SA_FAMILY] == RTMSG_AF_LINK)
		read_link(sa, &m->gateway_link);
	else
		read_ip(sa, &m->gateway);
}

static int
read_addresses(struct sockaddrs s, struct rtmsg *m)
{
	const uint8_t *mask = NULL;
	struct addr *masked =
	    m->type == RTMSG_NEWADDR || m->type == RTMSG_DELADDR ? &m->ifa : &m->dst;

	for (uint32_t bit = 1; bit <= LAST_BIT; bit <<= 1) {
		const uint8_t *sa;

		if ((m->addrs & bit) == 0)
			continue;
		sa = next(&s);
		if (sa == NULL)
			return -1;
		switch (bit) {
		case RTMSG_DST:
			read_ip(sa, &m->dst);
			break;
		case RTMSG_GATEWAY:
			take_gateway(sa, m);
			break;
		case RTMSG_NETMASK:
			mask = sa;
			break;
		case RTMSG_IFP:
			read_link(sa, &m->ifp);
			break;
		case RTMSG_IFA:
			read_ip(sa, &m->ifa);
			break;
		case RTMSG_BRD:
			read_ip(sa, &m->brd);
			break;
		case RTMSG_LABELLED:
			read_label(sa, m->label);
			break;
		}
	}
	if (mask != NULL && addr_is_set(masked))
		masked->plen = mask_length(mask, masked);
	return 0;
}

/* ---- reading messages ---- */

static void
read_route(const uint8_t *p, struct rtmsg *m)
{
	m->priority = p[RTMSG_AT_PRIORITY];
	m->flags = get32(p + RTMSG_AT_FLAGS);
	m->fmask = get32(p + RTMSG_AT_FMASK);
	m->pid = get32(p + RTMSG_AT_PID);
	m->seq = get32(p + RTMSG_AT_SEQ);
	m->error = (int32_t)get32(p + RTMSG_AT_ERRNO);
	m->inits = get32(p + RTMSG_AT_INITS);
	m->use = get64(p + RTMSG_AT_USE);
	m->refs = get32(p + RTMSG_AT_REFS);
}

static void
read_ifinfo(const uint8_t *p, struct rtmsg *m)
{
	m->flags = get32(p + RTMSG_AT_FLAGS);
	m->xflags = get32(p + RTMSG_AT_XFLAGS);
	m->iftype = p[RTMSG_AT_IFTYPE];
	m->link_state = p[RTMSG_AT_LINK_STATE];
	m->mtu = get32(p + RTMSG_AT_MTU);
	m->rdomain = get32(p + RTMSG_AT_RDOMAIN);
	m->ipackets = get64(p + RTMSG_AT_IPACKETS);
	m->opackets = get64(p + RTMSG_AT_OPACKETS);
	m->ibytes = get64(p + RTMSG_AT_IBYTES);
	m->obytes = get64(p + RTMSG_AT_OBYTES);
	m->imcasts = get64(p + RTMSG_AT_IMCASTS);
}

/* How long a header must be at least; 0: a type that means nothing here. */
static size_t
least_header(uint8_t type)
{
	switch (type) {
	case RTMSG_ADD:
	case RTMSG_DELETE:
	case RTMSG_CHANGE:
	case RTMSG_GET:
	case RTMSG_DESYNC:
		return RTMSG_ROUTE_SIZE;
	case RTMSG_NEWADDR:
	case RTMSG_DELADDR:
		return RTMSG_ADDR_SIZE;
	case RTMSG_IFINFO:
		return RTMSG_IFINFO_LEAST;
	case RTMSG_IFANNOUNCE:
		return RTMSG_ANNOUNCE_SIZE;
	}
	return 0;
}

static int
read_body(const uint8_t *p, size_t length, unsigned rounding, struct rtmsg *m)
{
	size_t header = get16(p + RTMSG_AT_HEADER);

	m->ifindex = get16(p + RTMSG_AT_INDEX);
	if (m->type == RTMSG_IFANNOUNCE) {
		m->what = get16(p + RTMSG_AT_WHAT);
		memcpy(m->name, p + RTMSG_AT_NAME, RTMSG_NAME);
		return 0;
	}
	m->table = get16(p + RTMSG_AT_TABLE);
	m->addrs = get32(p + RTMSG_AT_ADDRS);
	if (m->type == RTMSG_IFINFO)
		read_ifinfo(p, m);
	else if (m->type == RTMSG_NEWADDR || m->type == RTMSG_DELADDR)
		m->metric = get32(p + RTMSG_AT_METRIC);
	else
		read_route(p, m);
	return read_addresses((struct sockaddrs){p + header, p + length, rounding}, m);
}

ssize_t
rtmsg_read(const uint8_t *buf, size_t size, unsigned rounding, struct rtmsg *m)
{
	size_t length, least;

	memset(m, 0, sizeof(*m));
	if (size < RTMSG_AT_HEADER)
		return -1;
	length = get16(buf + RTMSG_AT_LENGTH);
	if (length < RTMSG_AT_HEADER || length > size || buf[RTMSG_AT_VERSION] != RTMSG_VERSION)
		return -1;
	m->type = buf[RTMSG_AT_TYPE];
	least = least_header(m->type);
	if (least == 0)
		return (ssize_t)length;
	/* one that only says that something was lost needs nothing more */
	if (m->type == RTMSG_DESYNC && length < least)
		return (ssize_t)length;
	if (length < least || get16(buf + RTMSG_AT_HEADER) < least ||
	    get16(buf + RTMSG_AT_HEADER) > length)
		return -1;
	return read_body(buf, length, rounding, m) == 0 ? (ssize_t)length : -1;
}

/* ---- writing ---- */

struct writer {
	uint8_t *buf;
	size_t size, used;
	unsigned rounding;
	bool failed;
};

/* Room for len octets with their padding, all 0. */
static uint8_t *
room(struct writer *w, size_t len)
{
	size_t whole = padded(len, w->rounding);
	uint8_t *at = w->buf + w->used;

	if (w->failed || whole > w->size - w->used) {
		w->failed = true;
		return NULL;
	}
	memset(at, 0, whole);
	w->used += whole;
	return at;
}

/* An index takes two octets of a link-local address: a greater one must not become another
 * interface's. */
static bool
writable_scope(const struct addr *a)
{
	return !addr_is_linklocal(a) || a->scope <= UINT16_MAX;
}

static void
write_ip(struct writer *w, const struct addr *a)
{
	bool v6 = a->version == 6;
	uint8_t *sa = a->version == 0 ? room(w, 0) : room(w, v6 ? IN6_SIZE : IN_SIZE);

	if (!writable_scope(a))
		w->failed = true;
	if (sa == NULL || a->version == 0 || w->failed)
		return;
	sa[SA_LEN] = v6 ? IN6_SIZE : IN_SIZE;
	sa[SA_FAMILY] = v6 ? RTMSG_AF_INET6 : RTMSG_AF_INET;
	memcpy(sa + (v6 ? IN6_ADDR : IN_ADDR), a->octets, addr_size(a));
	if (addr_is_linklocal(a) && a->scope != 0) {
		sa[IN6_ADDR + 2] = (uint8_t)(a->scope >> 8);
		sa[IN6_ADDR + 3] = (uint8_t)a->scope;
	}
}

static void
fill_mask(uint8_t *at, unsigned plen)
{
	for (; plen >= 8; plen -= 8)
		*at++ = 0xff;
	if (plen > 0)
		*at = (uint8_t)(0xff << (8 - plen));
}

static void
write_mask(struct writer *w, const struct addr *of)
{
	bool v6 = of->version == 6;
	uint8_t *sa = room(w, v6 ? IN6_SIZE : IN_SIZE);

	if (sa == NULL)
		return;
	sa[SA_LEN] = v6 ? IN6_SIZE : IN_SIZE;
	sa[SA_FAMILY] = v6 ? RTMSG_AF_INET6 : RTMSG_AF_INET;
	fill_mask(sa + (v6 ? IN6_ADDR : IN_ADDR), of->plen);
}

/* Of an interface's address the kernel writes no family, and stops where the ones do. */
static void
write_short_mask(struct writer *w, const struct addr *of)
{
	size_t first = of->version == 6 ? IN6_ADDR : IN_ADDR;
	size_t len = of->plen == 0 ? 0 : first + (of->plen + 7u) / 8;
	uint8_t *sa = room(w, len);

	if (sa == NULL || len == 0)
		return;
	sa[SA_LEN] = (uint8_t)len;
	fill_mask(sa + first, of->plen);
}

static void
write_link(struct writer *w, const struct rtmsg_link *link)
{
	size_t name = strlen(link->name);
	uint8_t *sa = room(w, DL_SIZE);

	if (sa == NULL)
		return;
	sa[SA_LEN] = DL_SIZE;
	sa[SA_FAMILY] = RTMSG_AF_LINK;
	set16(sa + DL_INDEX, link->index);
	sa[DL_TYPE] = link->type;
	sa[DL_NAME_LEN] = (uint8_t)name;
	sa[DL_ADDR_LEN] = link->lladdr_len;
	memcpy(sa + DL_DATA, link->name, name);
	memcpy(sa + DL_DATA + name, link->lladdr, link->lladdr_len);
}

static void
write_label(struct writer *w, const char *label)
{
	uint8_t *sa = room(w, LABEL_SIZE);

	if (sa == NULL)
		return;
	sa[SA_LEN] = LABEL_SIZE;
	memcpy(sa + SA_DATA, label, strnlen(label, RTMSG_LABEL - 1));
}

static void
write_address(struct writer *w, const struct rtmsg *m, uint32_t bit)
{
	bool of_interface = m->type == RTMSG_NEWADDR || m->type == RTMSG_DELADDR;

	switch (bit) {
	case RTMSG_DST:
		write_ip(w, &m->dst);
		break;
	case RTMSG_GATEWAY:
		if (m->gateway_link.index != 0)
			write_link(w, &m->gateway_link);
		else
			write_ip(w, &m->gateway);
		break;
	case RTMSG_NETMASK:
		if (of_interface)
			write_short_mask(w, &m->ifa);
		else
			write_mask(w, &m->dst);
		break;
	case RTMSG_IFP:
		write_link(w, &m->ifp);
		break;
	case RTMSG_IFA:
		write_ip(w, &m->ifa);
		break;
	case RTMSG_BRD:
		write_ip(w, &m->brd);
		break;
	case RTMSG_LABELLED:
		write_label(w, m->label);
		break;
	default:
		w->failed = true; /* no room for what is not known */
	}
}

static void
write_route(uint8_t *p, const struct rtmsg *m)
{
	p[RTMSG_AT_PRIORITY] = m->priority;
	set32(p + RTMSG_AT_FLAGS, m->flags);
	set32(p + RTMSG_AT_FMASK, m->fmask);
	set32(p + RTMSG_AT_PID, m->pid);
	set32(p + RTMSG_AT_SEQ, m->seq);
	set32(p + RTMSG_AT_ERRNO, (uint32_t)m->error);
	set32(p + RTMSG_AT_INITS, m->inits);
	set64(p + RTMSG_AT_USE, m->use);
	set32(p + RTMSG_AT_REFS, m->refs);
}

static void
write_ifinfo(uint8_t *p, const struct rtmsg *m)
{
	set32(p + RTMSG_AT_FLAGS, m->flags);
	set32(p + RTMSG_AT_XFLAGS, m->xflags);
	p[RTMSG_AT_IFTYPE] = m->iftype;
	p[RTMSG_AT_LINK_STATE] = m->link_state;
	set32(p + RTMSG_AT_MTU, m->mtu);
	set32(p + RTMSG_AT_RDOMAIN, m->rdomain);
	set64(p + RTMSG_AT_IPACKETS, m->ipackets);
	set64(p + RTMSG_AT_OPACKETS, m->opackets);
	set64(p + RTMSG_AT_IBYTES, m->ibytes);
	set64(p + RTMSG_AT_OBYTES, m->obytes);
	set64(p + RTMSG_AT_IMCASTS, m->imcasts);
}

static size_t
header_size(uint8_t type)
{
	return type == RTMSG_IFINFO ? RTMSG_IFINFO_SIZE : least_header(type);
}

static void
write_header(uint8_t *p, const struct rtmsg *m, size_t header)
{
	p[RTMSG_AT_VERSION] = RTMSG_VERSION;
	p[RTMSG_AT_TYPE] = m->type;
	set16(p + RTMSG_AT_HEADER, (uint16_t)header);
	set16(p + RTMSG_AT_INDEX, m->ifindex);
	if (m->type == RTMSG_IFANNOUNCE) {
		set16(p + RTMSG_AT_WHAT, m->what);
		memcpy(p + RTMSG_AT_NAME, m->name, strnlen(m->name, RTMSG_NAME));
		return;
	}
	set16(p + RTMSG_AT_TABLE, m->table);
	set32(p + RTMSG_AT_ADDRS, m->addrs);
	if (m->type == RTMSG_IFINFO)
		write_ifinfo(p, m);
	else if (m->type == RTMSG_NEWADDR || m->type == RTMSG_DELADDR)
		set32(p + RTMSG_AT_METRIC, m->metric);
	else
		write_route(p, m);
}

ssize_t
rtmsg_write(const struct rtmsg *m, unsigned rounding, uint8_t *buf, size_t size)
{
	struct writer w = {.buf = buf, .size = size, .rounding = rounding};
	size_t header = header_size(m->type);

	if (header == 0 || size < header)
		return -1;
	memset(buf, 0, header);
	write_header(buf, m, header);
	w.used = header;
	if (m->type != RTMSG_IFANNOUNCE)
		for (uint32_t bit = 1; bit <= LAST_BIT; bit <<= 1)
			if (m->addrs & bit)
				write_address(&w, m, bit);
	if (w.failed)
		return -1;
	set16(buf + RTMSG_AT_LENGTH, (uint16_t)w.used);
	return (ssize_t)w.used;
}

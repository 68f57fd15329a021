/* SPDX-License-Identifier: ISC */
/* The request socket: one transaction at a time, synchronous, because rtnetlink
 * answers within the call that sends. Never waits for anyone but the kernel. */
#include "config.h"

#include "system/linux/netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { DUMP_TRIES = 8 };

static void
set_option(struct mnl_socket *socket, int option)
{
	int one = 1;

	/* older kernels lack some: then answers are longer, never wrong */
	(void)mnl_socket_setsockopt(socket, option, &one, sizeof(one));
}

int
netlink_open(struct netlink *nl)
{
	nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (nl->socket == NULL)
		return -1;
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) != 0) {
		netlink_close(nl);
		return -1;
	}
	set_option(nl->socket, NETLINK_EXT_ACK);
	set_option(nl->socket, NETLINK_CAP_ACK);
	set_option(nl->socket, NETLINK_GET_STRICT_CHK);
	nl->portid = mnl_socket_get_portid(nl->socket);
	return 0;
}

void
netlink_close(struct netlink *nl)
{
	int saved = errno;

	if (nl->socket != NULL)
		mnl_socket_close(nl->socket);
	nl->socket = NULL;
	errno = saved;
}

bool
netlink_ok(const struct nlmsghdr *nlh, int left)
{
	return left >= (int)sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) &&
	       nlh->nlmsg_len <= (unsigned)left;
}

size_t
netlink_whole(const void *datagram, size_t len)
{
	const struct nlmsghdr *nlh = datagram;
	int left = (int)len;

	while (netlink_ok(nlh, left))
		nlh = mnl_nlmsg_next(nlh, &left);
	return left > 0 ? len - (size_t)left : len;
}

struct nlmsghdr *
netlink_message(void *buf, uint16_t type, uint16_t flags, const void *extra, size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	memcpy(mnl_nlmsg_put_extra_header(nlh, size), extra, size);
	return nlh;
}

static void
note_reason(struct netlink *nl, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	if ((nlh->nlmsg_flags & NLM_F_ACK_TLVS) == 0 || (nlh->nlmsg_flags & NLM_F_CAPPED) == 0)
		return;
	mnl_attr_for_each(
	    attr, nlh,
	    sizeof(struct nlmsgerr)) if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
					 mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
	    snprintf(nl->reason, sizeof(nl->reason), "%s", mnl_attr_get_str(attr));
}

/* The end of an exchange: 0, or -1 with errno. */
static int
verdict(struct netlink *nl, const struct nlmsghdr *nlh)
{
	int error = 0;

	if (nlh->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

		note_reason(nl, nlh);
		error = mnl_nlmsg_get_payload_len(nlh) >= sizeof(*e) ? -e->error : EBADMSG;
	} else if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(int)) {
		error = -*(const int *)mnl_nlmsg_get_payload(nlh);
	}
	errno = error;
	return error == 0 ? 0 : -1;
}

static int
read_answers(struct netlink *nl, const struct netlink_reader *reader)
{
	bool disturbed = false;

	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(nl->socket), nl->answer, sizeof(nl->answer),
				 MSG_DONTWAIT | MSG_TRUNC);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)nl->answer;
		int left = (int)n;

		if (n < 0)
			return -1;
		if ((size_t)n > sizeof(nl->answer)) {
			errno = EMSGSIZE;
			return -1;
		}
		for (; netlink_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq != nl->seq)
				continue; /* left over from an exchange that failed */
			disturbed |= (nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
			if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
				int rc = verdict(nl, nlh);

				if (rc == 0 && disturbed) {
					errno = EINTR;
					return -1;
				}
				return rc;
			}
			if (reader != NULL)
				reader->each(reader->arg, nlh);
		}
	}
}

static int
exchange(struct netlink *nl, struct nlmsghdr *nlh, const struct netlink_reader *reader)
{
	nlh->nlmsg_flags |= NLM_F_ACK;
	nlh->nlmsg_seq = ++nl->seq;
	nl->reason[0] = '\0';
	if (mnl_socket_sendto(nl->socket, nlh, nlh->nlmsg_len) < 0)
		return -1;
	return read_answers(nl, reader);
}

int
netlink_request(struct netlink *nl, struct nlmsghdr *nlh)
{
	return exchange(nl, nlh, NULL);
}

int
netlink_get(struct netlink *nl, struct nlmsghdr *nlh, const struct netlink_reader *reader)
{
	return exchange(nl, nlh, reader);
}

int
netlink_dump(struct netlink *nl, struct nlmsghdr *nlh, const struct netlink_reader *reader)
{
	int rc = -1;

	nlh->nlmsg_flags |= NLM_F_DUMP;
	errno = EINTR;
	for (int i = 0; i < DUMP_TRIES && rc != 0 && errno == EINTR; i++) {
		if (reader->restart != NULL)
			reader->restart(reader->arg);
		rc = exchange(nl, nlh, reader);
	}
	return rc;
}

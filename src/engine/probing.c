/* SPDX-License-Identifier: ISC */
/* Probes over the wire. A sample is made of each probe exactly once: answered in
 * time, or lost. What else comes in changes nothing but a counter. */
#include "config.h"

#include "engine/probing.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/decide.h"
#include "engine/icmp.h"
#include "engine/publish.h"

enum { BATCH = 16 };

/* The convention with sys_probe_socket, whose filter passes no other id. */
static uint16_t
icmp_id(const struct link *link)
{
	return (uint16_t)(0x8000 | link->row.index);
}

static void
note_lateness(struct engine *e, uint64_t due_ns, uint64_t now_ns)
{
	uint64_t late = now_ns > due_ns ? now_ns - due_ns : 0;

	e->global.lateness_us[lateness_bucket(late / NSEC_PER_USEC)]++;
}

static void
arm(struct event *timer, uint64_t at_ns, uint64_t now_ns)
{
	/* Rounded up: a timer that is early would find nothing to do and come again. */
	uint64_t us = at_ns > now_ns ? (at_ns - now_ns + NSEC_PER_USEC - 1) / NSEC_PER_USEC : 0;
	struct timeval tv = {.tv_sec = (time_t)(us / 1000000),
			     .tv_usec = (suseconds_t)(us % 1000000)};

	event_add(timer, &tv);
}

/* One sample into judge and window. Returns its number in the window. */
static uint32_t
take_sample(struct target *t, const struct probe *probe, uint32_t rtt_us)
{
	uint32_t number = window_add(&t->window, rtt_us);
	unsigned old_status = t->judge.status;
	uint64_t first_lost_ns = t->judge.run_lost_ns ? t->judge.run_lost_ns : probe->sent_ns;
	bool answered = rtt_us != RTT_UNKNOWN;
	bool changed = judge_sample(&t->judge, &t->conf.probe, answered, probe->sent_ns);

	if (answered)
		t->row.received++;
	else
		t->row.lost++;
	publish_sample(t->link, rtt_us);
	publish_target(t);
	if (changed)
		decide_target_changed(t, old_status, first_lost_ns);
	else
		decide_sample(t);
	publish_link(t->link);
	return number;
}

static uint64_t
timeout_ns(const struct target *t)
{
	return t->conf.probe.timeout_ms * NSEC_PER_MSEC;
}

static struct probe *
probe_at(struct target *t, uint16_t sequence)
{
	return &t->probes[sequence % INFLIGHT_MAX];
}

/* Steps over probes that are dealt with and arms the timer for the oldest. */
static void
watch_oldest(struct target *t, uint64_t now_ns)
{
	while (t->oldest_waiting != t->next_sequence &&
	       probe_at(t, t->oldest_waiting)->state != PROBE_WAITING)
		t->oldest_waiting++;
	if (t->oldest_waiting == t->next_sequence)
		event_del(t->timeout_timer);
	else
		arm(t->timeout_timer, probe_at(t, t->oldest_waiting)->sent_ns + timeout_ns(t),
		    now_ns);
}

static void
lose(struct target *t, struct probe *probe)
{
	probe->state = PROBE_LOST;
	probe->sample = take_sample(t, probe, RTT_UNKNOWN);
}

/* ---- sending ---- */

/* The address to ask, or not set: a gateway that nobody knows now. */
static struct addr
target_address(const struct target *t)
{
	return t->conf.gateway ? t->link->facts.route[t->conf.family].gateway : t->conf.addr;
}

/* The source, where the link has one: an interface may carry several. */
static size_t
put_source(const struct addr *source, struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	if (source->version == 4) {
		struct in_pktinfo info = {0};

		memcpy(&info.ipi_spec_dst, source->octets, 4);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		return CMSG_SPACE(sizeof(info));
	}
	struct in6_pktinfo info6 = {0};

	memcpy(&info6.ipi6_addr, source->octets, 16);
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info6));
	memcpy(CMSG_DATA(c), &info6, sizeof(info6));
	return CMSG_SPACE(sizeof(info6));
}

static int
send_echo(struct target *t, const struct addr *to, const struct icmp_echo *echo)
{
	const struct link *link = t->link;
	const struct addr *source = &link->facts.route[t->conf.family].source;
	uint8_t packet[ICMP_ECHO_SIZE];
	struct sockaddr_storage ss;
	struct iovec iov = {packet, icmp_request_write(t->conf.family, echo, packet)};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control;
	struct msghdr msg = {.msg_name = &ss, .msg_iov = &iov, .msg_iovlen = 1};

	msg.msg_namelen = addr_to_sockaddr(to, 0, &ss);
	if (source->version == to->version && !addr_is_linklocal(to)) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.space);
		msg.msg_controllen = put_source(source, &msg);
	}
	return sendmsg(link->socket[t->conf.family], &msg, MSG_DONTWAIT) < 0 ? -1 : 0;
}

/* A send that failed for want of a way is a lost probe: nothing else is known of
 * the link that is truer. One that failed for want of memory says nothing. */
static void
send_failed(struct target *t, struct probe *probe, int error)
{
	t->row.send_errors++;
	t->row.last_error = (uint16_t)error;
	if (error == ENOBUFS || error == EAGAIN || error == ENOMEM || error == EINTR) {
		probe->state = PROBE_FREE;
		publish_target(t);
		return;
	}
	lose(t, probe);
}

static void
send_probe(struct target *t)
{
	struct addr to = target_address(t);
	uint16_t sequence = t->next_sequence;
	struct probe *probe = probe_at(t, sequence);
	struct icmp_echo echo = {.id = icmp_id(t->link), .sequence = sequence, .target = t->slot};

	if (t->link->socket[t->conf.family] < 0 || !addr_is_set(&to))
		return;
	if (t->conf.gateway)
		t->row.addr = to;
	if (probe->state == PROBE_WAITING)
		lose(t, probe);
	arc4random_buf(&echo.nonce, sizeof(echo.nonce));
	*probe = (struct probe){.state = PROBE_WAITING,
				.sequence = sequence,
				.nonce = echo.nonce,
				.sent_wall_ns = clock_wall_ns(),
				.sent_ns = clock_mono_ns()};
	t->next_sequence++;
	if (send_echo(t, &to, &echo) != 0) {
		send_failed(t, probe, errno);
		return;
	}
	t->row.sent++;
	t->row.last_error = 0;
	if (sequence == t->oldest_waiting || !event_pending(t->timeout_timer, EV_TIMEOUT, NULL))
		watch_oldest(t, probe->sent_ns);
}

static void
on_send(evutil_socket_t fd, short what, void *arg)
{
	struct target *t = arg;
	uint64_t now = clock_mono_ns(), interval = t->conf.probe.interval_ms * NSEC_PER_MSEC;

	(void)fd, (void)what;
	note_lateness(t->link->engine, t->due_ns, now);
	t->due_ns += interval;
	if (t->due_ns < now) /* stopped for longer than an interval: don't catch up in a burst */
		t->due_ns = now + interval;
	send_probe(t);
	arm(t->send_timer, t->due_ns, clock_mono_ns());
}

/* ---- receiving ---- */

struct arrival {
	struct addr from;
	uint32_t ifindex; /* 0: not told */
	uint64_t wall_ns; /* the kernel's stamp, 0: none */
};

static void
read_control(struct msghdr *msg, struct arrival *a)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec ts;

			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			a->wall_ns = (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			a->ifindex = (uint32_t)info.ipi_ifindex;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			a->ifindex = (uint32_t)info.ipi6_ifindex;
		}
	}
}

/* The kernel's receive stamp is in wall time: it is taken unless the wall clock
 * was set while the probe was out, which the monotonic clock shows. */
static uint64_t
rtt_ns(const struct probe *probe, const struct arrival *a, uint64_t now_ns)
{
	uint64_t bound = now_ns - probe->sent_ns;

	if (a->wall_ns >= probe->sent_wall_ns &&
	    a->wall_ns - probe->sent_wall_ns <= bound + NSEC_PER_MSEC)
		return a->wall_ns - probe->sent_wall_ns;
	return bound;
}

static uint32_t
to_us(uint64_t ns)
{
	uint64_t us = ns / NSEC_PER_USEC;

	return us < RTT_UNKNOWN ? (uint32_t)us : RTT_UNKNOWN - 1;
}

static void
answer(struct target *t, struct probe *probe, uint64_t ns)
{
	uint32_t us = to_us(ns);
	bool late = ns > timeout_ns(t);

	t->row.last_good_ns = clock_mono_ns();
	if (probe->state == PROBE_WAITING && !late) {
		probe->state = PROBE_FREE;
		take_sample(t, probe, us);
		return;
	}
	/* Late: the counter of lost probes stays (it only grows, and late tells how many
	 * of them came after all), but window and judge take the loss back. */
	if (probe->state == PROBE_WAITING)
		lose(t, probe);
	probe->state = PROBE_FREE;
	t->row.late++;
	if (window_correct(&t->window, probe->sample, us))
		judge_late(&t->judge);
	publish_target(t);
	publish_link(t->link);
}

/* Whose answer it is, or NULL. A stranger that guessed right in all but the nonce
 * is nobody. */
static struct probe *
match(struct link *link, int family, const struct icmp_echo *echo, const struct arrival *a,
      struct target **target)
{
	struct target *t;
	struct probe *probe;
	struct addr expected;

	if (echo->id != icmp_id(link) || echo->target >= TARGETS_MAX)
		return NULL;
	t = link->engine->slots[echo->target];
	if (t == NULL || t->link != link || t->conf.family != family)
		return NULL;
	expected = t->row.addr;
	expected.scope = a->from.scope; /* link-local: the interface is checked by itself */
	probe = probe_at(t, echo->sequence);
	if (!addr_equal(&expected, &a->from) || probe->sequence != echo->sequence ||
	    probe->nonce != echo->nonce)
		return NULL;
	*target = t;
	return probe;
}

static void
take_reply(struct link *link, int family, const uint8_t *packet, size_t len,
	   const struct arrival *a)
{
	struct icmp_echo echo;
	struct target *t;
	struct probe *probe;

	if (icmp_reply_read(family, packet, len, &echo) != 0)
		return;
	probe = match(link, family, &echo, a, &t);
	if (probe == NULL)
		return;
	if (a->ifindex != 0 && link->facts.ifindex != 0 && a->ifindex != link->facts.ifindex) {
		t->row.wrong_interface++;
		publish_target(t);
	} else if (probe->state == PROBE_FREE) {
		t->row.duplicates++;
		publish_target(t);
	} else {
		answer(t, probe, rtt_ns(probe, a, clock_mono_ns()));
		watch_oldest(t, clock_mono_ns());
	}
}

static int
family_of(const struct link *link, evutil_socket_t fd)
{
	return link->socket[V6] == fd ? V6 : V4;
}

/* Reads at most one batch. Returns how many packets it was. */
static int
read_batch(struct link *link, int fd)
{
	static uint8_t packets[BATCH][256];
	static char controls[BATCH][256];
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_storage from[BATCH];
	int family = family_of(link, fd), n;

	memset(msgs, 0, sizeof(msgs));
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){packets[i], sizeof(packets[i])};
		msgs[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
						  .msg_namelen = sizeof(from[i]),
						  .msg_iov = &iov[i],
						  .msg_iovlen = 1,
						  .msg_control = controls[i],
						  .msg_controllen = sizeof(controls[i])};
	}
	n = recvmmsg(fd, msgs, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		struct arrival a = {0};

		if (msgs[i].msg_hdr.msg_flags & MSG_TRUNC)
			continue;
		if (addr_from_sockaddr((struct sockaddr *)&from[i], &a.from) != 0)
			continue;
		read_control(&msgs[i].msg_hdr, &a);
		take_reply(link, family, packets[i], msgs[i].msg_len, &a);
	}
	return n;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	read_batch(arg, fd);
}

/* ---- time ---- */

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct target *t = arg;
	int probe_socket = t->link->socket[t->conf.family];
	uint64_t now;

	(void)fd, (void)what;
	/* An answer that has arrived and was not read yet was in time: the kernel's
	 * stamp says so, however late this process comes to it. */
	for (int i = 0; i < 64 && probe_socket >= 0 && read_batch(t->link, probe_socket) == BATCH;
	     i++)
		;
	now = clock_mono_ns();
	while (t->oldest_waiting != t->next_sequence) {
		struct probe *probe = probe_at(t, t->oldest_waiting);

		if (probe->state == PROBE_WAITING) {
			if (probe->sent_ns + timeout_ns(t) > now)
				break;
			lose(t, probe);
		}
		t->oldest_waiting++;
	}
	watch_oldest(t, now);
}

int
probing_start(struct target *t, uint64_t spread_ns)
{
	struct engine *e = t->link->engine;
	uint64_t now = clock_mono_ns();

	if (t->send_timer == NULL)
		t->send_timer = evtimer_new(e->base, on_send, t);
	if (t->timeout_timer == NULL)
		t->timeout_timer = evtimer_new(e->base, on_timeout, t);
	if (t->send_timer == NULL || t->timeout_timer == NULL)
		return -1;
	if (!event_pending(t->send_timer, EV_TIMEOUT, NULL) ||
	    t->due_ns > now + t->conf.probe.interval_ms * NSEC_PER_MSEC) {
		t->due_ns = now + spread_ns;
		arm(t->send_timer, t->due_ns, now);
	}
	publish_target(t);
	return 0;
}

void
probing_stop(struct target *t)
{
	if (t->send_timer != NULL)
		event_free(t->send_timer);
	if (t->timeout_timer != NULL)
		event_free(t->timeout_timer);
	t->send_timer = t->timeout_timer = NULL;
}

static void
close_socket(struct link *link, int family)
{
	if (link->readable[family] != NULL)
		event_free(link->readable[family]);
	link->readable[family] = NULL;
	if (link->socket[family] >= 0)
		close(link->socket[family]);
	link->socket[family] = -1;
}

int
probing_set_socket(struct link *link, int family, int fd)
{
	close_socket(link, family);
	link->socket[family] = fd;
	link->readable[family] =
	    event_new(link->engine->base, fd, EV_READ | EV_PERSIST, on_readable, link);
	if (link->readable[family] == NULL || event_add(link->readable[family], NULL) != 0)
		return -1;
	return 0;
}

void
probing_close_sockets(struct link *link)
{
	close_socket(link, V4);
	close_socket(link, V6);
}

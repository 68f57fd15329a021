/* SPDX-License-Identifier: ISC */
/* One GET of a target: a socket of the link, a connection, TLS where it is https, the
 * request, and as much of the answer as is needed to know whether it is the right one.
 * Its time is that from the first segment to there. All of it together has the target's
 * timeout, however slowly the answer drips. */
#include "config.h"

#include "fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/reserve.h"
#include "http.h"
#include "system/system.h"
#include "tls.h"

enum { HTTP_PORT = 80, HTTPS_PORT = 443, READ_MOST = 16 << 10 };

struct fetch {
	struct asker *asker;
	struct ipc_ask question;
	const struct conf_target *target;
	uint32_t wanted; /* socket, 0: none */
	int fd;          /* the socket until there is a connection, else -1 */
	struct event *connects, *over;
	struct bufferevent *connection;
	SSL *ssl;   /* the connection's */
	bool talks; /* HTTP: the connection stands, with its TLS */
	struct http http;
	uint64_t started_ns;
};

static void
fetch_free(struct fetch *f)
{
	asker_forget(f->asker, f->wanted);
	if (f->over != NULL)
		event_free(f->over);
	if (f->connects != NULL)
		event_free(f->connects);
	if (f->connection != NULL)
		bufferevent_free(f->connection);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

static void
finish(struct fetch *f, enum asked_verdict verdict, unsigned error)
{
	int fd = f->connection != NULL ? bufferevent_getfd(f->connection) : f->fd;
	struct asker_result result = {verdict, clock_mono_ns() - f->started_ns, error,
				      fd < 0 ? 0 : sys_tcp_octets(fd, f->target->family),
				      f->fd < 0 ? 0 : sys_tcp_kept_out(f->fd)};

	asker_answer(f->asker, &f->question, &result);
	fetch_free(f);
}

/* ---- the answer ---- */

static void
conclude(struct fetch *f, enum http_verdict verdict)
{
	if (verdict == HTTP_GOOD)
		finish(f, ASKED_ANSWERED, 0);
	else if (verdict == HTTP_BAD)
		finish(f, ASKED_LOST, f->http.error);
}

static enum http_verdict
take_input(struct fetch *f)
{
	struct evbuffer *in = bufferevent_get_input(f->connection);
	enum http_verdict verdict = HTTP_MORE;

	for (size_t n; verdict == HTTP_MORE && (n = evbuffer_get_contiguous_space(in)) > 0;) {
		verdict = http_take(&f->http, evbuffer_pullup(in, (ev_ssize_t)n), n);
		evbuffer_drain(in, n);
	}
	return verdict;
}

static void
on_input(struct bufferevent *b, void *arg)
{
	struct fetch *f = arg;

	(void)b;
	conclude(f, take_input(f));
}

/* What went wrong once the connection stood. */
static unsigned
why(const struct fetch *f, int saved)
{
	if (f->ssl != NULL && !f->talks)
		return tls_error(f->ssl);
	return saved != 0 ? (unsigned)saved : ECONNRESET;
}

static void
on_event(struct bufferevent *b, short what, void *arg)
{
	struct fetch *f = arg;
	int saved = EVUTIL_SOCKET_ERROR();
	enum http_verdict verdict;

	(void)b;
	if (what & BEV_EVENT_CONNECTED)
		f->talks = true;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
		return;
	verdict = take_input(f);
	if (verdict == HTTP_MORE && what & BEV_EVENT_EOF && f->talks)
		verdict = http_end(&f->http);
	if (verdict == HTTP_MORE)
		finish(f, ASKED_LOST, why(f, saved));
	else
		conclude(f, verdict);
}

/* ---- the question ---- */

static int
send_request(struct fetch *f)
{
	bool tls = f->target->method == METHOD_HTTPS;
	char address[ADDR_STRLEN], host[HTTP_HOST_MAX], request[HTTP_REQUEST_MAX];
	const char *name = f->target->http->host;
	size_t len;

	if (name[0] == '\0')
		name = addr_text(&f->question.to, address);
	http_host_write(name, f->target->port, tls ? HTTPS_PORT : HTTP_PORT, host);
	len = http_request_write(host, f->target->http->path, request);
	bufferevent_setcb(f->connection, on_input, NULL, on_event, f);
	bufferevent_setwatermark(f->connection, EV_READ, 0, READ_MOST);
	if (len == 0 || bufferevent_write(f->connection, request, len) != 0)
		return -1;
	return bufferevent_enable(f->connection, EV_READ | EV_WRITE);
}

/* The descriptor passes to the connection. 0, or -1 with *error. */
static int
talk(struct fetch *f, unsigned *error)
{
	uint64_t failures = reserve_failures();
	char address[ADDR_STRLEN];

	*error = ENOMEM;
	if (f->target->method == METHOD_HTTP) {
		f->talks = true;
		f->connection =
		    bufferevent_socket_new(f->asker->base, f->fd, BEV_OPT_CLOSE_ON_FREE);
	} else {
		f->ssl = tls_new(f->target, addr_text(&f->question.to, address), error);
		if (f->ssl == NULL)
			return -1;
		f->connection = bufferevent_openssl_socket_new(f->asker->base, f->fd, f->ssl,
							       BUFFEREVENT_SSL_CONNECTING,
							       BEV_OPT_CLOSE_ON_FREE);
		if (f->connection == NULL)
			SSL_free(f->ssl);
	}
	if (f->connection == NULL)
		return -1;
	f->fd = -1;
	return send_request(f) != 0 || reserve_failures() != failures ? -1 : 0;
}

static void
on_connected(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *f = arg;
	int refused = 0;
	socklen_t len = sizeof(refused);
	unsigned error;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &refused, &len) != 0)
		refused = errno;
	if (refused != 0)
		finish(f, ASKED_LOST, (unsigned)refused);
	else if (talk(f, &error) != 0)
		finish(f, ASKED_UNSENT, error);
}

static void
on_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	finish(arg, ASKED_LOST, ETIMEDOUT);
}

/* A link without a way out: lost, as it is for probes of the engine. */
static void
connect_to(void *arg, int fd, int error)
{
	struct fetch *f = arg;
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&f->question.to, f->target->port, &ss);

	f->wanted = 0;
	f->fd = fd;
	if (fd < 0) {
		finish(f, ASKED_UNSENT, (unsigned)error);
		return;
	}
	f->started_ns = clock_mono_ns();
	if (connect(fd, (struct sockaddr *)&ss, len) != 0 && errno != EINPROGRESS) {
		finish(f, ASKED_LOST, (unsigned)errno);
		return;
	}
	f->connects = event_new(f->asker->base, fd, EV_WRITE, on_connected, f);
	if (f->connects == NULL || event_add(f->connects, NULL) != 0)
		finish(f, ASKED_UNSENT, ENOMEM);
}

void
fetch_start(struct asker *a, const struct ipc_ask *question, const struct conf_link *link,
	    const struct conf_target *target)
{
	const struct timeval limit = {target->probe.timeout_ms / 1000,
				      target->probe.timeout_ms % 1000 * 1000};
	struct fetch *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		asker_refuse(a, question, ENOMEM);
		return;
	}
	*f = (struct fetch){.asker = a, .question = *question, .target = target, .fd = -1};
	f->started_ns = clock_mono_ns();
	http_start(&f->http, target->http);
	f->over = evtimer_new(a->base, on_over, f);
	f->wanted = asker_want(a, link->index, target->family, SOCKET_TCP, connect_to, f);
	if (f->over == NULL || event_add(f->over, &limit) != 0 || f->wanted == 0)
		finish(f, ASKED_UNSENT, EAGAIN);
}

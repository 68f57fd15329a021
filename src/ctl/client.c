/* SPDX-License-Identifier: ISC */
/* Lines over a unix socket, with a limit on time and length. */
#include "config.h"

#include "ctl/client.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

enum {
	LINE_MAX_OCTETS = 64 * 1024 * 1024, /* far above 16384 targets */
	READ_OCTETS = 64 * 1024,
};

struct client {
	int fd;
	char *data; /* what was read and not yet taken */
	size_t len, size;
	size_t searched; /* no newline before */
	bool hushed;
};

static void
complain_of_access(const char *path)
{
	struct stat st;
	const struct group *g = stat(path, &st) == 0 ? getgrgid(st.st_gid) : NULL;

	if (g != NULL)
		ctl_complain("you may not use %s: be root, or a member of the group %s", path,
			     g->gr_name);
	else
		ctl_complain("you may not use %s: be root, or a member of its group", path);
}

static enum ctl_exit
complain_of_connect(const char *path, int error, bool quiet)
{
	enum ctl_exit status = CTL_NOT_RUNNING;

	if (error == EACCES || error == EPERM)
		status = CTL_FAILED;
	if (quiet)
		return status;
	if (status == CTL_FAILED)
		complain_of_access(path);
	else if (error == EAGAIN || error == EWOULDBLOCK || error == ETIMEDOUT)
		ctl_complain("uplinkd is there but does not answer at %s: look at its log", path);
	else
		ctl_complain("uplinkd is not running (%s: %s): start it (systemctl start uplinkd), "
			     "or name the socket of another one with -s",
			     path, strerror(error));
	return status;
}

static int
connect_to(const char *path)
{
	const struct timeval patience = {CLIENT_ANSWER_S, 0};
	struct sockaddr_un sun;
	int fd, saved;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* A full backlog must not hold us for ever. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
	    connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

struct client *
client_open(const char *path, bool quiet, enum ctl_exit *status)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		ctl_complain("out of memory");
		*status = CTL_FAILED;
		return NULL;
	}
	signal(SIGPIPE, SIG_IGN);
	c->fd = connect_to(path);
	if (c->fd >= 0)
		return c;
	*status = complain_of_connect(path, errno, quiet);
	free(c);
	return NULL;
}

void
client_close(struct client *c)
{
	if (c == NULL)
		return;
	close(c->fd);
	free(c->data);
	free(c);
}

void
client_hush(struct client *c)
{
	c->hushed = true;
}

enum ctl_exit
client_send(struct client *c, const char *command, json_t *arguments)
{
	json_t *request = arguments ? arguments : json_object();
	char *text;
	size_t sent = 0, len;

	json_object_set_new(request, "v", json_integer(CTL_SCHEMA));
	json_object_set_new(request, "command", json_string(command));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (text == NULL) {
		ctl_complain("the request can't be written: is its text UTF-8?");
		return CTL_FAILED;
	}
	len = strlen(text);
	text[len++] = '\n'; /* in the place of the NUL */
	while (sent < len) {
		ssize_t n = send(c->fd, text + sent, len - sent, MSG_NOSIGNAL);

		/* Who turned us away says so in a line that is still to be read. */
		if (n < 0 && errno == EPIPE)
			break;
		if (n < 0 && errno != EINTR) {
			if (!c->hushed)
				ctl_complain("the request can't be sent: %s", strerror(errno));
			free(text);
			return CTL_NOT_RUNNING;
		}
		sent += n > 0 ? (size_t)n : 0;
	}
	free(text);
	return CTL_OK;
}

/* Room for more. */
static bool
grow(struct client *c)
{
	size_t size = c->size ? 2 * c->size : READ_OCTETS;
	char *data;

	if (c->size - c->len >= READ_OCTETS)
		return true;
	if (c->len > LINE_MAX_OCTETS)
		return false;
	data = realloc(c->data, size);
	if (data == NULL)
		return false;
	c->data = data;
	c->size = size;
	return true;
}

/* The line at the start of what was read: its length with the newline, or 0. */
static size_t
line_length(struct client *c)
{
	char *end =
	    c->len > c->searched ? memchr(c->data + c->searched, '\n', c->len - c->searched) : NULL;

	c->searched = c->len;
	return end ? (size_t)(end - c->data) + 1 : 0;
}

static enum ctl_exit
take_line(struct client *c, size_t len, json_t **line)
{
	json_error_t where;

	*line = json_loadb(c->data, len, JSON_REJECT_DUPLICATES, &where);
	c->len -= len;
	memmove(c->data, c->data + len, c->len);
	c->searched = 0;
	if (json_is_object(*line) && ctl_number(*line, "v", 0) == CTL_SCHEMA)
		return CTL_OK;
	json_decref(*line);
	*line = NULL;
	if (!c->hushed)
		ctl_complain(
		    "what answers is not uplinkd, or one of another version than this uplinkctl");
	return CTL_FAILED;
}

static int
time_left(int timeout_ms, uint64_t start_ns)
{
	uint64_t gone_ms = (clock_mono_ns() - start_ns) / NSEC_PER_MSEC;

	if (timeout_ms < 0)
		return -1;
	return gone_ms < (uint64_t)timeout_ms ? timeout_ms - (int)gone_ms : 0;
}

enum ctl_exit
client_next(struct client *c, int timeout_ms, json_t **line)
{
	uint64_t start_ns = clock_mono_ns();
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	size_t len;
	ssize_t n;
	int ready;

	while ((len = line_length(c)) == 0) {
		if (!grow(c)) {
			if (!c->hushed)
				ctl_complain("the answer is too long");
			return CTL_FAILED;
		}
		ready = poll(&p, 1, time_left(timeout_ms, start_ns));
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0) {
			if (!c->hushed)
				ctl_complain("uplinkd does not answer: look at its log");
			return CTL_NOT_RUNNING;
		}
		n = read(c->fd, c->data + c->len, c->size - c->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return CTL_NOT_RUNNING; /* the caller says it: it may come back */
		c->len += (size_t)n;
	}
	return take_line(c, len, line);
}

enum ctl_exit
client_result(const json_t *answer, json_t **result)
{
	const json_t *error = json_object_get(answer, "error");

	*result = json_incref(json_object_get(answer, "result"));
	if (ctl_true(answer, "ok") && json_is_object(*result))
		return CTL_OK;
	json_decref(*result);
	*result = NULL;
	ctl_complain("%s", ctl_text(error, "message", "the daemon refuses without a word"));
	return CTL_FAILED;
}

enum ctl_exit
client_exchange(struct client *c, const char *command, json_t *arguments, int timeout_ms,
		json_t **result)
{
	enum ctl_exit status = client_send(c, command, arguments);
	json_t *answer = NULL;

	*result = NULL;
	if (status == CTL_OK) {
		status = client_next(c, timeout_ms, &answer);
		if (status == CTL_NOT_RUNNING && !c->hushed)
			ctl_complain("uplinkd has gone before it answered: try again, and look at "
				     "its log");
	}
	if (status == CTL_OK && c->hushed && !ctl_true(answer, "ok"))
		status = CTL_FAILED;
	if (status == CTL_OK)
		status = client_result(answer, result);
	json_decref(answer);
	return status;
}

static enum ctl_exit
ask(const struct ctl *ctl, bool quiet, const char *command, json_t *arguments, json_t **result)
{
	enum ctl_exit status;
	struct client *c = client_open(ctl->socket, quiet, &status);

	*result = NULL;
	if (c == NULL) {
		json_decref(arguments);
		return status;
	}
	if (quiet)
		client_hush(c);
	status = client_exchange(c, command, arguments, CLIENT_ANSWER_S * 1000, result);
	client_close(c);
	return status;
}

enum ctl_exit
client_ask(const struct ctl *ctl, const char *command, json_t *arguments, json_t **result)
{
	return ask(ctl, false, command, arguments, result);
}

enum ctl_exit
client_ask_quietly(const struct ctl *ctl, const char *command, json_t *arguments, json_t **result)
{
	return ask(ctl, true, command, arguments, result);
}

struct client *
client_come_back(const struct ctl *ctl, enum ctl_exit *status)
{
	const struct timespec pause = {0, 200 * 1000 * 1000};
	uint64_t start_ns = clock_mono_ns();
	struct client *c;

	do {
		nanosleep(&pause, NULL);
		c = client_open(ctl->socket, true, status);
	} while (c == NULL && clock_mono_ns() - start_ns < CLIENT_COME_BACK_S * NSEC_PER_SEC);
	return c;
}

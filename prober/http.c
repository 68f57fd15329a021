/* SPDX-License-Identifier: ISC */
/* HTTP/1.1 as far as a probe needs it. */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/addr.h"
#include "common/names.h"

/* ---- the request ---- */

void
http_host_write(const char *host, uint16_t port, uint16_t usual, char buf[static HTTP_HOST_MAX])
{
	struct addr a;
	bool ipv6 = addr_parse(host, &a) == 0 && a.version == 6;
	int n = snprintf(buf, HTTP_HOST_MAX, ipv6 ? "[%s]" : "%s", host);

	if (port != usual && n > 0 && n < HTTP_HOST_MAX)
		snprintf(buf + n, (size_t)(HTTP_HOST_MAX - n), ":%u", port);
}

size_t
http_request_write(const char *host, const char *path, char buf[static HTTP_REQUEST_MAX])
{
	int n = snprintf(buf, HTTP_REQUEST_MAX,
			 "GET %s HTTP/1.1\r\n"
			 "Host: %s\r\n"
			 "User-Agent: uplinkd\r\n"
			 "Accept: */*\r\n"
			 "Accept-Encoding: identity\r\n"
			 "Connection: close\r\n"
			 "\r\n",
			 path, host);

	return n > 0 && n < HTTP_REQUEST_MAX ? (size_t)n : 0;
}

/* ---- the answer ---- */

static enum http_verdict
good(struct http *h)
{
	h->state = HTTP_DONE;
	return h->verdict = HTTP_GOOD;
}

static enum http_verdict
bad(struct http *h, unsigned error)
{
	h->state = HTTP_DONE;
	h->error = error;
	return h->verdict = HTTP_BAD;
}

void
http_start(struct http *h, const struct conf_http *want)
{
	uint8_t k = 0;

	*h = (struct http){.want = want, .state = HTTP_STATUS_LINE, .verdict = HTTP_MORE};
	for (size_t i = 1; want->expect[0] != '\0' && want->expect[i] != '\0'; i++) {
		while (k > 0 && want->expect[i] != want->expect[k])
			k = h->back[k - 1];
		if (want->expect[i] == want->expect[k])
			k++;
		h->back[i] = k;
	}
}

/* "HTTP/1.1 200 OK", and the words behind the number may lack. */
static int
read_status(const char *line)
{
	if (strncmp(line, "HTTP/1.", 7) != 0 || line[7] < '0' || line[7] > '9' || line[8] != ' ')
		return -1;
	for (int i = 9; i < 12; i++)
		if (line[i] < '0' || line[i] > '9')
			return -1;
	if (line[12] != ' ' && line[12] != '\0')
		return -1;
	return atoi(line + 9);
}

static void
take_status_line(struct http *h)
{
	int status = read_status(h->line);

	if (status < 100) {
		bad(h, ERROR_HTTP);
		return;
	}
	h->state = HTTP_FIELDS;
	h->status = (unsigned)status;
	if (status < 200)
		return; /* for now: the answer comes behind it */
	if (h->status != h->want->status)
		bad(h, ERROR_STATUS + h->status);
	else if (h->want->expect[0] == '\0')
		good(h);
}

/* The value of the field of that name, or NULL. */
static const char *
value_of(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	return line + strspn(line, " \t");
}

static bool
read_size(const char *text, int base, uint64_t *size)
{
	char *end;

	if (strspn(text, base == 16 ? "0123456789abcdefABCDEF" : "0123456789") == 0 ||
	    strlen(text) > 18)
		return false;
	*size = strtoull(text, &end, base);
	end += strspn(end, " \t");
	return *end == '\0' || (base == 16 && *end == ';');
}

static void
take_field(struct http *h)
{
	const char *value = value_of(h->line, "Transfer-Encoding");

	if (value != NULL) {
		if (strcasecmp(value, "chunked") == 0)
			h->chunked = true;
		else
			bad(h, ERROR_HTTP);
		return;
	}
	value = value_of(h->line, "Content-Length");
	if (value == NULL)
		return;
	if (!read_size(value, 10, &h->left))
		bad(h, ERROR_HTTP);
	h->sized = true;
}

static void
take_fields_end(struct http *h)
{
	if (h->status < 200) {
		h->state = HTTP_STATUS_LINE;
		h->chunked = h->sized = false;
	} else if (h->chunked) {
		h->state = HTTP_CHUNK_SIZE;
	} else if (h->sized && h->left == 0) {
		bad(h, ERROR_HTTP_EXPECTED);
	} else {
		h->state = HTTP_BODY;
	}
}

static void
take_line(struct http *h)
{
	if (h->line_len > 0 && h->line_len <= HTTP_FIELD_LEN && h->line[h->line_len - 1] == '\r')
		h->line_len--;
	/* What is longer is no field that matters here, and is cut. */
	h->line[h->line_len <= HTTP_FIELD_LEN ? h->line_len : HTTP_FIELD_LEN] = '\0';
	switch (h->state) {
	case HTTP_STATUS_LINE:
		take_status_line(h);
		break;
	case HTTP_FIELDS:
		if (h->line_len == 0)
			take_fields_end(h);
		else
			take_field(h);
		break;
	case HTTP_CHUNK_SIZE:
		if (!read_size(h->line, 16, &h->left))
			bad(h, ERROR_HTTP);
		else if (h->left == 0)
			bad(h, ERROR_HTTP_EXPECTED);
		else
			h->state = HTTP_CHUNK;
		break;
	default: /* HTTP_CHUNK_END */
		if (h->line_len != 0)
			bad(h, ERROR_HTTP);
		h->state = h->state == HTTP_DONE ? HTTP_DONE : HTTP_CHUNK_SIZE;
	}
	h->line_len = 0;
}

/* One octet of what stands in lines. */
static void
take_line_octet(struct http *h, uint8_t octet)
{
	if (++h->head > HTTP_HEAD_MAX) {
		bad(h, ERROR_HTTP_LONG);
	} else if (octet == '\n') {
		take_line(h);
	} else if (octet == '\0') {
		bad(h, ERROR_HTTP);
	} else {
		if (h->line_len < HTTP_FIELD_LEN)
			h->line[h->line_len] = (char)octet;
		h->line_len++;
	}
}

static void
take_body_octet(struct http *h, uint8_t octet)
{
	const char *expect = h->want->expect;

	while (h->matched > 0 && expect[h->matched] != (char)octet)
		h->matched = h->back[h->matched - 1];
	if (expect[h->matched] == (char)octet)
		h->matched++;
	if (expect[h->matched] == '\0')
		good(h);
	else if (++h->body >= HTTP_BODY_MAX)
		bad(h, ERROR_HTTP_LONG);
	else if ((h->chunked || h->sized) && --h->left == 0 && h->chunked)
		h->state = HTTP_CHUNK_END;
	else if (h->sized && !h->chunked && h->left == 0)
		bad(h, ERROR_HTTP_EXPECTED);
}

enum http_verdict
http_take(struct http *h, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len && h->state != HTTP_DONE; i++) {
		if (h->state == HTTP_BODY || h->state == HTTP_CHUNK)
			take_body_octet(h, data[i]);
		else
			take_line_octet(h, data[i]);
	}
	return h->verdict;
}

/* A body without a length ends with the connection. */
enum http_verdict
http_end(struct http *h)
{
	if (h->state != HTTP_DONE)
		bad(h, h->state == HTTP_BODY && !h->sized ? ERROR_HTTP_EXPECTED : ERROR_HTTP_SHORT);
	return h->verdict;
}

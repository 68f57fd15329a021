/* SPDX-License-Identifier: ISC */
/* The request and the answer of HTTP/1.1 (RFC 9112), as far as a probe needs them: is
 * the status the one that is wanted, and is the expected text in the body? The answer
 * is read as it comes, in bounded memory, and no further than until that is known. Pure. */
#ifndef UPLINK_HTTP_H
#define UPLINK_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

enum {
	HTTP_REQUEST_MAX = CONF_HOST_LEN + CONF_PATH_LEN + 256,
	HTTP_HEAD_MAX =
	    16 << 10, /* octets of an answer's head, and of each of its lines of sizes */
	HTTP_BODY_MAX = 256 << 10, /* octets of its body in which a text is looked for */
	HTTP_FIELD_LEN = 63,
};

/* A GET; host: as it stands in the URL, with brackets and port where need be. The length
 * of what is in buf. */
size_t http_request_write(const char *host, const char *path, char buf[static HTTP_REQUEST_MAX]);
/* The host of a URL, of a name or an address (IPv6 in brackets), with a port that is not
 * the usual one. */
enum { HTTP_HOST_MAX = CONF_HOST_LEN + 16 };
void http_host_write(const char *host, uint16_t port, uint16_t usual,
		     char buf[static HTTP_HOST_MAX]);

enum http_verdict { HTTP_MORE, HTTP_GOOD, HTTP_BAD };

enum http_state {
	HTTP_STATUS_LINE,
	HTTP_FIELDS,
	HTTP_BODY,       /* up to its end, or so many octets */
	HTTP_CHUNK_SIZE, /* the line with it */
	HTTP_CHUNK,
	HTTP_CHUNK_END, /* the empty line behind it */
	HTTP_DONE,
};

struct http {
	const struct conf_http *want;
	enum http_state state;
	enum http_verdict verdict;
	unsigned error;  /* of HTTP_BAD: enum probe_error */
	unsigned status; /* of the answer, 0: not known yet */
	char line[HTTP_FIELD_LEN + 1];
	size_t line_len;
	size_t head; /* octets of it so far */
	size_t body; /* octets of it so far, without those between chunks */
	bool chunked, sized;
	uint64_t left; /* octets of the body or chunk */
	/* how much of the text the last octets match, and from where to go on where they
	 * do no longer (Knuth, Morris, Pratt) */
	uint8_t matched;
	uint8_t back[CONF_EXPECT_LEN + 1];
};

void http_start(struct http *h, const struct conf_http *want);
/* Takes what has come. Once the verdict is not HTTP_MORE it stays. */
enum http_verdict http_take(struct http *h, const uint8_t *data, size_t len);
/* Nothing more will come. */
enum http_verdict http_end(struct http *h);

#endif

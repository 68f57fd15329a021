/* SPDX-License-Identifier: ISC */
/* Answers of HTTP, right and wrong: the verdict is the same however they are cut, and
 * nothing behind it matters. */
#include "unit.h"

#include <stdio.h>

#include "common/names.h"
#include "http.h"
#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"

static const struct {
	const char *answer;
	const char *expect;
	unsigned error;  /* 0: it is good; MORE: nothing is known yet */
	unsigned at_end; /* the same when the connection ends there, where that differs */
} answers[] = {
#define MORE 1
    /* the status alone */
    {OK, "", 0, 0},
    {"HTTP/1.0 200\r\n", "", 0, 0},
    {"HTTP/1.1 200 \r\n", "", 0, 0},
    {"HTTP/1.1 200 OK\n", "", 0, 0},
    {"HTTP/1.1 404 Not Found\r\n", "", ERROR_STATUS + 404, 0},
    {"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "", ERROR_STATUS + 302, 0},
    {"HTTP/1.1 999 ?\r\n", "", ERROR_STATUS + 999, 0},
    {"HTTP/1.1 100 Continue\r\n\r\n" OK, "", 0, 0},
    {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 500 x\r\n", "", ERROR_STATUS + 500, 0},
    {"", "", MORE, ERROR_HTTP_SHORT},
    {"HTTP/1.1 200 O", "", MORE, ERROR_HTTP_SHORT},
    {"HTTP/1.1 100 Continue\r\n\r\n", "", MORE, ERROR_HTTP_SHORT},
    /* what is none */
    {"HTTP/2.0 200 OK\r\n", "", ERROR_HTTP, 0},
    {"HTTP/1.1 20 OK\r\n", "", ERROR_HTTP, 0},
    {"HTTP/1.1 2000 OK\r\n", "", ERROR_HTTP, 0},
    {"HTTP/1.1 -20 OK\r\n", "", ERROR_HTTP, 0},
    {"HTTP/1.1 099 OK\r\n", "", ERROR_HTTP, 0},
    {"HTTP/1.1\r\n", "", ERROR_HTTP, 0},
    {"http/1.1 200 OK\r\n", "", ERROR_HTTP, 0},
    {"SSH-2.0-OpenSSH_9.2\r\n", "", ERROR_HTTP, 0},
    {"\r\n", "", ERROR_HTTP, 0},
    /* a text in the body */
    {OK "\r\nall is well", "is well", 0, 0},
    {OK "Content-Length: 11\r\n\r\nall is well", "all is well", 0, 0},
    {OK "content-length:11\r\n\r\nall is well", "all is well", 0, 0},
    {OK "\r\naaaab", "aaab", 0, 0},
    {OK "\r\nababac", "abac", 0, 0},
    {OK "\r\naabaaabaaac", "aabaaac", 0, 0},
    {OK "\r\nall is", "is well", MORE, ERROR_HTTP_EXPECTED},
    {OK "Content-Length: 5\r\n\r\nall is well", "is well", ERROR_HTTP_EXPECTED, 0},
    {OK "Content-Length: 0\r\n\r\n", "x", ERROR_HTTP_EXPECTED, 0},
    {OK "Content-Length: 50\r\n\r\nall is", "x", MORE, ERROR_HTTP_SHORT},
    {OK "X-Text: is well\r\n\r\n", "is well", MORE, ERROR_HTTP_EXPECTED},
    {OK "Content-Length: 1x\r\n\r\n", "x", ERROR_HTTP, 0},
    {OK "Content-Length: -1\r\n\r\n", "x", ERROR_HTTP, 0},
    {OK "Content-Length: \r\n\r\n", "x", ERROR_HTTP, 0},
    {OK "Content-Length: 99999999999999999999\r\n\r\n", "x", ERROR_HTTP, 0},
    /* what comes first has no say in how long the answer is */
    {"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n" OK "\r\nall is well", "is well", 0, 0},
    {"HTTP/1.1 103 Early Hints\r\n" CHUNKED OK "\r\nall is well", "is well", 0, 0},
    {"HTTP/1.1 500 x\r\n\r\nis well", "is well", ERROR_STATUS + 500, 0},
    /* in chunks */
    {OK CHUNKED "5\r\nall i\r\n6\r\ns well\r\n", "is well", 0, 0},
    {OK CHUNKED "B;x=y\r\nall is well\r\n0\r\n\r\n", "is well", 0, 0},
    {OK CHUNKED "00b \r\nall is well\r\n", "is well", 0, 0},
    {OK CHUNKED "5\r\nall i\r\n0\r\n\r\n", "is well", ERROR_HTTP_EXPECTED, 0},
    {OK CHUNKED "0\r\n\r\n", "x", ERROR_HTTP_EXPECTED, 0},
    {OK CHUNKED "5\r\nall is well\r\n", "is well", ERROR_HTTP, 0},
    {OK CHUNKED "x\r\n", "x", ERROR_HTTP, 0},
    {OK CHUNKED "\r\n", "x", ERROR_HTTP, 0},
    {OK CHUNKED "5\r\nall", "x", MORE, ERROR_HTTP_SHORT},
    {OK CHUNKED "fffffffffffffffffff\r\n", "x", ERROR_HTTP, 0},
    {OK "Transfer-Encoding: gzip\r\n\r\n", "x", ERROR_HTTP, 0},
};

static enum http_verdict
read_answer(const char *answer, size_t len, size_t piece, bool end, const char *expect,
	    unsigned *error)
{
	struct conf_http want = {.status = 200};
	enum http_verdict verdict = HTTP_MORE;
	struct http h;

	strcpy(want.expect, expect);
	http_start(&h, &want);
	for (size_t i = 0; i < len; i += piece)
		verdict =
		    http_take(&h, (const uint8_t *)answer + i, len - i < piece ? len - i : piece);
	if (end)
		verdict = http_end(&h);
	*error = h.error;
	return verdict;
}

static void
check(size_t i, size_t piece, bool end, unsigned wanted)
{
	unsigned error;
	enum http_verdict verdict = read_answer(answers[i].answer, strlen(answers[i].answer), piece,
						end, answers[i].expect, &error);
	enum http_verdict right = wanted == MORE ? HTTP_MORE : wanted == 0 ? HTTP_GOOD : HTTP_BAD;

	if (verdict != right || (right == HTTP_BAD && error != wanted))
		fail_msg("%s\nexpect '%s', piece %zu, end %d: verdict %d, error %u",
			 answers[i].answer, answers[i].expect, piece, end, verdict, error);
}

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		for (size_t piece = 1; piece < 80; piece++) {
			check(i, piece, false, answers[i].error);
			check(i, piece, true,
			      answers[i].error == MORE ? answers[i].at_end : answers[i].error);
		}
}

/* However much comes, no more than the bounds is read. */
static void
test_bounds(void **state)
{
	static char answer[HTTP_HEAD_MAX + HTTP_BODY_MAX + 100];
	unsigned error;
	size_t n;

	(void)state;
	memset(answer, 'x', sizeof(answer));
	memcpy(answer, OK, strlen(OK));
	assert_int_equal(read_answer(answer, sizeof(answer), 4096, false, "y", &error), HTTP_BAD);
	assert_int_equal(error, ERROR_HTTP_LONG);
	n = strlen(OK "\r\n");
	memcpy(answer, OK "\r\n", n);
	answer[n + HTTP_BODY_MAX] = 'y';
	assert_int_equal(read_answer(answer, sizeof(answer), 4096, false, "y", &error), HTTP_BAD);
	assert_int_equal(error, ERROR_HTTP_LONG);
	answer[n + HTTP_BODY_MAX - 1] = 'y';
	assert_int_equal(read_answer(answer, sizeof(answer), 4096, false, "y", &error), HTTP_GOOD);
	/* a NUL hides nothing */
	assert_int_equal(read_answer("HTTP/1.1 200\0\r\n", 15, 1, false, "", &error), HTTP_BAD);
}

static void
test_requests(void **state)
{
	char host[HTTP_HOST_MAX], request[HTTP_REQUEST_MAX];
	char longest[CONF_HOST_LEN + 1], path[CONF_PATH_LEN + 1];
	size_t len;

	(void)state;
	http_host_write("www.test", 80, 80, host);
	assert_string_equal(host, "www.test");
	http_host_write("www.test", 8080, 80, host);
	assert_string_equal(host, "www.test:8080");
	http_host_write("2001:db8::1", 443, 443, host);
	assert_string_equal(host, "[2001:db8::1]");
	http_host_write("192.0.2.1", 8443, 443, host);
	len = http_request_write(host, "/x?y", request);
	assert_int_equal(len, strlen(request));
	assert_non_null(strstr(request, "GET /x?y HTTP/1.1\r\nHost: 192.0.2.1:8443\r\n"));
	assert_string_equal(request + len - 4, "\r\n\r\n");
	/* the longest that a configuration can hold */
	memset(longest, 'a', CONF_HOST_LEN);
	longest[CONF_HOST_LEN] = '\0';
	memset(path, '/', CONF_PATH_LEN);
	path[CONF_PATH_LEN] = '\0';
	http_host_write(longest, 65535, 80, host);
	assert_true(http_request_write(host, path, request) > CONF_HOST_LEN + CONF_PATH_LEN);
	assert_string_equal(request + strlen(request) - 4, "\r\n\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* An SNMP agent of its own: what its statements say, every mistake with its line, the
 * file of secrets, and who may see what by its views. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf/secrets.h"
#include "read_conf.h"
#include "subagent/access.h"

#define LINKS                                                              \
	"link a { interface wan1; gateway 192.0.2.1; target 203.0.113.1; " \
	"target 203.0.113.2 }\n"                                           \
	"link b { interface wan2; gateway 192.0.2.1; target 203.0.113.1; " \
	"target 203.0.113.2 }\n"
#define AGENT(statements) "snmp {\nlisten udp:161\nsecrets /s\n" statements "\n}\n" LINKS

static const char whole[] =
    AGENT("listen \"udp6:[2001:db8::1]:1161\"\nlisten tcp:127.0.0.1:161\nlisten tcp6:161\n"
	  "contact \"noc\"; location \"rack \\\"4\\\"\"\n"
	  "view v include uplinkMIB include system exclude .1.3.6.1.2.1.1.4\n"
	  "user nms auth sha256 priv aes read all write v\n"
	  "user poll read v auth sha512\n"
	  "user teller auth sha384 priv aes256\n"
	  "community old read v from 192.0.2.0/24\n"
	  "community told\n"
	  "trap 192.0.2.9 community told\n"
	  "inform 2001:db8::9 port 1162 user teller");

static void
test_what_it_says(void **state)
{
	struct conf *conf = must_read(whole);
	const struct conf_agent *a = &conf->snmp.agent;
	char text[LISTEN_TEXT_LEN];

	(void)state;
	assert_string_equal(conf->snmp.agentx, "");
	assert_int_equal(a->nlistens, 4);
	assert_string_equal(conf_listen_text(&a->listens[1], text), "udp6:[2001:db8::1]:1161");
	assert_string_equal(conf_listen_text(&a->listens[2], text), "tcp:127.0.0.1:161");
	assert_string_equal(conf_listen_text(&a->listens[3], text), "tcp6:161");
	assert_string_equal(a->location, "rack \"4\"");
	assert_int_equal(conf_view(a, "v")->nsubtrees, 3);
	assert_false(conf_view(a, "v")->subtrees[2].include);
	assert_int_equal(conf_view(a, "v")->subtrees[2].length, 8);
	assert_int_equal(conf_user(a, "nms")->auth, CONF_AUTH_SHA256);
	assert_int_equal(conf_user(a, "nms")->priv, CONF_PRIV_AES);
	assert_string_equal(conf_user(a, "nms")->write, "v");
	assert_string_equal(conf_user(a, "poll")->write, "");
	assert_int_equal(conf_user(a, "teller")->priv, CONF_PRIV_AES256);
	assert_int_equal(conf_community(a, "old")->from.plen, 24);
	assert_int_equal(a->sinks[0].port, 162);
	assert_false(a->sinks[0].inform);
	assert_int_equal(a->sinks[1].port, 1162);
	assert_true(a->sinks[1].inform);
	conf_free(conf);
}

static void
test_it_prints_what_it_read(void **state)
{
	struct conf *conf = must_read(whole), *again;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	conf_print(conf, out);
	fclose(out);
	again = must_read(text);
	assert_true(same_conf(conf, again));
	free(text);
	conf_free(again);
	conf_free(conf);
}

static const struct mistake mistakes[] = {
    {AGENT("user u auth sha256 read all\nlisten udp:0"), 5, "listen \"udp:0\" is not TRANSPORT"},
    {AGENT("user u auth sha256 read all\nlisten sctp:161"), 5, "is not TRANSPORT"},
    {AGENT("user u auth sha256 read all\nlisten udp6:2001:db8::1:161"), 5, "is not TRANSPORT"},
    {AGENT("user u auth sha256 read all\nlisten udp:161"), 5, "stands in line 2 already"},
    {AGENT("user u auth sha256 read all\nagentx /x"), 5, "agentx and listen exclude each other"},
    {AGENT("user u auth md5 read all"), 4, "auth \"md5\" is not possible"},
    {AGENT("user u auth sha256 priv des read all"), 4, "priv \"des\" is not possible"},
    {AGENT("user u read all"), 4, "user \"u\" has no auth"},
    {AGENT("user u auth sha256 read v"), 4, "there is no view \"v\""},
    {AGENT("user u auth sha256 write v read all"), 4, "there is no view \"v\""},
    {AGENT("user u auth sha256 read all\nuser u auth sha512"), 5, "user \"u\" stands in line 4"},
    {AGENT("user u auth sha256 auth sha512 read all"), 4, "auth stands twice"},
    {AGENT("community c read all write all"), 4, "a community may not write"},
    {AGENT("community c read all from 192.0.2.1/24"), 4, "is not a prefix"},
    {AGENT("user u auth sha256 read all\nview all include system"), 5,
     "view \"all\" is everything"},
    {AGENT("user u auth sha256 read all\nview v include 1.x"), 5, "\"1.x\" is not a subtree"},
    {AGENT("user u auth sha256 read v\nview v include 1.3 exclude .1.3"), 5,
     "names a subtree twice"},
    {AGENT("user u auth sha256 read all\ntrap 192.0.2.9"), 5, "lacks how the receiver is told"},
    {AGENT("user u auth sha256 read all\ntrap 192.0.2.9 user v"), 5, "there is no user \"v\""},
    {AGENT("user u auth sha256 read all\ninform fe80::1 user u"), 5,
     "is not the address of a receiver"},
    {AGENT("user u auth sha256 read all\ntrap 192.0.2.9 user u community u"), 5,
     "one user or one community"},
    {AGENT("user u auth sha256 read all\ntrap 192.0.2.9 user u port 0"), 5, "port"},
    {AGENT("user u auth sha256 read all\ntrap 192.0.2.9 user u\ninform 192.0.2.9 user u"), 6,
     "stands in line 5 already"},
    {"snmp { user u auth sha256 }\n" LINKS, 1, "user is of an agent of its own: add listen"},
    {"snmp {\nlisten udp:161\nuser u auth sha256 read all\n}\n" LINKS, 3,
     "the secrets are nowhere"},
    {AGENT("user u auth sha256 read all\nsecrets /t"), 5, "secrets is set twice"},
    {"trap 192.0.2.9 user u\n" LINKS, 1, "does not belong here"},
};

static void
test_mistakes(void **state)
{
	(void)state;
	expect_mistakes(mistakes, ARRAY_LEN(mistakes));
}

/* Nobody may do anything unless it is said: that is possible, but worth a word. */
static void
test_nobody_is_let_in_by_default(void **state)
{
	struct reading r;

	(void)state;
	read_conf(&r, "snmp { listen udp:161 }\n" LINKS);
	assert_non_null(r.conf);
	assert_int_equal(r.warnings, 1);
	assert_non_null(strstr(r.said[0].message, "nobody may read anything here"));
	forget_conf(&r);
}

/* ---- secrets ---- */

static struct said heard[32];
static unsigned nheard;

static void
hear(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	(void)file;
	assert_true(nheard < ARRAY_LEN(heard));
	heard[nheard].error = error;
	heard[nheard].line = line;
	snprintf(heard[nheard++].message, sizeof(heard[0].message), "%s", message);
}

static struct conf_secrets *
secrets(const char *text)
{
	nheard = 0;
	return conf_secrets_parse(text, strlen(text), "s", hear, NULL);
}

static const char right[] = "# of the agent\n\n"
			    "user \"nms\" auth \"Loch \\\"Ness\\\" \\\\\" priv \"Loch Lomond\"\n"
			    "user poll auth 12345678 # a comment\r\n"
			    "\tuser teller auth \"aaaaaaaa\" priv \"bbbbbbbb\"\n"
			    "community old \"s3cret\"\ncommunity told t0ld";

static void
test_secrets(void **state)
{
	struct conf *conf = must_read(whole);
	struct conf_secrets *s = secrets(right);

	(void)state;
	assert_non_null(s);
	assert_string_equal(conf_secret(s, false, "nms")->auth, "Loch \"Ness\" \\");
	assert_string_equal(conf_secret(s, false, "nms")->priv, "Loch Lomond");
	assert_string_equal(conf_secret(s, true, "told")->auth, "t0ld");
	assert_null(conf_secret(s, true, "nms"));
	assert_int_equal(conf_secrets_check(s, &conf->snmp.agent, "c", "s", hear, NULL), 0);
	assert_int_equal(nheard, 0);
	conf_secrets_free(s);
	conf_free(conf);
}

static const struct mistake bad_secrets[] = {
    {"user nms auth short", 1, "the passphrase of auth has less than 8 characters"},
    {"\nuser nms auth \"hunter22\" priv x", 2, "the passphrase of priv has less"},
    {"user nms", 1, "here must stand auth"},
    {"user nms auth \"hunter22", 1, "is not closed on this line"},
    {"user nms auth hunter 22", 1, "the passphrase of auth has less"},
    {"user nms auth hunter22 hunter23", 1, "something stands behind"},
    {"community old", 1, "the community itself, in quotes, is missing"},
    {"community old \"\"", 1, "the community is empty"},
    {"nms hunter22", 1, "a line begins with user or community"},
    {"user a auth hunter22\nuser a auth hunter22", 2, "stands in line 1 already"},
};

/* Each is told with its line, and the secret itself in no message. */
static void
test_bad_secrets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_secrets); i++) {
		assert_null(secrets(bad_secrets[i].text));
		assert_int_equal(nheard, 1);
		assert_int_equal(heard[0].line, bad_secrets[i].line);
		if (strstr(heard[0].message, bad_secrets[i].message) == NULL)
			fail_msg("%s", heard[0].message);
		assert_null(strstr(heard[0].message, "hunter"));
	}
}

static void
test_secrets_that_lack(void **state)
{
	struct conf *conf = must_read(whole);
	struct conf_secrets *s =
	    secrets("user nms auth 12345678\nuser poll auth 12345678\n"
		    "community old x\ncommunity told x\nuser other auth 12345678");

	(void)state;
	assert_int_equal(conf_secrets_check(s, &conf->snmp.agent, "c", "s", hear, NULL), -1);
	assert_int_equal(nheard, 3);
	assert_non_null(strstr(heard[0].message, "user \"nms\" has priv aes, but no passphrase"));
	assert_non_null(strstr(heard[1].message, "user \"teller\" has no line in s"));
	assert_false(heard[2].error);
	assert_non_null(strstr(heard[2].message, "user \"other\" is of nobody"));
	conf_secrets_free(s);
	conf_free(conf);
}

/* ---- access ---- */

static struct mib_name
name(const char *text)
{
	struct mib_name n = {.length = 0};
	char *end;

	for (const char *p = text; *p != '\0'; p = *end == '.' ? end + 1 : end)
		n.id[n.length++] = (uint32_t)strtoul(p, &end, 10);
	return n;
}

static bool
sees(const struct access_view *v, const char *text)
{
	struct mib_name n = name(text);

	return access_has(v, &n);
}

static const char *
skips_to(const struct access_view *v, const char *text)
{
	static char buf[256];
	struct mib_name n = name(text);
	size_t used = 0;

	if (!access_skip(v, &n))
		return NULL;
	for (size_t i = 0; i < n.length; i++)
		used += (size_t)snprintf(buf + used, sizeof(buf) - used, i ? ".%u" : "%u", n.id[i]);
	return buf;
}

static void
test_views(void **state)
{
	struct conf *conf = must_read(AGENT(
	    "view v include 1.3.6.1.2 exclude 1.3.6.1.2.1.4 include 1.3.6.1.2.1.4.20 "
	    "include 1.3.6.1.4294967295\nuser u auth sha256 read v\nuser w auth sha256 write all"));
	struct conf_secrets *s = secrets("");
	struct access *a = access_new(&conf->snmp.agent, s);
	const struct access_view *v = access_user(a, "u", 1)->read;

	(void)state;
	assert_null(access_user(a, "u", 1)->write);
	assert_null(access_user(a, "w", 1)->read);
	assert_non_null(access_user(a, "w", 1)->write);
	assert_null(access_user(a, "x", 1));
	assert_true(sees(v, "1.3.6.1.2"));
	assert_true(sees(v, "1.3.6.1.2.1.3.9"));
	assert_false(sees(v, "1.3.6.1.2.1.4"));
	assert_false(sees(v, "1.3.6.1.2.1.4.19.7"));
	assert_true(sees(v, "1.3.6.1.2.1.4.20.7"));
	assert_false(sees(v, "1.3.6.1.4"));
	assert_false(sees(v, "1.3"));
	assert_true(sees(access_user(a, "w", 1)->write, "2.9"));
	assert_string_equal(skips_to(v, "1.3"), "1.3.6.1.2");
	assert_string_equal(skips_to(v, "1.3.6.1.2.1.4.7"), "1.3.6.1.2.1.4.20");
	assert_string_equal(skips_to(v, "1.3.6.1.2.1.4.21"), "1.3.6.1.2.1.5");
	assert_string_equal(skips_to(v, "1.3.6.1.3"), "1.3.6.1.4294967295");
	assert_null(skips_to(v, "1.3.6.2"));
	access_free(a);
	conf_secrets_free(s);
	conf_free(conf);
}

static void
test_communities(void **state)
{
	struct conf *conf = must_read(whole);
	struct conf_secrets *s = secrets(right);
	struct access *a = access_new(&conf->snmp.agent, s);
	struct addr near = {0}, far = {0};

	(void)state;
	addr_parse("192.0.2.77", &near);
	addr_parse("198.51.100.1", &far);
	assert_string_equal(access_community(a, (const uint8_t *)"s3cret", 6, &near)->name, "old");
	assert_null(access_community(a, (const uint8_t *)"s3cret", 6, &far));
	assert_null(access_community(a, (const uint8_t *)"s3cre", 5, &near));
	assert_null(access_community(a, (const uint8_t *)"public", 6, &near));
	assert_null(access_community(a, (const uint8_t *)"", 0, &near));
	/* one to be told with, but not to ask */
	assert_null(access_community(a, (const uint8_t *)"t0ld", 4, &far)->read);
	assert_null(access_user(a, "old", 3));
	access_free(a);
	conf_secrets_free(s);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_it_says),
	    cmocka_unit_test(test_it_prints_what_it_read),
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_nobody_is_let_in_by_default),
	    cmocka_unit_test(test_secrets),
	    cmocka_unit_test(test_bad_secrets),
	    cmocka_unit_test(test_secrets_that_lack),
	    cmocka_unit_test(test_views),
	    cmocka_unit_test(test_communities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

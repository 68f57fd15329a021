/* SPDX-License-Identifier: ISC */
/* What a real kernel said is read as the words beside it say, and written again as the same
 * octets. */
#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "openbsd/captures.h"
#include "system/openbsd/rtmsg.h"

static struct capture captures[CAPTURES_COUNT];

static int
read_captures(void **state)
{
	(void)state;
	captures_read(captures);
	return 0;
}

/* ---- the words ---- */

/* The number behind a name, which must be there. */
static unsigned long
number(const char *words, const char *name)
{
	char key[32];
	const char *at;

	snprintf(key, sizeof(key), " %s", name);
	at = strstr(words, key);
	if (at == NULL)
		fail_msg("no %s in: %s", name, words);
	at += strlen(key);
	return strtoul(at, NULL, strncmp(at, "0x", 2) == 0 ? 16 : 10);
}

static void
check_address(const char *word, const struct addr *a)
{
	char want[ADDR_STRLEN], got[ADDR_STRLEN];

	snprintf(want, sizeof(want), "%.*s", (int)strcspn(word, " "), word);
	addr_text(a, got);
	got[strcspn(got, "/")] = '\0';
	assert_string_equal(got, want);
}

static void
check_link(const char *word, const struct rtmsg_link *link)
{
	char name[RTMSG_NAME + 1] = "";
	unsigned index, type;

	assert_true(sscanf(word, "idx%u type%u %16[a-z0-9]", &index, &type, name) >= 2);
	assert_int_equal(link->index, index);
	assert_int_equal(link->type, type);
	assert_string_equal(link->name, name);
}

static void
check_mask(const char *word, const struct addr *of)
{
	struct in_addr want, got = {0};
	char text[ADDR_STRLEN];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(word, " "), word);
	assert_int_equal(inet_pton(AF_INET, text, &want), 1);
	if (of->plen > 0)
		got.s_addr = htonl(0xffffffffU << (32 - of->plen));
	assert_int_equal(got.s_addr, want.s_addr);
}

/* The addresses: "[1]in(len16)198.51.100.1". Those of IPv6 stand there without their value. */
static void
check_addresses(const char *words, const struct rtmsg *m)
{
	static const struct {
		const char *v4, *link;
	} names[] = {{"[0]in(len16)", "[0]dl(len32)"},
		     {"[1]in(len16)", "[1]dl(len32)"},
		     {"[2]in(len16)", "[2]dl(len32)"},
		     {"[4]in(len16)", "[4]dl(len32)"},
		     {"[5]in(len16)", "[5]dl(len32)"}};
	const char *at;

	if ((at = strstr(words, names[0].v4)) != NULL)
		check_address(at + 12, &m->dst);
	if ((at = strstr(words, names[1].v4)) != NULL)
		check_address(at + 12, &m->gateway);
	if ((at = strstr(words, names[1].link)) != NULL)
		check_link(at + 12, &m->gateway_link);
	if ((at = strstr(words, names[2].v4)) != NULL)
		check_mask(at + 12, &m->dst);
	if ((at = strstr(words, names[3].link)) != NULL)
		check_link(at + 12, &m->ifp);
	if ((at = strstr(words, names[4].v4)) != NULL)
		check_address(at + 12, &m->ifa);
	if ((at = strstr(words, "[10]unspec(len34)'")) != NULL)
		assert_memory_equal(m->label, at + 18, strcspn(at + 18, "'"));
	else
		assert_string_equal(m->label, "");
}

static void
check_route(const char *words, const struct rtmsg *m)
{
	assert_int_equal(m->type, number(words, "type"));
	assert_int_equal(m->ifindex, number(words, "idx"));
	assert_int_equal(m->table, number(words, "tbl"));
	assert_int_equal(m->priority, number(words, "prio"));
	assert_int_equal(m->addrs, number(words, "addrs"));
	assert_int_equal(m->flags, number(words, "flags"));
	assert_int_equal(m->fmask, number(words, "fmask"));
	/* the words say 1 for whatever process it was */
	assert_int_equal(m->pid != 0, number(words, "pid"));
	assert_int_equal(m->seq, number(words, "seq"));
	assert_int_equal(m->error, number(words, "errno"));
	assert_int_equal(m->inits, number(words, "inits"));
	assert_int_equal(m->use, number(words, "use"));
	assert_int_equal(m->refs, number(words, "ref"));
	check_addresses(words, m);
}

static void
check_ifinfo(const char *words, const struct rtmsg *m)
{
	assert_int_equal(m->type, RTMSG_IFINFO);
	assert_int_equal(m->ifindex, number(words, "idx"));
	assert_int_equal(m->table, number(words, "tbl"));
	assert_int_equal(m->addrs, RTMSG_IFP);
	assert_int_equal(m->flags, number(words, "flags"));
	assert_int_equal(m->xflags, number(words, "xflags"));
	assert_int_equal(m->link_state, number(words, "link_state"));
	assert_int_equal(m->mtu, number(words, "mtu"));
	assert_string_equal(m->ifp.name, m->ifindex == 3 ? "pair1" : "pair11");
}

/* "> ADD flags0x803 prio0 dst 0.0.0.0 gw 198.51.100.1 mask 0.0.0.0 label - len144" */
static void
check_asked(const char *words, const struct rtmsg *m)
{
	const char *label = strstr(words, " label ") + 7;

	assert_int_equal(m->type, strstr(words, "ADD") ? RTMSG_ADD : RTMSG_DELETE);
	assert_int_equal(m->flags, number(words, "flags"));
	assert_int_equal(m->priority, number(words, "prio"));
	check_address(strstr(words, " dst ") + 5, &m->dst);
	check_address(strstr(words, " gw ") + 4, &m->gateway);
	check_mask(strstr(words, " mask ") + 6, &m->dst);
	if (*label == '-')
		assert_string_equal(m->label, "");
	else
		assert_memory_equal(m->label, label, strcspn(label, " "));
}

static void
check(const char *words, const struct rtmsg *m)
{
	if (words[0] == '>')
		check_asked(words, m);
	else if (strncmp(words, "msg", 3) == 0)
		check_route(words, m);
	else if (strncmp(words, "IFINFO", 6) == 0)
		check_ifinfo(words, m);
	else if (strncmp(words, "IFANNOUNCE", 10) == 0) {
		assert_int_equal(m->type, RTMSG_IFANNOUNCE);
		assert_int_equal(m->ifindex, number(words, "idx"));
		assert_int_equal(m->what, RTMSG_DEPARTURE);
		assert_string_equal(m->name, "pair1");
	} else {
		assert_memory_equal(words, "DELADDR", 7);
		assert_int_equal(m->type, RTMSG_DELADDR);
		assert_int_equal(m->ifindex, number(words, "idx"));
		assert_int_equal(m->addrs, 0xb4);
	}
}

/* ---- tests ---- */

static void
every_capture_is_read_as_its_words_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < CAPTURES_COUNT; i++) {
		const struct capture *c = &captures[i];
		struct rtmsg m;

		print_message("%.100s\n", c->words);
		assert_int_equal(c->len, number(c->words, "len"));
		assert_int_equal(rtmsg_read(c->octets, c->len, RTMSG_ROUND_64, &m), c->len);
		check(c->words, &m);
	}
}

static const struct capture *
with_words(const char *words)
{
	for (size_t i = 0; i < CAPTURES_COUNT; i++)
		if (strstr(captures[i].words, words) != NULL)
			return &captures[i];
	fail_msg("no capture with %s", words);
	return NULL;
}

static void
values_without_words_are_right_too(void **state)
{
	const struct capture *c = with_words("DELADDR");
	struct rtmsg m;

	(void)state;
	/* the netmask has 7 octets, and no family */
	assert_int_equal(rtmsg_read(c->octets, c->len, RTMSG_ROUND_64, &m), c->len);
	check_address("198.51.100.2", &m.ifa);
	assert_int_equal(m.ifa.plen, 24);
	check_address("198.51.100.255", &m.brd);
	assert_string_equal(m.ifp.name, "pair1");

	/* a link-local gateway holds its interface */
	c = with_words("fam24");
	assert_int_equal(rtmsg_read(c->octets, c->len, RTMSG_ROUND_64, &m), c->len);
	assert_int_equal(m.dst.version, 6);
	assert_int_equal(m.dst.plen, 0);
	assert_int_equal(m.gateway.scope, 3);
	m.gateway.scope = 0;
	check_address("fe80::1", &m.gateway);
	assert_int_equal(m.ifp.lladdr_len, 6);
	assert_memory_equal(m.ifp.lladdr, "\xfe\xe1\xba\xd0\x4c\x56", 6);

	c = with_words("IFINFO");
	assert_int_equal(rtmsg_read(c->octets, c->len, RTMSG_ROUND_64, &m), c->len);
	assert_int_equal(m.ipackets, 0x6f);
	assert_int_equal(m.opackets, 0xf6c);
	assert_int_equal(m.ibytes, 0x1f1e);
	assert_int_equal(m.obytes, 0x299ed);
	assert_int_equal(m.imcasts, 1);
}

static void
what_the_daemon_sends_is_written_octet_by_octet(void **state)
{
	int asked = 0;

	(void)state;
	for (size_t i = 0; i < CAPTURES_COUNT; i++) {
		const struct capture *c = &captures[i];
		uint8_t out[RTMSG_MAX];
		struct rtmsg m;

		if (c->words[0] != '>')
			continue;
		asked++;
		rtmsg_read(c->octets, c->len, RTMSG_ROUND_64, &m);
		assert_int_equal(rtmsg_write(&m, RTMSG_ROUND_64, out, sizeof(out)), c->len);
		assert_memory_equal(out, c->octets, c->len);
	}
	assert_int_equal(asked, 3);
}

/* For the fake kernel. What an interface's counters hold beside those that are read is not written,
 * nor is what a link-level address has after its own. */
static void
what_the_kernel_sends_is_written_the_same_too(void **state)
{
	(void)state;
	for (size_t i = 0; i < CAPTURES_COUNT; i++) {
		const struct capture *c = &captures[i];
		uint8_t out[RTMSG_MAX];
		struct rtmsg m;

		if (c->words[0] == '>' || strncmp(c->words, "IFINFO", 6) == 0)
			continue;
		print_message("%.100s\n", c->words);
		rtmsg_read(c->octets, c->len, RTMSG_ROUND_64, &m);
		assert_int_equal(rtmsg_write(&m, RTMSG_ROUND_64, out, sizeof(out)), c->len);
		assert_memory_equal(out, c->octets, c->len);
	}
}

static void
a_whole_request_can_be_made_from_nothing(void **state)
{
	const struct capture *c = with_words("label wan2");
	struct rtmsg m = {.type = RTMSG_ADD,
			  .flags = RTMSG_F_UP | RTMSG_F_GATEWAY | RTMSG_F_STATIC | RTMSG_F_MPATH,
			  .addrs = RTMSG_DST | RTMSG_GATEWAY | RTMSG_NETMASK | RTMSG_LABELLED,
			  .seq = 1,
			  .dst = {.version = 4},
			  .label = "wan2"};
	uint8_t out[RTMSG_MAX];

	(void)state;
	assert_int_equal(addr_parse("192.0.2.1", &m.gateway), 0);
	assert_int_equal(rtmsg_write(&m, RTMSG_ROUND_64, out, sizeof(out)), c->len);
	assert_memory_equal(out, c->octets, c->len);
}

static void
a_kernel_of_32_bits_pads_to_four_octets(void **state)
{
	const struct capture *c = with_words("label wan2");
	struct rtmsg m, again;
	uint8_t out[RTMSG_MAX];

	(void)state;
	rtmsg_read(c->octets, c->len, RTMSG_ROUND_64, &m);
	/* 34 octets of label: 36 instead of 40 */
	assert_int_equal(rtmsg_write(&m, RTMSG_ROUND_32, out, sizeof(out)), c->len - 4);
	assert_int_equal(rtmsg_read(out, c->len - 4, RTMSG_ROUND_32, &again), c->len - 4);
	assert_memory_equal(&m, &again, sizeof(m));
	/* an address of no length takes the place of a long */
	m.gateway = (struct addr){0};
	assert_int_equal(rtmsg_write(&m, RTMSG_ROUND_32, out, sizeof(out)), c->len - 4 - 16 + 4);
	assert_int_equal(rtmsg_write(&m, RTMSG_ROUND_64, out, sizeof(out)), c->len - 16 + 8);
}

static void
no_cut_message_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < CAPTURES_COUNT; i++) {
		const struct capture *c = &captures[i];
		struct rtmsg m;

		for (size_t len = 0; len < c->len; len++) {
			uint8_t *exact = malloc(len + 1);

			memcpy(exact, c->octets, len);
			assert_int_equal(rtmsg_read(exact, len, RTMSG_ROUND_64, &m), -1);
			/* the same, where the header agrees with it: only padding may be missing */
			if (len >= 2) {
				uint16_t claimed = (uint16_t)len;
				ssize_t got;

				memcpy(exact, &claimed, 2);
				got = rtmsg_read(exact, len, RTMSG_ROUND_64, &m);
				assert_true(got == -1 || (got == (ssize_t)len && len + 8 > c->len));
			}
			free(exact);
		}
	}
}

static void
another_version_is_refused_and_another_type_passed_over(void **state)
{
	const struct capture *c = &captures[2];
	uint8_t octets[512];
	struct rtmsg m;

	(void)state;
	memcpy(octets, c->octets, c->len);
	octets[RTMSG_AT_VERSION] = 4;
	assert_int_equal(rtmsg_read(octets, c->len, RTMSG_ROUND_64, &m), -1);
	octets[RTMSG_AT_VERSION] = RTMSG_VERSION;
	octets[RTMSG_AT_TYPE] = 19; /* RTM_PROPOSAL */
	assert_int_equal(rtmsg_read(octets, c->len, RTMSG_ROUND_64, &m), c->len);
	assert_int_equal(m.type, 19);
	assert_int_equal(m.addrs, 0);
}

static void
what_does_not_fit_is_not_written(void **state)
{
	struct rtmsg m;
	uint8_t out[RTMSG_MAX];

	(void)state;
	rtmsg_read(captures[4].octets, captures[4].len, RTMSG_ROUND_64, &m);
	for (size_t size = 0; size < captures[4].len; size++)
		assert_int_equal(rtmsg_write(&m, RTMSG_ROUND_64, out, size), -1);
	m.addrs |= 0x800; /* nothing that is ever sent */
	assert_int_equal(rtmsg_write(&m, RTMSG_ROUND_64, out, sizeof(out)), -1);
}

static void
a_link_local_address_of_an_interface_that_cannot_be_is_not_written(void **state)
{
	struct rtmsg m = {.type = RTMSG_ADD, .addrs = RTMSG_DST};
	uint8_t out[RTMSG_MAX];

	(void)state;
	assert_int_equal(addr_parse("fe80::1", &m.dst), 0);
	m.dst.scope = UINT16_MAX;
	assert_true(rtmsg_write(&m, RTMSG_ROUND_64, out, sizeof(out)) > 0);
	m.dst.scope = 0x10000 + 3; /* and never that of interface 3 */
	assert_int_equal(rtmsg_write(&m, RTMSG_ROUND_64, out, sizeof(out)), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_capture_is_read_as_its_words_say),
	    cmocka_unit_test(values_without_words_are_right_too),
	    cmocka_unit_test(what_the_daemon_sends_is_written_octet_by_octet),
	    cmocka_unit_test(what_the_kernel_sends_is_written_the_same_too),
	    cmocka_unit_test(a_whole_request_can_be_made_from_nothing),
	    cmocka_unit_test(a_kernel_of_32_bits_pads_to_four_octets),
	    cmocka_unit_test(no_cut_message_is_read),
	    cmocka_unit_test(another_version_is_refused_and_another_type_passed_over),
	    cmocka_unit_test(what_does_not_fit_is_not_written),
	    cmocka_unit_test(a_link_local_address_of_an_interface_that_cannot_be_is_not_written),
	};

	return cmocka_run_group_tests(tests, read_captures, NULL);
}

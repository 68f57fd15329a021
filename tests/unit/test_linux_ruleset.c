/* SPDX-License-Identifier: ISC */
/* The ruleset is loaded as a whole or not at all, keeps what it has counted, and touches
 * nothing of others. */
#include "config.h"

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "flow.h"
#include "flows_lab.h"
#include "netns.h"
#include "read_conf.h"

/* Values stay across a reload, with another set of links too; what others made is
 * not touched; a table made afresh has another epoch. */
static void
test_reload(void **state)
{
	static const char fewer[] =
	    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; gateway 2001:db8:1::1; "
	    "target gateway }\n"
	    "link \"c\" { index 3; interface w0; gateway 100.64.0.1; target gateway }\n";
	static char before[65536], after[65536], ours[65536];
	struct conf *conf = must_read(fewer);
	struct flow a = udp_flow(ROUTER, "203.0.113.1"), c = udp_flow(ROUTER, "203.0.113.3"), more;
	struct uses first, last;
	uint32_t epoch;

	(void)state;
	netns_run(ROUTER, "nft -f - <<X\ntable inet admin { map by_if { type ifname : verdict; }\n"
			  "chain x { type filter hook input priority 0; counter accept; }; }\nX");
	netns_output(ROUTER, "nft -s list table inet admin", before, sizeof(before));
	first = lab_uses();
	epoch = sys_counters_epoch(lab.flows);
	lab_load(conf);
	last = lab_uses();
	assert_int_equal(sys_counters_epoch(lab.flows), epoch);
	assert_int_equal(last.rows, 3);
	assert_true(first.of[1][V4].packets > 0 && first.of[3][V4].packets > 0);
	assert_int_equal(last.of[1][V4].packets, first.of[1][V4].packets);
	assert_int_equal(last.of[1][V4].octets, first.of[1][V4].octets);
	assert_int_equal(last.of[1][V4].new_flows, first.of[1][V4].new_flows);
	assert_int_equal(last.of[3][V4].packets, first.of[3][V4].packets);
	netns_output(ROUTER, "nft list table inet uplinkd", ours, sizeof(ours));
	assert_non_null(strstr(ours, "use4_1"));
	assert_null(strstr(ours, "_2"));
	assert_null(strstr(ours, "_4"));
	/* w0 is one link's alone now: known by the interface */
	more = udp_flow(ROUTER, "203.0.113.3");
	assert_true(lab_uses().of[3][V4].packets > last.of[3][V4].packets);
	lab_load(lab.conf);
	last = lab_uses();
	assert_int_equal(last.rows, LINKS + 1);
	assert_int_equal(last.of[1][V4].packets, first.of[1][V4].packets);
	netns_output(ROUTER, "nft -s list table inet admin", after, sizeof(after));
	assert_string_equal(before, after);

	netns_run(ROUTER, "nft delete table inet uplinkd");
	assert_int_equal(sys_counters_read(lab.flows, lab_take_use, &last), -1);
	assert_int_equal(errno, ENOENT);
	lab_load(lab.conf);
	lab_uses();
	assert_int_not_equal(sys_counters_epoch(lab.flows), epoch);
	flow_close(&a);
	flow_close(&c);
	flow_close(&more);
	conf_free(conf);
}

/* A table of another version, or one that someone has spoilt, is made afresh. */
static void
test_foreign_table_of_our_name(void **state)
{
	(void)state;
	netns_run(
	    ROUTER,
	    "nft delete table inet uplinkd; nft -f - <<X\ntable inet uplinkd { map by_if { "
	    "type ipv4_addr : verdict; }; chain nat { type filter hook input priority 7; }; }\nX");
	lab_load(lab.conf);
	assert_int_equal(lab_uses().rows, LINKS + 1);
}

/* What an older version had, or a configuration before: it goes, the counters stay. */
static void
test_sets_of_before_go(void **state)
{
	struct flow a = udp_flow(ROUTER, "203.0.113.1");
	struct uses before = lab_uses(), after;
	char text[65536];

	(void)state;
	netns_run(
	    ROUTER,
	    "nft -f - <<X\ntable inet uplinkd { set probes4 { typeof ip saddr . ip daddr . icmp "
	    "id; size 65535; flags dynamic,timeout; timeout 1m; }; map by_old { type ifname : "
	    "ipv4_addr; elements = { \"wan1\" : 192.0.2.7 }; }; }\nX");
	lab_load(lab.conf);
	netns_output(ROUTER, "nft list table inet uplinkd", text, sizeof(text));
	assert_null(strstr(text, "probes4"));
	assert_null(strstr(text, "by_old"));
	assert_non_null(strstr(text, "map by_mark"));
	after = lab_uses();
	assert_int_equal(after.rows, before.rows);
	assert_true(after.of[1][V4].packets >= before.of[1][V4].packets);
	flow_close(&a);
}

static void
test_release(void **state)
{
	char text[4096];

	(void)state;
	netns_run(ROUTER, "nft add table inet admin");
	assert_int_equal(sys_ruleset_release(lab.flows), 0);
	netns_output(ROUTER, "nft list tables", text, sizeof(text));
	assert_string_equal(text, "table inet admin\n");
	assert_int_equal(sys_ruleset_release(lab.flows), 0);
}

/* Without nft(8) the reason says what to install, and what was loaded stays. */
static void
test_no_nft(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		char error[512] = "";

		if (unshare(CLONE_NEWNS) != 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		    system("for f in $(which -a nft); do mount --bind /dev/null $f; done") != 0)
			_exit(2);
		if (sys_ruleset_load(lab.flows, "x\n", 2, error, sizeof(error)) != -1)
			_exit(3);
		_exit(strstr(error, "install the package nftables") ? 0 : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(lab_uses().rows, LINKS + 1);
}

/* One that hangs is ended before the worker is taken to hang itself, and not tried twice. */
static void
test_nft_hangs(void **state)
{
	const uint64_t limit_ns = 15 * NSEC_PER_SEC, start_ns = clock_mono_ns();
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		char error[512] = "";

		if (unshare(CLONE_NEWNS) != 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		    mount("none", "/tmp", "tmpfs", 0, NULL) != 0 ||
		    system("printf '#!/bin/sh\nexec sleep 100\n' >/tmp/nft && chmod +x /tmp/nft && "
			   "for f in $(which -a nft); do mount --bind /tmp/nft $f; done") != 0)
			_exit(2);
		if (sys_ruleset_load(lab.flows, "x\n", 2, error, sizeof(error)) != -1)
			_exit(3);
		_exit(strstr(error, "nft took longer than") ? 0 : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(clock_mono_ns() - start_ns < limit_ns);
	assert_int_equal(lab_uses().rows, LINKS + 1);
}

static void
test_bad_text_changes_nothing(void **state)
{
	static const char bad[] = "table inet uplinkd\nflush table inet uplinkd\nnonsense here\n";
	struct flow flow = udp_flow(ROUTER, "203.0.113.1");
	struct uses before = lab_uses(), after;
	char error[512] = "";

	(void)state;
	assert_int_equal(sys_ruleset_load(lab.flows, bad, strlen(bad), error, sizeof(error)), -1);
	assert_non_null(strstr(error, "nft: "));
	udp_send(&flow, 10);
	after = lab_uses();
	assert_int_equal(after.of[1][V4].packets, before.of[1][V4].packets + 1);
	flow_close(&flow);
}

/* ---- others who change rules ---- */

static size_t
put(char *at, uint16_t type, uint8_t family, const char *table)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(at);
	struct nfgenmsg *general = mnl_nlmsg_put_extra_header(message, sizeof(*general));

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST;
	general->nfgen_family = family;
	general->res_id = table == NULL ? htons(NFNL_SUBSYS_NFTABLES) : 0;
	if (table != NULL)
		mnl_attr_put_strz(message, NFTA_TABLE_NAME, table);
	return message->nlmsg_len;
}

/* A table comes and goes, as often as that. */
static void __attribute__((noreturn)) keep_changing(unsigned each_us)
{
	struct mnl_socket *s = mnl_socket_open(NETLINK_NETFILTER);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0; s != NULL; i++) {
		char batch[512] __attribute__((aligned(8)));
		uint16_t what = i % 2 == 0 ? NFT_MSG_NEWTABLE : NFT_MSG_DELTABLE;
		size_t len = put(batch, NFNL_MSG_BATCH_BEGIN, AF_UNSPEC, NULL);

		len += put(batch + len, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | what), NFPROTO_IPV4,
			   "others");
		len += put(batch + len, NFNL_MSG_BATCH_END, AF_UNSPEC, NULL);
		if (mnl_socket_sendto(s, batch, len) == -1)
			break;
		usleep(each_us);
	}
	_exit(1);
}

static struct conf *
many_links(void)
{
	char *text = NULL;
	struct conf *conf;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (unsigned i = 1; i <= 300; i++)
		fprintf(out,
			"link \"l%u\" { index %u; interface x%u; gateway 10.0.0.1; "
			"gateway 2001:db8::1; nat6 masquerade }\n",
			i, i, i);
	fclose(out);
	conf = must_read(text);
	free(text);
	return conf;
}

static void
count_rows(void *arg, unsigned link, int family, uint64_t packets, uint64_t octets,
	   uint64_t new_flows)
{
	(void)link, (void)family, (void)packets, (void)octets, (void)new_flows;
	++*(unsigned *)arg;
}

static void
in_real_time(bool is)
{
	struct sched_param p = {.sched_priority = is ? 1 : 0};

	(void)sched_setscheduler(0, is ? SCHED_FIFO : SCHED_OTHER, &p);
}

/* A reading that is disturbed is begun again, and leaves nothing behind that disturbs
 * the next. (Who had to wait for a processor in the middle of each would never come to an
 * end: hence in real time.) */
static void
test_others_change_rules_all_the_time(void **state)
{
	struct conf *conf = many_links();
	int status;
	pid_t other;

	(void)state;
	lab_load(conf);
	other = fork();
	if (other == 0)
		keep_changing(5000);
	in_real_time(true);
	for (int i = 0; i < 500; i++) {
		unsigned rows = 0;

		if (sys_counters_read(lab.flows, count_rows, &rows) == 0)
			assert_int_equal(rows, 600);
		else if (errno != EINTR) /* each try was disturbed */
			fail_msg("%s, after %d readings", strerror(errno), i);
	}
	for (int i = 0; i < 10; i++)
		lab_load(i % 2 == 0 ? lab.conf : conf);
	in_real_time(false);
	assert_int_equal(waitpid(other, &status, WNOHANG), 0);
	kill(other, SIGKILL);
	waitpid(other, &status, 0);
	lab_load(lab.conf);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_reload),
	    LAB_TEST(test_foreign_table_of_our_name),
	    LAB_TEST(test_sets_of_before_go),
	    LAB_TEST(test_release),
	    LAB_TEST(test_others_change_rules_all_the_time),
	    LAB_TEST(test_no_nft),
	    LAB_TEST(test_nft_hangs),
	    LAB_TEST(test_bad_text_changes_nothing),
	};

	return LAB_RUN(tests);
}

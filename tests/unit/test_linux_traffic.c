/* SPDX-License-Identifier: ISC */
/* The interfaces' counters as the engine reads them: each link's own, as the kernel counts
 * them, and at once, whatever others do to interfaces meanwhile. */
#include "linux_lab.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/clock.h"

enum { STALE_NS = 2 * NSEC_PER_MSEC };

/* What was read before is not fresh any more. */
static void
wait_until_stale(void)
{
	uint64_t until_ns = clock_mono_ns() + STALE_NS;

	while (clock_mono_ns() < until_ns)
		sched_yield();
}

static struct sys_traffic_count
count_of(struct sys_traffic *t, const char *ifname)
{
	struct link_facts facts = {0};
	struct sys_traffic_count count = {0};

	snprintf(facts.ifname, sizeof(facts.ifname), "%s", ifname);
	wait_until_stale();
	if (sys_traffic_read(t, &facts, true, &count) != 0)
		fail_msg("%s can't be read", ifname);
	return count;
}

static void
send_some(const char *to, int packets, size_t octets)
{
	static const char data[1000];
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(inet_pton(AF_INET, to, &sin.sin_addr), 1);
	for (int i = 0; i < packets; i++)
		assert_int_equal(sendto(fd, data, octets, 0, (struct sockaddr *)&sin, sizeof(sin)),
				 octets);
	close(fd);
}

static void
each_interface_has_its_own(void **state)
{
	enum { HEADERS = 14 + 20 + 8 };
	struct sys_traffic *t = sys_traffic_open();
	struct sys_traffic_count one, eleven;

	(void)state;
	assert_non_null(t);
	lab_make_wans(11); /* after it was opened, and one's name begins another's */
	for (int i = 1; i <= 11; i += 10)
		netns_run(-1, "ip neigh add 10.0.%d.1 dev wan%d lladdr 02:00:00:00:00:01", i, i);
	/* it asks for routers and tells of groups by itself */
	netns_run(-1, "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6");
	one = count_of(t, "wan1");
	eleven = count_of(t, "wan11");
	send_some("10.0.11.1", 5, 100);
	send_some("10.0.1.1", 3, 1000);
	assert_int_equal(count_of(t, "wan1").sent - one.sent, 3);
	assert_int_equal(count_of(t, "wan1").out_octets - one.out_octets, 3 * (1000 + HEADERS));
	assert_int_equal(count_of(t, "wan11").sent - eleven.sent, 5);
	assert_int_equal(count_of(t, "wan11").out_octets - eleven.out_octets, 5 * (100 + HEADERS));
	sys_traffic_close(t);
}

/* It is no answer to anything. An interface tells it apart where its driver does: a veth
 * does not, a macvlan on it does. */
static void
what_is_for_everybody_is_not_received(void **state)
{
	struct sys_traffic *t = sys_traffic_open();
	struct sys_traffic_count before, after;

	(void)state;
	assert_non_null(t);
	lab_make_wans(1);
	netns_run(-1, "ip link add mac1 link wan1 type macvlan mode bridge && ip link set mac1 up");
	before = count_of(t, "mac1");
	netns_run(lab.isp, "ping -q -c 4 -i 0.01 -W 0.01 -I isp1 224.0.0.1 >/dev/null || :");
	after = count_of(t, "mac1");
	assert_true(after.in_octets > before.in_octets);
	assert_int_equal(after.received, before.received);
	sys_traffic_close(t);
}

static void
one_that_is_not_there_has_none(void **state)
{
	struct sys_traffic *t = sys_traffic_open();
	const struct link_facts gone = {.ifname = "wan1"}, none = {.ifname = ""};
	struct sys_traffic_count count;

	(void)state;
	assert_non_null(t);
	assert_int_equal(sys_traffic_read(t, &gone, true, &count), -1);
	assert_int_equal(sys_traffic_read(t, &none, true, &count), -1);
	lab_make_wans(2);
	count_of(t, "wan1");
	netns_run(-1, "ip link del wan1");
	wait_until_stale();
	assert_int_equal(sys_traffic_read(t, &gone, true, &count), -1);
	count_of(t, "wan2");
	sys_traffic_close(t);
}

/* More than one reading of the file gives. */
static void
many_interfaces_are_read(void **state)
{
	struct sys_traffic *t = sys_traffic_open();

	(void)state;
	assert_non_null(t);
	netns_run(-1,
		  "for i in $(seq 300); do echo link add veth$i.a type veth peer name veth$i.b; "
		  "done | ip -b -");
	for (int i = 300; i > 0; i -= 7) {
		char name[32];

		snprintf(name, sizeof(name), "veth%d.b", i);
		count_of(t, name);
	}
	sys_traffic_close(t);
}

/* ---- the lock of the network's configuration ---- */

/* The list of addresses is written to memory that is not there yet: so long as nobody
 * provides it, the kernel holds the lock. */
static void *
hold_lock(void *memory)
{
	struct ifconf list = {.ifc_len = 4096, .ifc_buf = memory};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCGIFCONF, &list);
	close(fd);
	return NULL;
}

static void
is_read_while_somebody_changes_interfaces(void **state)
{
	struct sys_traffic *t = sys_traffic_open();
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register watched = {.range = {(uintptr_t)memory, 4096},
					  .mode = UFFDIO_REGISTER_MODE_MISSING};
	struct uffdio_zeropage page = {.range = {(uintptr_t)memory, 4096}};
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct pollfd fault = {.fd = faults, .events = POLLIN};
	pthread_t holder;

	(void)state;
	assert_non_null(t);
	assert_true(memory != MAP_FAILED);
	lab_make_wans(1);
	assert_int_equal(ioctl(faults, UFFDIO_API, &api), 0);
	assert_int_equal(ioctl(faults, UFFDIO_REGISTER, &watched), 0);
	assert_int_equal(pthread_create(&holder, NULL, hold_lock, memory), 0);
	assert_int_equal(poll(&fault, 1, 10000), 1);
	alarm(10); /* whoever waits for the lock waits for ever */
	count_of(t, "wan1");
	alarm(0);
	assert_int_equal(ioctl(faults, UFFDIO_ZEROPAGE, &page), 0);
	assert_int_equal(pthread_join(holder, NULL), 0);
	close(faults);
	munmap(memory, 4096);
	sys_traffic_close(t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_interface_has_its_own),
	    TEST(what_is_for_everybody_is_not_received),
	    TEST(one_that_is_not_there_has_none),
	    TEST(many_interfaces_are_read),
	    TEST(is_read_while_somebody_changes_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* The small things that every room leans on: addresses, texts, labels, the board's
 * rows and the messages between processes. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/board.h"
#include "common/ipc.h"
#include "common/names.h"
#include "common/order.h"
#include "system/zeroes.h"

static void
addresses_survive_the_way_through_text(void **state)
{
	static const char *const good[] = {"192.0.2.1", "0.0.0.0", "2001:db8::1", "fe80::1", "::"};
	static const char *const bad[] = {"",
					  "192.0.2",
					  "192.0.2.256",
					  "example.net",
					  "2001:db8:::1",
					  "192.0.2.1/24",
					  "fe80::1%eth0"};
	char buf[ADDR_STRLEN];
	struct addr a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(addr_parse(good[i], &a), 0);
		assert_string_equal(addr_text(&a, buf), good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(addr_parse(bad[i], &a), -1);
		assert_false(addr_is_set(&a));
	}
}

static void
prefixes_hold_what_is_in_them(void **state)
{
	static const struct {
		const char *prefix, *address;
		bool in;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"0.0.0.0/0", "203.0.113.9", true},
	    {"2001:db8::/33", "2001:db8:7fff::1", true},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	    {"0.0.0.0/0", "::1", false},
	};
	static const char *const bad[] = {"192.0.2.1/24",  "192.0.2.0/33", "192.0.2.0",
					  "192.0.2.0/",    "192.0.2.0/-1", "192.0.2.0/8x",
					  "2001:db8::/129"};
	struct addr p, a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(addr_parse_prefix(cases[i].prefix, &p), 0);
		assert_int_equal(addr_parse(cases[i].address, &a), 0);
		assert_int_equal(addr_in_prefix(&a, &p), cases[i].in);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(addr_parse_prefix(bad[i], &p), -1);
}

static void
text_from_outside_is_utf8_without_controls(void **state)
{
	static const char *const good[] = {"", "fibre work", "Wartung b\xc3\xbcro", "\xe2\x82\xac",
					   "\xf0\x9f\x94\xa7"};
	static const char *const bad[] = {"a\nb",
					  "\x1b[2J",
					  "\x7f",
					  "\xc2\x85",
					  "\xff",
					  "\xc0\xaf",
					  "\xe0\x80\xaf",
					  "\xed\xa0\x80",
					  "\xf4\x90\x80\x80",
					  "\xe2\x82",
					  "\xe2\x80\xae live"};
	char longest[TEXT_LEN + 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(text_ok(good[i], strlen(good[i])), 1);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_ok(bad[i], strlen(bad[i])), 0);
	assert_int_equal(text_ok("a\0b", 3), 0);
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(text_ok(longest, TEXT_LEN), 1);
	assert_int_equal(text_ok(longest, TEXT_LEN + 1), 0);
}

static void
every_number_has_its_label(void **state)
{
	(void)state;
	for (unsigned r = REASON_NONE; r < REASON__END; r++) {
		assert_string_not_equal(reason_name(r), "?");
		assert_string_not_equal(reason_text(r), "?");
	}
	for (unsigned t = EVENT_STARTED; t < EVENT__END; t++)
		assert_string_not_equal(event_type_name(t), "?");
	assert_string_equal(reason_name(0), "?");
	assert_string_equal(reason_name(REASON__END), "?");
	assert_string_equal(health_name(99), "?");
	assert_string_equal(admin_name(ADMIN_FORCE_UP), "forceUp");
	assert_int_equal(admin_by_name("force-down"), ADMIN_FORCE_DOWN);
	assert_int_equal(admin_by_name("drain"), ADMIN_DRAIN);
	assert_int_equal(admin_by_name("up"), 0);
}

/* ---- the board ---- */

static void
board_path(char *path)
{
	strcpy(path, "/tmp/uplink-test-board-XXXXXX");
	close(mkstemp(path));
}

static void
a_board_outlives_its_writer(void **state)
{
	char path[64];
	bool fresh = false;
	int fd;
	struct board *b;
	struct stat st;

	(void)state;
	board_path(path);
	fd = board_create(path, &fresh);
	assert_true(fd >= 0 && fresh);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(st.st_blocks * 512 < 1 << 20); /* sparse */
	b = board_map_writable(fd);
	assert_non_null(b);
	assert_true(board_header_valid(b));
	b->global.links = 7;
	munmap(b, sizeof(*b));
	close(fd);
	fd = board_create(path, &fresh);
	assert_true(fd >= 0 && !fresh);
	b = (struct board *)(uintptr_t)board_map_readable(fd);
	assert_int_equal(b->global.links, 7);
	munmap(b, sizeof(*b));
	close(fd);
	unlink(path);
}

static void
a_board_of_another_boot_layout_or_size_is_started_afresh(void **state)
{
	static const struct {
		off_t at;
	} cases[] = {{offsetof(struct board_header, magic)},
		     {offsetof(struct board_header, layout)},
		     {offsetof(struct board_header, size)},
		     {offsetof(struct board_header, boot_id)}};
	char path[64];
	bool fresh;
	int fd;

	(void)state;
	board_path(path);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fd = board_create(path, &fresh);
		assert_int_equal(pwrite(fd, "!", 1, cases[i].at), 1);
		assert_int_equal(pwrite(fd, "x", 1, offsetof(struct board, global) + 64), 1);
		close(fd);
		fd = board_create(path, &fresh);
		assert_true(fresh);
		char c = 'y';

		assert_int_equal(pread(fd, &c, 1, offsetof(struct board, global) + 64), 1);
		assert_int_equal(c, 0);
		close(fd);
	}
	assert_int_equal(truncate(path, 100), 0);
	fd = board_create(path, &fresh);
	assert_true(fd >= 0 && fresh);
	close(fd);
	unlink(path);
}

/* Also when somebody has removed its name. */
static void
a_board_is_started_afresh_for_all_who_have_it(void **state)
{
	char path[64];
	bool fresh = false;
	struct board *writer;
	const struct board *reader;
	int fd;

	(void)state;
	board_path(path);
	fd = board_create(path, &fresh);
	writer = board_map_writable(fd);
	reader = board_map_readable(fd);
	assert_true(writer != NULL && reader != NULL);
	writer->global.links = 7;
	writer->header.magic = 1;
	unlink(path);
	assert_int_equal(board_afresh(fd), 0);
	assert_true(board_header_valid(reader));
	assert_int_equal(reader->global.links, 0);
	writer->global.links = 8;
	assert_int_equal(reader->global.links, 8);
	munmap(writer, sizeof(*writer));
	munmap((void *)(uintptr_t)reader, sizeof(*reader));
	close(fd);
}

/* Reads all the time: a page that the file does not have any more is the end of it. */
static _Noreturn void
read_on(const struct board *board, const _Atomic bool *stop)
{
	static struct board_event event;
	unsigned n = 0;

	while (!*stop) {
		(void)board_header_valid(board);
		(void)board_read(&board->events[n++ % BOARD_EVENTS], &event, sizeof(event));
	}
	_exit(0);
}

static void
whoever_reads_a_board_outlives_its_fresh_start(void **state)
{
	_Atomic bool *stop =
	    mmap(NULL, sizeof(*stop), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char path[64];
	bool fresh;
	const struct board *reader;
	int fd, status;
	pid_t child;

	(void)state;
	board_path(path);
	fd = board_create(path, &fresh);
	reader = board_map_readable(fd);
	assert_non_null(reader);
	child = fork();
	if (child == 0)
		read_on(reader, stop);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(board_afresh(fd), 0);
	*stop = true;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	munmap((void *)(uintptr_t)reader, sizeof(*reader));
	munmap((void *)stop, sizeof(*stop));
	close(fd);
	unlink(path);
}

/* Where the system can't make holes. */
static void
zeroes_are_written_where_something_stands(void **state)
{
	enum { LEN = 100000 };
	static char all[LEN + 1];
	static const char zeroes[LEN];
	FILE *file = tmpfile();
	int fd = fileno(file);

	(void)state;
	memset(all, 'x', sizeof(all));
	assert_int_equal(ftruncate(fd, LEN + 1), 0);
	assert_int_equal(pwrite(fd, all, 1, 0), 1);
	assert_int_equal(pwrite(fd, all, 50000, 40000), 50000);
	assert_int_equal(pwrite(fd, all, 2, LEN - 1), 2);
	assert_int_equal(zeroes_write(fd, LEN), 0);
	assert_int_equal(pread(fd, all, sizeof(all), 0), LEN + 1);
	assert_memory_equal(all, zeroes, LEN);
	assert_int_equal(all[LEN], 'x');
	assert_int_equal(zeroes_write(fd, LEN + 2), -1);
	fclose(file);
}

static void
a_row_reads_whole_or_not_at_all(void **state)
{
	struct board_event row = {0}, in = {.number = 42, .text = "hello"}, out;

	(void)state;
	board_write(&row, &in, sizeof(row));
	assert_true(board_read(&row, &out, sizeof(out)));
	assert_int_equal(out.number, 42);
	assert_string_equal(out.text, "hello");
	row.seq.count++; /* a writer that died within the row */
	assert_false(board_read(&row, &out, sizeof(out)));
	in.number = 43;
	board_write(&row, &in, sizeof(row)); /* its successor mends it */
	assert_true(board_read(&row, &out, sizeof(out)));
	assert_int_equal(out.number, 43);
}

static void
lateness_falls_into_the_bucket_that_holds_it(void **state)
{
	uint64_t buckets[BOARD_LATENESS_BUCKETS] = {0};

	(void)state;
	for (uint64_t us = 0; us < 200000; us++) {
		unsigned b = lateness_bucket(us);

		assert_true(b < BOARD_LATENESS_BUCKETS);
		if (b + 1 < BOARD_LATENESS_BUCKETS)
			assert_true(us <= lateness_bucket_top(b));
		if (b > 0)
			assert_true(us > lateness_bucket_top(b - 1));
	}
	assert_true(lateness_percentile(buckets, 500) == UINT64_MAX);
	buckets[lateness_bucket(10)] = 999;
	buckets[lateness_bucket(5000)] = 1;
	assert_true(lateness_percentile(buckets, 999) < 20);
	assert_true(lateness_percentile(buckets, 1000) >= 5000);
}

/* 10,000 probes a second are more than 32 bits hold in five days. */
static void
lateness_is_counted_for_years(void **state)
{
	static struct board_global global;

	(void)state;
	global.lateness_us[lateness_bucket(10)] = UINT32_MAX;
	global.lateness_us[lateness_bucket(10)]++;
	global.lateness_us[lateness_bucket(5000)] = 1000;
	assert_true(lateness_percentile(global.lateness_us, 999) < 20);
}

/* ---- messages ---- */

static void
a_message_arrives_with_its_descriptor(void **state)
{
	int ends[2], fd;
	struct ipc_channel body = {.peer = IPC_PEER_SNMP};
	struct ipc_message m;

	(void)state;
	assert_int_equal(ipc_pair(ends), 0);
	fd = open("/dev/null", O_RDONLY);
	assert_int_equal(ipc_send(ends[0], IPC_CHANNEL, &body, sizeof(body), fd), 0);
	assert_int_equal(ipc_receive(ends[1], IPC_PEER_PARENT, &m), IPC_OK);
	assert_int_equal(m.type, IPC_CHANNEL);
	assert_int_equal(m.length, sizeof(body));
	assert_memory_equal(m.body, &body, sizeof(body));
	assert_true(m.fd >= 0 && m.fd != fd);
	assert_true(fcntl(m.fd, F_GETFD) & FD_CLOEXEC);
	close(m.fd);
	close(fd);
	assert_int_equal(ipc_receive(ends[1], IPC_PEER_PARENT, &m), IPC_AGAIN);
	close(ends[0]);
	assert_int_equal(ipc_receive(ends[1], IPC_PEER_PARENT, &m), IPC_CLOSED);
	close(ends[1]);
}

static void
the_largest_messages_fit(void **state)
{
	static struct plan plan;
	static struct ipc_counters counters = {.count = 2 * LINKS_MAX};
	int ends[2];
	struct ipc_message m;

	(void)state;
	assert_int_equal(ipc_pair(ends), 0);
	assert_int_equal(ipc_send(ends[0], IPC_PLAN, &plan, sizeof(plan), -1), 0);
	assert_int_equal(
	    ipc_send(ends[0], IPC_COUNTERS, &counters, ipc_counters_size(counters.count), -1), 0);
	assert_int_equal(ipc_receive(ends[1], IPC_PEER_ENGINE, &m), IPC_OK);
	assert_int_equal(ipc_receive(ends[1], IPC_PEER_WORKER, &m), IPC_OK);
	close(ends[0]);
	close(ends[1]);
}

static void
sending_never_waits(void **state)
{
	static struct plan plan;
	int ends[2], sent = 0;

	(void)state;
	assert_int_equal(ipc_pair(ends), 0);
	while (ipc_send(ends[0], IPC_PLAN, &plan, sizeof(plan), -1) == 0)
		assert_true(++sent < 100000);
	assert_int_equal(errno, EAGAIN);
	assert_true(sent >= 4);
	close(ends[1]);
	assert_int_equal(ipc_send(ends[0], IPC_PLAN, &plan, sizeof(plan), -1), -1);
	assert_int_equal(errno, EPIPE);
	close(ends[0]);
}

/* Where the receiver can't open another file it still learns what the message was. */
static void
a_descriptor_that_finds_no_room_is_told_from_nonsense(void **state)
{
	struct ipc_socket body = {.id = 7};
	struct rlimit before, none;
	struct ipc_message m;
	int ends[2], result, error;

	(void)state;
	assert_int_equal(ipc_pair(ends), 0);
	assert_int_equal(ipc_send(ends[0], IPC_SOCKET, &body, sizeof(body), ends[0]), 0);
	assert_int_equal(ipc_send(ends[0], IPC_PING, NULL, 0, ends[0]), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	result = ipc_receive(ends[1], IPC_PEER_PARENT, &m);
	error = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(result, IPC_MALFORMED);
	assert_int_equal(error, EMFILE);
	assert_int_equal(m.type, IPC_SOCKET);
	assert_int_equal(m.fd, -1);
	assert_int_equal(((const struct ipc_socket *)m.body)->id, 7);
	/* one that has no business with it is nonsense all the same */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	result = ipc_receive(ends[1], IPC_PEER_PARENT, &m);
	error = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(result, IPC_MALFORMED);
	assert_int_equal(error, EBADMSG);
	close(ends[0]);
	close(ends[1]);
}

static void
expect_malformed(const void *octets, size_t len, enum ipc_peer from, int fd)
{
	int ends[2];
	struct ipc_message m;

	assert_int_equal(ipc_pair(ends), 0);
	if (fd >= 0) {
		/* ipc_send would build a right header: give it the wrong type for a descriptor */
		assert_int_equal(ipc_send(ends[0], IPC_RELOAD, NULL, 0, fd), 0);
	} else {
		assert_int_equal(send(ends[0], octets, len, 0), (ssize_t)len);
	}
	assert_int_equal(ipc_receive(ends[1], from, &m), IPC_MALFORMED);
	close(ends[0]);
	close(ends[1]);
}

static void
what_does_not_fit_the_table_is_malformed(void **state)
{
	struct {
		uint16_t type, version;
		uint32_t length;
		unsigned char body[64];
	} w = {.type = IPC_KILL_FLOWS, .version = IPC_VERSION, .length = sizeof(struct ipc_flows)};
	size_t whole = 8 + sizeof(struct ipc_flows);
	struct ipc_set set = {.id = 1, .count = 2};
	unsigned char long_set[8 + sizeof(set)];

	(void)state;
	for (size_t n = 1; n < whole; n++)
		expect_malformed(&w, n, IPC_PEER_ENGINE, -1);
	expect_malformed(&w, whole + 1, IPC_PEER_ENGINE, -1);
	expect_malformed(&w, whole, IPC_PEER_SNMP, -1); /* who may not say it */
	w.version++;
	expect_malformed(&w, whole, IPC_PEER_ENGINE, -1);
	w.version--;
	w.length--;
	expect_malformed(&w, whole, IPC_PEER_ENGINE, -1);
	w.length++;
	w.type = 0;
	expect_malformed(&w, whole, IPC_PEER_ENGINE, -1);
	w.type = IPC__END;
	expect_malformed(&w, whole, IPC_PEER_ENGINE, -1);
	expect_malformed(NULL, 0, IPC_PEER_ENGINE, STDERR_FILENO); /* an uncalled-for descriptor */
	/* a count that its length contradicts */
	memset(long_set, 0, sizeof(long_set));
	w.type = IPC_SET_TEST;
	w.length = (uint32_t)ipc_set_size(1);
	memcpy(long_set, &w, 8);
	memcpy(long_set + 8, &set, sizeof(set));
	expect_malformed(long_set, 8 + ipc_set_size(1), IPC_PEER_SNMP, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_survive_the_way_through_text),
	    cmocka_unit_test(prefixes_hold_what_is_in_them),
	    cmocka_unit_test(text_from_outside_is_utf8_without_controls),
	    cmocka_unit_test(every_number_has_its_label),
	    cmocka_unit_test(a_board_outlives_its_writer),
	    cmocka_unit_test(a_board_of_another_boot_layout_or_size_is_started_afresh),
	    cmocka_unit_test(a_board_is_started_afresh_for_all_who_have_it),
	    cmocka_unit_test(whoever_reads_a_board_outlives_its_fresh_start),
	    cmocka_unit_test(zeroes_are_written_where_something_stands),
	    cmocka_unit_test(a_row_reads_whole_or_not_at_all),
	    cmocka_unit_test(lateness_falls_into_the_bucket_that_holds_it),
	    cmocka_unit_test(lateness_is_counted_for_years),
	    cmocka_unit_test(a_descriptor_that_finds_no_room_is_told_from_nonsense),
	    cmocka_unit_test(a_message_arrives_with_its_descriptor),
	    cmocka_unit_test(the_largest_messages_fit),
	    cmocka_unit_test(sending_never_waits),
	    cmocka_unit_test(what_does_not_fit_the_table_is_malformed),
	};

	return cmocka_run_group_tests_name("common", tests, NULL, NULL);
}

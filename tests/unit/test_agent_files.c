/* SPDX-License-Identifier: ISC */
/* The ports of an own SNMP agent: each that can't be had is told of once, whatever the
 * others are refused for, and again when it is another one. */
#include "unit.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "parent/agent.h"

static struct parent parent;
static struct options options;
static struct conf conf;
static FILE *said;

/* A port of this machine that somebody else has. */
static int
taken(struct conf_listen *l)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*l = (struct conf_listen){.family = V4, .port = ntohs(sin.sin_port)};
	return fd;
}

static int
setup(void **state)
{
	static char folder[] = "/tmp/test_agent_files.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	options.statedir = folder;
	parent.options = &options;
	parent.conf = &conf;
	parent.agent.sink[V4] = parent.agent.sink[V6] = parent.agent.engine = -1;
	said = tmpfile();
	assert_non_null(said);
	assert_true(dup2(fileno(said), STDERR_FILENO) == STDERR_FILENO);
	log_init("uplinkd", 1, 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	agent_close(&parent);
	unlink(agent_engine_path(&parent));
	rmdir(options.statedir);
	return 0;
}

/* How many lines of the log have that word. */
static unsigned
lines(const char *word)
{
	char line[1024];
	unsigned n = 0;

	rewind(said);
	while (fgets(line, sizeof(line), said) != NULL)
		n += strstr(line, word) != NULL;
	return n;
}

static void
test_each_port_is_told_of_once(void **state)
{
	struct conf_agent *a = &conf.snmp.agent;
	int first = taken(&a->listens[0]), other = taken(&a->listens[1]), third;

	(void)state;
	/* an address that this machine has not got: RFC 5737 */
	a->listens[2] = (struct conf_listen){.family = V4, .port = a->listens[0].port};
	assert_int_equal(addr_parse("192.0.2.77", &a->listens[2].addr), 0);
	a->nlistens = 3;
	for (int i = 0; i < 5; i++)
		assert_int_equal(agent_open(&parent), -1);
	assert_int_equal(lines("already in use"), 2);
	assert_int_equal(lines("192.0.2.77"), 1);

	close(first);
	assert_int_equal(agent_open(&parent), -1);
	assert_int_equal(lines("already in use"), 2);

	/* another file, another port: another trouble */
	third = taken(&a->listens[1]);
	a->nlistens = 2;
	assert_int_equal(agent_open(&parent), -1);
	assert_int_equal(agent_open(&parent), -1);
	assert_int_equal(lines("already in use"), 3);

	close(third);
	assert_int_equal(agent_open(&parent), 0);
	close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_each_port_is_told_of_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

# SPDX-License-Identifier: ISC
# One file per target: tests/fuzz/fuzz_ROOM.c, with seeds in tests/fuzz/seeds/ROOM.
# It is built twice: as a fuzzer (--enable-fuzzers), and always as replay_ROOM,
# which reads the seeds once, as a test.
#	./tests/fuzz/fuzz_conf -max_total_time=300 -dict=SRC/tests/fuzz/conf.dict NEW SRC/tests/fuzz/seeds/conf
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_conf
endif
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c
tests_fuzz_fuzz_conf_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_conf_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

check_PROGRAMS += tests/fuzz/replay_conf
TESTS += tests/fuzz/replay_conf
tests_fuzz_replay_conf_SOURCES = tests/fuzz/fuzz_conf.c tests/fuzz/replay.c
tests_fuzz_replay_conf_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/conf"'
tests_fuzz_replay_conf_LDADD = $(LIBS_DAEMON)

EXTRA_DIST += tests/fuzz/run tests/fuzz/conf.dict tests/fuzz/seeds

if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_icmp
endif
tests_fuzz_fuzz_icmp_SOURCES = tests/fuzz/fuzz_icmp.c
tests_fuzz_fuzz_icmp_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_icmp_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += tests/fuzz/replay_icmp
TESTS += tests/fuzz/replay_icmp
tests_fuzz_replay_icmp_SOURCES = tests/fuzz/fuzz_icmp.c tests/fuzz/replay.c
tests_fuzz_replay_icmp_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/icmp"'
tests_fuzz_replay_icmp_LDADD = $(LIBS_DAEMON)

if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_ipc
endif
tests_fuzz_fuzz_ipc_SOURCES = tests/fuzz/fuzz_ipc.c
tests_fuzz_fuzz_ipc_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_ipc_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += tests/fuzz/replay_ipc
TESTS += tests/fuzz/replay_ipc
tests_fuzz_replay_ipc_SOURCES = tests/fuzz/fuzz_ipc.c tests/fuzz/replay.c
tests_fuzz_replay_ipc_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/ipc"'
tests_fuzz_replay_ipc_LDADD = $(LIBS_DAEMON)

include tests/fuzz/control.mk
include tests/fuzz/netlink.mk
include tests/fuzz/services.mk
include tests/fuzz/snmp.mk
include tests/fuzz/state.mk

if WITH_SNMP
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_agentx
endif
check_PROGRAMS += tests/fuzz/replay_agentx
TESTS += tests/fuzz/replay_agentx
endif
fuzz_agentx_sources = tests/fuzz/fuzz_agentx.c $(subagent_mib_sources) \
	subagent/access.c subagent/answer.c subagent/channel.c subagent/codec.c subagent/control.c subagent/wish.c
tests_fuzz_fuzz_agentx_SOURCES = $(fuzz_agentx_sources)
nodist_tests_fuzz_fuzz_agentx_SOURCES = subagent/mib_objects.h
tests_fuzz_fuzz_agentx_CPPFLAGS = $(SUBAGENT_CPPFLAGS)
tests_fuzz_fuzz_agentx_CFLAGS = $(AM_CFLAGS) $(NETSNMP_CFLAGS)
tests_fuzz_fuzz_agentx_LDADD = $(LIBS_DAEMON) $(NETSNMP_LIBS)
tests_fuzz_fuzz_agentx_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed -fsanitize=fuzzer
tests_fuzz_replay_agentx_SOURCES = $(fuzz_agentx_sources) tests/fuzz/replay.c
nodist_tests_fuzz_replay_agentx_SOURCES = subagent/mib_objects.h
tests_fuzz_replay_agentx_CPPFLAGS = $(SUBAGENT_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/agentx"'
tests_fuzz_replay_agentx_CFLAGS = $(AM_CFLAGS) $(NETSNMP_CFLAGS)
tests_fuzz_replay_agentx_LDADD = $(LIBS_DAEMON) $(NETSNMP_LIBS)
tests_fuzz_replay_agentx_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed

if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_dns
endif
tests_fuzz_fuzz_dns_SOURCES = tests/fuzz/fuzz_dns.c
tests_fuzz_fuzz_dns_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_dns_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += tests/fuzz/replay_dns
TESTS += tests/fuzz/replay_dns
tests_fuzz_replay_dns_SOURCES = tests/fuzz/fuzz_dns.c tests/fuzz/replay.c
tests_fuzz_replay_dns_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/dns"'
tests_fuzz_replay_dns_LDADD = $(LIBS_DAEMON)

if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_neighbour
endif
tests_fuzz_fuzz_neighbour_SOURCES = tests/fuzz/fuzz_neighbour.c
tests_fuzz_fuzz_neighbour_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_neighbour_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += tests/fuzz/replay_neighbour
TESTS += tests/fuzz/replay_neighbour
tests_fuzz_replay_neighbour_SOURCES = tests/fuzz/fuzz_neighbour.c tests/fuzz/replay.c
tests_fuzz_replay_neighbour_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/neighbour"'
tests_fuzz_replay_neighbour_LDADD = $(LIBS_DAEMON)

# All of them, without what else is built.
if FUZZERS
fuzzers: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) \
		`for f in $(noinst_PROGRAMS); do case $$f in tests/fuzz/*) echo $$f ;; esac; done`
endif

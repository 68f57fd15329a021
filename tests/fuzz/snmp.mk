# SPDX-License-Identifier: ISC
# What comes to the port of an SNMP agent of its own, and its file of secrets.
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_secrets
endif
tests_fuzz_fuzz_secrets_SOURCES = tests/fuzz/fuzz_secrets.c
tests_fuzz_fuzz_secrets_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_secrets_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += tests/fuzz/replay_secrets
TESTS += tests/fuzz/replay_secrets
tests_fuzz_replay_secrets_SOURCES = tests/fuzz/fuzz_secrets.c tests/fuzz/replay.c
tests_fuzz_replay_secrets_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/secrets"'
tests_fuzz_replay_secrets_LDADD = $(LIBS_DAEMON)

if WITH_SNMP
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_snmp
endif
check_PROGRAMS += tests/fuzz/replay_snmp
TESTS += tests/fuzz/replay_snmp
endif
fuzz_snmp_sources = tests/fuzz/fuzz_snmp.c $(subagent_mib_sources) \
	subagent/access.c subagent/answer.c subagent/channel.c subagent/codec.c subagent/control.c \
	subagent/port.c subagent/responder.c subagent/security.c subagent/setting.c subagent/standard.c \
	subagent/wire.c subagent/wish.c
tests_fuzz_fuzz_snmp_SOURCES = $(fuzz_snmp_sources)
nodist_tests_fuzz_fuzz_snmp_SOURCES = subagent/mib_objects.h
tests_fuzz_fuzz_snmp_CPPFLAGS = $(SUBAGENT_CPPFLAGS)
tests_fuzz_fuzz_snmp_CFLAGS = $(AM_CFLAGS) $(NETSNMP_CFLAGS)
tests_fuzz_fuzz_snmp_LDADD = $(LIBS_DAEMON) $(NETSNMP_LIBS)
tests_fuzz_fuzz_snmp_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed -fsanitize=fuzzer
tests_fuzz_replay_snmp_SOURCES = $(fuzz_snmp_sources) tests/fuzz/replay.c
nodist_tests_fuzz_replay_snmp_SOURCES = subagent/mib_objects.h
tests_fuzz_replay_snmp_CPPFLAGS = $(SUBAGENT_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/snmp"'
tests_fuzz_replay_snmp_CFLAGS = $(AM_CFLAGS) $(NETSNMP_CFLAGS)
tests_fuzz_replay_snmp_LDADD = $(LIBS_DAEMON) $(NETSNMP_LIBS)
tests_fuzz_replay_snmp_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed

# SPDX-License-Identifier: ISC
# What Linux's kernel says, with libmnl's sockets replaced.
if SYSTEM_LINUX
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_netlink
endif
check_PROGRAMS += tests/fuzz/replay_netlink
TESTS += tests/fuzz/replay_netlink
endif
fuzz_netlink_sources = tests/fuzz/fuzz_netlink.c tests/fuzz/fake_netlink.c tests/fuzz/fake_netlink.h
tests_fuzz_fuzz_netlink_SOURCES = $(fuzz_netlink_sources)
tests_fuzz_fuzz_netlink_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_netlink_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=setsockopt -fsanitize=fuzzer
tests_fuzz_replay_netlink_SOURCES = $(fuzz_netlink_sources) tests/fuzz/replay.c
tests_fuzz_replay_netlink_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/netlink"'
tests_fuzz_replay_netlink_LDADD = $(LIBS_DAEMON)
tests_fuzz_replay_netlink_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=setsockopt

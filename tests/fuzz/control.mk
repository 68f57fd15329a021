# SPDX-License-Identifier: ISC
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_control
endif
tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz_control.c
tests_fuzz_fuzz_control_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_control_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += tests/fuzz/replay_control
TESTS += tests/fuzz/replay_control
tests_fuzz_replay_control_SOURCES = tests/fuzz/fuzz_control.c tests/fuzz/replay.c
tests_fuzz_replay_control_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/control"'
tests_fuzz_replay_control_LDADD = $(LIBS_DAEMON)
EXTRA_DIST += tests/fuzz/control.dict

# SPDX-License-Identifier: ISC
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_state
endif
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz_state.c
tests_fuzz_fuzz_state_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_state_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += tests/fuzz/replay_state
TESTS += tests/fuzz/replay_state
tests_fuzz_replay_state_SOURCES = tests/fuzz/fuzz_state.c tests/fuzz/replay.c
tests_fuzz_replay_state_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/state"'
tests_fuzz_replay_state_LDADD = $(LIBS_DAEMON)

# SPDX-License-Identifier: ISC
# What the prober reads from strangers.
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_http
endif
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c prober/http.c
tests_fuzz_fuzz_http_CPPFLAGS = $(PROBER_CPPFLAGS)
tests_fuzz_fuzz_http_LDADD = $(LIBS_DAEMON)
tests_fuzz_fuzz_http_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += tests/fuzz/replay_http
TESTS += tests/fuzz/replay_http
tests_fuzz_replay_http_SOURCES = tests/fuzz/fuzz_http.c tests/fuzz/replay.c prober/http.c
tests_fuzz_replay_http_CPPFLAGS = $(PROBER_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/http"'
tests_fuzz_replay_http_LDADD = $(LIBS_DAEMON)

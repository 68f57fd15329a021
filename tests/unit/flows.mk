# SPDX-License-Identifier: ISC
# The worker's room: ruleset, flows and counters, the process.
if WITH_CMOCKA
if SYSTEM_LINUX
unit_tests += tests/unit/test_ruleset tests/unit/test_linux_flows tests/unit/test_worker
endif
tests_unit_test_ruleset_SOURCES = tests/unit/test_ruleset.c
tests_unit_test_ruleset_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ruleset_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_flows_SOURCES = tests/unit/test_linux_flows.c tests/unit/netns.c tests/unit/netns.h
tests_unit_test_linux_flows_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_flows_LDADD = $(UNIT_LDADD)
tests_unit_test_worker_SOURCES = tests/unit/test_worker.c tests/unit/netns.c tests/unit/netns.h
tests_unit_test_worker_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_worker_LDADD = $(UNIT_LDADD)
endif

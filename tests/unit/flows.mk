# SPDX-License-Identifier: ISC
# The worker's room: ruleset, flows and counters, the process.
if WITH_CMOCKA
if SYSTEM_LINUX
unit_tests += tests/unit/test_ruleset tests/unit/test_linux_counters tests/unit/test_linux_cut \
	tests/unit/test_linux_flows tests/unit/test_linux_ruleset tests/unit/test_worker
endif
tests_unit_test_ruleset_SOURCES = tests/unit/test_ruleset.c
tests_unit_test_ruleset_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ruleset_LDADD = $(UNIT_LDADD)
flows_lab = tests/unit/flows_lab.c tests/unit/flows_lab.h tests/unit/flow.c tests/unit/flow.h \
	tests/unit/unit.h tests/unit/netns.c tests/unit/netns.h tests/unit/read_conf.c \
	tests/unit/read_conf.h
tests_unit_test_linux_counters_SOURCES = tests/unit/test_linux_counters.c $(flows_lab)
tests_unit_test_linux_counters_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_counters_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_cut_SOURCES = tests/unit/test_linux_cut.c $(flows_lab)
tests_unit_test_linux_cut_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_cut_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_flows_SOURCES = tests/unit/test_linux_flows.c $(flows_lab)
tests_unit_test_linux_flows_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_flows_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_ruleset_SOURCES = tests/unit/test_linux_ruleset.c $(flows_lab)
tests_unit_test_linux_ruleset_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_ruleset_LDADD = $(UNIT_LDADD)
tests_unit_test_worker_SOURCES = tests/unit/test_worker.c tests/unit/netns.c tests/unit/netns.h
tests_unit_test_worker_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_worker_LDADD = $(UNIT_LDADD)
endif

# SPDX-License-Identifier: ISC
# The worker's room: ruleset, flows and counters, the process.
if WITH_CMOCKA
unit_tests += tests/unit/test_ruleset
tests_unit_test_ruleset_SOURCES = tests/unit/test_ruleset.c
tests_unit_test_ruleset_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ruleset_LDADD = $(UNIT_LDADD)
endif

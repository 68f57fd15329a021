# SPDX-License-Identifier: ISC
# Prober and runner: what they read, and what the parent gives them.
if WITH_CMOCKA
unit_tests += tests/unit/test_budget tests/unit/test_http tests/unit/test_link_sockets
endif
tests_unit_test_budget_SOURCES = tests/unit/test_budget.c
tests_unit_test_budget_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_budget_LDADD = $(UNIT_LDADD)
tests_unit_test_http_SOURCES = tests/unit/test_http.c prober/http.c tests/unit/unit.h
tests_unit_test_http_CPPFLAGS = $(PROBER_CPPFLAGS)
tests_unit_test_http_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_http_LDADD = $(UNIT_LDADD)
tests_unit_test_link_sockets_SOURCES = tests/unit/test_link_sockets.c
tests_unit_test_link_sockets_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_link_sockets_LDADD = $(UNIT_LDADD)

# SPDX-License-Identifier: ISC
if WITH_CMOCKA
unit_tests += tests/unit/test_conf tests/unit/test_conf_agent tests/unit/test_conf_bounds \
	tests/unit/test_conf_docs tests/unit/test_conf_index tests/unit/test_conf_memory \
	tests/unit/test_conf_mistakes tests/unit/test_conf_numbers tests/unit/test_conf_print
endif

read_conf = tests/unit/read_conf.c tests/unit/read_conf.h
tests_unit_test_conf_SOURCES = tests/unit/test_conf.c $(read_conf)
tests_unit_test_conf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_bounds_SOURCES = tests/unit/test_conf_bounds.c $(read_conf)
tests_unit_test_conf_bounds_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_bounds_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_mistakes_SOURCES = tests/unit/test_conf_mistakes.c $(read_conf)
tests_unit_test_conf_mistakes_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_mistakes_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_numbers_SOURCES = tests/unit/test_conf_numbers.c $(read_conf)
tests_unit_test_conf_numbers_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_numbers_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_print_SOURCES = tests/unit/test_conf_print.c $(read_conf)
tests_unit_test_conf_print_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_print_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_agent_SOURCES = tests/unit/test_conf_agent.c $(read_conf) \
	subagent/access.c subagent/access.h $(subagent_mib_sources)
nodist_tests_unit_test_conf_agent_SOURCES = subagent/mib_objects.h
tests_unit_test_conf_agent_CPPFLAGS = $(SUBAGENT_CPPFLAGS)
tests_unit_test_conf_agent_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_agent_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_index_SOURCES = tests/unit/test_conf_index.c $(read_conf)
tests_unit_test_conf_index_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_index_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_memory_SOURCES = tests/unit/test_conf_memory.c $(scarce)
tests_unit_test_conf_memory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_memory_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_memory_LDFLAGS = $(AM_LDFLAGS) $(scarce_wraps)
tests_unit_test_conf_docs_SOURCES = tests/unit/test_conf_docs.c $(read_conf)
tests_unit_test_conf_docs_CPPFLAGS = $(AM_CPPFLAGS) -DSOURCE='"$(abs_top_srcdir)"'
tests_unit_test_conf_docs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_docs_LDADD = $(UNIT_LDADD)

TESTS += tests/unit/man_pages
EXTRA_DIST += tests/unit/man_pages

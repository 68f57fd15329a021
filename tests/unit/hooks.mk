# SPDX-License-Identifier: ISC
# Programs on events.
if WITH_CMOCKA
unit_tests += tests/unit/test_hooks
endif
tests_unit_test_hooks_SOURCES = tests/unit/test_hooks.c $(read_conf)
tests_unit_test_hooks_CPPFLAGS = $(AM_CPPFLAGS) -DSOURCE='"$(abs_top_srcdir)"'
tests_unit_test_hooks_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_hooks_LDADD = $(UNIT_LDADD)

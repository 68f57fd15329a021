# SPDX-License-Identifier: ISC
# What outlives a reboot.
if WITH_CMOCKA
unit_tests += tests/unit/test_state tests/unit/test_keep
endif
tests_unit_test_state_SOURCES = tests/unit/test_state.c
tests_unit_test_state_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_state_LDADD = $(UNIT_LDADD)
tests_unit_test_keep_SOURCES = tests/unit/test_keep.c $(read_conf)
tests_unit_test_keep_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_keep_LDADD = $(UNIT_LDADD)
tests_unit_test_keep_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_mono_ns,--wrap=clock_wall_ns
if WITH_CMOCKA
if SYSTEM_LINUX
unit_tests += tests/unit/test_linux_calls
endif
endif
tests_unit_test_linux_calls_SOURCES = tests/unit/test_linux_calls.c
tests_unit_test_linux_calls_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_calls_LDADD = $(UNIT_LDADD)

if WITH_CMOCKA
unit_tests += tests/unit/test_malformed tests/unit/test_malformed_parent
endif
attacks = tests/unit/attacks.c tests/unit/attacks.h tests/unit/unit.h
tests_unit_test_malformed_SOURCES = tests/unit/test_malformed.c $(attacks)
tests_unit_test_malformed_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_malformed_LDADD = $(UNIT_LDADD)
tests_unit_test_malformed_parent_SOURCES = tests/unit/test_malformed_parent.c $(attacks)
tests_unit_test_malformed_parent_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_malformed_parent_LDADD = $(UNIT_LDADD)

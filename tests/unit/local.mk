# SPDX-License-Identifier: ISC
# One program per room: tests/unit/test_ROOM.c. Add it to unit_tests and give its SOURCES.
if WITH_CMOCKA
unit_tests =
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

unit_tests += tests/unit/test_conf tests/unit/test_conf_index tests/unit/test_conf_memory
endif

include tests/unit/engine.mk

UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_LDADD = $(LIBS_DAEMON) $(CMOCKA_LIBS)

read_conf = tests/unit/read_conf.c tests/unit/read_conf.h
tests_unit_test_conf_SOURCES = tests/unit/test_conf.c $(read_conf)
tests_unit_test_conf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_index_SOURCES = tests/unit/test_conf_index.c $(read_conf)
tests_unit_test_conf_index_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_index_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_memory_SOURCES = tests/unit/test_conf_memory.c
tests_unit_test_conf_memory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_memory_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

include tests/unit/flows.mk
include tests/unit/parent.mk

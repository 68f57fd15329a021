# SPDX-License-Identifier: ISC
# One program per room: tests/unit/test_ROOM.c. Add it to unit_tests and give its SOURCES.
if WITH_CMOCKA
unit_tests =
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif

include tests/unit/control.mk
include tests/unit/engine.mk

UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_LDADD = $(LIBS_DAEMON) $(CURSES_LIBS) $(CMOCKA_LIBS)

include tests/unit/conf.mk
include tests/unit/flows.mk
include tests/unit/hooks.mk
include tests/unit/linux.mk
include tests/unit/memory.mk
include tests/unit/parent.mk
include tests/unit/services.mk
include tests/unit/snmp.mk
include tests/unit/trust.mk

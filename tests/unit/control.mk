# SPDX-License-Identifier: ISC
# The control socket and uplinkctl.
if WITH_CMOCKA
unit_tests += tests/unit/test_control
endif
handmade_board = tests/unit/handmade_board.c tests/unit/handmade_board.h
tests_unit_test_control_SOURCES = tests/unit/test_control.c $(handmade_board)
tests_unit_test_control_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_control_LDADD = $(UNIT_LDADD)
tests_unit_test_control_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_mono_ns,--wrap=sys_peer

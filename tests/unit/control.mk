# SPDX-License-Identifier: ISC
# The control socket and uplinkctl.
if WITH_CMOCKA
unit_tests += tests/unit/test_control tests/unit/test_control_streams tests/unit/test_control_clients tests/unit/test_control_memory
unit_tests += tests/unit/test_ctl_format tests/unit/test_ctl_history tests/unit/test_ctl_explain tests/unit/test_ctl_top tests/unit/test_render
endif
handmade_board = tests/unit/handmade_board.c tests/unit/handmade_board.h
control_world = tests/unit/control_world.c tests/unit/control_world.h $(handmade_board)
control_wraps = $(AM_LDFLAGS) -Wl,--wrap=clock_mono_ns,--wrap=sys_peer
tests_unit_test_control_SOURCES = tests/unit/test_control.c $(control_world)
tests_unit_test_control_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_control_LDADD = $(UNIT_LDADD)
tests_unit_test_control_LDFLAGS = $(control_wraps)
tests_unit_test_control_streams_SOURCES = tests/unit/test_control_streams.c $(control_world)
tests_unit_test_control_streams_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_control_streams_LDADD = $(UNIT_LDADD)
tests_unit_test_control_streams_LDFLAGS = $(control_wraps)
tests_unit_test_control_clients_SOURCES = tests/unit/test_control_clients.c $(control_world)
tests_unit_test_control_clients_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_control_clients_LDADD = $(UNIT_LDADD)
tests_unit_test_control_clients_LDFLAGS = $(control_wraps)
tests_unit_test_control_memory_SOURCES = tests/unit/test_control_memory.c $(control_world) $(scarce)
tests_unit_test_control_memory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_control_memory_LDADD = $(UNIT_LDADD)
tests_unit_test_control_memory_LDFLAGS = $(control_wraps) $(scarce_wraps)

check_PROGRAMS += tests/unit/serve_board
tests_unit_serve_board_SOURCES = tests/unit/serve_board.c $(handmade_board)
tests_unit_serve_board_LDADD = $(LIBS_DAEMON)
tests_unit_serve_board_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_mono_ns

tests_unit_test_ctl_format_SOURCES = tests/unit/test_ctl_format.c
tests_unit_test_ctl_format_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ctl_format_LDADD = $(UNIT_LDADD)
tests_unit_test_ctl_history_SOURCES = tests/unit/test_ctl_history.c
tests_unit_test_ctl_history_CPPFLAGS = $(AM_CPPFLAGS) -DSOURCE='"$(abs_top_srcdir)"'
CLEANFILES += history.svg
tests_unit_test_ctl_history_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ctl_history_LDADD = $(UNIT_LDADD)
tests_unit_test_ctl_explain_SOURCES = tests/unit/test_ctl_explain.c
tests_unit_test_ctl_explain_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ctl_explain_LDADD = $(UNIT_LDADD)
tests_unit_test_ctl_top_SOURCES = tests/unit/test_ctl_top.c
tests_unit_test_ctl_top_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ctl_top_LDADD = $(UNIT_LDADD)
tests_unit_test_render_SOURCES = tests/unit/test_render.c
tests_unit_test_render_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_render_LDADD = $(UNIT_LDADD)

TESTS += tests/unit/test_uplinkctl.sh
EXTRA_DIST += tests/unit/test_uplinkctl.sh tests/unit/test_top.py

TESTS += tests/unit/top.test
CLEANFILES += tests/unit/top.test
check_SCRIPTS += tests/unit/top.test
tests/unit/top.test: tests/unit/control.mk
	$(AM_V_GEN)$(MKDIR_P) tests/unit && { echo '#!/bin/sh'; \
	echo 'exec /usr/bin/env python3 $(abs_srcdir)/tests/unit/test_top.py'; } >$@ && chmod +x $@

# Completion in a zsh.
EXTRA_DIST += tests/unit/test_zsh.py
TESTS += tests/unit/zsh.test
CLEANFILES += tests/unit/zsh.test
check_SCRIPTS += tests/unit/zsh.test
tests/unit/zsh.test: tests/unit/control.mk
	$(AM_V_GEN)$(MKDIR_P) tests/unit && { echo '#!/bin/sh'; \
	echo 'exec /usr/bin/env python3 $(abs_srcdir)/tests/unit/test_zsh.py $(abs_srcdir)'; } >$@ && chmod +x $@

# doc/control-protocol.md against what is printed.
EXTRA_DIST += tests/unit/test_protocol.py
TESTS += tests/unit/protocol.test
CLEANFILES += tests/unit/protocol.test
check_SCRIPTS += tests/unit/protocol.test
tests/unit/protocol.test: tests/unit/control.mk
	$(AM_V_GEN)$(MKDIR_P) tests/unit && { echo '#!/bin/sh'; \
	echo 'exec /usr/bin/env python3 $(abs_srcdir)/tests/unit/test_protocol.py $(abs_srcdir) $(abs_builddir)'; \
	} >$@ && chmod +x $@

# SPDX-License-Identifier: ISC
# The MIB against itself and all that speaks of it. It needs no net-snmp.
check_PROGRAMS += tests/unit/print_mib
tests_unit_print_mib_SOURCES = tests/unit/print_mib.c $(subagent_mib_sources)
nodist_tests_unit_print_mib_SOURCES = subagent/mib_objects.h
tests_unit_print_mib_CPPFLAGS = $(SUBAGENT_CPPFLAGS)
tests_unit_print_mib_LDADD = $(LIBS_DAEMON)
EXTRA_DIST += tests/unit/test_mib.py
TESTS += tests/unit/mib.test
CLEANFILES += tests/unit/mib.test
check_SCRIPTS += tests/unit/mib.test
tests/unit/mib.test: tests/unit/snmp.mk
	$(AM_V_GEN)$(MKDIR_P) tests/unit && { echo '#!/bin/sh'; \
	echo 'exec /usr/bin/env python3 $(abs_srcdir)/tests/unit/test_mib.py $(abs_srcdir) $(abs_builddir)/tests/unit/print_mib'; \
	} >$@ && chmod +x $@

if WITH_CMOCKA
unit_tests += tests/unit/test_departures tests/unit/test_limiter tests/unit/test_ordering \
	tests/unit/test_view tests/unit/test_ways
endif
tests_unit_test_departures_SOURCES = tests/unit/test_departures.c subagent/departures.c subagent/departures.h
tests_unit_test_departures_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_departures_LDADD = $(UNIT_LDADD)
tests_unit_test_limiter_SOURCES = tests/unit/test_limiter.c subagent/limiter.c subagent/limiter.h
tests_unit_test_limiter_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_limiter_LDADD = $(UNIT_LDADD)

tests_unit_test_view_SOURCES = tests/unit/test_view.c subagent/view.c subagent/view.h
tests_unit_test_view_CPPFLAGS = $(SUBAGENT_CPPFLAGS)
tests_unit_test_view_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_view_LDADD = $(UNIT_LDADD)

tests_unit_test_ways_SOURCES = tests/unit/test_ways.c subagent/view.c subagent/view.h subagent/ways.c subagent/ways.h
tests_unit_test_ways_CPPFLAGS = $(SUBAGENT_CPPFLAGS)
tests_unit_test_ways_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ways_LDADD = $(UNIT_LDADD)

tests_unit_test_ordering_SOURCES = tests/unit/test_ordering.c $(read_conf)
tests_unit_test_ordering_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ordering_LDADD = $(UNIT_LDADD)
tests_unit_test_ordering_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_mono_ns,--wrap=clock_wall_ns,--wrap=decide

# Stands in for the engine where tests/lab asks the real SNMP process through a real master.
if WITH_SNMP
check_PROGRAMS += tests/unit/fake_engine
endif
tests_unit_fake_engine_SOURCES = tests/unit/fake_engine.c
tests_unit_fake_engine_LDADD = $(LIBS_DAEMON)

# The kits for monitoring.
EXTRA_DIST += tests/unit/test_kits.py
TESTS += tests/unit/kits.test
CLEANFILES += tests/unit/kits.test
check_SCRIPTS += tests/unit/kits.test
tests/unit/kits.test: tests/unit/snmp.mk
	$(AM_V_GEN)$(MKDIR_P) tests/unit && { echo '#!/bin/sh'; \
	echo 'exec /usr/bin/env python3 $(abs_srcdir)/tests/unit/test_kits.py $(abs_srcdir)'; \
	} >$@ && chmod +x $@

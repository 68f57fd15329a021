# SPDX-License-Identifier: ISC
# Memory that runs out.
scarce = tests/unit/scarce.c tests/unit/scarce.h
scarce_wraps = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=strdup \
	-Wl,--wrap=vasprintf,--wrap=asprintf
if WITH_CMOCKA
unit_tests += tests/unit/test_memory
endif
tests_unit_test_memory_SOURCES = tests/unit/test_memory.c $(scarce) $(handmade_board) $(read_conf)
tests_unit_test_memory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_memory_LDADD = $(UNIT_LDADD)
tests_unit_test_memory_LDFLAGS = $(AM_LDFLAGS) $(scarce_wraps)

if WITH_CMOCKA
unit_tests += tests/unit/test_reserve
endif
tests_unit_test_reserve_SOURCES = tests/unit/test_reserve.c $(scarce)
tests_unit_test_reserve_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_reserve_LDADD = $(UNIT_LDADD)
tests_unit_test_reserve_LDFLAGS = $(AM_LDFLAGS) $(scarce_wraps)

if WITH_CMOCKA
if WITH_SNMP
unit_tests += tests/unit/test_ports
endif
endif
tests_unit_test_ports_SOURCES = tests/unit/test_ports.c $(scarce) subagent/port.c subagent/port.h
tests_unit_test_ports_CPPFLAGS = $(SUBAGENT_CPPFLAGS)
tests_unit_test_ports_CFLAGS = $(UNIT_CFLAGS) $(NETSNMP_CFLAGS)
tests_unit_test_ports_LDADD = $(UNIT_LDADD)
tests_unit_test_ports_LDFLAGS = $(AM_LDFLAGS) $(scarce_wraps)

if WITH_CMOCKA
unit_tests += tests/unit/test_adoption
endif
tests_unit_test_adoption_SOURCES = tests/unit/test_adoption.c $(scarce) $(read_conf)
tests_unit_test_adoption_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_adoption_LDADD = $(UNIT_LDADD)
tests_unit_test_adoption_LDFLAGS = $(AM_LDFLAGS) $(scarce_wraps)

if WITH_CMOCKA
if SYSTEM_LINUX
unit_tests += tests/unit/test_loader_memory
endif
endif
tests_unit_test_loader_memory_SOURCES = tests/unit/test_loader_memory.c $(scarce) $(read_conf)
tests_unit_test_loader_memory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_loader_memory_LDADD = $(UNIT_LDADD)
tests_unit_test_loader_memory_LDFLAGS = $(AM_LDFLAGS) $(scarce_wraps) \
	-Wl,--wrap=sys_ruleset_load,--wrap=sys_ruleset_release,--wrap=sys_ruleset_watch \
	-Wl,--wrap=sys_flows_facts,--wrap=sys_flows_neighbours

# SPDX-License-Identifier: ISC
# Routing and the process's own matters in a real kernel: these need root.
if WITH_CMOCKA
if SYSTEM_LINUX
unit_tests += tests/unit/test_linux_events tests/unit/test_linux_unread tests/unit/test_linux_logsink \
	tests/unit/test_linux_probe tests/unit/test_linux_process tests/unit/test_linux_routing \
	tests/unit/test_linux_settings tests/unit/test_linux_standing tests/unit/test_linux_traffic
linux_lab = tests/unit/linux_lab.c tests/unit/linux_lab.h tests/unit/unit.h \
	tests/unit/netns.c tests/unit/netns.h tests/unit/read_conf.c tests/unit/read_conf.h
tests_unit_test_linux_events_SOURCES = tests/unit/test_linux_events.c $(linux_lab)
tests_unit_test_linux_events_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_events_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_unread_SOURCES = tests/unit/test_linux_unread.c $(linux_lab)
tests_unit_test_linux_unread_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_unread_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_unread_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=netlink_dump
tests_unit_test_linux_logsink_SOURCES = tests/unit/test_linux_logsink.c tests/unit/unit.h
tests_unit_test_linux_logsink_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_logsink_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_probe_SOURCES = tests/unit/test_linux_probe.c $(linux_lab)
tests_unit_test_linux_probe_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_probe_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_process_SOURCES = tests/unit/test_linux_process.c tests/unit/unit.h
tests_unit_test_linux_process_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_process_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_routing_SOURCES = tests/unit/test_linux_routing.c $(linux_lab)
tests_unit_test_linux_routing_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_routing_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_settings_SOURCES = tests/unit/test_linux_settings.c $(linux_lab)
tests_unit_test_linux_settings_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_settings_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_standing_SOURCES = tests/unit/test_linux_standing.c $(linux_lab)
tests_unit_test_linux_standing_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_standing_LDADD = $(UNIT_LDADD)
tests_unit_test_linux_traffic_SOURCES = tests/unit/test_linux_traffic.c $(linux_lab)
tests_unit_test_linux_traffic_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linux_traffic_LDADD = $(UNIT_LDADD)
endif
endif

# SPDX-License-Identifier: ISC
if WITH_CMOCKA
unit_tests += tests/unit/test_probe_sockets tests/unit/test_respawn tests/unit/test_ration tests/unit/test_indexes \
	tests/unit/test_plan_check tests/unit/test_configfile tests/unit/test_handover \
	tests/unit/test_kernel tests/unit/test_options tests/unit/test_suggest tests/unit/test_agent_files
endif
tests_unit_test_respawn_SOURCES = tests/unit/test_respawn.c
tests_unit_test_respawn_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_respawn_LDADD = $(UNIT_LDADD)
tests_unit_test_ration_SOURCES = tests/unit/test_ration.c
tests_unit_test_ration_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ration_LDADD = $(UNIT_LDADD)
tests_unit_test_indexes_SOURCES = tests/unit/test_indexes.c
tests_unit_test_indexes_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_indexes_LDADD = $(UNIT_LDADD)
tests_unit_test_plan_check_SOURCES = tests/unit/test_plan_check.c
tests_unit_test_plan_check_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_plan_check_LDADD = $(UNIT_LDADD)
tests_unit_test_configfile_SOURCES = tests/unit/test_configfile.c
tests_unit_test_configfile_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_configfile_LDADD = $(UNIT_LDADD)
tests_unit_test_handover_SOURCES = tests/unit/test_handover.c
tests_unit_test_handover_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_handover_LDADD = $(UNIT_LDADD)
tests_unit_test_kernel_SOURCES = tests/unit/test_kernel.c
tests_unit_test_kernel_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_kernel_LDADD = $(UNIT_LDADD)
tests_unit_test_kernel_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sys_routing_configure,--wrap=sys_routing_resync,--wrap=sys_routing_read,--wrap=sys_routing_repair
tests_unit_test_options_SOURCES = tests/unit/test_options.c
tests_unit_test_options_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_options_LDADD = $(UNIT_LDADD)
tests_unit_test_probe_sockets_SOURCES = tests/unit/test_probe_sockets.c
tests_unit_test_probe_sockets_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_probe_sockets_LDADD = $(UNIT_LDADD)
tests_unit_test_suggest_SOURCES = tests/unit/test_suggest.c $(read_conf)
tests_unit_test_suggest_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_suggest_LDADD = $(UNIT_LDADD)
tests_unit_test_agent_files_SOURCES = tests/unit/test_agent_files.c
tests_unit_test_agent_files_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_agent_files_LDADD = $(UNIT_LDADD)

# SPDX-License-Identifier: ISC
# Stands in for the engine where tests/lab asks the real SNMP process through a real master.
if WITH_SNMP
check_PROGRAMS += tests/unit/fake_engine
endif
tests_unit_fake_engine_SOURCES = tests/unit/fake_engine.c
tests_unit_fake_engine_LDADD = $(LIBS_DAEMON)

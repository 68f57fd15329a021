# SPDX-License-Identifier: ISC
# OpenBSD's part, tested where there is no OpenBSD: its pure rooms as a library of their own.
EXTRA_DIST += tests/openbsd/routing-messages-7.9-amd64.txt tests/lab/test_openbsd.py \
	tests/openbsd/README.md tests/openbsd/ifstated \
	tests/unit/test_ifstated.sh tests/unit/test_openbsd_home.sh tests/openbsd/check tests/openbsd/port tests/openbsd/include
if !SYSTEM_OPENBSD
check_LIBRARIES += tests/openbsd/libopenbsd.a
endif
tests_openbsd_libopenbsd_a_SOURCES = $(openbsd_pure_sources)

# A daemon with OpenBSD's routing and pf in the place of this system's, the process that plays the
# kernel, and a pfctl.
if SYSTEM_LINUX
check_PROGRAMS += tests/openbsd/uplinkd tests/openbsd/fake_openbsd
endif
check_PROGRAMS += tests/openbsd/fake_pfctl
tests_openbsd_uplinkd_SOURCES = src/main.c tests/openbsd/fake_main.c tests/openbsd/fake_wire.h \
	tests/openbsd/rtio_remote.c tests/openbsd/pfio_files.c $(fake_cage) $(openbsd_pure_sources)
tests_openbsd_uplinkd_CPPFLAGS = $(AM_CPPFLAGS) $(FAKE_CAGE) -DUPLINKD_MAIN=uplinkd_main
tests_openbsd_uplinkd_LDADD = $(LIBS_DAEMON)
tests_openbsd_fake_openbsd_SOURCES = tests/openbsd/fake_server.c $(fake_kernel)
tests_openbsd_fake_openbsd_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
tests_openbsd_fake_openbsd_LDADD = $(OPENBSD_LIBS)
tests_openbsd_fake_pfctl_SOURCES = tests/openbsd/fake_pfctl.c
if SYSTEM_OPENBSD
OPENBSD_LIBS = $(LIBS_DAEMON)
else
OPENBSD_LIBS = tests/openbsd/libopenbsd.a $(LIBS_DAEMON)
endif

if WITH_CMOCKA
unit_tests += tests/unit/test_openbsd_rtmsg
tests_unit_test_openbsd_rtmsg_SOURCES = tests/unit/test_openbsd_rtmsg.c tests/openbsd/captures.c tests/openbsd/captures.h
tests_unit_test_openbsd_rtmsg_CPPFLAGS = $(AM_CPPFLAGS) $(CAPTURES)
tests_unit_test_openbsd_rtmsg_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_openbsd_rtmsg_LDADD = $(OPENBSD_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_openbsd_flows
tests_unit_test_openbsd_flows_SOURCES = tests/unit/test_openbsd_flows.c tests/openbsd/pfio_files.c \
	$(fake_kernel) tests/openbsd/rtio_inside.c tests/openbsd/rtio_inside.h \
	tests/unit/read_conf.c tests/unit/read_conf.h
tests_unit_test_openbsd_flows_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests \
	-DPFCTL='"$(abs_top_builddir)/tests/openbsd/fake_pfctl"'
tests_unit_test_openbsd_flows_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_openbsd_flows_LDADD = $(OPENBSD_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_openbsd_cage
tests_unit_test_openbsd_cage_SOURCES = tests/unit/test_openbsd_cage.c $(fake_cage) \
	tests/unit/read_conf.c tests/unit/read_conf.h
tests_unit_test_openbsd_cage_CPPFLAGS = $(AM_CPPFLAGS) $(FAKE_CAGE)
tests_unit_test_openbsd_cage_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_openbsd_cage_LDADD = $(OPENBSD_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_openbsd_pf
unit_tests += tests/unit/test_openbsd_routing tests/unit/test_openbsd_events tests/unit/test_openbsd_shown
tests_unit_test_openbsd_pf_SOURCES = tests/unit/test_openbsd_pf.c \
	tests/unit/read_conf.c tests/unit/read_conf.h
tests_unit_test_openbsd_pf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_openbsd_pf_LDADD = $(OPENBSD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_openbsd_routing_SOURCES = tests/unit/test_openbsd_routing.c $(openbsd_lab)
tests_unit_test_openbsd_routing_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
tests_unit_test_openbsd_routing_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_openbsd_routing_LDADD = $(OPENBSD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_openbsd_events_SOURCES = tests/unit/test_openbsd_events.c $(openbsd_lab)
tests_unit_test_openbsd_events_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
tests_unit_test_openbsd_events_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_openbsd_events_LDADD = $(OPENBSD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_openbsd_events_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=rtio_dump_interfaces
tests_unit_test_openbsd_shown_SOURCES = tests/unit/test_openbsd_shown.c $(openbsd_lab)
tests_unit_test_openbsd_shown_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
tests_unit_test_openbsd_shown_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_openbsd_shown_LDADD = $(OPENBSD_LIBS) $(CMOCKA_LIBS)
openbsd_lab = tests/unit/openbsd_lab.c tests/unit/openbsd_lab.h $(fake_kernel) \
	tests/openbsd/rtio_inside.c tests/openbsd/rtio_inside.h tests/openbsd/pfio_files.c \
	src/system/openbsd/traffic.c tests/unit/read_conf.c tests/unit/read_conf.h
endif
fake_kernel = tests/openbsd/fake_kernel.c tests/openbsd/fake_kernel.h
fake_cage = src/system/openbsd/cage.c tests/openbsd/setrtable.c tests/openbsd/setrtable.h
FAKE_CAGE = -I$(srcdir)/tests -include openbsd/setrtable.h
CAPTURES = -I$(srcdir)/tests -DCAPTURES='"$(abs_top_srcdir)/tests/openbsd/routing-messages-7.9-amd64.txt"'

TESTS += tests/unit/test_ifstated.sh tests/unit/test_openbsd_home.sh

if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_rtmsg
endif
tests_fuzz_fuzz_rtmsg_SOURCES = tests/fuzz/fuzz_rtmsg.c
tests_fuzz_fuzz_rtmsg_LDADD = $(OPENBSD_LIBS)
tests_fuzz_fuzz_rtmsg_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += tests/fuzz/replay_rtmsg
TESTS += tests/fuzz/replay_rtmsg
tests_fuzz_replay_rtmsg_SOURCES = tests/fuzz/fuzz_rtmsg.c tests/fuzz/replay.c
tests_fuzz_replay_rtmsg_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/rtmsg"'
tests_fuzz_replay_rtmsg_LDADD = $(OPENBSD_LIBS)

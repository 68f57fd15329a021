# SPDX-License-Identifier: ISC
# The lab: pytest over network namespaces. tests/run starts it against an installed tree; built here
# are only its helpers, which need nothing of the daemon.
if SYSTEM_LINUX
check_PROGRAMS += tests/lab/wire tests/lab/udpflow tests/lab/ctfill
check_DATA += tests/lab/wallclock.so tests/lab/umlregs.so
endif
tests_lab_wire_SOURCES = tests/lab/wire.c
tests_lab_udpflow_SOURCES = tests/lab/udpflow.c
tests_lab_ctfill_SOURCES = tests/lab/ctfill.c
tests_lab_ctfill_LDADD = $(LIBMNL_LIBS)
tests/lab/wallclock.so: tests/lab/wallclock.c
	$(AM_V_CCLD)$(MKDIR_P) tests/lab && \
		$(CC) $(WARNINGS) $(CFLAGS) -shared -fPIC -o $@ $(srcdir)/tests/lab/wallclock.c
tests/lab/umlregs.so: tests/lab/umlregs.c
	$(AM_V_CCLD)$(MKDIR_P) tests/lab && \
		$(CC) $(WARNINGS) $(CFLAGS) -shared -fPIC -o $@ $(srcdir)/tests/lab/umlregs.c
CLEANFILES += tests/lab/wallclock.so tests/lab/umlregs.so
EXTRA_DIST += tests/run tests/bare-debian tests/pictures tests/coverage tests/memcheck tests/memcheck.supp tests/memcheck_stat.c tests/lint tests/cppcheck.cfg .clang-tidy \
	tests/lab/wallclock.c tests/lab/umlregs.c \
	tests/lab/README.md \
	tests/lab/conftest.py \
	tests/lab/test_first_run.py \
	tests/lab/test_flows.py \
	tests/lab/bad_dns.py \
	tests/lab/forge.py \
	tests/lab/forge_neighbour.py \
	tests/lab/forge_tcp.py \
	tests/lab/listener.py \
	tests/lab/test_commands.py \
	tests/lab/test_config.py \
	tests/lab/test_control_socket.py \
	tests/lab/test_counters.py \
	tests/lab/test_ctl.py \
	tests/lab/test_documents.py \
	tests/lab/stream.py \
	tests/lab/test_death.py \
	tests/lab/test_endurance.py \
	tests/lab/test_exhaustion.py \
	tests/lab/test_failover.py \
	tests/lab/test_foreign_routes.py \
	tests/lab/test_hooks.py \
	tests/lab/test_forwarding.py \
	tests/lab/test_frr.py \
	tests/lab/test_nagios.py \
	tests/lab/test_zabbix.py \
	tests/lab/test_nms_pages.py \
	tests/lab/pictures.py \
	tests/lab/uplab/documents.py \
	tests/lab/uplab/nagios.py \
	tests/lab/uplab/pictures.py \
	tests/lab/uplab/reader.py \
	tests/lab/uplab/receiver.py \
	tests/lab/uplab/zabbix.py \
	tests/lab/test_alarms.py \
	tests/lab/test_judgement.py \
	tests/lab/test_lab.py \
	tests/lab/test_methods.py \
	tests/lab/test_nms.py \
	tests/lab/test_notifications.py \
	tests/lab/test_packages.py \
	tests/lab/test_pair.py \
	tests/lab/test_pppoe.py \
	tests/lab/test_plans.py \
	tests/lab/test_pace.py \
	tests/lab/test_probes.py \
	tests/lab/test_processes.py \
	tests/lab/test_restart.py \
	tests/lab/test_snmp.py \
	tests/lab/test_soak.py \
	tests/lab/test_suggest.py \
	tests/lab/test_services.py \
	tests/lab/test_trust.py \
	tests/lab/web.py \
	tests/lab/uplab/__init__.py \
	tests/lab/uplab/cable.py \
	tests/lab/uplab/capture.py \
	tests/lab/uplab/certificates.py \
	tests/lab/uplab/daemon.py \
	tests/lab/uplab/flow.py \
	tests/lab/uplab/load.py \
	tests/lab/uplab/many.py \
	tests/lab/uplab/netns.py \
	tests/lab/uplab/process.py \
	tests/lab/uplab/routing.py \
	tests/lab/uplab/run.py \
	tests/lab/uplab/snmp.py \
	tests/lab/uplab/soak.py \
	tests/lab/uplab/system.py \
	tests/lab/uplab/tools.py \
	tests/lab/uplab/topology.py \
	tests/lab/uplab/wait.py
include tests/lab/snmp.mk

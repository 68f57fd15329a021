# SPDX-License-Identifier: ISC
# The SNMP process: the only program that has anything to do with net-snmp.
if WITH_SNMP
pkglibexec_PROGRAMS += uplinkd-snmp
uplinkd_snmp_SOURCES = $(subagent_mib_sources) \
	subagent/access.c subagent/access.h \
	subagent/agent.c subagent/agent.h \
	subagent/answer.c subagent/answer.h \
	subagent/channel.c subagent/channel.h \
	subagent/codec.c subagent/codec.h \
	subagent/control.c subagent/control.h \
	subagent/engineid.c \
	subagent/departures.c subagent/departures.h \
	subagent/limiter.c subagent/limiter.h \
	subagent/main.c \
	subagent/notification.c subagent/notification.h \
	subagent/notify.c subagent/notify.h \
	subagent/outlet.h \
	subagent/place.c subagent/place.h \
	subagent/port.c subagent/port.h \
	subagent/reporter.c subagent/reporter.h \
	subagent/requests.c subagent/requests.h \
	subagent/responder.c subagent/responder.h \
	subagent/security.c subagent/security.h \
	subagent/session.c subagent/session.h \
	subagent/setting.c subagent/setting.h \
	subagent/sink.c subagent/sink.h \
	subagent/standard.c subagent/standard.h \
	subagent/ways.c subagent/ways.h \
	subagent/wire.c subagent/wire.h \
	subagent/wish.c subagent/wish.h
nodist_uplinkd_snmp_SOURCES = subagent/mib_objects.h
uplinkd_snmp_CPPFLAGS = $(SUBAGENT_CPPFLAGS)
uplinkd_snmp_CFLAGS = $(AM_CFLAGS) $(NETSNMP_CFLAGS)
# Of all that net-snmp and the daemon link, it uses little: the rest stays out.
uplinkd_snmp_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed
uplinkd_snmp_LDADD = $(LIBS_DAEMON) $(NETSNMP_LIBS)
endif

SUBAGENT_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) -I$(builddir)

# The MIB over the board: no net-snmp in it, so that tests and the fuzzer need none.
subagent_mib_sources = \
	subagent/columns_control.c \
	subagent/columns_event.c \
	subagent/columns_global.c \
	subagent/columns_history.c \
	subagent/columns_link.c \
	subagent/columns_route.c \
	subagent/columns_target.c \
	subagent/mib.c subagent/mib.h \
	subagent/value.c subagent/value.h \
	subagent/view.c subagent/view.h

# The numbers of all objects, from the MIB: the one place that has them.
subagent/mib_objects.h: mibs/UPLINK-MIB.txt mibs/objects.awk
	$(AM_V_GEN)$(MKDIR_P) subagent && \
	$(AWK) -f $(srcdir)/mibs/objects.awk $(srcdir)/mibs/UPLINK-MIB.txt >$@.new && mv $@.new $@
BUILT_SOURCES += subagent/mib_objects.h
CLEANFILES += subagent/mib_objects.h subagent/mib_objects.h.new
EXTRA_DIST += mibs/objects.awk

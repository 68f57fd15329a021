# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/parent/agent.c src/parent/agent.h \
	src/parent/boardfile.c src/parent/boardfile.h \
	src/parent/child.c src/parent/child.h \
	src/parent/children.c src/parent/children.h \
	src/parent/configfile.c src/parent/configfile.h \
	src/parent/controlsocket.c src/parent/controlsocket.h \
	src/parent/deprecate.c src/parent/deprecate.h \
	src/parent/daemonise.c src/parent/daemonise.h \
	src/parent/handover.c src/parent/handover.h \
	src/parent/indexes.c src/parent/indexes.h \
	src/parent/inspect.c src/parent/inspect.h \
	src/parent/kernel.c src/parent/kernel.h \
	src/parent/leave.c src/parent/leave.h \
	src/parent/link_sockets.c src/parent/link_sockets.h \
	src/parent/notify.c src/parent/notify.h \
	src/parent/optional.c src/parent/optional.h \
	src/parent/options.c src/parent/options.h \
	src/parent/parent.c src/parent/parent.h \
	src/parent/pidfile.c src/parent/pidfile.h \
	src/parent/plan_check.c src/parent/plan_check.h \
	src/parent/probe_sockets.c src/parent/probe_sockets.h \
	src/parent/rehearse.c src/parent/rehearse.h \
	src/parent/reload.c src/parent/reload.h \
	src/parent/requests.c src/parent/requests.h \
	src/parent/respawn.c src/parent/respawn.h \
	src/parent/spawn.c src/parent/spawn.h \
	src/parent/state.h \
	src/parent/statefile.c src/parent/statefile.h \
	src/parent/stats.c src/parent/stats.h \
	src/parent/suggest.c src/parent/suggest.h \
	src/parent/textfile.c src/parent/textfile.h \
	src/parent/watch.c src/parent/watch.h

sbin_PROGRAMS += uplinkd
uplinkd_SOURCES = src/main.c
uplinkd_LDADD = $(LIBS_DAEMON)

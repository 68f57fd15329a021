# SPDX-License-Identifier: ISC
# What needs nothing of OpenBSD is built everywhere, for the tests.
openbsd_pure_sources = \
	src/system/openbsd/advertise.c \
	src/system/openbsd/flows.c \
	src/system/openbsd/limits.h \
	src/system/openbsd/links.c src/system/openbsd/links.h \
	src/system/openbsd/lookups.c src/system/openbsd/lookups.h \
	src/system/openbsd/path.c \
	src/system/openbsd/pf.c src/system/openbsd/pf.h \
	src/system/openbsd/pf_shown.c \
	src/system/openbsd/pfctl.c src/system/openbsd/pfctl.h \
	src/system/openbsd/pfio.h \
	src/system/openbsd/print.c \
	src/system/openbsd/releases.c src/system/openbsd/releases.h \
	src/system/openbsd/remains.c \
	src/system/openbsd/routing.c src/system/openbsd/routing.h \
	src/system/openbsd/rtio.h \
	src/system/openbsd/rtmsg.c src/system/openbsd/rtmsg.h \
	src/system/openbsd/settings.c \
	src/system/openbsd/settle.c \
	src/system/openbsd/standing.c src/system/openbsd/standing.h \
	src/system/openbsd/states.c src/system/openbsd/states.h \
	src/system/openbsd/talk.c \
	src/system/openbsd/ways.c \
	src/system/openbsd/world.c src/system/openbsd/world.h

openbsd_system_sources = \
	src/system/openbsd/abi.c \
	src/system/openbsd/bpf.c src/system/openbsd/bpf.h \
	src/system/openbsd/cage.c \
	src/system/openbsd/confine.c \
	src/system/openbsd/datagram.c \
	src/system/openbsd/echo_socket.c src/system/openbsd/echo_socket.h \
	src/system/openbsd/link_socket.c \
	src/system/openbsd/local_address.c \
	src/system/openbsd/logsink.c \
	src/system/openbsd/misc.c \
	src/system/openbsd/pfio.c \
	src/system/openbsd/probe_socket.c \
	src/system/openbsd/realtime.c \
	src/system/openbsd/rtio.c \
	src/system/openbsd/tcp.c \
	src/system/openbsd/traffic.c

if SYSTEM_OPENBSD
libuplink_a_SOURCES += $(openbsd_pure_sources) $(openbsd_system_sources)
else
EXTRA_DIST += $(openbsd_system_sources)
endif

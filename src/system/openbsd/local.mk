# SPDX-License-Identifier: ISC
# What needs nothing of OpenBSD is built everywhere, for the tests.
openbsd_pure_sources = \
	src/system/openbsd/limits.h \
	src/system/openbsd/links.c src/system/openbsd/links.h \
	src/system/openbsd/path.c \
	src/system/openbsd/pf.c src/system/openbsd/pf.h \
	src/system/openbsd/routing.c src/system/openbsd/routing.h \
	src/system/openbsd/rtio.h \
	src/system/openbsd/rtmsg.c src/system/openbsd/rtmsg.h \
	src/system/openbsd/settle.c \
	src/system/openbsd/standing.c src/system/openbsd/standing.h \
	src/system/openbsd/talk.c \
	src/system/openbsd/world.c src/system/openbsd/world.h

openbsd_system_sources = \
	src/system/openbsd/abi.c \
	src/system/openbsd/rtio.c

if SYSTEM_OPENBSD
libuplink_a_SOURCES += $(openbsd_pure_sources) $(openbsd_system_sources)
else
EXTRA_DIST += $(openbsd_system_sources)
endif

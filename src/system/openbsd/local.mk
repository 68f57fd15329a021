# SPDX-License-Identifier: ISC
# What needs nothing of OpenBSD is built everywhere, for the tests.
openbsd_pure_sources = \
	src/system/openbsd/rtmsg.c src/system/openbsd/rtmsg.h

openbsd_system_sources =

if SYSTEM_OPENBSD
libuplink_a_SOURCES += $(openbsd_pure_sources) $(openbsd_system_sources)
else
EXTRA_DIST += $(openbsd_system_sources)
endif

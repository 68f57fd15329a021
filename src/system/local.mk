# SPDX-License-Identifier: ISC
EXTRA_DIST += src/system/system.h
libuplink_a_SOURCES += src/system/agent_socket.c \
	src/system/datagram.c src/system/datagram.h src/system/datagram_parts.h \
	src/system/local_address.c src/system/local_address.h src/system/zeroes.c src/system/zeroes.h
include src/system/none/local.mk
include src/system/openbsd/local.mk
if SYSTEM_LINUX
include src/system/linux/local.mk
include src/system/linux/flows.mk
endif

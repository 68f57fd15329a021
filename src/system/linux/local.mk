# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/system/linux/confine.c \
	src/system/linux/limits.h \
	src/system/linux/logsink.c \
	src/system/linux/misc.c \
	src/system/linux/probe_socket.c \
	src/system/linux/realtime.c

# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/system/linux/advert.c \
	src/system/linux/arp.c \
	src/system/linux/cage.c \
	src/system/linux/confine.c \
	src/system/linux/datagram.c \
	src/system/linux/default.c \
	src/system/linux/echo.c \
	src/system/linux/events.c src/system/linux/events.h \
	src/system/linux/landlock.c src/system/linux/landlock.h \
	src/system/linux/limits.h \
	src/system/linux/link_socket.c \
	src/system/linux/links.c src/system/linux/links.h \
	src/system/linux/local_address.c \
	src/system/linux/logsink.c \
	src/system/linux/message.c src/system/linux/message.h \
	src/system/linux/misc.c \
	src/system/linux/monitor.c src/system/linux/monitor.h \
	src/system/linux/netlink.c src/system/linux/netlink.h \
	src/system/linux/path.c \
	src/system/linux/print.c \
	src/system/linux/probe_filter.c src/system/linux/probe_filter.h \
	src/system/linux/probe_socket.c \
	src/system/linux/processors.c src/system/linux/processors.h \
	src/system/linux/realtime.c \
	src/system/linux/remains.c \
	src/system/linux/routes.c src/system/linux/routes.h \
	src/system/linux/routing.c src/system/linux/routing.h \
	src/system/linux/rule_list.c src/system/linux/rule_list.h \
	src/system/linux/rules.c src/system/linux/rules.h \
	src/system/linux/seccomp.c \
	src/system/linux/settings.c \
	src/system/linux/tcp.c \
	src/system/linux/tcp_octets.c \
	src/system/linux/traffic.c \
	src/system/linux/view.c src/system/linux/view.h \
	src/system/linux/ways.c

# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/system/linux/conntrack.c \
	src/system/linux/counters.c \
	src/system/linux/cut.c \
	src/system/linux/flowtables.c \
	src/system/linux/flows.c src/system/linux/flows.h \
	src/system/linux/live.c \
	src/system/linux/neighbours.c \
	src/system/linux/nft.c \
	src/system/linux/objects.c \
	src/system/linux/places.c \
	src/system/linux/ruleset.c src/system/linux/ruleset.h \
	src/system/linux/ruleset_maps.c \
	src/system/linux/ruleset_nat.c \
	src/system/linux/ruleset_probes.c \
	src/system/linux/ruleset_tcp.c \
	src/system/linux/sockets.c \
	src/system/linux/table.c

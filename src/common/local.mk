# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/common/addr.c src/common/addr.h \
	src/common/agentfds.h \
	src/common/board.c src/common/board.h \
	src/common/clock.c src/common/clock.h \
	src/common/descriptors.c src/common/descriptors.h \
	src/common/facts.h \
	src/common/ipc.c src/common/ipc.h \
	src/common/limits.h \
	src/common/log.c src/common/log.h \
	src/common/names.c src/common/names.h \
	src/common/order.h \
	src/common/plan.h \
	src/common/ration.c src/common/ration.h \
	src/common/reserve.c src/common/reserve.h \
	src/common/sinks.h \
	src/common/textstream.c src/common/textstream.h \
	src/common/text.c

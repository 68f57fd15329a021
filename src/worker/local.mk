# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/worker/channel.c \
	src/worker/internal.h \
	src/worker/loader.c \
	src/worker/reports.c \
	src/worker/store.c \
	src/worker/state.c \
	src/worker/worker.c src/worker/worker.h

# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/hooks/environment.c src/hooks/environment.h \
	src/hooks/hooks.c src/hooks/hooks.h \
	src/hooks/program.c src/hooks/program.h \
	src/hooks/queue.c src/hooks/queue.h

# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += \
	src/runner/caged.c src/runner/caged.h \
	src/runner/run.c src/runner/run.h \
	src/runner/runner.c src/runner/runner.h

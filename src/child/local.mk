# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += src/child/handed.c src/child/handed.h

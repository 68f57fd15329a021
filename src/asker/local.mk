# SPDX-License-Identifier: ISC
libuplink_a_SOURCES += src/asker/asker.c src/asker/asker.h

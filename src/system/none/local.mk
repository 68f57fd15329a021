# SPDX-License-Identifier: ISC
none_sources = src/system/none/none.c src/system/none/process.c
if SYSTEM_NONE
libuplink_a_SOURCES += $(none_sources)
else
EXTRA_DIST += $(none_sources)
endif

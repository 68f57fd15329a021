# SPDX-License-Identifier: ISC
bin_PROGRAMS += uplinkctl
uplinkctl_SOURCES = src/ctl/main.c
uplinkctl_LDADD = libuplink.a $(JANSSON_LIBS) $(CURSES_LIBS) $(LIBMNL_LIBS)
libuplink_a_SOURCES += \
	src/ctl/client.c src/ctl/client.h \
	src/ctl/cmd_daemon.c \
	src/ctl/cmd_events.c \
	src/ctl/cmd_explain.c \
	src/ctl/cmd_history.c \
	src/ctl/cmd_order.c \
	src/ctl/cmd_record.c \
	src/ctl/cmd_status.c \
	src/ctl/cmd_tables.c \
	src/ctl/cmd_top.c \
	src/ctl/ctl.h \
	src/ctl/advice.c src/ctl/explain.c src/ctl/explain.h \
	src/ctl/format.c src/ctl/format.h \
	src/ctl/minutes.c src/ctl/minutes.h \
	src/ctl/options.c \
	src/ctl/page.c src/ctl/page.h \
	src/ctl/picture.c src/ctl/picture.h \
	src/ctl/report.c \
	src/ctl/spark.c src/ctl/spark.h \
	src/ctl/top.c src/ctl/top.h \
	src/ctl/top_json.c \
	src/ctl/screen.c src/ctl/screen.h

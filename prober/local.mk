# SPDX-License-Identifier: ISC
# The prober: the only program that has anything to do with TLS.
PROBER_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/prober
if WITH_TLS
pkglibexec_PROGRAMS += uplinkd-prober
endif
EXTRA_PROGRAMS += uplinkd-prober
uplinkd_prober_SOURCES = \
	prober/fetch.c prober/fetch.h \
	prober/http.c prober/http.h \
	prober/main.c \
	prober/tls.c prober/tls.h
uplinkd_prober_CPPFLAGS = $(PROBER_CPPFLAGS)
uplinkd_prober_CFLAGS = $(AM_CFLAGS) $(TLS_CFLAGS)
uplinkd_prober_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed
uplinkd_prober_LDADD = $(LIBS_DAEMON) $(TLS_LIBS)

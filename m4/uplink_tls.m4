# SPDX-License-Identifier: ISC
# OpenSSL, for the prober alone: http and https.
AC_DEFUN([UPLINK_TLS], [
  AC_ARG_WITH([tls], [AS_HELP_STRING([--without-tls],
    [no uplinkd-prober: http and https targets are not asked])], [], [with_tls=yes])
  uplink_tls=no
  AS_IF([test "x$with_tls" != xno], [
    PKG_CHECK_MODULES([TLS], [libevent_openssl >= 2.1 openssl >= 1.1.1],
      [uplink_tls="OpenSSL `$PKG_CONFIG --modversion openssl`"],
      [AC_MSG_ERROR([OpenSSL is missing: install libssl-dev (Debian), or configure --without-tls])])])
  AM_CONDITIONAL([WITH_TLS], [test "x$uplink_tls" != xno])
])

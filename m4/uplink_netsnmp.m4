# SPDX-License-Identifier: ISC
# net-snmp's agent library: the SNMP process only. Without it the daemon is built
# without SNMP, and says so when it starts.
AC_DEFUN([UPLINK_NETSNMP], [
  AC_ARG_WITH([snmp], [AS_HELP_STRING([--without-snmp], [do not build the SNMP subagent])], [], [with_snmp=yes])
  uplink_netsnmp=no
  AS_IF([test "x$with_snmp" != xno], [
    PKG_CHECK_MODULES([NETSNMP], [netsnmp-agent >= 5.8 netsnmp >= 5.8],
      [uplink_netsnmp="net-snmp `$PKG_CONFIG --modversion netsnmp-agent`"], [
      AC_PATH_PROG([NETSNMP_CONFIG], [net-snmp-config])
      AS_IF([test -n "$NETSNMP_CONFIG"], [
        NETSNMP_CFLAGS=`$NETSNMP_CONFIG --base-cflags`
        NETSNMP_LIBS=`$NETSNMP_CONFIG --base-agent-libs`
        uplink_netsnmp="net-snmp `$NETSNMP_CONFIG --version`"
      ], [AC_MSG_ERROR([net-snmp is missing: install libsnmp-dev (Debian) or net-snmp (OpenBSD ports), or give --without-snmp])])
    ])
  ])
  AM_CONDITIONAL([WITH_SNMP], [test "$uplink_netsnmp" != no])
])

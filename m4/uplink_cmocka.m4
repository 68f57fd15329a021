# SPDX-License-Identifier: ISC
# cmocka: the unit tests only.
AC_DEFUN([UPLINK_CMOCKA], [
  PKG_CHECK_MODULES([CMOCKA], [cmocka >= 1.1], [uplink_cmocka=`$PKG_CONFIG --modversion cmocka`], [uplink_cmocka=no])
  AM_CONDITIONAL([WITH_CMOCKA], [test "$uplink_cmocka" != no])
])

# SPDX-License-Identifier: ISC
# libevent 2.1: the loops of all processes.
AC_DEFUN([UPLINK_LIBEVENT], [
  PKG_CHECK_MODULES([LIBEVENT], [libevent_core >= 2.1], [uplink_libevent=`$PKG_CONFIG --modversion libevent_core`],
    [AC_MSG_ERROR([libevent 2.1 is missing: install libevent-dev (Debian) or libevent (OpenBSD ports)])])
])

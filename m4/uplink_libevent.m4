# SPDX-License-Identifier: ISC
# libevent 2.1: the loops of all processes. OpenBSD's base system has 1.4, which lacks events that
# are allocated and buffers that bound what is read.
AC_DEFUN([UPLINK_LIBEVENT], [
  PKG_CHECK_MODULES([LIBEVENT], [libevent_core >= 2.1], [uplink_libevent=`$PKG_CONFIG --modversion libevent_core`],
    [AC_CHECK_HEADER([event2/event.h], [uplink_lacks="its pkg-config file is missing or names another version"],
       [AC_CHECK_HEADER([event.h], [uplink_lacks="there is only the older one of the base system"],
         [uplink_lacks="it is not here"], [#include <sys/types.h>
#include <sys/time.h>])])
     AC_MSG_ERROR([libevent 2.1 or later is needed, and $uplink_lacks: pkg_add libevent (OpenBSD), apt-get install libevent-dev (Debian)])])
])

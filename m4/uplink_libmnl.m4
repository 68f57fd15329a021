# SPDX-License-Identifier: ISC
# libmnl: netlink, on Linux only.
AC_DEFUN([UPLINK_LIBMNL], [
  PKG_CHECK_MODULES([LIBMNL], [libmnl >= 1.0], [uplink_libmnl=`$PKG_CONFIG --modversion libmnl`],
    [AC_MSG_ERROR([libmnl is missing: install libmnl-dev])])
])

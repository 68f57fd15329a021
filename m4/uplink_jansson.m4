# SPDX-License-Identifier: ISC
# jansson: JSON of the control socket and the state file.
AC_DEFUN([UPLINK_JANSSON], [
  PKG_CHECK_MODULES([JANSSON], [jansson >= 2.10], [uplink_jansson=`$PKG_CONFIG --modversion jansson`],
    [AC_MSG_ERROR([jansson is missing: install libjansson-dev (Debian) or jansson (OpenBSD ports)])])
])

# SPDX-License-Identifier: ISC
# curses: uplinkctl top only. Used where it is there, unless --without-curses.
AC_DEFUN([UPLINK_CURSES], [
  AC_ARG_WITH([curses], [AS_HELP_STRING([--without-curses], [no uplinkctl top])],
    [], [with_curses=auto])
  uplink_curses=no
  AS_IF([test "$with_curses" != no], [
    PKG_CHECK_MODULES([CURSES], [ncursesw >= 6], [uplink_curses=`$PKG_CONFIG --modversion ncursesw`], [
      # OpenBSD has it in its base system.
      AC_CHECK_HEADER([curses.h], [AC_CHECK_LIB([curses], [use_default_colors],
        [CURSES_LIBS=-lcurses; uplink_curses=yes])])])
    AS_IF([test "$with_curses" = yes && test "$uplink_curses" = no],
      [AC_MSG_ERROR([curses is missing: install libncurses-dev (Debian)])])
  ])
  AS_IF([test "$uplink_curses" != no],
    [AC_DEFINE([HAVE_CURSES], [1], [Define to 1 for uplinkctl top.])],
    [uplink_curses="no: uplinkctl has no top"])
])

# SPDX-License-Identifier: ISC
# libseccomp: each process gives up the system calls that it has no use for, and, by Landlock, files. Linux only, and wanted
# wherever it is there. Sanitizers, valgrind and what counts lines make calls of their own. It is also
# what keeps the programs of "command" targets to their link: without it there are none.
AC_DEFUN([UPLINK_SECCOMP], [
  AC_ARG_WITH([seccomp], [AS_HELP_STRING([--without-seccomp],
    [leave the processes all system calls and files (for valgrind); --with-seccomp=cage: only keep commands to their link])], [], [with_seccomp=auto])
  uplink_seccomp=no
  uplink_limits=yes
  AS_CASE([$with_seccomp], [no | cage], [uplink_limits=no])
  AS_IF([test "$SANITIZERS"], [uplink_limits=no])
  AS_IF([test $uplink_limits = yes],
    [AC_DEFINE([LIMIT_FILES], [1], [Define to 1 to take the file system from processes that need none.])])
  AS_IF([test "x$with_seccomp" != xno], [
      PKG_CHECK_MODULES([SECCOMP], [libseccomp >= 2.5], [
        uplink_seccomp="libseccomp `$PKG_CONFIG --modversion libseccomp`"
        AC_DEFINE([HAVE_SECCOMP], [1], [Define to 1 where libseccomp is there.])
        AS_IF([test $uplink_limits = no], [uplink_seccomp="$uplink_seccomp, not for its own calls"],
          [AC_DEFINE([LIMIT_CALLS], [1], [Define to 1 to filter the processes' own system calls.])])
      ], [AS_IF([test "x$with_seccomp" != xauto],
           [AC_MSG_ERROR([libseccomp is missing: install libseccomp-dev])])])])
])

# SPDX-License-Identifier: ISC
AC_DEFUN([UPLINK_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [warnings are errors])], [], [enable_werror=no])
  uplink_warnings="-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla"
  AS_IF([test "x$enable_werror" = xyes], [uplink_warnings="$uplink_warnings -Werror"])
  AC_SUBST([WARNINGS], [$uplink_warnings])
])
AC_DEFUN([UPLINK_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers], [AS_HELP_STRING([--enable-sanitizers], [build with ASan and UBSan])], [], [enable_sanitizers=no])
  uplink_sanitizers=no
  AS_IF([test "x$enable_sanitizers" = xyes], [
    uplink_sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
    SANITIZERS=$uplink_sanitizers
  ])
  AC_SUBST([SANITIZERS])
])
# libFuzzer targets (tests/fuzz). They need clang, and everything that they link is
# instrumented with ASan and UBSan as well.
AC_DEFUN([UPLINK_FUZZERS], [
  AC_ARG_ENABLE([fuzzers], [AS_HELP_STRING([--enable-fuzzers], [build the fuzzers under tests/fuzz (clang only)])], [], [enable_fuzzers=no])
  uplink_fuzzers=no
  AS_IF([test "x$enable_fuzzers" = xyes], [
    uplink_fuzzers=yes
    uplink_sanitizers="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
    SANITIZERS=$uplink_sanitizers
    saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS $uplink_sanitizers"
    AC_MSG_CHECKING([whether $CC can instrument for fuzzing])
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])
       AC_MSG_ERROR([--enable-fuzzers needs clang with its runtime: configure with CC=clang])])
    CFLAGS=$saved_CFLAGS
  ])
  AM_CONDITIONAL([FUZZERS], [test "$uplink_fuzzers" = yes])
])

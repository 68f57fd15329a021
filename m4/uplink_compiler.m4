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

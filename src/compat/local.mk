# SPDX-License-Identifier: ISC
# What configure finds missing is built into libuplink.a; see AC_REPLACE_FUNCS.
libuplink_a_LIBADD = $(LIBOBJS)
EXTRA_DIST += src/compat/compat.h

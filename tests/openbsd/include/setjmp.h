/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_SETJMP_H
#define OPENBSD_SETJMP_H

typedef long jmp_buf[11];
int setjmp(jmp_buf);
void longjmp(jmp_buf, int) __attribute__((__noreturn__));

#endif

/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_SYS_IOCTL_H
#define OPENBSD_SYS_IOCTL_H

#define _IOC(inout, group, num, len) \
	((unsigned long)(inout) | ((len)&0x1fff) << 16 | (group) << 8 | (num))
#define _IO(g, n) _IOC(0x20000000UL, (g), (n), 0UL)
#define _IOR(g, n, t) _IOC(0x40000000UL, (g), (n), sizeof(t))
#define _IOW(g, n, t) _IOC(0x80000000UL, (g), (n), sizeof(t))
#define _IOWR(g, n, t) _IOC(0xc0000000UL, (g), (n), sizeof(t))
struct winsize {
	unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};
#define TIOCGWINSZ _IOR('t', 104, struct winsize)
int ioctl(int, unsigned long, ...);

#endif

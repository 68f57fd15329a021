/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NET_IF_DL_H
#define OPENBSD_NET_IF_DL_H

#include <sys/types.h>
struct sockaddr_dl {
	u_char sdl_len, sdl_family;
	uint16_t sdl_index;
	u_char sdl_type, sdl_nlen, sdl_alen, sdl_slen;
	char sdl_data[24];
};
#define LLADDR(s) ((s)->sdl_data + (s)->sdl_nlen)

#endif

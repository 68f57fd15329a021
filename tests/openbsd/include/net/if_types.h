/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NET_IF_TYPES_H
#define OPENBSD_NET_IF_TYPES_H

#define IFT_ETHER 0x06

#endif

/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_SYS_CDEFS_H
#define OPENBSD_SYS_CDEFS_H

#define __packed __attribute__((__packed__))

#endif

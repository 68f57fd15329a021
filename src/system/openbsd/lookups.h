/* SPDX-License-Identifier: ISC */
/* How often the kernel has chosen each link's default route. */
#ifndef UPLINK_OPENBSD_LOOKUPS_H
#define UPLINK_OPENBSD_LOOKUPS_H

#include "system/openbsd/states.h"
#include "system/system.h"

/* See sys_lookups_read; the links' gateways are among the keys. */
int lookups_read(const struct pf_keys *keys, sys_lookups *each, void *arg);

#endif

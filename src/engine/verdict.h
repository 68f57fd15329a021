/* SPDX-License-Identifier: ISC */
/* What the targets of a link say of it now, in one IP version. Pure. */
#ifndef UPLINK_VERDICT_H
#define UPLINK_VERDICT_H

#include "engine/model.h"

struct verdict verdict_of(const struct link *link, int family);

/* Loss, RTT or jitter may degrade it: then every sample may change its verdict. */
bool verdict_has_limits(const struct conf_limits *l);

#endif

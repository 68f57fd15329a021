/* SPDX-License-Identifier: ISC */
/* Children that not everybody needs. */
#ifndef UPLINK_OPTIONAL_H
#define UPLINK_OPTIONAL_H

#include "parent/state.h"

/* Whether the SNMP process, that of the hooks, prober and runner run follows the
 * configuration and what is installed. */
void optional_see_to(struct parent *p);
/* The SNMP process has to be another than the one that runs. */
void optional_replace_snmp(struct parent *p);
/* Prober and runner read their configuration once: for another one they leave, and
 * new ones come. */
void optional_renew(struct parent *p);

#endif

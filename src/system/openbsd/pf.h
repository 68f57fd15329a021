/* SPDX-License-Identifier: ISC */
/* The rules of pf(4) as text, in parts that are loaded one by one, each as a whole. Pure.
 *
 *   nat      match rules: they count by link and translate addresses, and pass nothing
 *   inside   what comes from inside and leaves by a default route: spread over the links of the
 * plan self     what the machine itself sends with a link's address leaves by that link inbound
 * what comes in by a link is answered by it
 *
 * A part is an anchor below "uplinkd". Where it is evaluated, and what of it an administrator lets
 * pass, the anchor lines of pf.conf(5) say. Only "inside" changes when a link leaves or returns, so
 * the counters of "nat" go on; states that stand keep to their link, which is the drain. */
#ifndef UPLINK_OPENBSD_PF_H
#define UPLINK_OPENBSD_PF_H

#include <stdio.h>

#include "common/facts.h"
#include "common/plan.h"
#include "conf/conf.h"

enum pf_part { PF_NAT, PF_INSIDE, PF_SELF, PF_INBOUND };
enum { PF_PARTS = PF_INBOUND + 1 };

const char *pf_part_name(enum pf_part part); /* "nat" */

/* All parts, each behind a line "# anchor uplinkd/NAME". plan NULL: none is known yet, and "inside"
 * is not among them: it stays as it is. 0, or -1 with errno from writing. */
int pf_print(const struct conf *conf, const struct link_facts *facts, size_t nfacts,
	     const struct plan *plan, FILE *out);

/* The part of such a text: where it begins; NULL: it is not in it. */
const char *pf_part_of(const char *text, size_t text_len, enum pf_part part, size_t *len);

/* Which of the links' interfaces "pfctl -v -s Interfaces" says that pf skips, in the words of
 * pf.conf(5): "set skip on em1"; "": none. */
void pf_print_skips(const struct conf *conf, const char *text, char *buf, size_t size);

/* What "pfctl -s labels" says of the links: adds packets, octets and states of each line to
 * *counter of its link and family. Lines of other labels are passed over. */
struct pf_counter {
	bool seen;
	uint64_t packets, octets, states;
};
void pf_read_labels(const char *text, size_t len,
		    struct pf_counter counters[FAMILIES][LINKS_MAX + 1]);

#endif

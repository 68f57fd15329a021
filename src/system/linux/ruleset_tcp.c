/* SPDX-License-Identifier: ISC */
/* What only TCP has: the size of segments, cut to what a link lets through, and the
 * reset that tells a client at once that its flow was cut. */
#include "config.h"

#include <inttypes.h>

#include "system/linux/ruleset.h"

bool
ruleset_cuts_segments(const struct conf *conf)
{
	for (size_t i = 0; i < conf->nlinks; i++)
		if (conf->links[i].mss != CONF_MSS_NO)
			return true;
	return false;
}

/* The kernel never raises a size. */
void
ruleset_print_link_mss(const struct ruleset *r, const struct conf_link *link)
{
	char name[FLOWS_NAME_LEN];

	if (link->mss == CONF_MSS_NO)
		return;
	fprintf(r->out, "\tchain %s {\n", flows_object_name(FLOWS_MSS, link->index, name));
	if (link->mss == CONF_MSS_PMTU)
		fputs("\t\ttcp option maxseg size set rt mtu\n", r->out);
	else
		fprintf(r->out, "\t\ttcp option maxseg size set %u\n", link->mss);
	fputs("\t}\n", r->out);
}

/* Both ways: what each side says is what the other one may send. */
void
ruleset_print_mss(const struct ruleset *r)
{
	static const char *const syn = "\t\ttcp flags & (syn | rst) == syn";

	if (!ruleset_cuts_segments(r->conf))
		return;
	if (ruleset_marks(r))
		fprintf(r->out, "%s ct mark & %#" PRIx32 " vmap @mss_mark\n", syn,
			conf_link_mark_mask(r->conf));
	else
		fprintf(r->out, "%s oifname vmap @mss_if\n%s iifname vmap @mss_if\n", syn, syn);
}

/* A flow in full run that connection tracking does not know, from a client to a link:
 * it was cut, and can't go on by another link with another address. */
void
ruleset_print_resets(const struct ruleset *r)
{
	if (!r->conf->reset_clients)
		return;
	fputs("\tchain cut {\n"
	      "\t\ttype filter hook forward priority filter - 5; policy accept;\n"
	      "\t\tct state new tcp flags & (syn | rst) == 0x0 iifname != @link_if "
	      "oifname @link_if reject with tcp reset\n"
	      "\t}\n",
	      r->out);
}

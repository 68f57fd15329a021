/* SPDX-License-Identifier: ISC */
/* From a state to its link. */
#include "config.h"

#include "system/openbsd/states.h"

#include <stdlib.h>
#include <string.h>

static const struct link_facts *
facts_of(const struct link_facts *facts, size_t nfacts, unsigned link)
{
	for (size_t i = 0; i < nfacts; i++)
		if (facts[i].link == link)
			return &facts[i];
	return NULL;
}

static void
find_shared(struct pf_keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		for (size_t j = 0; j < k->n; j++)
			if (i != j && addr_equal(&k->keys[i].source, &k->keys[j].source))
				k->keys[i].own_address = false;
}

int
pf_keys_make(struct pf_keys *k, const struct conf *conf, const struct link_facts *facts,
	     size_t nfacts)
{
	struct pf_key *keys = calloc(conf->nlinks * FAMILIES + k->n + 1, sizeof(*keys));
	size_t n = 0;

	if (keys == NULL)
		return -1;
	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_link *link = &conf->links[i];
		const struct link_facts *known = facts_of(facts, nfacts, link->index);

		for (int family = 0; known != NULL && family < FAMILIES; family++) {
			const struct route_facts *route = &known->route[family];

			if (!addr_is_set(&route->gateway) && !addr_is_set(&route->source))
				continue;
			keys[n++] =
			    (struct pf_key){.link = link->index,
					    .family = (uint8_t)family,
					    .own_address = addr_is_set(&route->source),
					    .gateway = route->gateway,
					    .source = link->route[family].nat == CONF_NAT_SNAT
							  ? link->route[family].nat_addr
							  : route->source};
		}
	}
	for (size_t i = 0; i < k->n; i++)
		if (conf_link_by_index(conf, k->keys[i].link) == NULL) {
			keys[n] = k->keys[i];
			keys[n++].former = true;
		}
	pf_keys_free(k);
	k->keys = keys;
	k->n = n;
	find_shared(k);
	return 0;
}

void
pf_keys_free(struct pf_keys *k)
{
	free(k->keys);
	k->keys = NULL;
	k->n = 0;
}

/* pf keeps no interface beside a link-local gateway. */
static bool
same_gateway(const struct addr *a, const struct addr *b)
{
	return a->version == b->version && a->version != 0 &&
	       memcmp(a->octets, b->octets, addr_size(a)) == 0;
}

unsigned
pf_flow_link(const struct pf_keys *k, const struct pf_flow *s, bool *flow)
{
	unsigned led = 0;

	*flow = false;
	for (size_t i = 0; i < k->n; i++) {
		const struct pf_key *key = &k->keys[i];

		if (key->family != s->family)
			continue;
		if (s->out && key->own_address && addr_equal(&key->source, &s->local)) {
			*flow = true;
			return key->link;
		}
		if (s->way == PF_WAY_PLAIN || led != 0 || !same_gateway(&key->gateway, &s->gateway))
			continue;
		led = key->link;
		/* where the way out can't be told by its address, the way in is what counts */
		*flow = s->way == PF_WAY_REPLY_TO || !key->own_address;
	}
	return led;
}

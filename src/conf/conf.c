/* SPDX-License-Identifier: ISC */
/* The questions that others ask a configuration, and its memory. */
#include "conf/conf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/draft.h"

int
conf_copy_service(struct conf_target *target)
{
	const struct conf_http *http = target->http;
	const struct conf_command *command = target->command;

	target->http = NULL;
	target->command = NULL;
	if (http != NULL && (target->http = malloc(sizeof *http)) != NULL)
		*target->http = *http;
	if (command != NULL && (target->command = malloc(sizeof *command)) != NULL)
		*target->command = *command;
	return (http != NULL) == (target->http != NULL) &&
		       (command != NULL) == (target->command != NULL)
		   ? 0
		   : -1;
}

void
conf_free_service(struct conf_target *target)
{
	free(target->http);
	free(target->command);
	target->http = NULL;
	target->command = NULL;
}

void
conf_free_targets(struct conf_link *link)
{
	for (size_t i = 0; link->targets != NULL && i < link->ntargets; i++)
		conf_free_service(&link->targets[i]);
	free(link->targets);
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	for (size_t i = 0; i < conf->nlinks; i++)
		conf_free_targets(&conf->links[i]);
	free(conf->links);
	free(conf->hooks);
	free(conf);
}

unsigned
conf_burst(const struct conf_probe *probe)
{
	enum { LEAST = 3, MOST = INFLIGHT_MAX / 2 };

	return probe->down_after < LEAST  ? LEAST
	       : probe->down_after > MOST ? MOST
					  : probe->down_after;
}

uint32_t
conf_window_ms(const struct conf_probe *probe)
{
	enum { PROBES_LEAST = 30 };
	uint32_t slowest =
	    probe->pace_ms[1] > probe->interval_ms ? probe->pace_ms[1] : probe->interval_ms;
	uint32_t least = PROBES_LEAST * slowest;

	return probe->window_ms > least ? probe->window_ms : least;
}

/* Of the same method: either both have one, or none. */
static int
compare_http(const struct conf_http *a, const struct conf_http *b)
{
	int order = a == NULL ? 0 : a->status - b->status;

	if (order == 0 && a != NULL)
		order = strcasecmp(a->host, b->host);
	if (order == 0 && a != NULL)
		order = strcmp(a->path, b->path);
	if (order == 0 && a != NULL)
		order = strcmp(a->expect, b->expect);
	if (order == 0 && a != NULL)
		order = strcmp(a->ca, b->ca);
	return order;
}

static int
compare_command(const struct conf_command *a, const struct conf_command *b)
{
	if (a == NULL)
		return 0;
	return a->len != b->len ? a->len - b->len : memcmp(a->text, b->text, a->len);
}

int
conf_compare_targets(const struct conf_target *a, const struct conf_target *b)
{
	int order = memcmp(a->addr.octets, b->addr.octets, sizeof a->addr.octets);

	if (order != 0)
		return order;
	if (a->gateway != b->gateway)
		return a->gateway - b->gateway;
	if (a->family != b->family)
		return a->family - b->family;
	if (a->method != b->method)
		return a->method - b->method;
	if (a->port != b->port)
		return a->port - b->port;
	if (a->size != b->size)
		return a->size - b->size;
	if (a->ttl != b->ttl)
		return a->ttl - b->ttl;
	if (a->query_type != b->query_type)
		return a->query_type - b->query_type;
	if (a->rcode != b->rcode)
		return a->rcode - b->rcode;
	order = strcasecmp(a->query, b->query);
	if (order == 0)
		order = compare_http(a->http, b->http);
	return order != 0 ? order : compare_command(a->command, b->command);
}

bool
conf_same_target(const struct conf_target *a, const struct conf_target *b)
{
	return conf_compare_targets(a, b) == 0;
}

uint32_t
conf_probe_octets(const struct conf_target *t)
{
	enum {
		ICMP_HEADER = 8,
		SYN = 40, /* with its options */
		RESET = 32,
		UDP_HEADER = 8,
		DNS_FIXED = 12 + 2 + 4,
		DNS_ANSWER = 200, /* what answers have besides */
		HTTP = 6000,
		HTTPS = 12000,
		COMMAND = 10000,
	};
	uint32_t ip = t->family == V4 ? 20 : 40;

	switch (t->method) {
	case METHOD_ICMP:
		return 2 * (ip + ICMP_HEADER + t->size);
	case METHOD_TCP:
		return 3 * ip + 2 * SYN + RESET;
	case METHOD_DNS:
		return 2 * (ip + UDP_HEADER + DNS_FIXED + (uint32_t)strlen(t->query)) + DNS_ANSWER;
	case METHOD_HTTP:
		return HTTP;
	case METHOD_HTTPS:
		return HTTPS;
	case METHOD_COMMAND:
		return COMMAND;
	default: /* to the gateway and no further: nobody counts it */
		return 0;
	}
}

uint64_t
conf_round_octets(const struct conf_link *link)
{
	uint64_t octets = 0;

	for (size_t i = 0; i < link->ntargets; i++)
		octets += conf_probe_octets(&link->targets[i]);
	return octets;
}

size_t
conf_count_targets(const struct conf_link *link, int family, bool with_gateway)
{
	size_t n = 0;

	for (size_t i = 0; i < link->ntargets; i++)
		n += link->targets[i].family == family &&
		     (with_gateway || !link->targets[i].gateway);
	return n;
}

bool
conf_method_is_probers(unsigned method)
{
	return method == METHOD_HTTP || method == METHOD_HTTPS;
}

bool
conf_method_is_runners(unsigned method)
{
	return method == METHOD_COMMAND;
}

bool
conf_has_method(const struct conf *conf, bool (*is)(unsigned method))
{
	for (size_t i = 0; i < conf->nlinks; i++)
		for (size_t k = 0; k < conf->links[i].ntargets; k++)
			if (is(conf->links[i].targets[k].method))
				return true;
	return false;
}

bool
conf_carries_first(const struct conf *conf, const struct conf_link *link, int family)
{
	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_link *other = &conf->links[i];

		if (other->route[family].gateway_kind == CONF_GATEWAY_NONE)
			continue;
		if (other->last_resort != link->last_resort ? link->last_resort
							    : other->tier < link->tier)
			return false;
	}
	return link->route[family].gateway_kind != CONF_GATEWAY_NONE;
}

const struct conf_link *
conf_link_by_index(const struct conf *conf, unsigned index)
{
	for (size_t i = 0; index != 0 && i < conf->nlinks; i++)
		if (conf->links[i].index == index)
			return &conf->links[i];
	return NULL;
}

const struct conf_link *
conf_link_by_name(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->nlinks; i++)
		if (strcmp(conf->links[i].name, name) == 0)
			return &conf->links[i];
	return NULL;
}

/* ---- marks ---- */

uint32_t
conf_link_mark(const struct conf *conf, unsigned index)
{
	uint32_t lowest = conf->mark_mask & -conf->mark_mask;

	return index * lowest;
}

uint32_t
conf_link_mark_mask(const struct conf *conf)
{
	return conf->mark_mask & ~conf_probe_mark(conf);
}

uint32_t
conf_probe_mark(const struct conf *conf)
{
	return conf->mark_mask & ~(conf->mark_mask >> 1);
}

unsigned
conf_index_max(const struct conf *conf)
{
	uint32_t lowest = conf->mark_mask & -conf->mark_mask;
	uint32_t largest = conf_link_mark_mask(conf) / lowest;

	return largest < LINKS_MAX ? largest : LINKS_MAX;
}

/* SPDX-License-Identifier: ISC */
/* Text in, configuration or mistakes out; and the questions that others ask a
 * configuration. No file is opened and nothing of the system is looked up. */
#include "conf/conf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/draft.h"
#include "conf/grammar.h"

/* The buffer that the scanner and the tokens live on: the text, and two NULs. */
static char *
scan_copy(const char *text, size_t len)
{
	char *copy = malloc(len + 2);

	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = copy[len + 1] = '\0';
	return copy;
}

static void
free_targets(struct conf_link *link)
{
	for (size_t i = 0; link->targets != NULL && i < link->ntargets; i++)
		draft_free_service(&link->targets[i]);
	free(link->targets);
}

static void
draft_clean(struct draft *d)
{
	draft_link_end(d);
	for (size_t i = 0; i < d->nlinks; i++) {
		draft_free_targets(&d->links[i]);
		free_targets(&d->links[i].link);
	}
	draft_free_service(&d->no_target.target);
	free(d->links);
	free(d->pins);
	free(d->hooks);
}

/* Some editors begin a file with a byte order mark; it says nothing. */
static void
skip_byte_order_mark(const char **text, size_t *len)
{
	if (*len < 3 || memcmp(*text, "\xef\xbb\xbf", 3) != 0)
		return;
	*text += 3;
	*len -= 3;
}

/* Reads and checks; the statements before a mistake and after it count alike. */
static int
read_draft(struct draft *d, char *copy, size_t size)
{
	if (conf_scan_open(d, copy, size) != 0) {
		draft_no_memory(d);
		return -1;
	}
	conf_yyparse(d);
	draft_link_end(d);
	return draft_check(d);
}

struct conf *
conf_parse(const char *text, size_t len, const char *name, conf_complain *complain, void *arg)
{
	struct draft *d = calloc(1, sizeof *d);
	struct conf *conf = calloc(1, sizeof *conf);
	char *copy = NULL;
	int failed = -1;

	if (d == NULL || conf == NULL) {
		complain(arg, true, name, 1, "not enough memory to read it");
		goto done;
	}
	*d =
	    (struct draft){.file = name, .complain = complain, .arg = arg, .conf = conf, .line = 1};
	if (len > CONF_TEXT_MAX) {
		draft_error(d, 1, "the file is larger than %d octets: it can't be a configuration",
			    CONF_FILE_MAX);
		goto done;
	}
	skip_byte_order_mark(&text, &len);
	copy = scan_copy(text, len);
	if (copy == NULL)
		draft_no_memory(d);
	else
		failed = read_draft(d, copy, len + 2);
	conf_scan_close(d);
	draft_clean(d);
done:
	free(copy);
	free(d);
	if (failed != 0) {
		conf_free(conf);
		conf = NULL;
	}
	return conf;
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	for (size_t i = 0; i < conf->nlinks; i++)
		free_targets(&conf->links[i]);
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

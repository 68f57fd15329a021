/* SPDX-License-Identifier: ISC */
/* uplinkd -n: what is wrong with the configuration, and what it would do. Needs
 * no privilege and looks at nothing but the file, the map of indexes and the names of the
 * interfaces. */
#include "config.h"

#include "parent/inspect.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <net/if.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/textstream.h"
#include "parent/configfile.h"
#include "parent/controlsocket.h"
#include "parent/indexes.h"
#include "system/system.h"

static void
say(bool error, const char *line)
{
	(void)error;
	fprintf(stderr, "%s\n", line);
}

static const char *
route_text(const struct conf_route *r, char buf[static ADDR_STRLEN])
{
	switch (r->gateway_kind) {
	case CONF_GATEWAY_STATIC:
		return addr_text(&r->gateway, buf);
	case CONF_GATEWAY_AUTO:
		return r->if_there ? "auto, if there is one" : "auto";
	default:
		return "none";
	}
}

/* As comments, so that the whole output is still a configuration. */
static void
print_numbers(const struct conf *conf, FILE *out)
{
	char v4[ADDR_STRLEN], v6[ADDR_STRLEN];

	fprintf(out, "\n# what would be installed: default routes in table %u, rules from %u on\n",
		conf->table_base, conf->rule_base);
	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_link *l = &conf->links[i];

		fprintf(out,
			"# link \"%s\": index %u, interface %s, table %u, mark 0x%x/0x%x, "
			"IPv4 gateway %s, IPv6 gateway %s\n",
			l->name, l->index, l->interface, conf->table_base + l->index,
			conf_link_mark(conf, l->index), conf_link_mark_mask(conf),
			route_text(&l->route[V4], v4), route_text(&l->route[V6], v6));
	}
}

/* As far as the file alone says what the kernel will say of a link. */
static void
guess_facts(const struct conf_link *link, struct link_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->link = link->index;
	memcpy(facts->ifname, link->interface, sizeof(facts->ifname));
	for (int f = 0; f < FAMILIES; f++)
		if (link->route[f].gateway_kind == CONF_GATEWAY_STATIC) {
			facts->route[f].gateway = link->route[f].gateway;
			facts->route[f].origin = GATEWAY_CONFIGURED;
		}
}

/* A text of several lines as comments. */
static void
print_comments(char *text, FILE *out)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL)
		if (line[0] != '\0')
			fprintf(out, "#\t%s\n", line);
}

/* Rules and routes once all links are up. */
static void
print_routing(const struct conf *conf, FILE *out)
{
	struct textstream stream;
	FILE *memory = textstream_begin(&stream);
	size_t size = 0;
	char *text;

	if (memory == NULL)
		return;
	sys_routing_print(conf, memory);
	text = textstream_end(&stream, &size);
	if (text != NULL && size > 0) {
		fprintf(out, "\n# its rules and routes, when all links are up:\n");
		print_comments(text, out);
	}
	free(text);
}

static void
print_ruleset(const struct conf *conf, FILE *out)
{
	struct link_facts *facts = calloc(conf->nlinks + 1, sizeof(*facts));
	static struct plan plan; /* all links are up */
	struct textstream stream;
	FILE *memory = textstream_begin(&stream);
	char *text;

	if (facts == NULL || memory == NULL) {
		free(textstream_end(&stream, NULL));
		free(facts);
		return;
	}
	for (size_t i = 0; i < conf->nlinks; i++)
		guess_facts(&conf->links[i], &facts[i]);
	for (size_t i = 0; i < conf->nlinks * FAMILIES; i++) {
		const struct conf_link *l = &conf->links[i / FAMILIES];
		struct plan_family *f = &plan.family[i % FAMILIES];

		if (conf_carries_first(conf, l, (int)(i % FAMILIES)))
			f->members[f->count++] = (struct plan_member){l->index, l->weight};
	}
	sys_ruleset_print(conf, facts, conf->nlinks, &plan, memory);
	text = textstream_end(&stream, NULL);
	if (text != NULL) {
		fprintf(out,
			"\n# the packet filter's rules, before anything is known of the links:\n");
		print_comments(text, out);
	}
	free(text);
	free(facts);
}

static int
give_indexes(const struct options *options, struct conf *conf)
{
	static struct conf_index_map map;
	char path[4096], reason[256];

	snprintf(path, sizeof(path), "%s/indexes.json", options->statedir);
	if (indexes_load(path, &map, reason, sizeof(reason)) < 0)
		fprintf(stderr, "%s: warning: %s\n", path, reason);
	if (conf_assign_indexes(conf, &map, reason, sizeof(reason)) == 0)
		return 0;
	fprintf(stderr, "%s: %s\n", options->file, reason);
	return -1;
}

/* It may come later, as that of a dial-up link does, but it may also be a slip. */
static void
warn_of_absent(const struct options *options, const struct conf *conf)
{
	for (size_t i = 0; i < conf->nlinks; i++) {
		const char *name = conf->links[i].interface;
		bool said = false;

		for (size_t j = 0; j < i; j++)
			said |= strcmp(conf->links[j].interface, name) == 0;
		if (!said && if_nametoindex(name) == 0 && (errno == ENODEV || errno == ENXIO))
			fprintf(stderr, "%s: warning: there is no interface %s now\n",
				options->file, name);
	}
}

int
inspect_main(const struct options *options)
{
	struct configfile file;
	int status = 1;

	if (configfile_read(options->file, &file, say) == 0 &&
	    configfile_secrets(options->file, &file, geteuid() != 0, say) == 0 &&
	    give_indexes(options, file.conf) == 0) {
		status = 0;
		if (controlsocket_group(file.conf, NULL) != 0)
			fprintf(stderr, "%s: warning: there is no group \"%s\" yet\n",
				options->file, file.conf->group);
		warn_of_absent(options, file.conf);
		if (options->verbose > 0) {
			conf_print(file.conf, stdout);
			print_numbers(file.conf, stdout);
			print_routing(file.conf, stdout);
			print_ruleset(file.conf, stdout);
		}
	}
	configfile_free(&file);
	return status;
}

/* SPDX-License-Identifier: ISC */
/* Gives links their index, the number that stands for them in the MIB, in marks
 * and in tables. What an index once meant it never ceases to mean: it is never
 * given to another name. */
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"

/* The index that the map has for a name (the lowest of several), or 0. */
static unsigned
find_name(const struct conf_index_map *map, const char *name)
{
	for (unsigned n = 1; n <= LINKS_MAX; n++)
		if (strcmp(map->name[n], name) == 0)
			return n;
	return 0;
}

static bool
is_free(const struct conf_index_map *map, const bool *taken, unsigned n)
{
	return map->name[n][0] == '\0' && !taken[n];
}

/* A link that brings its index. 0 when it may keep it. */
static int
keep_index(const struct conf *conf, const struct conf_index_map *map, const struct conf_link *link,
	   char *error, size_t error_size)
{
	const char *owner = map->name[link->index];

	if (link->index > conf_index_max(conf)) {
		snprintf(
		    error, error_size,
		    "link \"%s\": index %u is too large for mark mask 0x%x, which holds up to %u",
		    link->name, link->index, conf->mark_mask, conf_index_max(conf));
		return -1;
	}
	if (owner[0] != '\0' && strcmp(owner, link->name) != 0) {
		snprintf(error, error_size,
			 "link \"%s\": index %u belongs to link \"%s\", and is never given to "
			 "another name: choose "
			 "another",
			 link->name, link->index, owner);
		return -1;
	}
	return 0;
}

/* The index for a link without one, or 0 with a reason. */
static unsigned
choose_index(const struct conf *conf, const struct conf_index_map *map, const bool *taken,
	     const struct conf_link *link, char *error, size_t error_size)
{
	unsigned most = conf_index_max(conf);
	unsigned n = find_name(map, link->name);

	if (n != 0 && n <= most)
		return n;
	if (n != 0) {
		snprintf(error, error_size,
			 "link \"%s\" has index %u, which is too large for mark mask 0x%x, which "
			 "holds up to %u: widen "
			 "the mask",
			 link->name, n, conf->mark_mask, most);
		return 0;
	}
	for (n = 1; n <= most; n++)
		if (is_free(map, taken, n))
			return n;
	snprintf(error, error_size,
		 "link \"%s\": each of the %u indexes was given to some link already, and none is "
		 "given twice: give "
		 "it the name of a link that is gone",
		 link->name, most);
	return 0;
}

int
conf_assign_indexes(struct conf *conf, struct conf_index_map *map, char *error, size_t error_size)
{
	bool taken[LINKS_MAX + 1] = {false};
	uint16_t given[LINKS_MAX];

	for (size_t i = 0; i < conf->nlinks; i++) {
		given[i] = conf->links[i].index;
		if (given[i] != 0 && keep_index(conf, map, &conf->links[i], error, error_size) != 0)
			return -1;
		taken[given[i]] = true;
	}
	for (size_t i = 0; i < conf->nlinks; i++) {
		if (given[i] != 0)
			continue;
		given[i] =
		    (uint16_t)choose_index(conf, map, taken, &conf->links[i], error, error_size);
		if (given[i] == 0)
			return -1;
		taken[given[i]] = true;
	}
	for (size_t i = 0; i < conf->nlinks; i++) {
		conf->links[i].index = given[i];
		strcpy(map->name[given[i]], conf->links[i].name);
	}
	return 0;
}

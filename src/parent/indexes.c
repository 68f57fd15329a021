/* SPDX-License-Identifier: ISC */
/* The index map as JSON text: { "version": 1, "links": [ { "index": 1, "name": "a" } ] }. */
#include "parent/indexes.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/order.h"
#include "parent/textfile.h"

enum { MAP_VERSION = 1 };

static bool
name_taken(const struct conf_index_map *map, const char *name)
{
	for (unsigned i = 1; i <= LINKS_MAX; i++)
		if (strcmp(map->name[i], name) == 0)
			return true;
	return false;
}

static int
take_entry(const json_t *entry, struct conf_index_map *map, char *error, size_t error_size)
{
	const json_t *index = json_object_get(entry, "index"),
		     *name = json_object_get(entry, "name");
	json_int_t n = json_integer_value(index);
	const char *text = json_string_value(name);
	size_t len = json_string_length(name);

	if (!json_is_integer(index) || n < 1 || n > LINKS_MAX) {
		snprintf(error, error_size, "an entry without an index of 1 to %d", LINKS_MAX);
		return -1;
	}
	if (text == NULL || len == 0 || len > NAME_LEN || strlen(text) != len ||
	    !text_ok(text, len)) {
		snprintf(error, error_size, "index %d has no name that a link can have", (int)n);
		return -1;
	}
	if (map->name[n][0] != '\0' || name_taken(map, text)) {
		snprintf(error, error_size, "index %d or its name stands there twice", (int)n);
		return -1;
	}
	memcpy(map->name[n], text, len + 1);
	return 0;
}

static int
take_root(const json_t *root, struct conf_index_map *map, char *error, size_t error_size)
{
	const json_t *version = json_object_get(root, "version");
	const json_t *links = json_object_get(root, "links");

	if (!json_is_integer(version) || !json_is_array(links)) {
		snprintf(error, error_size, "no version or no links in it");
		return -1;
	}
	if (json_integer_value(version) != MAP_VERSION) {
		snprintf(error, error_size, "version %lld, this program knows %d",
			 (long long)json_integer_value(version), MAP_VERSION);
		return -1;
	}
	for (size_t i = 0; i < json_array_size(links); i++)
		if (take_entry(json_array_get(links, i), map, error, error_size) != 0)
			return -1;
	return 0;
}

int
indexes_parse(const char *text, size_t len, struct conf_index_map *map, char *error,
	      size_t error_size)
{
	json_error_t mistake;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &mistake);
	int result;

	memset(map, 0, sizeof(*map));
	if (root == NULL) {
		snprintf(error, error_size, "line %d: %s", mistake.line, mistake.text);
		return -1;
	}
	result = take_root(root, map, error, error_size);
	if (result != 0)
		memset(map, 0, sizeof(*map));
	json_decref(root);
	return result;
}

char *
indexes_text(const struct conf_index_map *map, size_t *len)
{
	json_t *links = json_array(), *root;
	char *text = NULL;
	bool whole = true; /* a name that was left out would lose its index to another */

	for (unsigned i = 1; i <= LINKS_MAX; i++)
		if (map->name[i][0] != '\0' &&
		    json_array_append_new(
			links, json_pack("{siss}", "index", (int)i, "name", map->name[i])) != 0)
			whole = false;
	root = json_pack("{siso}", "version", MAP_VERSION, "links", links);
	if (whole && root != NULL)
		text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	*len = text == NULL ? 0 : strlen(text);
	return text;
}

void
indexes_from_board(const struct board *board, struct conf_index_map *map)
{
	/* Not further: to look at a row that nobody wrote makes room for it. */
	uint32_t end = board->global.link_slots;

	memset(map, 0, sizeof(*map));
	for (unsigned i = 1; i <= LINKS_MAX && i < end; i++) {
		struct board_link row;
		size_t len;

		board_read(&board->links[i], &row, sizeof(row));
		len = strnlen(row.name, sizeof(row.name));
		if (row.index != i || len == 0 || len > NAME_LEN || !text_ok(row.name, len) ||
		    name_taken(map, row.name))
			continue;
		memcpy(map->name[i], row.name, len + 1);
	}
}

int
indexes_load(const char *path, struct conf_index_map *map, char *error, size_t error_size)
{
	size_t len;
	char *text = textfile_read(path, &len, error, error_size);
	int result;

	memset(map, 0, sizeof(*map));
	if (text == NULL)
		return errno == ENOENT ? 1 : -1;
	result = indexes_parse(text, len, map, error, error_size);
	free(text);
	return result;
}

/* SPDX-License-Identifier: ISC */
/* The index map as JSON text: which name each link index was ever given to. The
 * parent reads the file at start; the worker stores what the parent hands it. */
#ifndef UPLINK_INDEXES_H
#define UPLINK_INDEXES_H

#include <stddef.h>

#include "common/board.h"
#include "conf/conf.h"

/* Pure: 0, or -1 with a reason; then the map is empty. */
int indexes_parse(const char *text, size_t len, struct conf_index_map *map, char *error,
		  size_t error_size);
/* The same as text, to be freed; NULL: no memory. */
char *indexes_text(const struct conf_index_map *map, size_t *len);
/* The names that the board's rows still know. */
void indexes_from_board(const struct board *board, struct conf_index_map *map);
/* Reads the file. 0; 1: there is none, the map is empty; -1 with a reason. */
int indexes_load(const char *path, struct conf_index_map *map, char *error, size_t error_size);

#endif

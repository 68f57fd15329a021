/* SPDX-License-Identifier: ISC */
/* Adds what has come since the last look. */
#include "config.h"

#include "engine/interface.h"

void
interface_octets(struct board_link *row, uint32_t ifindex, uint64_t in, uint64_t out)
{
	bool again = in < row->if_seen[0] || out < row->if_seen[1];

	if (row->if_seen_index == ifindex) {
		row->if_in_octets += again ? in : in - row->if_seen[0];
		row->if_out_octets += again ? out : out - row->if_seen[1];
	}
	row->has_if_octets = 1;
	row->if_seen[0] = in;
	row->if_seen[1] = out;
	row->if_seen_index = ifindex;
}

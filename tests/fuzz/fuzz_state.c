/* SPDX-License-Identifier: ISC */
/* The state file: of any text with a right checksum either nothing is taken, or what
 * could have been saved, which is written and read again as it was. Input: the text
 * behind the checksum (the checksum itself would keep a fuzzer out for good). */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/names.h"
#include "engine/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct state in, again;

static void
must(int condition)
{
	if (!condition)
		abort();
}

static void
check_link(const struct state_link *l)
{
	const struct standing_order *o = &l->order;

	must(l->name[0] != '\0' && text_ok(l->name, strnlen(l->name, sizeof(l->name))));
	must(o->admin >= ADMIN_AUTO && o->admin <= ADMIN_FORCE_DOWN);
	must(o->actor >= ACTOR_DAEMON && o->actor <= ACTOR_CONTROL);
	must(l->rest_ns <= o->timeout_s * NSEC_PER_SEC && o->timeout_s <= ORDER_TIMEOUT_MAX_S);
	must(text_ok(o->owner, strnlen(o->owner, sizeof(o->owner))));
	must(text_ok(o->comment, strnlen(o->comment, sizeof(o->comment))));
	must(state_link(&in, l->name) == l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t sum = 0xcbf29ce484222325ULL;
	char *text = malloc(size + 64), error[256];
	size_t begin, len;

	if (text == NULL)
		return 0;
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ data[i]) * 0x100000001b3ULL;
	begin = (size_t)sprintf(text, "{\"checksum\":\"%016" PRIx64 "\",", sum);
	if (size > 0)
		memcpy(text + begin, data, size);
	if (state_parse(text, begin + size, &in, error, sizeof(error)) == 0) {
		char *written;

		for (uint32_t i = 0; i < in.nlinks; i++)
			check_link(&in.links[i]);
		written = state_text(&in, &len);
		must(written != NULL);
		must(state_parse(written, len, &again, error, sizeof(error)) == 0);
		must(memcmp(&in, &again, sizeof(in)) == 0);
		free(written);
	} else {
		must(in.nlinks == 0 && in.events_last == 0 && error[0] != '\0');
	}
	free(text);
	return 0;
}

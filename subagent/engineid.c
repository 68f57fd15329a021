/* SPDX-License-Identifier: ISC */
/* The file with the engine's identifier and the number of its starts: one line. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "subagent/security.h"

enum {
	LINE_MAX_LEN = 128,
	RANDOM_LEN = 8,
	BOOTS_MAX = 2147483646, /* the next would be the last for ever (RFC 3414, 2.2.2) */
};

/* RFC 3411, SnmpEngineID: net-snmp's enterprise number, and octets of our own choice. */
static const uint8_t id_head[] = {0x80, 0x00, 0x1f, 0x88, 0x05};

static int
new_identifier(struct engine_identity *engine)
{
	memcpy(engine->id, id_head, sizeof(id_head));
	engine->length = sizeof(id_head) + RANDOM_LEN;
	engine->boots = 0;
	return getentropy(engine->id + sizeof(id_head), RANDOM_LEN);
}

/* "engine 80001f88... starts 7" */
static bool
parse(const char *line, struct engine_identity *engine)
{
	char hex[2 * ENGINE_ID_MAX + 1];
	int end = 0;

	if (sscanf(line, "engine %64[0-9a-f] starts %" SCNu32 "\n%n", hex, &engine->boots, &end) !=
		2 ||
	    end == 0 || line[end] != '\0' || engine->boots > BOOTS_MAX)
		return false;
	engine->length = strlen(hex) / 2;
	for (size_t i = 0; i < engine->length; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &engine->id[i]) != 1)
			return false;
	return strlen(hex) % 2 == 0 && engine->length == sizeof(id_head) + RANDOM_LEN &&
	       memcmp(engine->id, id_head, sizeof(id_head)) == 0;
}

static int
store(int fd, const struct engine_identity *engine)
{
	char line[LINE_MAX_LEN];
	int n = snprintf(line, sizeof(line), "engine ");

	for (size_t i = 0; i < engine->length; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%02x", engine->id[i]);
	n += snprintf(line + n, sizeof(line) - (size_t)n, " starts %" PRIu32 "\n", engine->boots);
	/* Less than a sector: it is there as a whole or not at all. */
	if (pwrite(fd, line, (size_t)n, 0) != n || ftruncate(fd, n) != 0)
		return -1;
	return fdatasync(fd);
}

int
engine_count_start(int fd, struct engine_identity *engine)
{
	char line[LINE_MAX_LEN] = "";
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);

	if (n < 0)
		return -1;
	line[n] = '\0';
	if (strlen(line) != (size_t)n || !parse(line, engine)) {
		if (n > 0)
			log_warn(
			    "the file of the SNMP engine is damaged: it gets a new identifier");
		if (new_identifier(engine) != 0)
			return -1;
	}
	engine->boots++;
	return store(fd, engine);
}

/* SPDX-License-Identifier: ISC */
/* The calls of pfio.h, answered by files: FOLDER/states has a line for each state, and what is
 * ended is added to FOLDER/killed. FOLDER/pfctl is what is run for pfctl(8). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openbsd/fake_wire.h"
#include "system/openbsd/pfio.h"

static const char *
file(const char *name)
{
	static char path[4096];
	const char *folder = getenv(FAKE_FOLDER);

	snprintf(path, sizeof(path), "%s/%s", folder != NULL ? folder : "/nonexistent", name);
	return path;
}

const char *
pfio_program(void)
{
	return file("pfctl");
}

int
pfio_open(void)
{
	return open(file("killed"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

void
pfio_close(int fd)
{
	close(fd);
}

/* "ID FAMILY out|in plain|route-to|reply-to GATEWAY LOCAL IDLE" */
static bool
read_line(const char *line, struct pf_flow *s)
{
	char direction[8], way[16], gateway[64], local[64];
	unsigned family;

	memset(s, 0, sizeof(*s));
	if (sscanf(line, "%" SCNu64 " %u %7s %15s %63s %63s %" SCNu32, &s->id, &family, direction,
		   way, gateway, local, &s->idle_s) != 7)
		return false;
	s->family = family == 4 ? V4 : V6;
	s->out = strcmp(direction, "out") == 0;
	s->way = strcmp(way, "route-to") == 0   ? PF_WAY_ROUTE_TO
		 : strcmp(way, "reply-to") == 0 ? PF_WAY_REPLY_TO
						: PF_WAY_PLAIN;
	(void)addr_parse(gateway, &s->gateway);
	(void)addr_parse(local, &s->local);
	return true;
}

int
pfio_states(int fd, pfio_state *each, void *arg)
{
	FILE *f = fopen(file("states"), "re");
	char line[256];
	struct pf_flow s;

	(void)fd;
	if (f == NULL)
		return errno == ENOENT ? 0 : -1;
	while (fgets(line, sizeof(line), f) != NULL)
		if (read_line(line, &s) && !each(arg, &s))
			break;
	fclose(f);
	return 0;
}

int
pfio_kill(int fd, const struct pf_flow *s)
{
	return dprintf(fd, "%" PRIu64 "\n", s->id) > 0 ? 1 : -1;
}

/* SPDX-License-Identifier: ISC */
/* How long it takes to apply a plan: what the parent does between the engine's message
 * and its answer, in this process, with the kernel's real tables.
 *
 *   apply_plan CONFIGURATION ROUNDS
 *       Sets the links up, then takes one link out of the plan and puts it back, in
 *       both IP versions, ROUNDS times, each time another one. Prints a JSON array:
 *       microseconds of each. Run in a namespace of its own: what it makes stays. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "conf/conf.h"
#include "system/system.h"

static void
complain(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	if (error)
		fprintf(stderr, "%s:%d: %s\n", file, line, message);
}

static struct conf *
read_conf(const char *path)
{
	static char text[1 << 20];
	FILE *file = fopen(path, "re");
	size_t len = file == NULL ? 0 : fread(text, 1, sizeof(text), file);

	if (file != NULL)
		fclose(file);
	return conf_parse(text, len, path, complain, NULL);
}

static void
no_facts(void *arg, const struct link_facts *facts)
{
	(void)arg;
	(void)facts;
}

static void
no_drift(void *arg, unsigned link, int family, const char *text)
{
	(void)arg;
	(void)link;
	(void)family;
	fprintf(stderr, "apply_plan: %s\n", text);
}

/* Every link, but one. */
static void
make_plan(const struct conf *conf, size_t without, struct plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	for (int family = 0; family < FAMILIES; family++)
		for (size_t i = 0; i < conf->nlinks; i++)
			if (i != without &&
			    conf->links[i].route[family].gateway_kind != CONF_GATEWAY_NONE)
				plan->family[family].members[plan->family[family].count++] =
				    (struct plan_member){.link = (uint16_t)(i + 1),
							 .weight = conf->links[i].weight};
}

/* Microseconds, or -1. */
static double
apply(struct sys_routing *r, const struct plan *plan)
{
	static struct plan installed;
	struct sys_apply_counts counts;
	uint64_t start = clock_mono_ns();
	int error = sys_routing_apply(r, plan, &installed, &counts);
	uint64_t end = clock_mono_ns();

	if (error != 0 || memcmp(&installed.family, &plan->family, sizeof(plan->family)) != 0 ||
	    counts.adds + counts.deletes == 0) {
		fprintf(stderr, "apply_plan: not applied: %s\n", strerror(error));
		return -1;
	}
	sys_routing_read(r); /* the kernel tells of it, as it tells the parent */
	return (double)(end - start) / NSEC_PER_USEC;
}

static int
run(struct sys_routing *r, const struct conf *conf, unsigned rounds)
{
	static struct plan plan;
	char error[256];

	if (sys_routing_configure(r, conf, error, sizeof(error)) != 0) {
		fprintf(stderr, "apply_plan: %s\n", error);
		return 1;
	}
	make_plan(conf, conf->nlinks, &plan);
	apply(r, &plan);
	printf("[");
	for (unsigned i = 0; i < rounds; i++) {
		double out, back;

		make_plan(conf, i % conf->nlinks, &plan);
		out = apply(r, &plan);
		make_plan(conf, conf->nlinks, &plan);
		back = apply(r, &plan);
		if (out < 0 || back < 0)
			return 1;
		printf("%s%.1f, %.1f", i > 0 ? ", " : "", out, back);
	}
	printf("]\n");
	return 0;
}

int
main(int argc, char **argv)
{
	struct sys_routing_hooks hooks = {no_facts, no_drift, NULL};
	struct sys_routing *r = sys_routing_open(&hooks);
	struct conf *conf = argc == 3 ? read_conf(argv[1]) : NULL;
	int status = 1;

	if (argc != 3)
		fprintf(stderr, "usage: apply_plan CONFIGURATION ROUNDS\n");
	else if (r == NULL)
		perror("apply_plan");
	else if (conf != NULL)
		status = run(r, conf, (unsigned)atoi(argv[2]));
	sys_routing_close(r);
	conf_free(conf);
	return status;
}

/* SPDX-License-Identifier: ISC */
#include "openbsd_lab.h"

#include <stdio.h>
#include <stdlib.h>

#include "read_conf.h"

struct lab lab;

static void
on_facts(void *arg, const struct link_facts *facts)
{
	(void)arg;
	lab.facts[facts->link] = *facts;
	lab.facts_calls++;
}

static void
on_drift(void *arg, unsigned link, int family, const char *text)
{
	(void)arg;
	(void)family;
	lab.drift_link = link;
	lab.drifts++;
	strlcpy(lab.drift, text, sizeof(lab.drift));
}

/* ---- the kernel ---- */

void
kernel(const char *line)
{
	FILE *out = fopen("/dev/null", "w");

	if (fake_command(&inside_kernel, line, out) != 0)
		fail_msg("the kernel refuses: %s", line);
	fclose(out);
}

/* The kernel says, and the daemon hears it. */
void
happens(const char *line)
{
	kernel(line);
	if (sys_routing_read(lab.routing) != 0)
		assert_int_equal(sys_routing_resync(lab.routing), 0);
}

const char *
routes(int table)
{
	static char all[8192];
	char text[8192] = "", line[64];
	FILE *out = fmemopen(text, sizeof(text), "w");

	snprintf(line, sizeof(line), "routes %d", table);
	assert_int_equal(fake_command(&inside_kernel, line, out), 0);
	fclose(out);
	all[0] = '\0';
	for (char *at = strtok(text, "\n"); at != NULL; at = strtok(NULL, "\n")) {
		unsigned t, priority;
		char gateway[64], up[8], interface[17], label[33];

		assert_int_equal(sscanf(at, "%u %63s %u %7s %16s %32s", &t, gateway, &priority, up,
					interface, label),
				 6);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s:%u:%s:%s ", gateway,
			 priority, up, label);
	}
	return all;
}

/* ---- the daemon ---- */

const char two_links[] = "link \"a\" { interface em1; gateway 192.0.2.1; weight 3 }\n"
			 "link \"b\" { interface em2; gateway 198.51.100.1 }\n";

void
configure(const char *text)
{
	char error[256] = "";

	conf_free(lab.conf);
	lab.conf = must_read(text);
	for (size_t i = 0; i < lab.conf->nlinks; i++)
		lab.conf->links[i].index =
		    lab.conf->links[i].pinned ? lab.conf->links[i].index : (uint16_t)(i + 1);
	if (sys_routing_configure(lab.routing, lab.conf, error, sizeof(error)) != 0)
		fail_msg("%s", error);
}

void
open_routing(void)
{
	const struct sys_routing_hooks hooks = {on_facts, on_drift, NULL};

	memset(&lab.facts, 0, sizeof(lab.facts));
	lab.facts_calls = lab.drifts = 0;
	lab.routing = sys_routing_open(&hooks);
	assert_non_null(lab.routing);
}

int
set_up(void **state)
{
	(void)state;
	inside_init();
	kernel("interface em0 1");
	kernel("address em0 10.0.0.1/24");
	kernel("interface em1 2");
	kernel("address em1 192.0.2.2/24");
	kernel("interface em2 3");
	kernel("address em2 198.51.100.2/24");
	open_routing();
	return 0;
}

int
tear_down(void **state)
{
	(void)state;
	sys_routing_close(lab.routing);
	conf_free(lab.conf);
	memset(&lab, 0, sizeof(lab));
	return 0;
}

struct plan
plan_of(int a, int b)
{
	struct plan plan = {.serial = 1};
	struct plan_family *f = &plan.family[V4];

	if (a >= 0)
		f->members[f->count++] = (struct plan_member){1, (uint16_t)a};
	if (b >= 0)
		f->members[f->count++] = (struct plan_member){2, (uint16_t)b};
	return plan;
}

int
apply(int a, int b)
{
	const struct plan plan = plan_of(a, b);

	return sys_routing_apply(lab.routing, &plan, &lab.installed, &lab.counts);
}

void
assert_installed(int a, int b)
{
	const struct plan want = plan_of(a, b);

	assert_int_equal(lab.installed.family[V4].count, want.family[V4].count);
	for (unsigned i = 0; i < want.family[V4].count; i++) {
		assert_int_equal(lab.installed.family[V4].members[i].link,
				 want.family[V4].members[i].link);
		assert_int_equal(lab.installed.family[V4].members[i].weight,
				 want.family[V4].members[i].weight);
	}
}

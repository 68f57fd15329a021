/* SPDX-License-Identifier: ISC */
/* verify, reload, release: what is asked of the daemon as a whole, or of the
 * kernel through it. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/screen.h"
#include "system/system.h"

enum { GONE_WITHIN_S = 20 };

static void
print_path(const struct ctl *ctl, const json_t *p)
{
	const char *gateway = ctl_text(p, "gateway", NULL);
	char line[384];

	snprintf(line, sizeof(line), "a probe of link %s to %s leaves by %s, %s%s, from source %s",
		 ctl_text(p, "link", "?"), ctl_text(p, "target", "?"),
		 ctl_text(p, "interface", "?"), gateway ? "next hop " : "directly",
		 gateway ? gateway : "", ctl_text(p, "source", "?"));
	screen_print(stdout, ctl->colour, PLAIN, line);
	fputc('\n', stdout);
	if (ctl_true(p, "as_wanted"))
		screen_print(stdout, ctl->colour, GREEN, "this is the link's own way");
	else
		screen_print(stdout, ctl->colour, RED,
			     "this is NOT the link's own interface and gateway");
	fputc('\n', stdout);
}

enum ctl_exit
ctl_verify(const struct ctl *ctl)
{
	json_t *arguments = json_pack("{s:s}", "link", ctl->word[0]), *result;
	enum ctl_exit status;

	if (ctl->word[1] != NULL)
		json_object_set_new(arguments, "target", json_string(ctl->word[1]));
	status = client_ask(ctl, "verify", arguments, &result);
	if (status != CTL_OK)
		return status;
	if (ctl->json)
		ctl_print_json(ctl, result);
	else
		print_path(ctl, result);
	status = ctl_true(result, "as_wanted") ? CTL_OK : CTL_FAILED;
	json_decref(result);
	return status;
}

enum ctl_exit
ctl_reload(const struct ctl *ctl)
{
	json_t *result;
	enum ctl_exit status = client_ask(ctl, "reload", NULL, &result);

	if (status != CTL_OK)
		return status;
	if (ctl->json)
		ctl_print_json(ctl, result);
	else
		puts("the configuration is in force");
	json_decref(result);
	return CTL_OK;
}

static bool
is_sure(const struct ctl *ctl)
{
	char answer[8] = "";

	if (ctl->value[CTL_YES] || !isatty(STDIN_FILENO))
		return true;
	fputs("All routes, rules and flow marks of uplinkd are removed, and it ends.\n"
	      "What has no other default route loses its way out. Go on? [y/N] ",
	      stderr);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

/* The daemon ends when all is removed; its socket goes last. */
static enum ctl_exit
wait_gone(const struct ctl *ctl)
{
	const struct timespec pause = {0, 100 * 1000 * 1000};
	uint64_t start_ns = clock_mono_ns();
	enum ctl_exit status;
	struct client *c;

	while ((c = client_open(ctl->socket, true, &status)) != NULL) {
		client_close(c);
		if (clock_mono_ns() - start_ns > GONE_WITHIN_S * NSEC_PER_SEC) {
			ctl_complain("uplinkd has not ended within %d s: look at its log",
				     GONE_WITHIN_S);
			return CTL_FAILED;
		}
		nanosleep(&pause, NULL);
	}
	return CTL_OK;
}

/* What of it is left. True: as far as can be seen, nothing. */
static bool
nothing_left(const struct sys_remains *r, bool known)
{
	if (known && r->rules + r->routes == 0 && !r->ruleset)
		return true;
	if (!known)
		ctl_complain("uplinkd has ended, but what it left in the kernel can't be seen: %s",
			     strerror(errno));
	else
		ctl_complain("uplinkd has ended, but something of it is left in the kernel (rules: "
			     "%u, routes: %u, ruleset: %s): start it and release again; its log "
			     "says more",
			     r->rules, r->routes,
			     !r->ruleset_seen ? "only root can see"
			     : r->ruleset     ? "yes"
					      : "no");
	return false;
}

static void
print_released(const struct ctl *ctl, json_t *result, const struct sys_remains *r, bool known)
{
	if (!ctl->json) {
		if (r->ruleset_seen)
			puts("released: uplinkd has ended, nothing of it is left in the kernel");
		else
			puts("released: uplinkd has ended, no rule and no route of it is left; "
			     "root can "
			     "see whether its ruleset is gone, too: nft list table inet uplinkd");
		return;
	}
	if (known) {
		json_object_set_new(result, "rules_left", json_integer(r->rules));
		json_object_set_new(result, "routes_left", json_integer(r->routes));
	}
	if (r->ruleset_seen)
		json_object_set_new(result, "ruleset_left", json_boolean(r->ruleset));
	ctl_print_json(ctl, result);
}

enum ctl_exit
ctl_release(const struct ctl *ctl)
{
	struct sys_remains remains = {0};
	json_t *result;
	enum ctl_exit status;
	bool known, clean;

	if (!is_sure(ctl)) {
		ctl_complain("nothing is changed");
		return CTL_FAILED;
	}
	status = client_ask(ctl, "release", NULL, &result);
	if (status != CTL_OK)
		return status;
	status = wait_gone(ctl);
	if (status == CTL_OK) {
		known = sys_remains(&remains) == 0;
		clean = nothing_left(&remains, known);
		if (clean || ctl->json)
			print_released(ctl, result, &remains, known);
		status = clean ? CTL_OK : CTL_FAILED;
	}
	json_decref(result);
	return status;
}

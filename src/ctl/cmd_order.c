/* SPDX-License-Identifier: ISC */
/* drain, force-up, force-down, auto: what a person orders of a link; wait: until
 * it is so. */
#include "config.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/order.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/screen.h"

/* Who sits at the keyboard, also behind sudo and doas. */
static const char *
login_name(void)
{
	static const char *const behind[] = {"SUDO_USER", "DOAS_USER"};
	const struct passwd *pw;

	for (size_t i = 0; getuid() == 0 && i < sizeof(behind) / sizeof(behind[0]); i++) {
		const char *name = getenv(behind[i]);

		if (name != NULL && name[0] != '\0' && text_ok(name, strlen(name)))
			return name;
	}
	pw = getpwuid(getuid());
	return pw ? pw->pw_name : NULL;
}

static bool
put_text_option(const struct ctl *ctl, enum ctl_option option, json_t *arguments)
{
	const char *text = ctl->value[option];

	if (text == NULL)
		return true;
	if (!text_ok(text, strlen(text))) {
		ctl_complain("--%s takes at most %d octets of UTF-8 without control characters",
			     ctl_options[option].name, TEXT_LEN);
		return false;
	}
	json_object_set_new(arguments, ctl_options[option].name, json_string(text));
	return true;
}

/* NULL: usage, said. */
static json_t *
order_arguments(const struct ctl *ctl)
{
	json_t *arguments = json_pack("{s:s}", "link", ctl->word[0]);
	uint32_t s = 0;

	if (ctl->value[CTL_FOR]) {
		if (!format_parse_duration(ctl->value[CTL_FOR], &s)) {
			ctl_complain("--for takes a time like 90s, 15m, 2h, 1d or 1h30m, at most "
				     "365d, not \"%s\"",
				     ctl->value[CTL_FOR]);
			goto usage;
		}
		json_object_set_new(arguments, "timeout_s", json_integer(s));
	}
	if (!put_text_option(ctl, CTL_COMMENT, arguments) ||
	    !put_text_option(ctl, CTL_OWNER, arguments))
		goto usage;
	if (strcmp(ctl->command->name, "auto") != 0 && ctl->value[CTL_OWNER] == NULL &&
	    login_name() != NULL)
		json_object_set_new(arguments, "owner", json_string(login_name()));
	if (ctl->value[CTL_FORCE])
		json_object_set_new(arguments, "force", json_true());
	return arguments;
usage:
	json_decref(arguments);
	return NULL;
}

static void
print_outcome(const struct ctl *ctl, const json_t *l)
{
	const json_t *order = json_object_get(l, "order");
	const char *reason = ctl_text(l, "oper_reason", "none");
	long long remaining = ctl_number(order, "remaining_s", -1);
	char line[384], left[FORMAT_LEN];

	snprintf(line, sizeof(line), "link %s: %s, now %s (%s)%s%s", ctl_text(l, "link", "?"),
		 ctl_text(l, "admin", "?"), ctl_text(l, "oper", "?"), ctl_reason(reason),
		 remaining >= 0 ? ", ends in " : "",
		 remaining >= 0 ? format_duration(remaining, left) : "");
	screen_print(stdout, ctl->colour, PLAIN, line);
	fputc('\n', stdout);
}

enum ctl_exit
ctl_order(const struct ctl *ctl)
{
	json_t *arguments = order_arguments(ctl), *result;
	enum ctl_exit status;

	if (arguments == NULL)
		return CTL_USAGE;
	status = client_ask(ctl, ctl->command->name, arguments, &result);
	if (status != CTL_OK)
		return status;
	if (ctl->json)
		ctl_print_json(ctl, result);
	else
		print_outcome(ctl, result);
	json_decref(result);
	return CTL_OK;
}

static bool
is_state(const char *text)
{
	static const char *const states[] = {"up",      "degraded", "down",    "active",
					     "standby", "draining", "drained", "out"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], text) == 0)
			return true;
	ctl_complain(
	    "\"%s\" is no state: up, degraded, down, active, standby, draining, drained, out",
	    text);
	return false;
}

/* Once it has answered, the daemon may be gone for a while, as over a restart. */
static enum ctl_exit
ask_for_link(const struct ctl *ctl, uint64_t until_ns, uint64_t *answered_ns, json_t **result)
{
	const struct timespec pause = {0, 200 * 1000 * 1000};
	const uint64_t come_back_ns = CLIENT_COME_BACK_S * NSEC_PER_SEC;
	enum ctl_exit status;

	do {
		uint64_t now_ns = clock_mono_ns();
		bool patient =
		    *answered_ns != 0 && now_ns - *answered_ns < come_back_ns && now_ns < until_ns;
		json_t *arguments = json_pack("{s:s}", "link", ctl->word[0]);

		status =
		    (patient ? client_ask_quietly : client_ask)(ctl, "status", arguments, result);
		if (status == CTL_OK || !patient)
			break;
		if (status == CTL_NOT_RUNNING)
			nanosleep(&pause, NULL);
		else
			*answered_ns = 0; /* to be asked again, for its complaint */
	} while (true);
	*answered_ns = clock_mono_ns();
	return status;
}

enum ctl_exit
ctl_wait(const struct ctl *ctl)
{
	const struct timespec pause = {0, 200 * 1000 * 1000};
	uint64_t start_ns = clock_mono_ns(), answered_ns = 0;
	uint32_t limit_s = UINT32_MAX;
	const char *wanted = ctl->word[1];

	if (!is_state(wanted))
		return CTL_USAGE;
	if (ctl->value[CTL_TIMEOUT] && !format_parse_duration(ctl->value[CTL_TIMEOUT], &limit_s)) {
		ctl_complain("--timeout takes a time like 90s or 15m, not \"%s\"",
			     ctl->value[CTL_TIMEOUT]);
		return CTL_USAGE;
	}
	for (;;) {
		json_t *result;
		const json_t *l;
		bool there;
		enum ctl_exit status =
		    ask_for_link(ctl, start_ns + limit_s * NSEC_PER_SEC, &answered_ns, &result);

		if (status != CTL_OK)
			return status;
		l = json_array_get(json_object_get(result, "links"), 0);
		there = strcmp(ctl_text(l, "health", ""), wanted) == 0 ||
			strcmp(ctl_text(l, "oper", ""), wanted) == 0;
		if (there || clock_mono_ns() - start_ns >= limit_s * NSEC_PER_SEC) {
			if (ctl->json)
				ctl_print_json(ctl, l);
			else
				print_outcome(ctl, l);
			if (!there)
				ctl_complain("link %s was not %s within %s: uplinkctl explain %s",
					     ctl->word[0], wanted, ctl->value[CTL_TIMEOUT],
					     ctl->word[0]);
			json_decref(result);
			return there ? CTL_OK : CTL_FAILED;
		}
		json_decref(result);
		nanosleep(&pause, NULL);
	}
}

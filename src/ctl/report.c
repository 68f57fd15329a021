/* SPDX-License-Identifier: ISC */
/* What every command says and reads. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/names.h"
#include "ctl/ctl.h"
#include "ctl/screen.h"

void
ctl_complain(const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fflush(stdout);
	fputs("uplinkctl: ", stderr);
	screen_print(stderr, false, PLAIN, text);
	fputc('\n', stderr);
}

/* An object says first which version of the schema it follows. On a terminal all but
 * ASCII is escaped: jansson escapes C0 itself, but not C1. */
void
ctl_print_json(const struct ctl *ctl, const json_t *value)
{
	size_t flags = ctl->terminal ? JSON_INDENT(2) | JSON_ENSURE_ASCII : JSON_COMPACT;
	json_t *copy = json_deep_copy(value), *printed = copy;
	char *text;

	if (json_is_object(copy)) {
		printed = json_pack("{s:i}", "v", CTL_SCHEMA);
		json_object_update_missing(printed, copy);
	}
	text = json_dumps(printed, flags);
	puts(text ? text : "null");
	free(text);
	if (printed != copy)
		json_decref(printed);
	json_decref(copy);
}

const char *
ctl_text(const json_t *object, const char *key, const char *absent)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : absent;
}

long long
ctl_number(const json_t *object, const char *key, long long absent)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : absent;
}

bool
ctl_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

bool
ctl_option_number(const struct ctl *ctl, enum ctl_option option, long long *n)
{
	const char *text = ctl->value[option];
	char *end;

	errno = 0;
	*n = strtoll(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && *n >= 0 && *n < UINT32_MAX)
		return true;
	ctl_complain("--%s needs a number, not \"%s\"", ctl_options[option].name, text);
	return false;
}

const char *
ctl_reason(const char *label)
{
	for (unsigned v = REASON_NONE; v < REASON__END; v++)
		if (strcmp(reason_name(v), label) == 0)
			return reason_text(v);
	return label;
}

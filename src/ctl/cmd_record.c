/* SPDX-License-Identifier: ISC */
/* record: every sample as it is taken, one line each, until one ends it. */
#include "config.h"

#include <stdlib.h>

#include "ctl/client.h"
#include "ctl/ctl.h"

static enum ctl_exit
print_line(const json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT);
	bool written = text != NULL && puts(text) >= 0 && fflush(stdout) == 0;

	free(text);
	if (!written)
		ctl_complain("the recording can't be written");
	return written ? CTL_OK : CTL_FAILED;
}

/* What is missing stands in the recording, too. */
static enum ctl_exit
take_missed(const json_t *line)
{
	long long missed = ctl_number(line, "missed", 0);
	json_t *o;
	enum ctl_exit status;

	if (missed <= 0)
		return CTL_OK;
	ctl_complain("%lld samples are missing: they were not taken in time", missed);
	o = json_pack("{s:I}", "missed", (json_int_t)missed);
	status = print_line(o);
	json_decref(o);
	return status;
}

static enum ctl_exit
record_once(struct client *c, bool *answered)
{
	enum ctl_exit status;
	json_t *line, *result = NULL;
	const json_t *sample;

	while ((status = client_next(c, *answered ? -1 : CLIENT_ANSWER_S * 1000, &line)) ==
	       CTL_OK) {
		if (!*answered) {
			status = client_result(line, &result);
			*answered = status == CTL_OK;
			json_decref(result);
		} else if ((sample = json_object_get(line, "sample")) != NULL) {
			status = print_line(sample);
		} else {
			status = take_missed(line);
		}
		json_decref(line);
		if (status != CTL_OK)
			return status;
	}
	return status;
}

/* The daemon may be restarted meanwhile: the recording goes on. */
enum ctl_exit
ctl_record(const struct ctl *ctl)
{
	enum ctl_exit status;
	struct client *c = client_open(ctl->socket, false, &status);

	if (c == NULL)
		return status;
	while (c != NULL) {
		bool answered = false;

		status = client_send(
		    c, "record", ctl->word[0] ? json_pack("{s:s}", "link", ctl->word[0]) : NULL);
		if (status == CTL_OK)
			status = record_once(c, &answered);
		client_close(c);
		if (status != CTL_NOT_RUNNING)
			return status;
		ctl_complain("uplinkd has gone: waiting for it");
		c = client_come_back(ctl, &status);
	}
	ctl_complain("uplinkd does not come back");
	return status;
}

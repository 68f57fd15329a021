/* SPDX-License-Identifier: ISC */
/* top for programs: what the screen is drawn from, an object a line. */
#include "config.h"

#include <stdio.h>
#include <time.h>

#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/top.h"

/* Adds to a link its targets, with their last samples, and its minutes. */
static enum ctl_exit
complete(struct client *c, json_t *link)
{
	json_int_t index = ctl_number(link, "link_index", 0);
	json_t *targets = NULL, *history = NULL;
	enum ctl_exit status = client_exchange(
	    c, "targets", json_pack("{s:I,s:i}", "link", index, "samples", TOP_SPARK_MAX),
	    CLIENT_ANSWER_S * 1000, &targets);

	if (status != CTL_NOT_RUNNING)
		status = client_exchange(
		    c, "history", json_pack("{s:I,s:i}", "link", index, "minutes", TOP_SPARK_MAX),
		    CLIENT_ANSWER_S * 1000, &history);
	/* A link that has just gone is refused: it stands there bare. */
	json_object_set(link, "targets", json_object_get(targets, "targets"));
	json_object_set(link, "minutes", json_object_get(history, "minutes"));
	json_decref(targets);
	json_decref(history);
	return status == CTL_NOT_RUNNING ? status : CTL_OK;
}

static enum ctl_exit
print_turn(const struct ctl *ctl, struct client *c)
{
	json_t *turn, *link;
	size_t i;
	enum ctl_exit status = client_exchange(c, "status", NULL, CLIENT_ANSWER_S * 1000, &turn);

	if (status != CTL_OK)
		return status;
	json_array_foreach(json_object_get(turn, "links"), i, link) if (status == CTL_OK) status =
	    complete(c, link);
	if (status == CTL_OK) {
		ctl_print_json(ctl, turn);
		if (fflush(stdout) != 0) {
			ctl_complain("standard output can't be written");
			status = CTL_FAILED;
		}
	}
	json_decref(turn);
	return status;
}

/* Each turn has a connection of its own, since the daemon gives up on one that is
 * idle for long. It may be restarted meanwhile. */
enum ctl_exit
ctl_top_json(const struct ctl *ctl, long long interval_s)
{
	const struct timespec pause = {interval_s, 0};
	enum ctl_exit status;
	struct client *c = client_open(ctl->socket, false, &status);

	if (c == NULL)
		return status;
	while (c != NULL) {
		client_hush(c);
		status = print_turn(ctl, c);
		client_close(c);
		if (status == CTL_FAILED)
			return status;
		if (status == CTL_OK)
			nanosleep(&pause, NULL);
		c = client_open(ctl->socket, true, &status);
		if (c == NULL && status == CTL_NOT_RUNNING) {
			ctl_complain("uplinkd has gone: waiting for it");
			c = client_come_back(ctl, &status);
		}
	}
	ctl_complain("uplinkd does not come back");
	return status;
}

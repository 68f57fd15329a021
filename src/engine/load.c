/* SPDX-License-Identifier: ISC */
/* Takes a configuration over: links and targets, what the global row says of it, and
 * the flows of links that are gone. */
#include "config.h"

#include "engine/load.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/handed.h"
#include "common/clock.h"
#include "common/log.h"
#include "engine/control.h"
#include "engine/decide.h"
#include "engine/ordering.h"
#include "engine/publish.h"

/* What the global row says of a daemon that was just started. */
static void
note_start(struct engine *e, const struct ipc_config *c)
{
	struct board_global *g = &e->global;
	bool daemon_started = g->started_ns != c->started_ns;
	struct event_draft d = {.type = daemon_started ? EVENT_STARTED : EVENT_PROCESS_RESTARTED,
				.reason = daemon_started ? REASON_STARTING : REASON_CRASH,
				.text = daemon_started ? "uplinkd " PACKAGE_VERSION : "engine"};

	g->started_ns = c->started_ns;
	g->started_wall_ns = c->started_wall_ns;
	snprintf(g->version, sizeof(g->version), "%s", PACKAGE_VERSION);
	g->agentx_connected = 0;
	publish_event(e, &d);
}

static void
note_config(struct engine *e, uint32_t serial)
{
	struct board_global *g = &e->global;

	memcpy(g->site, e->conf->site, sizeof(g->site));
	g->control = e->conf->snmp.control;
	g->default_timeout_s = e->conf->snmp.default_timeout_s;
	g->config_serial = serial;
	g->config_ok = 1;
	g->config_error[0] = '\0';
	g->config_loaded_ns = clock_mono_ns();
	g->config_loaded_wall_ns = clock_wall_ns();
}

void
load_config(struct engine *e, const struct ipc_message *m)
{
	static uint16_t before[LINKS_MAX];
	size_t nbefore = e->nlinks;
	const struct ipc_config *c = m->body;
	bool first = !e->adopted;
	struct event_draft d = {.type = EVENT_CONFIG_LOADED, .reason = REASON_CONFIG};
	struct conf *conf = handed_config(m->fd);

	for (size_t i = 0; i < nbefore; i++)
		before[i] = e->links[i]->row.index;
	if (conf == NULL || model_load(e, conf) != 0) {
		log_error("the configuration can't be taken over: %s",
			  conf ? "out of memory" : "unreadable");
		exit(1); /* the parent starts the next engine; the routes stay meanwhile */
	}
	e->sent.serial = 0; /* the parent forgot its plan with the old configuration */
	note_config(e, c->serial);
	for (size_t i = 0; i < nbefore; i++)
		if (model_link(e, before[i]) == NULL)
			decide_kill_gone(e, before[i]);
	if (first)
		ordering_adopt(e);
	publish_rows(e);
	publish_table_change(e);
	if (first)
		note_start(e, c);
	else
		publish_event(e, &d);
	if (first)
		ipc_send(e->parent, IPC_READY, NULL, 0, -1);
	decide(e);
}

void
load_told(struct engine *e, const struct ipc_reloaded *r)
{
	char text[sizeof(r->error)];
	struct event_draft d = {
	    .type = EVENT_CONFIG_REJECTED, .reason = REASON_CONFIG, .text = text};

	memcpy(text, r->error, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	e->global.config_loaded_ns = r->at_ns;
	e->global.config_loaded_wall_ns = r->at_wall_ns;
	e->global.config_ok = r->ok != 0;
	memcpy(e->global.config_error, text, sizeof(e->global.config_error));
	if (!r->ok)
		publish_event(e, &d);
	publish_global(e);
	if (e->control != NULL)
		control_reloaded(e->control, r);
}

/* SPDX-License-Identifier: ISC */
/* Makes a configuration of a draft: fills in what is inherited and what is
 * default, and checks what can only be seen in the whole. It goes on after a
 * mistake, but does not blame a link for what a broken statement may have said. */
#include <stdlib.h>
#include <string.h>

#include "conf/draft.h"

static uint64_t
file_value(const struct draft *d, enum setting setting, uint64_t standard)
{
	return d->set[setting].line != 0 ? d->set[setting].value : standard;
}

static void
fill_file(struct draft *d)
{
	struct conf *conf = d->conf;

	if (d->set[SET_GROUP].line == 0)
		strcpy(conf->group, "_uplinkd");
	if (conf->snmp.agentx[0] == '\0' && conf->snmp.agent.nlistens == 0)
		strcpy(conf->snmp.agentx, "/var/agentx/master");
	conf->mark_mask = (uint32_t)file_value(d, SET_MARK, 0x7ff00);
	conf->table_base = (uint32_t)file_value(d, SET_TABLE, setting_ranges[SET_TABLE].standard);
	conf->rule_base = (uint32_t)file_value(d, SET_RULE, setting_ranges[SET_RULE].standard);
	conf->confirm = file_value(d, SET_CONFIRM, true) != 0;
	conf->suspicion = file_value(d, SET_SUSPICION, true) != 0;
	conf->flows = (uint8_t)file_value(d, SET_FLOWS, CONF_FLOWS_MARKS);
	conf->reset_clients = file_value(d, SET_RESET, false) != 0;
	conf->realtime = file_value(d, SET_REALTIME, true) != 0;
	conf->snmp.enabled = file_value(d, SET_SNMP, true) != 0;
	conf->snmp.control = file_value(d, SET_CONTROL, true) != 0;
	conf->snmp.default_timeout_s = (uint32_t)(file_value(d, SET_DEFAULT_TIMEOUT, 0) / 1000);
	conf->snmp.notify_targets = file_value(d, SET_NOTIFY_TARGETS, false) != 0;
	conf->snmp.notify_limit =
	    (uint32_t)file_value(d, SET_NOTIFY_LIMIT, setting_ranges[SET_NOTIFY_LIMIT].standard);
}

/* The links' own memory passes from the draft to the configuration. */
static int
hand_over(struct draft *d)
{
	d->conf->links = calloc(d->nlinks + 1, sizeof *d->conf->links);
	if (d->conf->links == NULL) {
		draft_no_memory(d);
		return -1;
	}
	d->conf->nlinks = d->nlinks;
	d->conf->hooks = d->hooks;
	d->conf->nhooks = d->nhooks;
	d->hooks = NULL;
	for (size_t i = 0; i < d->nlinks; i++) {
		d->conf->links[i] = d->links[i].link;
		d->links[i].link.targets = NULL;
	}
	return 0;
}

int
draft_check(struct draft *d)
{
	if (d->nlinks == 0 && !d->broken)
		draft_error(d, d->last.line > 0 ? d->last.line : 1,
			    "there is no link: add at least one, link \"NAME\" { interface ...; "
			    "gateway ... }");
	fill_file(d);
	draft_check_agent(d);
	for (size_t i = 0; i < d->nlinks; i++)
		draft_check_link(d, &d->links[i]);
	draft_check_pairs(d);
	draft_check_forwarding(d);
	if (d->mistakes > 0)
		return -1;
	draft_warn_all(d);
	return hand_over(d);
}

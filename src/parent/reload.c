/* SPDX-License-Identifier: ISC */
/* The configuration file, read at start and again on demand. */
#include "parent/reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/log.h"
#include "parent/agent.h"
#include "parent/boardfile.h"
#include "parent/configfile.h"
#include "parent/controlsocket.h"
#include "parent/handover.h"
#include "parent/kernel.h"
#include "parent/notify.h"
#include "parent/optional.h"
#include "parent/textfile.h"

static void
say(bool error, const char *line)
{
	if (error)
		log_error("%s", line);
	else
		log_warn("%s", line);
}

/* What holds for the running daemon but can't be seen in the file alone. */
static int
check_against_running(const struct parent *p, struct configfile *file)
{
	const struct conf *now = p->conf, *next = file->conf;
	const char *path = p->options->file;
	char listen[128];

	if (controlsocket_group(next, NULL) != 0) {
		char reason[128];

		snprintf(reason, sizeof(reason), "there is no group \"%s\": groupadd --system %s",
			 next->group, next->group);
		configfile_refuse(file, path, reason, say);
	}
	if (now != NULL &&
	    (now->mark_mask != next->mark_mask || now->table_base != next->table_base ||
	     now->rule_base != next->rule_base))
		configfile_refuse(file, path,
				  "mark, table or rule numbers can't change while the daemon "
				  "runs: uplinkctl release, then start it again",
				  say);
	if (now != NULL && agent_may_listen(p, &next->snmp.agent, listen, sizeof(listen)) != 0)
		configfile_refuse(file, path, listen, say);
	return file->mistakes == 0 ? 0 : -1;
}

/* By what may be open at a time. */
static void
divide_sockets(struct parent *p)
{
	int end = descriptors_end_of_probes();

	p->tcp_left_out = probe_sockets_left_out(
	    p->conf, end > DESCRIPTORS_OWN ? (unsigned)(end - DESCRIPTORS_OWN) : 0);
	if (p->tcp_left_out > 0)
		log_warn("too few open files are allowed: the targets that are asked by TCP share "
			 "the sockets that there are, %u %% fewer than wanted (raise ulimit -n, or "
			 "LimitNOFILE of the unit)",
			 (p->tcp_left_out + 9) / 10);
}

/* Puts file into force; p->map has its indexes. Takes what file holds. 0 or -1. */
static int
adopt(struct parent *p, struct configfile *file)
{
	struct conf *old = p->conf;
	int fd = configfile_pinned(file->text, file->len, file->conf);

	if (fd < 0) {
		configfile_refuse(file, p->options->file, strerror(errno), say);
		return -1;
	}
	if (p->conf_fd >= 0)
		close(p->conf_fd);
	free(p->conf_text);
	textfile_forget(p->secrets, p->secrets_len);
	p->secrets = file->secrets;
	p->secrets_len = file->secrets_len;
	file->secrets = NULL;
	p->conf = file->conf;
	p->conf_text = file->text;
	p->conf_len = file->len;
	p->conf_fd = fd;
	p->conf_serial++;
	divide_sockets(p);
	file->conf = NULL;
	file->text = NULL;
	if (p->routing != NULL) {
		kernel_settings(p);
		kernel_configure(p);
	}
	if (old != NULL)
		conf_free(old);
	return 0;
}

/* Reads, checks and gives indexes. 0: file can be adopted. */
static int
load(struct parent *p, struct configfile *file, struct conf_index_map *map)
{
	char reason[256];

	if (configfile_read(p->options->file, file, say) != 0 ||
	    configfile_secrets(p->options->file, file, false, say) != 0 ||
	    check_against_running(p, file) != 0)
		return -1;
	*map = p->map;
	if (conf_assign_indexes(file->conf, map, reason, sizeof(reason)) != 0) {
		configfile_refuse(file, p->options->file, reason, say);
		return -1;
	}
	if (boardfile_make_room(p, file->conf) != 0) {
		snprintf(reason, sizeof(reason), "there is no room for its links in %s: %s",
			 p->board_path, strerror(errno));
		configfile_refuse(file, p->options->file, reason, say);
		return -1;
	}
	return 0;
}

static void
take_map(struct parent *p, const struct conf_index_map *map)
{
	if (memcmp(map, &p->map, sizeof(*map)) == 0)
		return;
	p->map = *map;
	p->map_changed = true;
	handover_indexes(&p->children[IPC_PEER_WORKER]);
}

int
reload_first(struct parent *p, char *mistake, size_t size)
{
	struct conf_index_map map;
	struct configfile file;
	int result = -1;

	if (load(p, &file, &map) == 0) {
		take_map(p, &map);
		result = adopt(p, &file);
	}
	if (result != 0 && file.mistakes > 1)
		snprintf(mistake, size, "%s (%u mistakes: uplinkd -n -f %s names all of them)",
			 file.first, file.mistakes, p->options->file);
	else if (result != 0)
		snprintf(mistake, size, "%s", file.first);
	configfile_free(&file);
	return result;
}

static void
tell_outcome(struct parent *p, bool ok, const struct configfile *file)
{
	struct ipc_reloaded body;

	memset(&body, 0, sizeof(body));
	body.ok = ok;
	body.mistakes = file->mistakes;
	body.at_ns = clock_mono_ns();
	body.at_wall_ns = clock_wall_ns();
	memcpy(body.error, file->first, sizeof(body.error));
	handover_note(&p->children[IPC_PEER_ENGINE], IPC_RELOADED, &body, sizeof(body));
}

/* By link index, 0: for all links. */
struct sockets {
	struct probe_sockets link[LINKS_MAX + 1];
};

static void
note_sockets(const struct parent *p, struct sockets *s)
{
	const struct conf *conf = p->conf;

	memset(s, 0, sizeof(*s));
	s->link[0] = probe_sockets_shared(conf);
	for (size_t i = 0; i < conf->nlinks; i++)
		s->link[conf->links[i].index] =
		    probe_sockets_needed(&conf->links[i], p->tcp_left_out);
}

static void
tell_children(struct parent *p, const struct sockets *before)
{
	static struct sockets after;
	struct child *engine = &p->children[IPC_PEER_ENGINE];

	note_sockets(p, &after);
	handover_config(engine);
	handover_config(&p->children[IPC_PEER_WORKER]);
	if (p->children[IPC_PEER_HOOKS].pid != 0)
		handover_config(&p->children[IPC_PEER_HOOKS]);
	optional_renew(p);
	for (unsigned link = 0; link <= LINKS_MAX; link++)
		handover_sockets(engine, link, &before->link[link], &after.link[link]);
}

static bool
same_secrets(const struct parent *p, const struct configfile *file)
{
	if (p->secrets == NULL || file->secrets == NULL)
		return p->secrets == file->secrets;
	return p->secrets_len == file->secrets_len &&
	       memcmp(p->secrets, file->secrets, p->secrets_len) == 0;
}

static void
take_changes(struct parent *p, struct configfile *file, const struct conf_index_map *map)
{
	static struct sockets before;
	char group[sizeof(p->conf->group)];
	bool other_agent =
	    agent_differs(&p->conf->snmp.agent, &file->conf->snmp.agent) || !same_secrets(p, file);

	note_sockets(p, &before);
	/* there is a configuration since the start:
	 * NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
	memcpy(group, p->conf->group, sizeof(group));
	take_map(p, map);
	if (adopt(p, file) != 0) {
		tell_outcome(p, false, file);
		return;
	}
	tell_children(p, &before);
	if (strcmp(group, p->conf->group) != 0)
		controlsocket_regroup(p);
	handover_settings(&p->children[IPC_PEER_SNMP]);
	optional_see_to(p);
	if (other_agent)
		optional_replace_snmp(p);
	tell_outcome(p, true, file);
	log_info("%s is in force: %zu links, load %u", p->options->file, p->conf->nlinks,
		 p->conf_serial);
}

void
reload(struct parent *p)
{
	struct conf_index_map map;
	struct configfile file;
	char state[64];

	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%llu",
		 (unsigned long long)(clock_mono_ns() / NSEC_PER_USEC));
	notify_supervisor(state);
	if (load(p, &file, &map) != 0) {
		log_error("%s is not taken (%u mistakes): nothing changes", p->options->file,
			  file.mistakes);
		tell_outcome(p, false, &file);
	} else if (file.len == p->conf_len && memcmp(file.text, p->conf_text, file.len) == 0 &&
		   same_secrets(p, &file)) {
		log_info("%s has not changed", p->options->file);
		optional_see_to(p);
		tell_outcome(p, true, &file);
	} else {
		take_changes(p, &file, &map);
	}
	configfile_free(&file);
	notify_supervisor("READY=1");
}

/* SPDX-License-Identifier: ISC */
/* Any octets as what comes to the port of an SNMP agent of its own: decoded by
 * net-snmp's library, and answered, over a board with a few rows, by the code that
 * answers managers. Seeds are of SNMPv2c with the community "c", which may read, and of
 * an SNMPv3 manager that looks for the engine. */
#include "config.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/board.h"
#include "subagent/channel.h"
#include "subagent/responder.h"
#include "subagent/security.h"
#include "subagent/standard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] = "snmp { listen udp:161; secrets /s; community c read all; "
			   "view v include system exclude 1.3.6.1.2.1.1.4; community d read v; "
			   "user u auth sha256 priv aes read all write all }\n"
			   "link a { interface wan1; gateway 192.0.2.1 }\n";
static const char secrets_text[] = "community c c\ncommunity d d\n"
				   "user u auth \"passphrase\" priv \"passphrase\"\n";

static struct responder *responder;
static struct control *control;

static void
fill(struct board *board)
{
	struct board_global g = {.control = 1, .links = 2, .link_slots = 8, .target_slots = 4};
	struct board_link l = {.tier = 1,
			       .weight = 1,
			       .health = HEALTH_UP,
			       .oper = OPER_ACTIVE,
			       .admin = ADMIN_AUTO,
			       .actor = ACTOR_DAEMON};
	struct board_target t = {.link = 7, .index = 3, .method = METHOD_ICMP};

	for (unsigned i = 1; i <= 7; i += 3) {
		l.index = (uint16_t)i;
		board_write(&board->links[i], &l, sizeof(l));
	}
	board_write(&board->targets[2], &t, sizeof(t));
	board_write(&board->global, &g, sizeof(g));
}

static struct view *
open_view(void)
{
	char path[] = "/tmp/fuzz-board.XXXXXX";
	struct board *board;
	bool fresh;
	int fd = mkstemp(path);

	close(fd);
	fd = board_create(path, &fresh);
	unlink(path);
	board = board_map_writable(fd);
	if (board == NULL)
		abort();
	fill(board);
	return view_open(fd);
}

static void
respond(void *arg, long transaction, long packet, int error, int index)
{
	(void)arg;
	(void)packet;
	if (error < 0 || index < 0)
		abort();
	responder_set_answered(responder, transaction, error, index);
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
no_answer(void *arg, const struct ipc_set_answer *answer)
{
	(void)arg;
	(void)answer;
}

static void
complain(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	if (!error)
		return;
	fprintf(stderr, "%s:%d: %s\n", file, line, message);
	abort();
}

static int
admit(const struct conf_agent *a, const struct conf_secrets *secrets)
{
	netsnmp_session settings;
	int failed;

	snmp_sess_init(&settings);
	failed = security_user(&a->users[0], conf_secret(secrets, false, "u"), &settings) != 0 ||
		 security_own_engine(&settings) != 0 || security_admit(&settings) != 0;
	security_forget(&settings);
	return failed ? -1 : 0;
}

static void
set_up(void)
{
	const struct channel_hooks hooks = {nothing, no_answer, nothing, nothing, NULL};
	const struct control_hooks control_hooks = {respond, nothing, NULL};
	const struct engine_identity engine = {
	    .id = {0x80, 0, 0x1f, 0x88, 5, 1, 2, 3, 4, 5, 6, 7, 8}, .length = 13, .boots = 1};
	static struct conf *conf; /* lives on */
	struct conf_secrets *secrets =
	    conf_secrets_parse(secrets_text, strlen(secrets_text), "secrets", complain, NULL);
	struct event_base *base = event_base_new();
	struct view *view = open_view();

	conf = conf_parse(text, strlen(text), "conf", complain, NULL);
	codec_init();
	mib_serve(standard_groups(&conf->snmp.agent));
	if (security_init(&engine) != 0 || admit(&conf->snmp.agent, secrets) != 0)
		abort();
	responder = responder_new(base, view, access_new(&conf->snmp.agent, secrets));
	control = control_new(base, view, channel_new(base, &hooks), &control_hooks);
	conf_secrets_free(secrets);
	if (responder == NULL || control == NULL)
		abort();
	responder_use(responder, control);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct origin from;
	struct sockaddr_in *peer = (struct sockaddr_in *)(void *)&from.path.peer;

	if (responder == NULL)
		set_up();
	if (size == 0)
		return 0;
	memset(&from, 0, sizeof(from));
	from.fd = -1; /* the answers go nowhere */
	from.path.peer_len = sizeof(*peer);
	peer->sin_family = AF_INET;
	peer->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	responder_take(responder, data, size, &from);
	return 0;
}

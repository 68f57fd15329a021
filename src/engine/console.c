/* SPDX-License-Identifier: ISC */
/* What a client of the control socket can ask of the engine. */
#include "config.h"

#include "engine/console.h"

#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "engine/control.h"
#include "engine/judgement.h"
#include "engine/ordering.h"

static enum order_verdict
ask_order(void *arg, const struct order *order, uid_t uid, char *why, size_t why_size)
{
	return ordering_now(arg, order, uid, why, why_size);
}

static int
ask_reload(void *arg)
{
	struct engine *e = arg;

	return ipc_send(e->parent, IPC_RELOAD, NULL, 0, -1);
}

static int
ask_release(void *arg)
{
	struct engine *e = arg;

	return ipc_send(e->parent, IPC_RELEASE, NULL, 0, -1);
}

static int
ask_path(void *arg, unsigned link, const struct addr *target, uint32_t token)
{
	struct engine *e = arg;
	struct ipc_path p = {.id = token, .link = (uint16_t)link, .target = *target};

	return ipc_send(e->parent, IPC_PATH, &p, sizeof(p), -1);
}

static bool
ask_judgement(void *arg, unsigned index, struct judgement *out)
{
	struct link *link = model_link(arg, index);

	if (link == NULL)
		return false;
	judgement_of(link, out);
	return true;
}

void
console_serve(struct engine *e, int fd)
{
	struct control_ops ops = {.order = ask_order,
				  .reload = ask_reload,
				  .release = ask_release,
				  .verify = ask_path,
				  .judgement = ask_judgement,
				  .arg = e};

	if (e->control != NULL)
		control_free(e->control);
	e->control = control_new(e->base, fd, e->board, &ops);
	if (e->control == NULL)
		log_error("the control socket can't be served: %s", strerror(errno));
}

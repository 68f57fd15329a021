/* SPDX-License-Identifier: ISC */
/* explain: everything that is known of one link, asked for on one connection. */
#include "config.h"

#include <stdint.h>

#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/explain.h"

enum { EVENTS = 1000 }; /* so far back the link's last is looked for */

struct answers {
	json_t *status, *routes, *targets, *judgement, *events;
};

static void
drop(struct answers *a)
{
	json_decref(a->status);
	json_decref(a->routes);
	json_decref(a->targets);
	json_decref(a->judgement);
	json_decref(a->events);
}

static enum ctl_exit
ask(struct client *c, const char *command, json_t *arguments, json_t **result)
{
	return client_exchange(c, command, arguments, CLIENT_ANSWER_S * 1000, result);
}

static enum ctl_exit
ask_all(const struct ctl *ctl, struct answers *a)
{
	enum ctl_exit status;
	const char *link = ctl->word[0];
	struct client *c = client_open(ctl->socket, false, &status);

	if (c == NULL)
		return status;
	status = ask(c, "judgement", json_pack("{s:s}", "link", link), &a->judgement);
	if (status == CTL_OK)
		status = ask(c, "status", NULL, &a->status);
	if (status == CTL_OK)
		status = ask(c, "routes", json_pack("{s:s}", "link", link), &a->routes);
	if (status == CTL_OK)
		status = ask(c, "targets", json_pack("{s:s}", "link", link), &a->targets);
	if (status == CTL_OK)
		status = ask(c, "events", json_pack("{s:i}", "limit", EVENTS), &a->events);
	client_close(c);
	return status;
}

static const json_t *
find_link(const json_t *links, long long index)
{
	const json_t *l;
	size_t i;

	json_array_foreach(links, i, l)
	{
		if (ctl_number(l, "link_index", 0) == index)
			return l;
	}
	return NULL;
}

static const json_t *
last_event(const json_t *events, long long index)
{
	for (size_t i = json_array_size(events); i-- > 0;) {
		const json_t *e = json_array_get(events, i);

		if (ctl_number(e, "link_index", 0) == index)
			return e;
	}
	return NULL;
}

static void
print_json(const struct ctl *ctl, const struct explanation *e)
{
	json_t *all = json_pack("{s:O,s:O,s:O,s:O,s:O,s:o}", "global", e->global, "link", e->link,
				"routes", e->routes, "targets", e->targets, "judgement",
				e->judgement, "advice", explain_advice(e));

	if (e->event != NULL)
		json_object_set(all, "event", (json_t *)(uintptr_t)e->event);
	ctl_print_json(ctl, all);
	json_decref(all);
}

static enum ctl_exit
show(const struct ctl *ctl, const struct answers *a)
{
	long long index = ctl_number(a->judgement, "link_index", 0);
	struct explanation e = {
	    .global = json_object_get(a->status, "global"),
	    .links = json_object_get(a->status, "links"),
	    .routes = json_object_get(a->routes, "routes"),
	    .targets = json_object_get(a->targets, "targets"),
	    .judgement = a->judgement,
	    .event = last_event(json_object_get(a->events, "events"), index),
	};

	e.link = find_link(e.links, index);
	if (e.link == NULL) {
		ctl_complain("link \"%s\" has just been removed", ctl->word[0]);
		return CTL_FAILED;
	}
	if (ctl->json)
		print_json(ctl, &e);
	else
		explain_link(&e, stdout, ctl->colour);
	return CTL_OK;
}

enum ctl_exit
ctl_explain(const struct ctl *ctl)
{
	struct answers a = {0};
	enum ctl_exit status = ask_all(ctl, &a);

	if (status == CTL_OK)
		status = show(ctl, &a);
	drop(&a);
	return status;
}

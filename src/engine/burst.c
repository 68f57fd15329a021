/* SPDX-License-Identifier: ISC */
/* Bursts: the targets of a link that is under suspicion are asked at once. */
#include "config.h"

#include "engine/burst.h"

#include "common/clock.h"
#include "engine/method.h"
#include "engine/pace.h"
#include "engine/probing.h"
#include "engine/sending.h"
#include "engine/traffic.h"
#include "system/system.h"

enum { ALIVE_PACKETS = 10 }; /* came in since the burst began: the link is slow, not dead */

/* Half as long again as what is overdue. */
uint64_t
burst_limit_ns(const struct target *t)
{
	uint64_t limit = probing_overdue_ns(t) * 3 / 2;

	return limit < probing_timeout_ns(t) ? limit : probing_timeout_ns(t);
}

static bool
read_received(const struct link *link, uint64_t *received)
{
	struct sys_traffic *traffic = link->engine->traffic;
	struct sys_traffic_count count;

	if (traffic == NULL || link->facts.ifindex == 0 ||
	    sys_traffic_read(traffic, &link->facts, true, &count) != 0)
		return false;
	*received = count.received;
	return true;
}

static bool
joins_burst(const struct target *t, int family)
{
	return t->conf.family == family && t->judge.status == TARGET_UP && t->urgent_left == 0 &&
	       !method_ops(t->conf.method)->costly;
}

static uint64_t
octets_of(const struct link *link, int family)
{
	uint64_t octets = 0;

	for (size_t i = 0; i < link->ntargets; i++)
		if (joins_burst(link->targets[i], family))
			octets += (uint64_t)conf_burst(&link->targets[i]->conf.probe) *
				  conf_probe_octets(&link->targets[i]->conf);
	return octets;
}

bool
burst_begin(struct link *link, int family)
{
	uint64_t now = clock_mono_ns(), longest = 0;
	bool any = false;

	if (!link->engine->conf->confirm || now < link->burst[family].until_ns ||
	    !pace_allows(link, octets_of(link, family)))
		return false;
	link->burst[family].counted = read_received(link, &link->burst[family].received);
	for (size_t i = 0; i < link->ntargets; i++) {
		struct target *t = link->targets[i];

		if (!joins_burst(t, family))
			continue;
		sending_at_once(t, now);
		if (burst_limit_ns(t) > longest)
			longest = burst_limit_ns(t);
		any = true;
	}
	link->burst[family].until_ns = now + 2 * longest + NSEC_PER_SEC / 2;
	return any;
}

/* Packets that nobody has to send are coming in: the way is slow, not dead. Then
 * an urgent probe gets the time of any other. */
bool
burst_link_is_alive(const struct target *t)
{
	const struct link *link = t->link;
	uint64_t received;

	return link->burst[t->conf.family].counted && read_received(link, &received) &&
	       received >= link->burst[t->conf.family].received + ALIVE_PACKETS;
}

/* How long an urgent probe may wait on a link that is alive. A queue that has grown
 * beyond the timeout answers late, and three late ones at once would look like a dead
 * link: the regular probes decide that, which are a timeout apart. Of an interface with
 * several links nobody knows which of them is alive. */
uint64_t
burst_patience_ns(const struct target *t)
{
	enum { TIMEOUTS = 3 };

	return probing_timeout_ns(t) * (traffic_is_shared(t->link) ? 1 : TIMEOUTS);
}

/* SPDX-License-Identifier: ISC */
/* Writes a configuration as text that reads back as the same: every default
 * spelled out, and nothing that the grammar does not know. */
#include <inttypes.h>
#include <string.h>

#include "conf/draft.h"
#include "conf/methods.h"

static void
print_named(FILE *out, const char *indent, const char *name, const char *text)
{
	conf_print_named(out, indent, name, text);
	putc('\n', out);
}

static const char *
yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

static void
print_address(FILE *out, const char *name, const struct addr *a)
{
	char text[ADDR_STRLEN];

	if (addr_is_set(a))
		fprintf(out, "\t%s %s\n", name, addr_text(a, text));
}

/* With its length, also where that is 128. */
static const char *
prefix_text(const struct addr *prefix, char text[static ADDR_STRLEN])
{
	struct addr bare = *prefix;
	size_t len;

	bare.plen = 128;
	len = strlen(addr_text(&bare, text));
	snprintf(text + len, ADDR_STRLEN - len, "/%u", prefix->plen);
	return text;
}

static void
print_nat(FILE *out, const struct conf_route *r, int family)
{
	static const char *const kinds[] = {"none", "masquerade", "snat", "prefix"};
	char text[ADDR_STRLEN], inside[ADDR_STRLEN];

	fprintf(out, "\t%s %s", family == V4 ? "nat" : "nat6", kinds[r->nat]);
	if (r->nat == CONF_NAT_SNAT)
		fprintf(out, " %s", addr_text(&r->nat_addr, text));
	else if (r->nat == CONF_NAT_PREFIX)
		fprintf(out, " %s to %s", prefix_text(&r->nat_inside, inside),
			prefix_text(&r->nat_addr, text));
	putc('\n', out);
}

static void
print_forwarding(FILE *out, const struct conf_link *link)
{
	char idle[TIME_LEN], deadline[TIME_LEN];

	fprintf(out, "\tlast resort %s\n\tkill flows %s\n\trebalance %s\n\tdrain idle %s\n",
		yes_no(link->last_resort), yes_no(link->kill_flows), yes_no(link->rebalance),
		draft_time_text((uint64_t)link->drain_idle_s * 1000, idle));
	fprintf(out, "\tdrain deadline %s\n",
		link->drain_deadline_s == 0
		    ? "no"
		    : draft_time_text((uint64_t)link->drain_deadline_s * 1000, deadline));
	if (link->mss <= CONF_MSS_PMTU)
		fprintf(out, "\tmss clamp %s\n", link->mss == CONF_MSS_NO ? "no" : "pmtu");
	else
		fprintf(out, "\tmss clamp %u\n", link->mss);
}

static void
print_route(FILE *out, const struct conf_link *link, int family)
{
	const struct conf_route *r = &link->route[family];
	bool either = link->route[V4].if_there || link->route[V6].if_there;
	char text[ADDR_STRLEN];

	if (either && family == V4)
		fprintf(out, "\tgateway auto\n");
	else if (r->gateway_kind == CONF_GATEWAY_AUTO && !either)
		fprintf(out, "\tgateway auto %s\n", family == V4 ? "inet" : "inet6");
	else if (addr_is_set(&r->gateway))
		fprintf(out, "\tgateway %s%s\n", addr_text(&r->gateway, text),
			addr_family(&r->gateway) == family ? "" : " inet");
	print_address(out, "source", &r->source);
	if (addr_is_set(&r->prefix))
		fprintf(out, "\tprefix %s\n", prefix_text(&r->prefix, text));
	print_nat(out, r, family);
}

static void
print_http(FILE *out, const struct conf_target *t)
{
	const struct {
		const char *name, *text;
	} texts[] = {{"host", t->http->host},
		     {"path", t->http->path},
		     {"expect", t->http->expect},
		     {"ca", t->http->ca}};

	fprintf(out, " %s", t->method == METHOD_HTTP ? "http" : "https");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].text[0] != '\0') {
			fprintf(out, " %s ", texts[i].name);
			conf_print_quoted(out, texts[i].text);
		}
	fprintf(out, " port %u status %u", t->port, t->http->status);
}

static void
print_command(FILE *out, const struct conf_command *c)
{
	const char *argument = c->text;

	fputs(" command", out);
	for (unsigned i = 0; i < c->argc; i++, argument += strlen(argument) + 1) {
		putc(' ', out);
		conf_print_quoted(out, argument);
	}
}

static void
print_method(FILE *out, const struct conf_target *t)
{
	switch (t->method) {
	case METHOD_TCP:
		fprintf(out, " tcp port %u", t->port);
		break;
	case METHOD_DNS:
		fputs(" dns query ", out);
		conf_print_quoted(out, t->query);
		fprintf(out, " type %s rcode %s", conf_query_type_name(t->query_type),
			conf_rcode_name(t->rcode));
		break;
	case METHOD_HTTP:
	case METHOD_HTTPS:
		print_http(out, t);
		break;
	case METHOD_COMMAND:
		print_command(out, t->command);
		break;
	case METHOD_NEIGHBOUR:
		fputs(t->family == V4 ? " arp" : " nd", out);
		break;
	default:
		fprintf(out, " icmp size %u ttl %u", t->size, t->ttl);
	}
}

static void
print_target(FILE *out, const struct conf_target *t)
{
	char text[ADDR_STRLEN], interval[TIME_LEN], timeout[TIME_LEN], window[TIME_LEN];

	if (t->gateway)
		fprintf(out, "\ttarget gateway %s", t->family == V4 ? "inet" : "inet6");
	else
		fprintf(out, "\ttarget %s", addr_text(&t->addr, text));
	print_method(out, t);
	fprintf(out,
		" { interval %s; timeout %s; down after %" PRIu32 "; up after %" PRIu32
		"; window %s }\n",
		draft_time_text(t->probe.interval_ms, interval),
		draft_time_text(t->probe.timeout_ms, timeout), t->probe.down_after,
		t->probe.up_after, draft_time_text(t->probe.window_ms, window));
}

static void
print_limit(FILE *out, const char *name, enum setting_kind kind, const struct conf_threshold *t)
{
	/* Times are kept in microseconds and written in milliseconds. */
	uint64_t unit = kind == KIND_TIME ? 1000 : 1;
	char enter[TIME_LEN], leave[TIME_LEN];

	if (t->enter == 0)
		fprintf(out, "\tlimit %s no\n", name);
	else
		fprintf(out, "\tlimit %s %s leave %s\n", name,
			draft_value_text(kind, t->enter / unit, enter),
			draft_value_text(kind, t->leave / unit, leave));
}

static void
print_judgement(FILE *out, const struct conf_link *link)
{
	static const char *const degraded[] = {[CONF_DEGRADED_STAY] = "stay",
					       [CONF_DEGRADED_WEIGHT] = "weight",
					       [CONF_DEGRADED_LAST] = "last",
					       [CONF_DEGRADED_LEAVE] = "leave"};
	const struct conf_flap *flap = &link->flap;
	char half_life[TIME_LEN];

	print_limit(out, "loss", KIND_SHARE, &link->limits.loss_ppm);
	print_limit(out, "rtt", KIND_TIME, &link->limits.rtt_us);
	print_limit(out, "jitter", KIND_TIME, &link->limits.jitter_us);
	fprintf(out, "\twhen degraded %s", degraded[link->degraded]);
	if (link->degraded == CONF_DEGRADED_WEIGHT)
		fprintf(out, " %u", link->degraded_weight);
	if (flap->suppress == 0)
		fputs("\n\tflap no\n", out);
	else
		fprintf(out,
			"\n\tflap suppress %" PRIu32 " reuse %" PRIu32
			" half life %s ceiling %" PRIu32 "\n",
			flap->suppress, flap->reuse, draft_time_text(flap->half_life_ms, half_life),
			flap->ceiling);
}

static void
print_hook(const struct conf_hook *hook, const char *indent, FILE *out)
{
	uint64_t any = conf_hook_any();
	char timeout[TIME_LEN];

	fprintf(out, "%son", indent);
	if ((hook->events & any) == any)
		fputs(" any", out);
	for (unsigned type = EVENT_STARTED; type < EVENT__END; type++)
		if ((hook->events & any) != any && hook->events & (1ULL << type))
			fprintf(out, " %s", event_type_name(type));
	fprintf(out, "%s run ", hook->events & (1ULL << HOOK_SYNC) ? " sync" : "");
	conf_print_quoted(out, hook->program);
	for (uint32_t i = 0; i < hook->nargs; i++) {
		putc(' ', out);
		conf_print_quoted(out, hook->args[i]);
	}
	fputs(" user ", out);
	conf_print_quoted(out, hook->user);
	fprintf(out, " timeout %s\n", draft_time_text(hook->timeout_ms, timeout));
}

static void
print_hooks(const struct conf *conf, size_t link, const char *indent, FILE *out)
{
	for (size_t i = 0; i < conf->nhooks; i++)
		if (conf->hooks[i].link == link)
			print_hook(&conf->hooks[i], indent, out);
}

static void
print_pace(FILE *out, const struct conf_link *link)
{
	char text[TIME_LEN];

	if (link->standby_interval_ms == 0)
		fputs("\tstandby interval no\n", out);
	else
		fprintf(out, "\tstandby interval %s\n",
			draft_time_text(link->standby_interval_ms, text));
	if (link->budget == 0)
		fputs("\tbudget no\n", out);
	else
		fprintf(out, "\tbudget %s per day\n",
			draft_value_text(KIND_OCTETS, link->budget, text));
}

static void
print_link(FILE *out, const struct conf *conf, const struct conf_link *link)
{
	char hold[TIME_LEN];

	fputs("\nlink ", out);
	conf_print_quoted(out, link->name);
	fputs(" {\n", out);
	print_named(out, "\t", "alias", link->alias);
	print_named(out, "\t", "interface", link->interface);
	if (link->pinned)
		fprintf(out, "\tindex %u\n", link->index);
	for (int family = 0; family < FAMILIES; family++)
		print_route(out, link, family);
	fprintf(out, "\ttier %u\n\tweight %u\n\thold %s\n\tquorum %" PRIu32 "\n", link->tier,
		link->weight, draft_time_text(link->hold_ms, hold), link->quorum);
	print_pace(out, link);
	print_forwarding(out, link);
	print_judgement(out, link);
	for (size_t i = 0; i < link->ntargets; i++)
		print_target(out, &link->targets[i]);
	print_hooks(conf, (size_t)(link - conf->links) + 1, "\t", out);
	fputs("}\n", out);
}

static void
print_snmp(FILE *out, const struct conf_snmp *snmp)
{
	char timeout[TIME_LEN], limit[TIME_LEN] = "no";

	if (!snmp->enabled) {
		fputs("snmp no\n", out);
		return;
	}
	fputs("snmp {\n", out);
	if (snmp->agent.nlistens > 0)
		conf_print_agent(&snmp->agent, out);
	else
		print_named(out, "\t", "agentx", snmp->agentx);
	if (snmp->notify_limit != 0)
		snprintf(limit, sizeof limit, "%" PRIu32, snmp->notify_limit);
	fprintf(out,
		"\tcontrol %s\n\tdefault timeout %s\n\tnotify targets %s\n\tnotify limit %s\n}\n",
		yes_no(snmp->control),
		draft_time_text((uint64_t)snmp->default_timeout_s * 1000, timeout),
		yes_no(snmp->notify_targets), limit);
}

void
conf_print(const struct conf *conf, FILE *out)
{
	print_named(out, "", "site", conf->site);
	print_named(out, "", "group", conf->group);
	for (unsigned i = 0; i < conf->ndeprecate; i++)
		print_named(out, "", "deprecate on", conf->deprecate_on[i]);
	fprintf(out, "flows %s\nreset clients %s\n",
		conf->flows == CONF_FLOWS_KERNEL ? "kernel" : "marks", yes_no(conf->reset_clients));
	fprintf(out, "confirm %s\nsuspicion %s\n", yes_no(conf->confirm), yes_no(conf->suspicion));
	fprintf(out, "mark mask 0x%" PRIx32 "\ntable %" PRIu32 "\nrule %" PRIu32 "\nrealtime %s\n",
		conf->mark_mask, conf->table_base, conf->rule_base, yes_no(conf->realtime));
	print_snmp(out, &conf->snmp);
	print_hooks(conf, 0, "", out);
	for (size_t i = 0; i < conf->nlinks; i++)
		print_link(out, conf, &conf->links[i]);
	conf_print_indexes(conf, out);
}

void
conf_print_indexes(const struct conf *conf, FILE *out)
{
	putc('\n', out); /* the text before may end within a line */
	for (size_t i = 0; i < conf->nlinks; i++) {
		if (conf->links[i].pinned || conf->links[i].index == 0)
			continue;
		fputs("index ", out);
		conf_print_quoted(out, conf->links[i].name);
		fprintf(out, " %u\n", conf->links[i].index);
	}
}

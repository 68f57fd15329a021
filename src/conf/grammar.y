/* SPDX-License-Identifier: ISC */
/* The grammar of uplinkd.conf. It calls draft_* for each statement and knows
 * nothing of values; a broken statement is told, skipped to its end, and the
 * rest is read on, so that one run names every mistake.
 *
 * The lexer gives an END for each newline and semicolon, before and after each
 * closing brace, and at the end of the file. */
%require "3.6"
%define api.pure full
%define api.prefix {conf_yy}
%define api.token.prefix {T_}
%define api.value.type {struct token}
%define parse.error custom
%define parse.lac full
%param {struct draft *d}

%code requires {
#include "conf/draft.h"
}

%code provides {
int conf_yylex(CONF_YYSTYPE *value, struct draft *d);
}

%code {
#include <stdio.h>
#include <string.h>

static void conf_yyerror(struct draft *d, const char *message);
}

%token END "the end of the statement (a new line or ;)"
%token OPEN "{" CLOSE "}"
%token WORD "a value" STRING "a text"
%token AFTER "after" AGENTX "agentx" ALIAS "alias" ARP "arp" AUTH "auth" AUTO "auto" BUDGET "budget" CA "ca" CEILING "ceiling"
%token CLAMP "clamp" CLIENTS "clients" COMMAND "command" COMMUNITY "community" CONFIRM "confirm"
%token CONTACT "contact" CONTROL "control" DAY "day" DEADLINE "deadline" DEFAULT "default" DEGRADED "degraded" DEPRECATE "deprecate"
%token DNS "dns" DOWN "down" DRAIN "drain" EXCLUDE "exclude" EXPECT "expect" FLAP "flap" FLOWS "flows" FROM "from"
%token GATEWAY "gateway" GROUP "group" HALF "half" HOLD "hold" HOST "host" HTTP "http" HTTPS "https" ICMP "icmp"
%token IDLE "idle" INCLUDE "include" INDEX "index" INET "inet" INET6 "inet6" INFORM "inform"
%token INTERFACE "interface" INTERVAL "interval" JITTER "jitter" KERNEL "kernel" KILL "kill" LAST "last"
%token LEAVE "leave" LIFE "life" LIMIT "limit" LINK "link" LISTEN "listen" LOCATION "location" LOSS "loss"
%token MARK "mark" MARKS "marks" MASK "mask" MASQUERADE "masquerade" MSS "mss" NAT "nat" NAT6 "nat6" ND "nd"
%token NO "no" NONE "none" NOTIFY "notify" ON "on" PATH "path" PER "per" PMTU "pmtu" PORT "port" PREFIX "prefix" PRIV "priv"
%token QUERY "query" QUORUM "quorum" RCODE "rcode" READ "read" REALTIME "realtime" REBALANCE "rebalance"
%token RESET "reset" RESORT "resort" REUSE "reuse" RTT "rtt" RULE "rule" RUN "run" SECRETS "secrets"
%token SITE "site" SIZE "size" SNAT "snat" SNMP "snmp" SOURCE "source" STANDBY "standby" STATUS "status" STAY "stay" SUPPRESS "suppress"
%token SUSPICION "suspicion" TABLE "table" TARGET "target" TARGETS "targets" TCP "tcp" TIER "tier"
%token TIMEOUT "timeout" TO "to" TRAP "trap" TTL "ttl" TYPE "type" UP "up" USER "user" VIEW "view"
%token WEIGHT "weight" WHEN "when" WINDOW "window" WRITE "write" YES "yes"

%%

file
	: %empty
	| file END
	| file file_setting END
	| file error END { draft_link_end(d); yyerrok; }
	;

file_setting
	: common_setting
	| SITE text { draft_site(d, &$2); }
	| GROUP text { draft_group(d, &$2); }
	| CONFIRM YES { draft_flag(d, SET_CONFIRM, "confirm", $1.line, true); }
	| CONFIRM NO { draft_flag(d, SET_CONFIRM, "confirm", $1.line, false); }
	| SUSPICION YES { draft_flag(d, SET_SUSPICION, "suspicion", $1.line, true); }
	| SUSPICION NO { draft_flag(d, SET_SUSPICION, "suspicion", $1.line, false); }
	| REALTIME YES { draft_flag(d, SET_REALTIME, "realtime", $1.line, true); }
	| REALTIME NO { draft_flag(d, SET_REALTIME, "realtime", $1.line, false); }
	| DEPRECATE ON text { draft_deprecate(d, &$3); }
	| FLOWS MARKS { draft_flows(d, CONF_FLOWS_MARKS, $1.line); }
	| FLOWS KERNEL { draft_flows(d, CONF_FLOWS_KERNEL, $1.line); }
	| RESET CLIENTS YES { draft_flag(d, SET_RESET, "reset clients", $1.line, true); }
	| RESET CLIENTS NO { draft_flag(d, SET_RESET, "reset clients", $1.line, false); }
	| MARK MASK text { draft_mark(d, &$3); }
	| TABLE text { draft_number(d, SET_TABLE, &$2); }
	| RULE text { draft_number(d, SET_RULE, &$2); }
	| INDEX text text { draft_pin(d, &$2, &$3); }
	| SNMP YES { draft_flag(d, SET_SNMP, "snmp", $1.line, true); }
	| SNMP NO { draft_flag(d, SET_SNMP, "snmp", $1.line, false); }
	| SNMP ends OPEN { draft_flag(d, SET_SNMP, "snmp", $1.line, true); } snmp_block CLOSE
	| hook
	| LINK text ends OPEN { draft_link_begin(d, &$2); } link_block CLOSE { draft_link_end(d); }
	;

hook
	: ON { draft_hook_begin(d, $1.line); } hook_events RUN hook_run hook_options { draft_hook_end(d); }
	;

hook_events
	: hook_event
	| hook_events hook_event
	;

hook_event
	: text { draft_hook_event(d, &$1); }
	| DEGRADED { draft_hook_event(d, &$1); }
	;

hook_run
	: text { draft_hook_program(d, &$1); }
	| hook_run text { draft_hook_argument(d, &$2); }
	;

hook_options
	: %empty
	| hook_options USER text { draft_hook_user(d, &$3); }
	| hook_options TIMEOUT text { draft_hook_timeout(d, &$3); }
	;

ends
	: %empty
	| ends END
	;

text
	: WORD
	| STRING
	;

common_setting
	: probe_setting
	| HOLD text { draft_number(d, SET_HOLD, &$2); }
	| STANDBY INTERVAL text { draft_number(d, SET_STANDBY, &$3); }
	| STANDBY INTERVAL NO { draft_limit_off(d, SET_STANDBY, $1.line); }
	| BUDGET text PER DAY { draft_number(d, SET_BUDGET, &$2); }
	| BUDGET NO { draft_limit_off(d, SET_BUDGET, $1.line); }
	| NAT MASQUERADE { draft_nat(d, V4, CONF_NAT_MASQUERADE, $1.line, NULL); }
	| NAT NONE { draft_nat(d, V4, CONF_NAT_NONE, $1.line, NULL); }
	| NAT SNAT text { draft_nat(d, V4, CONF_NAT_SNAT, $1.line, &$3); }
	| NAT6 MASQUERADE { draft_nat(d, V6, CONF_NAT_MASQUERADE, $1.line, NULL); }
	| NAT6 NONE { draft_nat(d, V6, CONF_NAT_NONE, $1.line, NULL); }
	| NAT6 SNAT text { draft_nat(d, V6, CONF_NAT_SNAT, $1.line, &$3); }
	| KILL FLOWS YES { draft_flag(d, SET_KILL, "kill flows", $1.line, true); }
	| KILL FLOWS NO { draft_flag(d, SET_KILL, "kill flows", $1.line, false); }
	| REBALANCE YES { draft_flag(d, SET_REBALANCE, "rebalance", $1.line, true); }
	| REBALANCE NO { draft_flag(d, SET_REBALANCE, "rebalance", $1.line, false); }
	| DRAIN IDLE text { draft_number(d, SET_DRAIN_IDLE, &$3); }
	| DRAIN DEADLINE NO { draft_no_deadline(d, $1.line); }
	| DRAIN DEADLINE text { draft_number(d, SET_DRAIN_DEADLINE, &$3); }
	| MSS CLAMP PMTU { draft_mss(d, CONF_MSS_PMTU, $1.line); }
	| MSS CLAMP NO { draft_mss(d, CONF_MSS_NO, $1.line); }
	| MSS CLAMP text { draft_number(d, SET_MSS, &$3); }
	| LIMIT limit
	| WHEN DEGRADED STAY { draft_degraded(d, CONF_DEGRADED_STAY, $1.line, NULL); }
	| WHEN DEGRADED WEIGHT text { draft_degraded(d, CONF_DEGRADED_WEIGHT, $1.line, &$4); }
	| WHEN DEGRADED LAST { draft_degraded(d, CONF_DEGRADED_LAST, $1.line, NULL); }
	| WHEN DEGRADED LEAVE { draft_degraded(d, CONF_DEGRADED_LEAVE, $1.line, NULL); }
	| FLAP YES { draft_flag(d, SET_FLAP, "flap", $1.line, true); }
	| FLAP NO { draft_flag(d, SET_FLAP, "flap", $1.line, false); }
	| FLAP flap_parts
	;

limit
	: LOSS NO { draft_limit_off(d, SET_LIMIT_LOSS, $1.line); }
	| LOSS loss_limit
	| LOSS loss_limit LEAVE text { draft_number(d, SET_LEAVE_LOSS, &$4); }
	| RTT NO { draft_limit_off(d, SET_LIMIT_RTT, $1.line); }
	| RTT rtt_limit
	| RTT rtt_limit LEAVE text { draft_number(d, SET_LEAVE_RTT, &$4); }
	| JITTER NO { draft_limit_off(d, SET_LIMIT_JITTER, $1.line); }
	| JITTER jitter_limit
	| JITTER jitter_limit LEAVE text { draft_number(d, SET_LEAVE_JITTER, &$4); }
	;

loss_limit
	: text { draft_number(d, SET_LIMIT_LOSS, &$1); }
	;

rtt_limit
	: text { draft_number(d, SET_LIMIT_RTT, &$1); }
	;

jitter_limit
	: text { draft_number(d, SET_LIMIT_JITTER, &$1); }
	;

flap_parts
	: flap_part
	| flap_parts flap_part
	;

flap_part
	: SUPPRESS text { draft_number(d, SET_FLAP_SUPPRESS, &$2); }
	| REUSE text { draft_number(d, SET_FLAP_REUSE, &$2); }
	| HALF LIFE text { draft_number(d, SET_FLAP_HALF_LIFE, &$3); }
	| CEILING text { draft_number(d, SET_FLAP_CEILING, &$2); }
	;

probe_setting
	: INTERVAL text { draft_number(d, SET_INTERVAL, &$2); }
	| TIMEOUT text { draft_number(d, SET_TIMEOUT, &$2); }
	| DOWN AFTER text { draft_number(d, SET_DOWN_AFTER, &$3); }
	| UP AFTER text { draft_number(d, SET_UP_AFTER, &$3); }
	| WINDOW text { draft_number(d, SET_WINDOW, &$2); }
	;

snmp_block
	: %empty
	| snmp_block END
	| snmp_block snmp_setting END
	| snmp_block error END { yyerrok; }
	;

snmp_setting
	: AGENTX text { draft_agentx(d, &$2); }
	| CONTROL YES { draft_flag(d, SET_CONTROL, "control", $1.line, true); }
	| CONTROL NO { draft_flag(d, SET_CONTROL, "control", $1.line, false); }
	| DEFAULT TIMEOUT text { draft_number(d, SET_DEFAULT_TIMEOUT, &$3); }
	| NOTIFY TARGETS YES { draft_flag(d, SET_NOTIFY_TARGETS, "notify targets", $1.line, true); }
	| NOTIFY TARGETS NO { draft_flag(d, SET_NOTIFY_TARGETS, "notify targets", $1.line, false); }
	| NOTIFY LIMIT text { draft_number(d, SET_NOTIFY_LIMIT, &$3); }
	| NOTIFY LIMIT NO { draft_limit_off(d, SET_NOTIFY_LIMIT, $1.line); }
	| LISTEN text { draft_listen(d, &$2); }
	| SECRETS text { draft_secrets(d, &$2); }
	| CONTACT text { draft_agent_text(d, SET_CONTACT, &$2); }
	| LOCATION text { draft_agent_text(d, SET_LOCATION, &$2); }
	| VIEW text { draft_view(d, &$2); } view_parts
	| USER text { draft_user(d, &$2); } user_parts
	| COMMUNITY text { draft_community(d, &$2); } community_parts
	| TRAP text { draft_sink(d, &$2, false); } sink_parts
	| INFORM text { draft_sink(d, &$2, true); } sink_parts
	;

view_parts
	: view_part
	| view_parts view_part
	;

view_part
	: INCLUDE text { draft_subtree(d, &$2, true); }
	| EXCLUDE text { draft_subtree(d, &$2, false); }
	;

user_parts
	: %empty
	| user_parts AUTH text { draft_auth(d, &$3); }
	| user_parts PRIV text { draft_priv(d, &$3); }
	| user_parts READ text { draft_user_view(d, &$3, false); }
	| user_parts WRITE text { draft_user_view(d, &$3, true); }
	;

community_parts
	: %empty
	| community_parts READ text { draft_community_view(d, &$3); }
	| community_parts FROM text { draft_community_from(d, &$3); }
	| community_parts WRITE text {
		draft_error(d, $2.line, "a community may not write, anybody can see and send it: give a user write");
	}
	;

sink_parts
	: %empty
	| sink_parts PORT text { draft_sink_port(d, &$3); }
	| sink_parts USER text { draft_sink_as(d, &$3, true); }
	| sink_parts COMMUNITY text { draft_sink_as(d, &$3, false); }
	;

link_block
	: %empty
	| link_block END
	| link_block link_setting END
	| link_block error END { draft_target_end(d); yyerrok; }
	;

link_setting
	: common_setting
	| INTERFACE text { draft_interface(d, &$2); }
	| GATEWAY text { draft_gateway(d, &$2); }
	| GATEWAY text INET { draft_gateway_of(d, &$2, V4); }
	| GATEWAY text INET6 { draft_gateway_of(d, &$2, V6); }
	| GATEWAY AUTO { draft_gateway_auto(d, $1.line, FAMILIES); }
	| GATEWAY AUTO INET { draft_gateway_auto(d, $1.line, V4); }
	| GATEWAY AUTO INET6 { draft_gateway_auto(d, $1.line, V6); }
	| SOURCE text { draft_source(d, &$2); }
	| PREFIX text { draft_prefix(d, &$2); }
	| NAT6 PREFIX text TO text { draft_nat_prefix(d, &$3, &$5); }
	| LAST RESORT YES { draft_flag(d, SET_LAST_RESORT, "last resort", $1.line, true); }
	| LAST RESORT NO { draft_flag(d, SET_LAST_RESORT, "last resort", $1.line, false); }
	| TIER text { draft_number(d, SET_TIER, &$2); }
	| WEIGHT text { draft_number(d, SET_WEIGHT, &$2); }
	| ALIAS text { draft_alias(d, &$2); }
	| INDEX text { draft_number(d, SET_INDEX, &$2); }
	| QUORUM text { draft_number(d, SET_QUORUM, &$2); }
	| hook
	| TARGET target method target_tail { draft_target_end(d); }
	;

target
	: text { draft_target_begin(d, &$1); }
	| GATEWAY { draft_target_gateway(d, $1.line, FAMILIES); }
	| GATEWAY INET { draft_target_gateway(d, $1.line, V4); }
	| GATEWAY INET6 { draft_target_gateway(d, $1.line, V6); }
	;

method
	: %empty
	| ICMP icmp_options
	| TCP PORT text { draft_method(d, METHOD_TCP); draft_number(d, SET_PORT, &$3); }
	| DNS QUERY text { draft_method(d, METHOD_DNS); draft_query(d, &$3); } dns_options
	| HTTP { draft_service(d, METHOD_HTTP); } http_options
	| HTTPS { draft_service(d, METHOD_HTTPS); } http_options
	| COMMAND text { draft_service(d, METHOD_COMMAND); draft_argument(d, &$2); } arguments
	| ARP { draft_neighbour(d, &$1, V4); }
	| ND { draft_neighbour(d, &$1, V6); }
	;

icmp_options
	: %empty
	| icmp_options SIZE text { draft_number(d, SET_SIZE, &$3); }
	| icmp_options TTL text { draft_number(d, SET_TTL, &$3); }
	;

dns_options
	: %empty
	| dns_options TYPE text { draft_query_type(d, &$3); }
	| dns_options RCODE text { draft_rcode(d, &$3); }
	;

http_options
	: %empty
	| http_options HOST text { draft_service_text(d, TEXT_HOST, &$3); }
	| http_options PATH text { draft_service_text(d, TEXT_PATH, &$3); }
	| http_options EXPECT text { draft_service_text(d, TEXT_EXPECT, &$3); }
	| http_options CA text { draft_service_text(d, TEXT_CA, &$3); }
	| http_options PORT text { draft_number(d, SET_PORT, &$3); }
	| http_options STATUS text { draft_number(d, SET_STATUS, &$3); }
	;

arguments
	: %empty
	| arguments text { draft_argument(d, &$2); }
	;

target_tail
	: %empty
	| OPEN target_block CLOSE
	;

target_block
	: %empty
	| target_block END
	| target_block probe_setting END
	| target_block error END { yyerrok; }
	;

%%

/* Only for want of memory: syntax errors have a reporter of their own. */
static void
conf_yyerror(struct draft *d, const char *message)
{
	draft_error(d, d->line, "%s", message);
}

/* What may stand here, in words, for people: "yes or no". */
static void
list_expected(const yysymbol_kind_t *kinds, int count, char *buf, size_t size)
{
	size_t used = 0;
	int left = 0;

	for (int i = 0; i < count; i++)
		left += kinds[i] != YYSYMBOL_STRING && kinds[i] != YYSYMBOL_YYEOF;
	for (int i = 0; i < count && used < size; i++) {
		if (kinds[i] == YYSYMBOL_STRING || kinds[i] == YYSYMBOL_YYEOF)
			continue;
		left--;
		int n = snprintf(buf + used, size - used, "%s%s", yysymbol_name(kinds[i]),
		                 left > 1 ? ", " : left == 1 ? " or " : "");
		used += n > 0 ? (size_t)n : 0;
	}
}

/* The expected word that comes nearest to what was written, or NULL. */
static const char *
suggest(const yysymbol_kind_t *kinds, int count, const struct token *t)
{
	const char *best = NULL;
	unsigned best_distance = t->len > 3 ? 3 : 2; /* less than this */

	for (int i = 0; i < count; i++) {
		if (kinds[i] <= YYSYMBOL_STRING)
			continue; /* not a keyword */
		const char *word = yysymbol_name(kinds[i]);
		unsigned distance = conf_word_distance(t->text, t->len, word);
		if (distance < best_distance) {
			best = word;
			best_distance = distance;
		}
	}
	return best;
}

/* A word that begins no statement here. */
static void
report_start(struct draft *d, const yysymbol_kind_t *kinds, int count)
{
	char quoted[QUOTE_LEN], list[400] = "";
	const struct token *t = &d->last;
	const struct keyword *keyword = t->quoted ? NULL : conf_keyword(t->text, t->len);
	const char *nearest = suggest(kinds, count, t);

	draft_quote(t, quoted);
	if (keyword != NULL && keyword->where != NULL) {
		draft_error(d, t->line, "%s does not belong here: it is a setting of %s", quoted, keyword->where);
	} else if (nearest != NULL) {
		draft_error(d, t->line, "unknown setting %s: did you mean \"%s\"?", quoted, nearest);
	} else {
		yysymbol_kind_t words[YYNTOKENS];
		int n = 0;
		for (int i = 0; i < count; i++)
			if (kinds[i] > YYSYMBOL_STRING)
				words[n++] = kinds[i];
		list_expected(words, n, list, sizeof list);
		draft_error(d, t->line, "unknown setting %s: here may stand %s", quoted, list);
	}
}

/* Something else than the statement needs at this place. */
static void
report_within(struct draft *d, yysymbol_kind_t found, const yysymbol_kind_t *kinds, int count)
{
	char quoted[QUOTE_LEN], list[400] = "";
	const char *nearest = found == YYSYMBOL_WORD ? suggest(kinds, count, &d->last) : NULL;
	bool value = false;

	for (int i = 0; i < count; i++)
		value |= kinds[i] == YYSYMBOL_WORD;
	list_expected(kinds, count, list, sizeof list);
	if (found == YYSYMBOL_END)
		draft_error(d, d->last.line, "the statement ends too early: expected %s", list);
	else if (nearest != NULL)
		draft_error(d, d->last.line, "unexpected %s: did you mean \"%s\"?",
		            draft_quote(&d->last, quoted), nearest);
	else
		draft_error(d, d->last.line, "unexpected %s: expected %s%s", draft_quote(&d->last, quoted), list,
		            value && found > YYSYMBOL_STRING ? " (put it in quotes to use it as such)" : "");
}

static int
yyreport_syntax_error(const yypcontext_t *context, struct draft *d)
{
	yysymbol_kind_t kinds[YYNTOKENS];
	yysymbol_kind_t found = yypcontext_token(context);
	int count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);

	if (count < 0)
		count = 0;
	if (found == YYSYMBOL_YYEOF) {
		unsigned inner = d->depth > 2 ? 2 : d->depth;
		draft_error(d, d->last.line, "the block that begins in line %d is not closed: add }",
		            inner > 0 ? d->open_line[inner - 1] : d->last.line);
	} else if (found == YYSYMBOL_CLOSE) {
		draft_error(d, d->last.line, "this } closes nothing: remove it");
	} else if (found == YYSYMBOL_OPEN && d->at_start) {
		draft_error(d, d->last.line, "this block belongs to no statement: put { on the line of its statement");
	} else if (d->at_start) {
		report_start(d, kinds, count);
	} else {
		report_within(d, found, kinds, count);
	}
	if (found != YYSYMBOL_END) {
		d->skipping = true;
		d->skip_depth = found == YYSYMBOL_OPEN ? 1 : 0;
	}
	return 0;
}

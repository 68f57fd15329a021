/* SPDX-License-Identifier: ISC */
/* What the grammar has read so far: every setting with the line it stands in,
 * not yet checked against the others and without defaults. Private to this
 * folder; nobody else may see a configuration before it was checked. */
#ifndef UPLINK_CONF_DRAFT_H
#define UPLINK_CONF_DRAFT_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

/* Mistakes after so many are counted, but not told. */
enum { MISTAKES_MAX = 100 };

/* Blocks of memory that the scanner may take; it needs three. */
enum { SCAN_BLOCKS = 8 };

/* A piece of the text: not NUL-terminated, valid as long as the draft. */
struct token {
	const char *text; /* of a text in quotes: what is between them, with its backslashes */
	uint32_t len;
	int line;
	bool quoted;
};

/* Those with a range come first, and first among them those of a probe: see settings[]. */
enum setting {
	SET_INTERVAL,
	SET_TIMEOUT,
	SET_DOWN_AFTER,
	SET_UP_AFTER,
	SET_WINDOW,
	SET_SIZE, /* from here on of a target only */
	SET_TTL,
	SET_PORT,
	SET_STATUS,
	SET_PROBE_END,
	SET_HOLD = SET_PROBE_END,
	SET_TIER,
	SET_WEIGHT,
	SET_INDEX,
	SET_QUORUM,
	SET_TABLE,
	SET_RULE,
	SET_DEFAULT_TIMEOUT,
	SET_LIMIT_LOSS,
	SET_LIMIT_RTT,
	SET_LIMIT_JITTER,
	SET_FLAP_SUPPRESS,
	SET_FLAP_REUSE,
	SET_FLAP_HALF_LIFE,
	SET_FLAP_CEILING,
	SET_NOTIFY_LIMIT,
	SET_DRAIN_IDLE,
	SET_DRAIN_DEADLINE,
	SET_MSS,
	SET_STANDBY,
	SET_BUDGET,
	SET_NUMBER_END, /* up to here each stands for itself, then come parts of others */
	SET_LEAVE_LOSS = SET_NUMBER_END,
	SET_LEAVE_RTT,
	SET_LEAVE_JITTER,
	SET_DEGRADED_WEIGHT,
	SET_HOOK_TIMEOUT,
	SET_RANGE_END,
	SET_KILL = SET_RANGE_END,
	SET_DEGRADED,
	SET_FLAP,
	SET_CONFIRM,
	SET_SUSPICION,
	SET_REALTIME,
	SET_CONTROL,
	SET_NOTIFY_TARGETS,
	SET_MARK,
	SET_NAT,
	SET_NAT6,
	SET_REBALANCE,
	SET_LAST_RESORT,
	SET_FLOWS,
	SET_RESET,
	SET_SITE,
	SET_GROUP,
	SET_SNMP,
	SET_AGENTX,
	SET_SECRETS,
	SET_CONTACT,
	SET_LOCATION,
	SET_INTERFACE,
	SET_ALIAS,
	SET_GATEWAY,
	SET_GATEWAY6,
	SET_SOURCE,
	SET_SOURCE6,
	SET_PREFIX,
	SET__END
};

/* A setting that is a number: what it is called, its bounds and its default.
 * Times are in milliseconds, shares in parts per million. */
enum setting_kind { KIND_COUNT, KIND_TIME, KIND_SHARE, KIND_OCTETS };
struct setting_range {
	const char *name;
	uint64_t min, max, standard;
	enum setting_kind kind;
};
extern const struct setting_range setting_ranges[SET_RANGE_END];

struct value {
	uint64_t value;
	int line; /* 0: not set */
};

/* The texts of http and https. */
enum target_text { TEXT_HOST, TEXT_PATH, TEXT_EXPECT, TEXT_CA, TARGET_TEXTS };

struct target_draft {
	struct conf_target target; /* of a gateway: family FAMILIES means both */
	struct value set[SET_PROBE_END];
	int type_line, rcode_line;   /* of a DNS query, 0: not set */
	int text_line[TARGET_TEXTS]; /* of http and https */
};

struct link_draft {
	struct conf_link link;
	struct value set[SET__END];
	struct target_draft *targets;
	size_t ntargets, room;
	bool broken; /* a mistake was found within: what it seems to lack may be just that */
};

/* index "NAME" N at the top level. */
struct pin_draft {
	char name[NAME_LEN + 1];
	uint16_t index;
	int line;
};

struct draft {
	const char *file;
	conf_complain *complain;
	void *arg;
	unsigned mistakes;

	struct conf *conf;
	struct value set[SET__END];
	struct link_draft *links;
	size_t nlinks, room;
	size_t ntargets; /* of all links */
	struct pin_draft *pins;
	size_t npins, pins_room;
	struct conf_hook *hooks;
	size_t nhooks, hooks_room;
	bool broken;            /* a mistake was found outside of links */
	bool no_agent_part;     /* what comes belongs to a view, user, ... that was refused */
	bool links_full;        /* told already */
	bool targets_full;      /* of this link */
	int timing_line;        /* told already */
	int judgement_lines[8]; /* told already, of judgement.c, and how many ever */
	unsigned njudgement_lines;

	/* where the grammar is now */
	struct link_draft *link;     /* or NULL: not within one */
	struct target_draft *target; /* or NULL */
	struct hook_draft {
		struct conf_hook hook;
		int user_line, timeout_line; /* 0: not set */
	} hook;
	struct link_draft no_link; /* stands in for one too many */
	struct target_draft no_target;

	/* the lexer's */
	void *scanner;
	void *blocks[SCAN_BLOCKS];
	size_t nblocks;
	jmp_buf no_memory;
	int line;
	struct token last; /* the newest token */
	int last_kind;
	int queue[2]; /* tokens that follow by themselves */
	unsigned queued;
	bool at_start; /* the newest token begins a statement */
	bool skipping; /* up to the end of a broken statement */
	unsigned skip_depth;
	unsigned depth;   /* of open blocks */
	int open_line[2]; /* where they begin */
};

/* Tells of a mistake, with the line. The text names what is wrong and what to do. */
void draft_error(struct draft *d, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void draft_warn(struct draft *d, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void draft_no_memory(struct draft *d);

/* Does the link have a gateway of this IP version? */
bool draft_carries(const struct link_draft *l, int family);
extern const char *const draft_family_names[FAMILIES];

/* The token in quotes, cut and without anything that a terminal might obey. */
enum { QUOTE_LEN = 64 };
const char *draft_quote(const struct token *t, char buf[static QUOTE_LEN]);
/* A time in the largest unit that holds it whole: "1500ms", "2m". */
enum { TIME_LEN = 32 };
const char *draft_time_text(uint64_t ms, char buf[static TIME_LEN]);
/* A share of a million as a percentage, without needless zeros: "20%", "0.5%". */
const char *draft_share_text(uint64_t ppm, char buf[static TIME_LEN]);
/* A value of that kind. */
const char *draft_value_text(enum setting_kind kind, uint64_t value, char buf[static TIME_LEN]);

/* What the grammar calls for each statement. Those that have a place to go to
 * take the values of the innermost block, see draft_scope. */
struct value *draft_scope(struct draft *d);
void draft_number(struct draft *d, enum setting setting, const struct token *t);
void draft_limit_off(struct draft *d, enum setting setting, int line);
void draft_degraded(struct draft *d, enum conf_degraded what, int line, const struct token *weight);
void draft_flag(struct draft *d, enum setting setting, const char *name, int line, bool value);
void draft_site(struct draft *d, const struct token *t);
void draft_group(struct draft *d, const struct token *t);
void draft_agentx(struct draft *d, const struct token *t);
void draft_deprecate(struct draft *d, const struct token *t);
void draft_interface(struct draft *d, const struct token *t);
void draft_alias(struct draft *d, const struct token *t);
void draft_mark(struct draft *d, const struct token *t);
void draft_pin(struct draft *d, const struct token *name, const struct token *number);
void draft_link_begin(struct draft *d, const struct token *name);
void draft_link_end(struct draft *d);
void draft_free_targets(struct link_draft *l);
void draft_gateway(struct draft *d, const struct token *t);
void draft_gateway_of(struct draft *d, const struct token *t, int family);
void draft_gateway_auto(struct draft *d, int line, int family); /* FAMILIES: both */
void draft_source(struct draft *d, const struct token *t);
void draft_prefix(struct draft *d, const struct token *t);
/* addr: of snat, else NULL */
void draft_nat(struct draft *d, int family, enum conf_nat kind, int line, const struct token *addr);
void draft_nat_prefix(struct draft *d, const struct token *inside, const struct token *outside);
void draft_mss(struct draft *d, unsigned value, int line); /* CONF_MSS_* */
void draft_no_deadline(struct draft *d, int line);
void draft_flows(struct draft *d, enum conf_flows how, int line);
void draft_target_begin(struct draft *d, const struct token *t);
void draft_target_gateway(struct draft *d, int line, int family); /* FAMILIES: all of the link */
void draft_target_end(struct draft *d);
/* methods.c: how the target is asked. */
void draft_method(struct draft *d, enum method method);
void draft_neighbour(struct draft *d, const struct token *name, int family);
void draft_query(struct draft *d, const struct token *t);
void draft_query_type(struct draft *d, const struct token *t);
void draft_rcode(struct draft *d, const struct token *t);
/* hooks.c: programs that are run on events. */
void draft_hook_begin(struct draft *d, int line);
void draft_hook_event(struct draft *d, const struct token *t);
void draft_hook_program(struct draft *d, const struct token *t);
void draft_hook_argument(struct draft *d, const struct token *t);
void draft_hook_user(struct draft *d, const struct token *t);
void draft_hook_timeout(struct draft *d, const struct token *t);
void draft_hook_end(struct draft *d);
/* services.c: methods that ask a service, or a program. */
void draft_service(struct draft *d, enum method method);
void draft_service_text(struct draft *d, enum target_text which, const struct token *t);
void draft_argument(struct draft *d, const struct token *t);
bool draft_once(struct draft *d, enum setting setting, const char *name, int line);

/* Reads of single values, for those that note them. 0, or -1 where the mistake was
 * told (a count: where it is none). */
int draft_read_count(const struct token *t, uint64_t *value);
/* A value within its setting's range; -1 where the mistake was told. */
int draft_read_number(struct draft *d, enum setting setting, const struct token *t,
		      uint64_t *value);
/* Room for one more in an array that doubles; NULL for want of memory. */
void *draft_grow(void *array, size_t count, size_t *room, size_t size);
void draft_complain_range(struct draft *d, const struct setting_range *range, const struct token *t,
			  bool readable);
/* Into dst, which is left empty when the text may not be taken. */
int draft_read_text(struct draft *d, const struct token *t, const char *what, char *dst,
		    size_t size);
/* A path: plain characters of ASCII only. */
int draft_read_path(struct draft *d, const struct token *t, const char *what, char *dst,
		    size_t size);
/* An address or a prefix, by that reader; tells nothing. */
int draft_read_octets(const struct token *t, struct addr *a,
		      int (*parse)(const char *, struct addr *));
/* The address of one host; hint says what to write instead. */
int draft_read_host(struct draft *d, const struct token *t, const char *what, const char *hint,
		    struct addr *a);

/* conf.c: the memory of a configuration's parts, also of one that is not done yet. */
/* An own copy of what the method asks for. 0, or -1 for want of memory. */
int conf_copy_service(struct conf_target *target);
void conf_free_service(struct conf_target *target);
void conf_free_targets(struct conf_link *link);
/* How many of one IP version; those of gateways count where with_gateway says so. */
size_t conf_count_targets(const struct conf_link *link, int family, bool with_gateway);

/* forwarding.c: what happens to the flows of a link. */
void draft_fill_forwarding(struct draft *d, struct link_draft *l);
void draft_check_forwarding(struct draft *d);
/* agent.c, agent_check.c: an agent of its own. */
void draft_listen(struct draft *d, const struct token *t);
void draft_agent_text(struct draft *d, enum setting setting, const struct token *t);
void draft_secrets(struct draft *d, const struct token *t);
void draft_view(struct draft *d, const struct token *t);
void draft_subtree(struct draft *d, const struct token *t, bool include);
void draft_user(struct draft *d, const struct token *t);
void draft_auth(struct draft *d, const struct token *t);
void draft_priv(struct draft *d, const struct token *t);
void draft_user_view(struct draft *d, const struct token *t, bool write);
void draft_community(struct draft *d, const struct token *t);
void draft_community_view(struct draft *d, const struct token *t);
void draft_community_from(struct draft *d, const struct token *t);
void draft_sink(struct draft *d, const struct token *t, bool inform);
void draft_sink_port(struct draft *d, const struct token *t);
void draft_sink_as(struct draft *d, const struct token *t, bool user);
void draft_check_agent(struct draft *d);
void draft_warn_agent(struct draft *d);

/* judgement.c: limits, degraded links and flap damping of a link, whose targets
 * are known. */
void draft_fill_judgement(struct draft *d, struct link_draft *l);
void draft_warn_judgement(struct draft *d, const struct link_draft *l);

/* texts.c: "TEXT" with backslashes where they are needed, and INDENT NAME "TEXT" */
void conf_print_quoted(FILE *out, const char *text);
void conf_print_named(FILE *out, const char *indent, const char *name, const char *text);

/* check_targets.c: the targets of a link, whose gateways are known. */
void draft_make_targets(struct draft *d, struct link_draft *l);
/* check_link.c: all that concerns one link alone. */
void draft_check_link(struct draft *d, struct link_draft *l);
/* check_pairs.c: links among each other, and the indexes of earlier ones. */
void draft_check_pairs(struct draft *d);
/* warn.c: all warnings of a file without mistakes. */
void draft_warn_all(struct draft *d);

/* check.c: the draft becomes a configuration, or mistakes are told. 0 or -1. */
int draft_check(struct draft *d);

/* lexer.l: text is the buffer to scan, which ends with two NULs within size.
 * 0, or -1 for want of memory. */
int conf_scan_open(struct draft *d, char *text, size_t size);
void conf_scan_close(struct draft *d);

/* keywords.c: the words of the language. */
struct keyword {
	const char *word;
	int token;
	const char *where; /* where it belongs when it begins a statement, else NULL */
};
extern const struct keyword conf_keywords[]; /* sorted; ends with word NULL */
const struct keyword *conf_keyword(const char *text, size_t len);
/* How many letters must change to turn one into the other, up to a small bound. */
unsigned conf_word_distance(const char *a, size_t alen, const char *b);

#endif

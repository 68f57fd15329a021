/* SPDX-License-Identifier: ISC */
/* top: the terminal, its keys and the turns. Whatever happens, the terminal is left
 * as it was found. */
#include "config.h"

#include "ctl/client.h"
#include "ctl/ctl.h"

enum { INTERVAL_MAX_S = 3600 };

#ifdef HAVE_CURSES

#include <curses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "ctl/spark.h"
#include "ctl/top.h"

enum { PATIENCE_MS = 2000, KEY_MS = 100 };

static volatile sig_atomic_t ended;

static void
on_end(int signal)
{
	(void)signal;
	ended = 1;
}

/* ---- the daemon ---- */

struct session {
	const char *socket;
	struct client *client; /* NULL: it is gone */
	uint64_t gone_ns;
	struct top top;
};

static void
forget_links(struct top *top)
{
	for (size_t i = 0; i < top->nlinks; i++) {
		json_decref(top->links[i].targets);
		json_decref(top->links[i].history);
	}
	top->nlinks = 0;
}

/* False: it is gone. A refusal leaves *result NULL. */
static bool
ask(struct session *s, const char *command, json_t *arguments, json_t **result)
{
	return client_exchange(s->client, command, arguments, PATIENCE_MS, result) !=
	       CTL_NOT_RUNNING;
}

/* Of the links on the screen alone: a large site would have too many. False: the
 * daemon is gone; what is known stays. */
static bool
look_at_links(struct session *s, struct top *top, size_t lines, size_t columns)
{
	const json_t *links = json_object_get(top->status, "links");
	json_int_t n = (json_int_t)top_spark_columns(columns);
	size_t used = 0;

	for (size_t i = top->first; i < json_array_size(links) && used < lines; i++) {
		struct top_link *l = &top->links[top->nlinks];
		json_int_t index;

		if (top->nlinks == TOP_LINKS_MAX)
			break;
		*l = (struct top_link){.link = json_array_get(links, i)};
		index = ctl_number(l->link, "link_index", 0);
		top->nlinks++;
		/* A refusal means that the link has just gone: it stands there bare. */
		if (!ask(s, "history",
			 json_pack("{s:I,s:I}", "link", index, "minutes", n > 0 ? n : 1),
			 &l->history) ||
		    (!top->hide_targets &&
		     !ask(s, "targets", json_pack("{s:I,s:I}", "link", index, "samples", n),
			  &l->targets)) ||
		    ended)
			return false;
		used += top_link_lines(top, l);
	}
	return true;
}

static bool
look(struct session *s, size_t lines, size_t columns)
{
	struct top fresh = s->top;
	size_t all;

	fresh.nlinks = 0;
	if (!ask(s, "status", NULL, &fresh.status) || fresh.status == NULL)
		return false;
	all = json_array_size(json_object_get(fresh.status, "links"));
	if (fresh.first >= all)
		fresh.first = all > 0 ? all - 1 : 0;
	if (!look_at_links(s, &fresh, top_body_lines(lines), columns)) {
		forget_links(&fresh);
		json_decref(fresh.status);
		return false;
	}
	forget_links(&s->top);
	json_decref(s->top.status);
	s->top = fresh;
	return true;
}

/* One turn: connects where there is no connection, and asks. */
static void
turn(struct session *s)
{
	enum ctl_exit status;
	uint64_t now_ns;

	if (s->client == NULL) {
		s->client = client_open(s->socket, true, &status);
		if (s->client != NULL)
			client_hush(s->client);
	}
	if (s->client != NULL && look(s, (size_t)LINES, (size_t)COLS)) {
		s->gone_ns = 0;
		s->top.gone_s = -1;
		return;
	}
	client_close(s->client);
	s->client = NULL;
	now_ns = clock_mono_ns();
	if (s->gone_ns == 0)
		s->gone_ns = now_ns;
	s->top.gone_s = (long long)((now_ns - s->gone_ns) / NSEC_PER_SEC);
}

/* ---- the terminal ---- */

static void
put(void *arg, size_t line, size_t column, enum colour colour, const char *text)
{
	static const attr_t plain[] = {[PLAIN] = A_NORMAL,  [BOLD] = A_BOLD, [GREEN] = A_NORMAL,
				       [YELLOW] = A_NORMAL, [RED] = A_BOLD,  [FAINT] = A_DIM};
	attr_t attributes = plain[colour];

	if (*(const bool *)arg && colour >= GREEN && colour <= RED)
		attributes |= (attr_t)COLOR_PAIR(colour);
	attrset((int)attributes);
	mvaddstr((int)line, (int)column, text);
}

static void
draw(struct session *s, bool colours)
{
	struct top_screen screen = {.columns = COLS > 0 ? (size_t)COLS : 1,
				    .lines = LINES > 0 ? (size_t)LINES : 1,
				    .put = put,
				    .arg = &colours};

	erase();
	top_draw(&s->top, &screen);
	refresh();
}

static bool
start_colours(const struct ctl *ctl)
{
	if (!ctl->colour || !has_colors() || start_color() == ERR)
		return false;
	use_default_colors();
	init_pair(GREEN, COLOR_GREEN, -1);
	init_pair(YELLOW, COLOR_YELLOW, -1);
	init_pair(RED, COLOR_RED, -1);
	return true;
}

static void
scroll_by(struct top *top, long by)
{
	size_t all = json_array_size(json_object_get(top->status, "links"));
	long first = (long)top->first + by;

	top->first = first < 0 || all == 0 ? 0 : (size_t)first >= all ? all - 1 : (size_t)first;
}

/* True: look again at once. */
static bool
take_key(struct session *s, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		ended = 1;
		return true;
	case 't':
		s->top.hide_targets = !s->top.hide_targets;
		return true;
	case KEY_UP:
	case 'k':
		scroll_by(&s->top, -1);
		return true;
	case KEY_DOWN:
	case 'j':
		scroll_by(&s->top, 1);
		return true;
	case KEY_PPAGE:
		scroll_by(&s->top, -8);
		return true;
	case KEY_NPAGE:
		scroll_by(&s->top, 8);
		return true;
	case KEY_HOME:
		s->top.first = 0;
		return true;
	default:
		return key == ' ' || key == KEY_RESIZE;
	}
}

/* A key is taken in each turn, however long the daemon made it wait. Where getch
 * fails at once the terminal has gone: not round and round for that. */
static void
wait_for_turn(struct session *s, uint64_t since_ns)
{
	uint64_t interval_ns = (uint64_t)s->top.interval_s * NSEC_PER_SEC;
	int key;

	do {
		uint64_t before_ns = clock_mono_ns();

		timeout(KEY_MS);
		key = getch();
		if (key != ERR && take_key(s, key))
			return;
		if (key == ERR && clock_mono_ns() - before_ns < NSEC_PER_MSEC)
			napms(KEY_MS);
	} while (!ended && clock_mono_ns() - since_ns < interval_ns);
}

static void
run(const struct ctl *ctl, struct session *s)
{
	bool colours = start_colours(ctl);

	while (!ended) {
		uint64_t start_ns = clock_mono_ns();

		turn(s);
		if (ended)
			break;
		draw(s, colours);
		wait_for_turn(s, start_ns);
	}
}

static void
catch_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction act = {.sa_handler = on_end};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &act, NULL);
}

static enum ctl_exit
run_on_terminal(const struct ctl *ctl, struct session *s)
{
	const char *type = getenv("TERM");
	SCREEN *screen = newterm(NULL, stdout, stdin);

	if (screen == NULL) {
		ctl_complain("the terminal \"%s\" can't do that: uplinkctl status shows the same",
			     type ? type : "");
		return CTL_FAILED;
	}
	catch_signals();
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	run(ctl, s);
	endwin();
	delscreen(screen);
	return CTL_OK;
}

static enum ctl_exit
top_on_terminal(const struct ctl *ctl, long long interval_s)
{
	struct session s = {.socket = ctl->socket, .top = {.gone_s = -1, .interval_s = interval_s}};
	enum ctl_exit status;

	if (!ctl->terminal) {
		ctl_complain("top needs a terminal: for programs there is uplinkctl --json top");
		return CTL_USAGE;
	}
	/* Who may not ask, or has mistyped the socket, is told so on a quiet screen. */
	s.client = client_open(ctl->socket, false, &status);
	if (s.client == NULL)
		return status;
	client_hush(s.client);
	s.top.blocks = spark_blocks();
	status = run_on_terminal(ctl, &s);
	client_close(s.client);
	forget_links(&s.top);
	json_decref(s.top.status);
	return status;
}

#else

static enum ctl_exit
top_on_terminal(const struct ctl *ctl, long long interval_s)
{
	(void)ctl;
	(void)interval_s;
	ctl_complain("this uplinkctl was built without curses: watch uplinkctl status");
	return CTL_FAILED;
}

#endif

static bool
read_interval(const struct ctl *ctl, long long *seconds)
{
	*seconds = 1;
	if (ctl->value[CTL_INTERVAL] && !ctl_option_number(ctl, CTL_INTERVAL, seconds))
		return false;
	if (*seconds >= 1 && *seconds <= INTERVAL_MAX_S)
		return true;
	ctl_complain("--interval is 1 to %d seconds", INTERVAL_MAX_S);
	return false;
}

enum ctl_exit
ctl_top(const struct ctl *ctl)
{
	long long interval_s;

	if (!read_interval(ctl, &interval_s))
		return CTL_USAGE;
	return ctl->json ? ctl_top_json(ctl, interval_s) : top_on_terminal(ctl, interval_s);
}

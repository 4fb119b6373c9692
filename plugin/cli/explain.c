/* SPDX-License-Identifier: Apache-2.0
 * vpnlog explain: lines in, events out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/card.h"
#include "cli/input.h"
#include "cli/tally.h"
#include "load/load.h"
#include "vpn/join.h"
#include "vpn/recognise.h"

#define PLACE_MAX 512

struct explain {
	const struct cli_command *cmd;
	const struct cli_options *opt;
	struct vpn_rules *rules;
	struct vpn_join *join;
	struct vpn_render *render; /* NULL: cards */
	enum vpn_language language;
	int zone_minutes; /* for times without an offset, at first */
	struct page page;
	struct input in;
	struct escaped escaped;
	struct tally tally;
	char *event;      /* VPN_EVENT_MAX bytes and a line end */
	const char *file; /* being read */
	uint64_t logs;    /* read from answers of the cloud in this file */
	enum cli_exit result;
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* This machine's offset at that time. */
static int
zone_at(int64_t ms)
{
	time_t at = (time_t)(ms / 1000);
	struct tm tm;

	return localtime_r(&at, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

static void
put_json(struct explain *ex, const struct vpn_event *ev)
{
	size_t n = vpn_render_event(ex->render, ev, ex->event, VPN_EVENT_MAX);

	if (n == 0) {
		cli_complain(ex->cmd,
		    "%s:%llu: the event has more than %d bytes and is "
		    "left out",
		    ex->file, (unsigned long long)ev->line->number, VPN_EVENT_MAX);
		ex->result = CLI_PROBLEM;
		return;
	}
	ex->event[n] = '\n';
	fwrite(ex->event, 1, n + 1, stdout);
}

static void
put_card(struct explain *ex, const struct vpn_event *ev)
{
	char place[PLACE_MAX];

	snprintf(place, sizeof(place), "%s:%llu:", ex->file,
	    (unsigned long long)ev->line->number);
	tally_clear(&ex->tally);
	card_event(&ex->page, ev, ex->language, place);
}

/* A time without an offset is this machine's time on that day, which may have
 * had another offset than today: then read it again. */
static void
find_zone(const struct explain *ex, struct vpn_line *ln, struct vpn_event *ev)
{
	int zone = zone_at(ln->received_ms - ev->skew_ms);

	if (ex->opt->has_zone || ev->zone != VPN_ZONE_COLLECTOR ||
	    zone == ln->zone_minutes)
		return;
	ln->zone_minutes = zone;
	vpn_recognise(ex->rules, ln, ev);
}

static void
explain_line(struct explain *ex, const struct vpn_line *like, struct vpn_text raw)
{
	struct vpn_line ln = *like;
	struct vpn_event ev;

	ln.received_ms = now_ms();
	ln.archived = true;
	tally_line(&ex->tally, ln.received_ms);
	ln.raw = input_escape(&ex->escaped, raw);
	if (ln.raw.at == NULL) {
		cli_complain(ex->cmd, "%s:%llu: out of memory, the line is left out",
		    ex->file, (unsigned long long)ln.number);
		ex->result = CLI_PROBLEM;
		return;
	}
	ln.zone_minutes = ex->zone_minutes;
	if (!vpn_recognise(ex->rules, &ln, &ev))
		return;
	find_zone(ex, &ln, &ev);
	/* Each event is explained, also one that only says the same again. */
	if (vpn_join_wants(&ev))
		vpn_join_line(ex->join, &ev);
	if (!vpn_is_event(&ev))
		return;
	tally_event(&ex->tally, &ev);
	if (ex->render)
		put_json(ex, &ev);
	else
		put_card(ex, &ev);
}

static void
explain_log(const struct vpn_line *log, void *arg)
{
	struct explain *ex = arg;
	struct vpn_line like = *log;
	struct vpn_text raw = log->raw;

	like.number = ++ex->logs;
	if (raw.len > INPUT_LINE_MAX)
		raw.len = INPUT_LINE_MAX;
	explain_line(ex, &like, raw);
}

/* Huawei Cloud's API answer instead of lines. What only looks like one is
 * left for explain_next. */
static bool
explain_answer(struct explain *ex, const struct vpn_line *like)
{
	struct vpn_text object;

	if (!input_object(&ex->in, &object))
		return false;
	if (vpn_wrapped_each(object, like, explain_log, ex) >= 0) {
		input_skip(&ex->in, object);
		return true;
	}
	ex->in.no_objects = memchr(object.at, '\n', object.len) != NULL;
	return false;
}

static bool
explain_next(struct explain *ex)
{
	struct vpn_line like = {.pri = -1, .device = vpn_text(ex->opt->connection)};
	struct vpn_text raw;

	if (explain_answer(ex, &like))
		return true;
	if (!input_line(&ex->in, &raw))
		return false;
	like.number = ex->in.number;
	explain_line(ex, &like, raw);
	return true;
}

static void
complain_input(struct explain *ex, const char *what)
{
	tally_clear(&ex->tally);
	cli_complain(
	    ex->cmd, "%s: cannot be %s: %s", ex->file, what, strerror(ex->in.error));
	ex->result = CLI_PROBLEM;
}

static void
explain_file(struct explain *ex, const char *path)
{
	ex->file = strcmp(path, "-") == 0 ? "standard input" : path;
	ex->logs = 0;
	if (!input_open(&ex->in, path)) {
		complain_input(ex, "opened");
		return;
	}
	while (explain_next(ex) && !ferror(stdout))
		;
	if (ex->in.error)
		complain_input(ex, "read");
	if (ex->in.cut) {
		tally_clear(&ex->tally);
		cli_complain(ex->cmd,
		    "%s:%llu: the line is longer than %d bytes: the "
		    "rest of it, and of further such lines, was not read",
		    ex->file, (unsigned long long)ex->in.cut, INPUT_LINE_MAX);
	}
	input_close(&ex->in);
}

static int
prepare(struct explain *ex)
{
	enum vpn_language json = ex->opt->language < 0
	    ? VPN_LANGUAGE_BOTH
	    : (enum vpn_language)ex->opt->language;

	ex->rules = cli_options_rules(ex->cmd, ex->opt);
	if (ex->rules == NULL)
		return -1;
	ex->join = vpn_join_new();
	ex->zone_minutes =
	    ex->opt->has_zone ? ex->opt->zone_minutes : zone_at(now_ms());
	ex->language = cli_options_language(ex->opt);
	page_init(&ex->page, ex->opt);
	tally_init(&ex->tally, now_ms());
	if (ex->join && !cli_options_json(ex->opt))
		return 0;
	ex->event = malloc(VPN_EVENT_MAX + 1);
	ex->render = vpn_render_new(ex->rules, ex->opt->schema, json, ex->opt->runbook);
	if (ex->join && ex->event && ex->render)
		return 0;
	cli_complain(ex->cmd, "out of memory");
	return -1;
}

enum cli_exit
cli_explain(const struct cli_command *cmd, const struct cli_options *opt)
{
	struct explain ex = {.cmd = cmd, .opt = opt, .result = CLI_FINE};

	if (prepare(&ex) < 0) {
		ex.result = CLI_PROBLEM;
	} else {
		if (opt->nwords == 0)
			explain_file(&ex, "-");
		for (int i = 0; i < opt->nwords && !ferror(stdout); i++)
			explain_file(&ex, opt->words[i]);
		tally_print(&ex.tally);
	}
	input_free(&ex.in);
	free(ex.escaped.at);
	free(ex.event);
	vpn_render_free(ex.render);
	vpn_join_free(ex.join);
	vpn_rules_free(ex.rules);
	return ex.result;
}

/* SPDX-License-Identifier: Apache-2.0
 * vpnlog replay: what the module would have told, on the lines' own time. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/engine_text.h"
#include "cli/input.h"
#include "cli/replay_json.h"
#include "core/stamp.h"
#include "load/load.h"
#include "vpn/join.h"
#include "vpn/recognise.h"
#include "vpn/words.h"

#define AFTER_MS (3600 * INT64_C(1000)) /* of silence, for what is pending */

/* A line of a VPN event, and when it is played. */
struct played {
	int64_t when_ms;
	size_t number;
	size_t len;
	char *raw;
};

struct replay {
	const struct cli_command *cmd;
	const struct cli_options *opt;
	struct vpn_rules *rules;
	struct vpn_policy *policy;
	struct vpn_join *join;
	struct vpn_engine *engine;
	struct vpn_now now;
	int64_t end_ms; /* of the log */
	struct page page;
	struct input in;
	struct escaped escaped;
	struct played *lines;
	struct moved *moves;
	size_t nlines, nmoves, read, events;
	int64_t last_ms; /* of the line before */
	bool json, starved;
};

static struct vpn_line
line_of(const struct replay *re, struct vpn_text raw, int64_t received_ms)
{
	return (struct vpn_line){.raw = raw,
	    .pri = -1,
	    .zone_minutes = re->opt->has_zone ? re->opt->zone_minutes : 0,
	    .received_ms = received_ms,
	    .archived = !re->opt->received};
}

/* The time of reception that stands before a line. */
static bool
cut_received(struct vpn_text *raw, int64_t *ms)
{
	struct vpn_line ln = {.archived = true};
	struct vpn_stamp stamp;
	size_t n = vpn_stamp_read(*raw, &stamp);

	if (n == 0 || n >= raw->len || raw->at[n] != ' ')
		return false;
	ln.received_ms = (int64_t)time(NULL) * 1000;
	*ms = vpn_stamp_ms(&stamp, &ln);
	raw->at += n + 1;
	raw->len -= n + 1;
	return true;
}

static void *
grow(void *list, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ? realloc(list, (n ? 2 * n : 1) * size) : list;
}

static void
keep(struct replay *re, struct vpn_text raw, int64_t ms)
{
	struct played *lines = grow(re->lines, re->nlines, sizeof(*lines));
	char *own = malloc(raw.len + 1);

	if (lines)
		re->lines = lines;
	if (lines == NULL || own == NULL) {
		free(own);
		re->starved = true;
		return;
	}
	memcpy(own, raw.at, raw.len);
	lines[re->nlines] = (struct played){ms, re->nlines, raw.len, own};
	re->nlines++;
}

static void
read_line(struct replay *re, struct vpn_text raw)
{
	int64_t ms = re->last_ms;
	struct vpn_event ev;
	struct vpn_line ln;

	re->read++;
	if (re->opt->received && !cut_received(&raw, &ms))
		return;
	raw = input_escape(&re->escaped, raw);
	ln = line_of(re, raw, re->opt->received ? ms : (int64_t)time(NULL) * 1000);
	if (raw.at == NULL || !vpn_recognise(re->rules, &ln, &ev))
		return;
	if (!re->opt->received && ev.device_time.len > 0)
		ms = ev.time_ms;
	re->last_ms = ms;
	keep(re, raw, ms);
}

static enum cli_exit
read_file(struct replay *re, const char *path)
{
	struct vpn_text raw;

	if (input_open(&re->in, path))
		while (input_line(&re->in, &raw))
			read_line(re, raw);
	if (re->in.error)
		cli_complain(re->cmd, "%s: %s", path, strerror(re->in.error));
	input_close(&re->in);
	return re->in.error ? CLI_PROBLEM : CLI_FINE;
}

static int
by_time(const void *a, const void *b)
{
	const struct played *x = a, *y = b;

	if (x->when_ms != y->when_ms)
		return x->when_ms < y->when_ms ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

static int
by_tunnel(const void *a, const void *b)
{
	const struct moved *x = a, *y = b;
	int order = strcmp(x->tunnel, y->tunnel);

	return order ? order : x->number < y->number ? -1 : 1;
}

static void
put_word(struct replay *re, const char *before, struct vpn_text text)
{
	if (text.len == 0)
		return;
	page_word(&re->page, before);
	page_put(&re->page, text);
}

static void
put_number(struct replay *re, const char *before, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	put_word(re, before, vpn_text(text));
}

/* One line, in the form that tests/scenarios compares. */
static void
text_alarm(struct replay *re, const struct vpn_alarm *alarm)
{
	char when[TEXT_TIME_LEN + 1], since[TEXT_TIME_LEN + 1];

	text_time(re->now.wall_ms, when);
	text_time(alarm->start_ms, since);
	put_word(re, "", vpn_text(when));
	put_word(re, " ", vpn_text(text_step(alarm->step)));
	put_word(re, " ", vpn_alarm_name(alarm->kind));
	put_word(re, " ", vpn_text(text_severity(alarm->severity)));
	put_word(re, " ", alarm->subject);
	if (alarm->reason)
		put_word(re, " reason=", alarm->reason->slug);
	if (alarm->failure)
		put_word(re, " failure=", alarm->failure->slug);
	put_word(re, " ending=", vpn_text(text_ending(alarm->ending)));
	put_word(re, " moved_to=", alarm->moved_to);
	if (alarm->step == VPN_ALARM_OPENED)
		put_word(re, " since=", vpn_text(since));
	if (alarm->drops > 1)
		put_number(re, " drops=", alarm->drops);
	if (alarm->members > 0) {
		put_number(re, " down=", alarm->down);
		put_number(re, "/", alarm->members);
	}
	if (alarm->failures > 0)
		put_number(re, " failures=", alarm->failures);
	if (alarm->late)
		put_word(re, " ", VPN_TEXT("late"));
	if (re->now.wall_ms > re->end_ms)
		put_word(re, " ", VPN_TEXT("(after the end of the log)"));
	page_end(&re->page);
}

static void
take_alarm(const struct vpn_alarm *alarm, void *arg)
{
	struct replay *re = arg;

	if (re->json)
		replay_json_alarm(re->now.wall_ms, alarm);
	else if (alarm->step != VPN_ALARM_CLEARED)
		text_alarm(re, alarm);
}

static void
take_warning(const char *sentence, void *arg)
{
	struct replay *re = arg;

	cli_complain(re->cmd, "%s", sentence);
}

static void
run_to(struct replay *re, int64_t ms)
{
	while (re->now.wall_ms < ms) {
		re->now.wall_ms = (re->now.wall_ms / 1000 + 1) * 1000;
		if (re->now.wall_ms > ms)
			re->now.wall_ms = ms;
		re->now.mono_ms = re->now.wall_ms;
		vpn_engine_tick(re->engine, re->now);
	}
}

static void
note_move(struct replay *re, const struct vpn_event *ev, const struct vpn_turn *turn)
{
	struct moved *moves = grow(re->moves, re->nmoves, sizeof(*moves));
	struct moved *move;

	if (moves == NULL) {
		re->starved = true;
		return;
	}
	re->moves = moves;
	move = &moves[re->nmoves];
	*move = (struct moved){ev->time_ms, re->nmoves, turn->state, ev->code, ""};
	memcpy(move->tunnel, ev->tunnel, ev->tunnel_len + 1);
	re->nmoves++;
	if (re->json)
		replay_json_move(move);
}

static void
play_line(struct replay *re, const struct played *line)
{
	struct vpn_line ln =
	    line_of(re, (struct vpn_text){line->raw, line->len}, line->when_ms);
	struct vpn_event ev;
	struct vpn_turn turn;
	int heard;

	if (!vpn_recognise(re->rules, &ln, &ev))
		return;
	heard = vpn_policy_heard(re->policy, ev.device);
	if (heard >= 0)
		vpn_engine_heard(re->engine, (size_t)heard, re->now);
	if (vpn_join_wants(&ev) && vpn_join_line(re->join, &ev) == VPN_JOINED_NOTHING)
		return;
	re->events++;
	vpn_engine_event(re->engine, &ev, re->now, &turn);
	if (turn.changed)
		note_move(re, &ev, &turn);
}

static void
print_moves(struct replay *re)
{
	const char *last = "";

	if (re->nmoves > 0)
		qsort(re->moves, re->nmoves, sizeof(*re->moves), by_tunnel);
	for (size_t i = 0; i < re->nmoves; i++) {
		const struct moved *move = &re->moves[i];
		char when[TEXT_TIME_LEN + 1];

		if (strcmp(last, move->tunnel) != 0) {
			put_word(re, "", vpn_text(move->tunnel));
			page_end(&re->page);
		}
		last = move->tunnel;
		text_time(move->when_ms, when);
		put_word(re, "  ", vpn_text(when));
		put_word(re, " ", vpn_word(VPN_WORDS_STATE, (int)move->state));
		if (move->code)
			put_word(re, " ", move->code->slug);
		page_end(&re->page);
	}
}

static void
play(struct replay *re)
{
	const struct vpn_engine_counts *n = vpn_engine_counts(re->engine);

	if (re->nlines > 0) {
		qsort(re->lines, re->nlines, sizeof(*re->lines), by_time);
		re->end_ms = re->lines[re->nlines - 1].when_ms;
		re->now.wall_ms = re->now.mono_ms = re->lines[0].when_ms;
	}
	vpn_engine_tick(re->engine, re->now);
	vpn_engine_use(re->engine, re->rules, re->policy);
	for (size_t i = 0; i < re->nlines; i++) {
		run_to(re, re->lines[i].when_ms);
		play_line(re, &re->lines[i]);
	}
	run_to(re, re->end_ms + AFTER_MS);
	if (re->json)
		return;
	print_moves(re);
	printf("%zu lines, %zu events, %llu alerts opened, %llu resolved, %llu "
	       "withheld\n",
	    re->read, re->events, (unsigned long long)n->opened,
	    (unsigned long long)n->resolved, (unsigned long long)n->suppressed);
}

static enum cli_exit
prepare(struct replay *re)
{
	struct vpn_engine_conf conf;
	char err[1024];

	re->rules = cli_options_rules(re->cmd, re->opt);
	if (re->rules == NULL)
		return CLI_PROBLEM;
	if (re->opt->overrides) {
		re->policy =
		    vpn_policy_load(re->opt->overrides, re->rules, err, sizeof(err));
		if (re->policy == NULL) {
			cli_complain(re->cmd, "%s", err);
			return CLI_PROBLEM;
		}
	}
	vpn_engine_defaults(&conf);
	conf.alarm = take_alarm;
	conf.warn = take_warning;
	conf.arg = re;
	re->engine = vpn_engine_new(&conf);
	re->join = vpn_join_new();
	re->json = re->opt->format == CLI_FORMAT_JSON;
	page_init(&re->page, re->opt);
	re->page.width = 0; /* a line is a line */
	return re->engine && re->join ? CLI_FINE : CLI_PROBLEM;
}

enum cli_exit
cli_replay(const struct cli_command *cmd, const struct cli_options *opt)
{
	struct replay re = {.cmd = cmd, .opt = opt};
	enum cli_exit result = prepare(&re);

	for (int i = 0; result == CLI_FINE && i < opt->nwords; i++)
		result = read_file(&re, opt->words[i]);
	if (result == CLI_FINE && opt->nwords == 0)
		result = read_file(&re, "-");
	if (result == CLI_FINE)
		play(&re);
	if (re.starved) {
		cli_complain(cmd, "out of memory: not every line was played");
		result = CLI_PROBLEM;
	}
	vpn_engine_free(re.engine);
	vpn_join_free(re.join);
	for (size_t i = 0; i < re.nlines; i++)
		free(re.lines[i].raw);
	free(re.lines);
	free(re.moves);
	input_free(&re.in);
	free(re.escaped.at);
	vpn_policy_free(re.policy);
	vpn_rules_free(re.rules);
	return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/play.h"

#include <stdlib.h>
#include <time.h>

#include "core/stamp.h"
#include "load/load.h"
#include "vpn/join.h"
#include "vpn/recognise.h"

#define AFTER_MS (3600 * INT64_C(1000)) /* of silence, for what is pending */

struct played {
	int64_t when_ms;
	size_t number;
	size_t len;
	char *raw;
};

static struct vpn_line
line_of(const struct play *play, struct vpn_text raw, int64_t received_ms)
{
	return (struct vpn_line){.raw = raw,
	    .pri = -1,
	    .zone_minutes = play->opt->has_zone ? play->opt->zone_minutes : 0,
	    .received_ms = received_ms,
	    .archived = !play->opt->received};
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

static void
keep(struct play *play, struct vpn_text raw, int64_t ms)
{
	struct played *lines = cli_grow(play->lines, play->nlines, sizeof(*lines));
	char *own = malloc(raw.len + 1);

	if (lines)
		play->lines = lines;
	if (lines == NULL || own == NULL) {
		free(own);
		play->starved = true;
		return;
	}
	memcpy(own, raw.at, raw.len);
	lines[play->nlines] = (struct played){ms, play->nlines, raw.len, own};
	play->nlines++;
}

static void
read_line(struct play *play, struct vpn_text raw)
{
	int64_t ms = play->last_ms;
	struct vpn_event ev;
	struct vpn_line ln;

	play->read++;
	if (play->opt->received && !cut_received(&raw, &ms))
		return;
	raw = input_escape(&play->escaped, raw);
	ln = line_of(play, raw, play->opt->received ? ms : (int64_t)time(NULL) * 1000);
	if (raw.at == NULL || !vpn_recognise(play->rules, &ln, &ev))
		return;
	if (!play->opt->received && ev.device_time.len > 0)
		ms = ev.time_ms;
	play->last_ms = ms;
	keep(play, raw, ms);
}

static enum cli_exit
read_file(struct play *play, const char *path)
{
	struct vpn_text raw;

	if (input_open(&play->in, path))
		while (input_line(&play->in, &raw))
			read_line(play, raw);
	if (play->in.error)
		cli_complain(play->cmd, "%s: %s", path, strerror(play->in.error));
	input_close(&play->in);
	return play->in.error ? CLI_PROBLEM : CLI_FINE;
}

static int
by_time(const void *a, const void *b)
{
	const struct played *x = a, *y = b;

	if (x->when_ms != y->when_ms)
		return x->when_ms < y->when_ms ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

static void
run_to(struct play *play, int64_t ms)
{
	if (ms <= play->now.wall_ms)
		return;
	play->now.wall_ms = play->now.mono_ms = ms;
	vpn_engine_tick(play->engine, play->now);
}

static void
play_line(struct play *play, const struct played *line)
{
	struct vpn_line ln =
	    line_of(play, (struct vpn_text){line->raw, line->len}, line->when_ms);
	struct vpn_event ev;
	struct vpn_turn turn;
	int heard;

	if (!vpn_recognise(play->rules, &ln, &ev))
		return;
	heard = vpn_policy_heard(play->policy, ev.device);
	if (heard >= 0)
		vpn_engine_heard(play->engine, (size_t)heard, play->now);
	if (vpn_join_wants(&ev) && vpn_join_line(play->join, &ev) == VPN_JOINED_NOTHING)
		return;
	play->events++;
	vpn_engine_event(play->engine, &ev, play->now, &turn);
	play->event(&ev, &turn, play->arg);
}

/* Lines before the first that has a time are as old as that one; when none has,
 * they are from today. */
static void
date_first(struct play *play)
{
	size_t n = 0;
	int64_t ms;

	while (n < play->nlines && play->lines[n].when_ms == 0)
		n++;
	ms = n < play->nlines ? play->lines[n].when_ms : (int64_t)time(NULL) * 1000;
	while (n > 0)
		play->lines[--n].when_ms = ms;
}

static void
play_all(struct play *play)
{
	date_first(play);
	if (play->nlines > 0) {
		qsort(play->lines, play->nlines, sizeof(*play->lines), by_time);
		play->end_ms = play->lines[play->nlines - 1].when_ms;
		play->start_ms = play->lines[0].when_ms;
	}
	play->now.wall_ms = play->now.mono_ms = play->start_ms;
	vpn_engine_tick(play->engine, play->now);
	vpn_engine_use(play->engine, play->rules, play->policy);
	for (size_t i = 0; i < play->nlines; i++) {
		run_to(play, play->lines[i].when_ms);
		play_line(play, &play->lines[i]);
	}
	run_to(play, play->end_ms + AFTER_MS);
}

enum cli_exit
play_open(
    struct play *play, const struct cli_command *cmd, const struct cli_options *opt)
{
	char err[1024];

	*play = (struct play){.cmd = cmd, .opt = opt};
	play->rules = cli_options_rules(cmd, opt);
	if (play->rules == NULL)
		return CLI_PROBLEM;
	if (opt->overrides) {
		play->policy =
		    vpn_policy_load(opt->overrides, play->rules, err, sizeof(err));
		if (play->policy == NULL) {
			cli_complain(cmd, "%s", err);
			return CLI_PROBLEM;
		}
	}
	vpn_engine_defaults(&play->conf);
	return CLI_FINE;
}

enum cli_exit
play_files(struct play *play)
{
	const struct cli_options *opt = play->opt;
	enum cli_exit result = CLI_FINE;

	play->engine = vpn_engine_new(&play->conf);
	play->join = vpn_join_new();
	play->starved = play->engine == NULL || play->join == NULL;
	for (int i = 0; result == CLI_FINE && i < opt->nwords; i++)
		result = read_file(play, opt->words[i]);
	if (result == CLI_FINE && opt->nwords == 0)
		result = read_file(play, "-");
	if (result == CLI_FINE && play->engine && play->join)
		play_all(play);
	if (!play->starved)
		return result;
	cli_complain(play->cmd, "out of memory: not every line was played");
	return CLI_PROBLEM;
}

void
play_close(struct play *play)
{
	vpn_engine_free(play->engine);
	vpn_join_free(play->join);
	for (size_t i = 0; i < play->nlines; i++)
		free(play->lines[i].raw);
	free(play->lines);
	input_free(&play->in);
	free(play->escaped.at);
	vpn_policy_free(play->policy);
	vpn_rules_free(play->rules);
}

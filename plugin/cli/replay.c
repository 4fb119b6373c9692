/* SPDX-License-Identifier: Apache-2.0
 * vpnlog replay: what the module would have told, on the lines' own time. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/engine_text.h"
#include "cli/play.h"
#include "cli/replay_json.h"
#include "vpn/words.h"

struct replay {
	struct play play;
	struct page page;
	struct moved *moves;
	size_t nmoves;
	bool json;
};

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

	text_time(alarm->told_ms, when);
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
	if (alarm->told_ms > re->play.end_ms)
		put_word(re, " ", VPN_TEXT("(after the end of the log)"));
	page_end(&re->page);
}

static void
take_alarm(const struct vpn_alarm *alarm, void *arg)
{
	struct replay *re = arg;

	if (re->json)
		replay_json_alarm(alarm);
	else if (alarm->step != VPN_ALARM_CLEARED)
		text_alarm(re, alarm);
}

static void
take_warning(const char *sentence, void *arg)
{
	struct replay *re = arg;

	cli_complain(re->play.cmd, "%s", sentence);
}

static void
note_move(const struct vpn_event *ev, const struct vpn_turn *turn, void *arg)
{
	struct replay *re = arg;
	struct moved *moves, *move;

	if (!turn->changed)
		return;
	moves = cli_grow(re->moves, re->nmoves, sizeof(*moves));
	if (moves == NULL) {
		re->play.starved = true;
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
print_counts(const struct replay *re)
{
	const struct vpn_engine_counts *n = vpn_engine_counts(re->play.engine);

	printf("%zu lines, %zu events, %llu alerts opened, %llu resolved, %llu "
	       "withheld\n",
	    re->play.read, re->play.events, (unsigned long long)n->opened,
	    (unsigned long long)n->resolved, (unsigned long long)n->suppressed);
}

enum cli_exit
cli_replay(const struct cli_command *cmd, const struct cli_options *opt)
{
	struct replay re = {.json = opt->format == CLI_FORMAT_JSON};
	enum cli_exit result = play_open(&re.play, cmd, opt);

	page_init(&re.page, opt);
	re.page.width = 0; /* a line is a line */
	re.play.conf.alarm = take_alarm;
	re.play.conf.warn = take_warning;
	re.play.event = note_move;
	re.play.arg = re.play.conf.arg = &re;
	if (result == CLI_FINE)
		result = play_files(&re.play);
	if (result == CLI_FINE && !re.json) {
		print_moves(&re);
		print_counts(&re);
	}
	play_close(&re.play);
	free(re.moves);
	return result;
}

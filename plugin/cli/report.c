/* SPDX-License-Identifier: Apache-2.0
 * vpnlog report: what happened, as one page that needs nothing but itself. */
#include "cli/report.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/estate.h"
#include "cli/frame.h"
#include "cli/play.h"

#define SOURCES_MAX 400                         /* bytes of the names of files */
#define LEAST_MS (3600 * INT64_C(1000))         /* of a timeline from a state file */
#define MOST_MS (7 * 24 * 3600 * INT64_C(1000)) /* likewise */

struct collector {
	struct report report;
	struct play play;
};

static void
take_alarm(const struct vpn_alarm *alarm, void *arg)
{
	struct collector *co = arg;

	history_alarm(&co->report.history, alarm);
}

static void
take_warning(const char *sentence, void *arg)
{
	struct collector *co = arg;

	cli_complain(co->play.cmd, "%s", sentence);
}

static void
take_move(const struct vpn_move *move, void *arg)
{
	struct collector *co = arg;

	history_move(&co->report.history, move);
}

static void
take_event(const struct vpn_event *ev, const struct vpn_turn *turn, void *arg)
{
	struct collector *co = arg;

	history_event(&co->report.history, ev, turn);
}

static void
take_name(const struct vpn_standing *it, void *arg)
{
	history_name(&((struct collector *)arg)->report.history, it);
}

static void
take_standing(const struct vpn_standing *it, void *arg)
{
	history_take(&((struct collector *)arg)->report.history, it);
}

static void
title(struct html *html, const void *arg)
{
	static html_words words = {"VPN report", "VPN报告"};
	const struct report *re = arg;
	char buf[AMOUNT_LEN];

	html_word(html, words[html->lang]);
	html_word(html, " ");
	if (re->history.to_ms > 0)
		fprintf(html->out, "%.10s", amount_time(buf, re->history.to_ms));
}

static void
head(struct html *html, const void *arg)
{
	report_head(html, arg);
}

static void
put_empty(struct html *html, const struct report *re)
{
	static html_words nothing = {
	    "None of the @0 read is about a VPN. Is it the right file, and does the "
	    "gateway log its VPN? omipsec's page \"Make your gateway speak\" tells for "
	    "each vendor what to enable.",
	    "所读@"
	    "0中没有VPN日志。文件是否正确？网关是否已开启VPN日志？各厂商的开启方法见omi"
	    "psec的“Make "
	    "your gateway speak”一页。"};
	static html_words strangers = {"@0 are about a VPN, but none of them says that "
				       "a tunnel was up or went down.",
	    "有@0VPN日志，但没有一行说明隧道建立或断开。"};
	static html_words unused = {
	    "The state file knows no tunnel yet.", "状态文件中还没有隧道。"};
	char count[AMOUNT_LEN];
	const char *const *form = re->is_state ? unused
	    : re->events                       ? strangers
					       : nothing;

	amount_of(count, re->events ? re->events : re->read, &report_line, html->lang);
	html_raw(html, "<div class=\"empty\"><p>");
	html_say(html, form, (const char *const[]){count});
	html_raw(html, "</p></div>\n");
}

static void
body(struct html *html, const void *arg)
{
	const struct report *re = arg;

	if (re->history.shown == 0)
		put_empty(html, re);
	report_down(html, re);
	report_tunnels(html, re);
	report_reasons(html, re);
	report_alerts(html, re);
	report_others(html, re);
}

static void
foot(struct html *html, const void *arg)
{
	static html_words log = {"From @0: @1 read, @2 of them about a VPN. The period "
				 "ends with the last of "
				 "these; what was down then counts as down until then.",
	    "来源：@0，共读@1，其中VPN日志@"
	    "2。统计到最后一行VPN日志为止，届时仍断开的计到该时刻。"};
	static html_words state = {"From the state file @0.", "来源：状态文件@0。"};
	static html_words sessions = {
	    "Sessions of remote users are no tunnels: @0 left out.",
	    "远程用户会话不算隧道：略去@0。"};
	static html_words about = {
	    "All times are UTC. Advice: @0 @1, in our own words. Made by vpnlog @2.",
	    "时间均为UTC。处理建议依据：@0 @1。由vpnlog @2生成。"};
	static const struct noun session = {"session", "sessions", "个会话"};
	const struct report *re = arg;
	const struct vpn_guide *guide = vpn_rules_guide(re->rules);
	char a[AMOUNT_LEN], b[AMOUNT_LEN];
	size_t users = re->history.ntunnels - re->history.shown;

	html_raw(html, "<p>");
	html_say(html, re->is_state ? state : log,
	    (const char *const[]){re->sources,
		amount_of(a, re->read, &report_line, html->lang),
		amount_number(b, re->events)});
	if (users > 0) {
		html_raw(html, " ");
		html_say(html, sessions,
		    (const char *const[]){amount_of(a, users, &session, html->lang)});
	}
	html_raw(html, "</p>\n<p>");
	html_say(html, about,
	    (const char *const[]){
		guide->title.in[html->lang].at, guide->version.at, VPN_VERSION});
	html_raw(html, "</p>\n");
}

static enum cli_exit
collect_log(struct collector *co)
{
	struct play *play = &co->play;
	enum cli_exit result;

	play->conf.alarm = take_alarm;
	play->conf.warn = take_warning;
	play->conf.moved = take_move;
	play->event = take_event;
	play->arg = play->conf.arg = co;
	result = play_files(play);
	if (result != CLI_FINE)
		return result;
	vpn_engine_each(play->engine, take_name, co);
	co->report.read = play->read;
	co->report.events = play->events;
	history_end(&co->report.history, play->start_ms, play->end_ms);
	return CLI_FINE;
}

/* As far back as what is not up goes, but not out of sight. */
static int64_t
start_of(const struct history *h, int64_t now_ms)
{
	int64_t from_ms = now_ms - LEAST_MS;

	for (size_t i = 0; i < h->ntunnels; i++)
		if (h->tunnels[i]->state != VPN_STATE_UP && h->tunnels[i]->nspans > 0 &&
		    h->tunnels[i]->spans[0].from_ms < from_ms)
			from_ms = h->tunnels[i]->spans[0].from_ms;
	return from_ms > now_ms - MOST_MS ? from_ms : now_ms - MOST_MS;
}

static enum cli_exit
collect_state(struct collector *co)
{
	struct history *h = &co->report.history;
	struct estate estate;
	enum cli_exit result = estate_open(&estate, co->play.cmd, co->play.opt);

	if (estate.engine == NULL)
		return result;
	vpn_engine_use(estate.engine, co->play.rules, co->play.policy);
	vpn_engine_each(estate.engine, take_standing, co);
	history_end(h, start_of(h, estate.now.wall_ms), estate.now.wall_ms);
	estate_close(&estate);
	return result;
}

/* "a.log, b.log", without their folders; at most what fits. */
static void
name_sources(const struct cli_options *opt, char *names, size_t cap)
{
	const char *path = opt->state ? opt->state : "standard input";
	size_t len = 0;

	for (int i = 0; i < (opt->nwords ? opt->nwords : 1); i++) {
		const char *slash;

		path = i < opt->nwords ? opt->words[i] : path;
		slash = strrchr(path, '/');
		path = slash ? slash + 1 : path;
		if (len + strlen(path) + 16 > cap) {
			snprintf(names + len, cap - len, ", ...");
			return;
		}
		len += (size_t)snprintf(
		    names + len, cap - len, "%s%s", i ? ", " : "", path);
	}
}

static enum cli_exit
write_page(const struct collector *co)
{
	const struct cli_options *opt = co->play.opt;
	const struct frame frame = {
	    cli_options_language(opt), title, head, body, foot, &co->report};
	FILE *out = opt->output ? fopen(opt->output, "w") : stdout;

	if (out)
		frame_write(out, &frame);
	if (opt->output == NULL)
		return CLI_FINE;
	if (out && ferror(out) == 0 && fclose(out) == 0)
		return CLI_FINE;
	cli_complain(
	    co->play.cmd, "%s: cannot be written: %s", opt->output, strerror(errno));
	return CLI_PROBLEM;
}

enum cli_exit
cli_report(const struct cli_command *cmd, const struct cli_options *opt)
{
	struct collector co = {0};
	char names[SOURCES_MAX] = "";
	enum cli_exit result;

	if (opt->state && opt->nwords > 0) {
		cli_complain(cmd, "name log files or a state file, not both");
		return CLI_USAGE;
	}
	name_sources(opt, names, sizeof(names));
	result = play_open(&co.play, cmd, opt);
	if (result == CLI_FINE) {
		co.report = (struct report){.rules = co.play.rules,
		    .runbook = opt->runbook,
		    .sources = names,
		    .is_state = opt->state != NULL};
		history_init(&co.report.history, co.play.rules);
		result = opt->state ? collect_state(&co) : collect_log(&co);
		if (co.report.history.to_ms > 0 || result == CLI_FINE)
			result = write_page(&co) == CLI_FINE ? result : CLI_PROBLEM;
	}
	if (co.report.history.starved) {
		cli_complain(cmd, "out of memory: not everything is in the page");
		result = CLI_PROBLEM;
	}
	history_free(&co.report.history);
	play_close(&co.play);
	return result;
}

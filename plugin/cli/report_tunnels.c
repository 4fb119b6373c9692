/* SPDX-License-Identifier: Apache-2.0
 * Tunnels by the time that they were down. */
#include "cli/report.h"
#include "cli/timeline.h"

static enum look
look_of(enum vpn_state state)
{
	switch (state) {
	case VPN_STATE_UP:
		return LOOK_UP;
	case VPN_STATE_ADMIN:
	case VPN_STATE_IDLE:
		return LOOK_OFF;
	case VPN_STATE_UNKNOWN:
	case VPN_STATE_DOWN: /* its outage is painted */
	case VPN_STATE_ENDED:
	case VPN_STATE_COUNT:
		break;
	}
	return LOOK_NONE;
}

static void
paint(struct timeline *line, const struct history *h, const struct tunnel *tunnel)
{
	*line = (struct timeline){.from_ms = h->from_ms, .to_ms = h->to_ms};
	for (size_t i = 0; i < tunnel->nspans; i++)
		timeline_paint(line, tunnel->spans[i].from_ms, tunnel->spans[i].to_ms,
		    look_of(tunnel->spans[i].state));
	for (size_t i = 0; i < tunnel->nflaps; i++)
		timeline_paint(line, tunnel->flaps[i].from_ms, tunnel->flaps[i].to_ms,
		    LOOK_FLAPPING);
	for (size_t i = 0; i < tunnel->noutages; i++)
		timeline_paint(line, tunnel->outages[i].start_ms,
		    tunnel->outages[i].end_ms, LOOK_DOWN);
	for (size_t i = 0; i < tunnel->nsaid; i++)
		if (tunnel->said[i].failure)
			timeline_mark(line, tunnel->said[i].ms);
}

/* What the strip shows, for those who do not see it. */
static void
put_strip(struct html *html, const struct report *re, const struct tunnel *tunnel)
{
	static html_words fine = {"Timeline: no outage", "时间线：无中断"};
	static html_words form = {
	    "Timeline: %s, down for %s in total", "时间线：%s，累计断开%s"};
	char count[AMOUNT_LEN], down[AMOUNT_LEN], label[3 * AMOUNT_LEN];
	struct timeline line;

	paint(&line, &re->history, tunnel);
	amount_of(count, tunnel->noutages, &report_outage, html->lang);
	amount_duration(down, tunnel->down_ms, html->lang);
	snprintf(label, sizeof(label), "%s", fine[html->lang]);
	if (tunnel->noutages > 0)
		snprintf(label, sizeof(label), form[html->lang], count, down);
	timeline_write(html, &line, label);
}

static void
put_badge(struct html *html, const struct tunnel *tunnel)
{
	static html_words down = {"down", "断开"}, flaps = {"flapping", "反复断开"},
			  admin = {"taken down", "人为关闭"}, idle = {"idle", "空闲"};

	if (report_is_down(tunnel))
		html_tag_word(html, "span class=\"badge bad\"", down[html->lang]);
	else if (tunnel->state == VPN_STATE_ADMIN)
		html_tag_word(html, "span class=\"badge dim\"", admin[html->lang]);
	else if (tunnel->state == VPN_STATE_IDLE)
		html_tag_word(html, "span class=\"badge dim\"", idle[html->lang]);
	if (tunnel->nflaps > 0)
		html_tag_word(html, "span class=\"badge warn\"", flaps[html->lang]);
}

static void
put_why(struct html *html, const struct tunnel *tunnel)
{
	static html_words never = {"no outage", "无中断"};

	if (tunnel->cause)
		html_text(html, tunnel->cause->why.in[html->lang]);
	else if (tunnel->noutages == 0)
		html_word(html, never[html->lang]);
}

static void
put_summary(struct html *html, const struct report *re, const struct tunnel *tunnel)
{
	html_raw(html, "<summary><h3>");
	report_name(html, tunnel);
	put_badge(html, tunnel);
	html_raw(html, "</h3>");
	put_strip(html, re, tunnel);
	html_raw(html, "<span class=\"why\">");
	put_why(html, tunnel);
	html_raw(html,
	    tunnel->noutages ? "</span><span class=\"time figure\">"
			     : "</span><span class=\"time figure dim\">");
	html_duration(html, tunnel->down_ms);
	html_raw(html, "</span><span class=\"count figure\">");
	html_count(html, tunnel->noutages, &report_outage);
	html_raw(html, "</span></summary>\n");
}

static void
put_facts(struct html *html, const struct tunnel *tunnel)
{
	static html_words device = {"Device", "设备"},
			  local = {"Local gateway", "本端网关"},
			  peer = {"Peer gateway", "对端网关"}, id = {"Tunnel", "隧道"},
			  known = {"Availability", "可用率"},
			  drops = {"Drops in 24 h", "24小时内断开"};
	char buf[AMOUNT_LEN];

	html_raw(html, "<dl class=\"facts\">");
	html_fact(html, device, tunnel->device);
	html_fact(html, local, tunnel->local);
	html_fact(html, peer, tunnel->peer);
	html_fact(html, id, tunnel->id.len ? tunnel->id : tunnel->subject);
	if (tunnel->known_ms > 0)
		html_fact(html, known,
		    vpn_text(amount_share(
			buf, tunnel->known_ms - tunnel->down_ms, tunnel->known_ms)));
	if (tunnel->drops > 0)
		html_fact(html, drops, vpn_text(amount_number(buf, tunnel->drops)));
	html_raw(html, "</dl>\n");
}

static void
put_outage(struct html *html, const struct outage *outage)
{
	static html_words still = {"still down", "仍断开"};
	static html_words logged = {"Logged as: ", "日志原话："};

	html_raw(html, "<tr><td>");
	html_time(html, outage->start_ms);
	html_raw(html, "</td><td class=\"until\">");
	if (outage->open)
		html_tag_word(html, "b class=\"bad\"", still[html->lang]);
	else
		html_time(html, outage->end_ms);
	html_raw(html, "</td><td class=\"figure\">");
	html_duration(html, outage->end_ms - outage->start_ms);
	html_raw(html, "</td><td class=\"full\">");
	report_put_reason(html, history_cause(outage));
	if (outage->failure && outage->reason) {
		html_raw(html, "<span class=\"note\">");
		html_word(html, logged[html->lang]);
		html_text(html, outage->reason->why.in[html->lang]);
		html_raw(html, "</span>");
	}
	html_raw(html, "</td></tr>\n");
}

static void
put_outages(struct html *html, const struct tunnel *tunnel)
{
	static html_words title = {"Outages", "中断"};
	static html_words heads[] = {{"Down", "断开"}, {"Up again", "恢复"},
	    {"Duration", "时长"}, {"Reason", "原因"}};
	size_t skip =
	    tunnel->noutages > REPORT_OUTAGES ? tunnel->noutages - REPORT_OUTAGES : 0;

	if (tunnel->noutages == 0)
		return;
	html_tag_word(html, "h4", title[html->lang]);
	report_cut(html, REPORT_OUTAGES, tunnel->noutages, &report_outage);
	html_raw(html, "<table><thead><tr>");
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		html_tag_word(html,
		    i == 2 ? "th scope=\"col\" class=\"figure\"" : "th scope=\"col\"",
		    heads[i][html->lang]);
	html_raw(html, "</tr></thead><tbody>\n");
	for (size_t i = tunnel->noutages; i > skip; i--)
		put_outage(html, &tunnel->outages[i - 1]);
	html_raw(html, "</tbody></table>\n");
}

static void
put_lines(struct html *html, const struct tunnel *tunnel)
{
	size_t n = tunnel->nsaid, shown = n < REPORT_LINES ? n : REPORT_LINES;

	if (n == 0)
		return;
	report_begin_lines(html, shown, n);
	for (size_t i = n - shown; i < n; i++)
		report_put_line(html, tunnel->said[i].raw);
	report_end_lines(html);
}

void
report_tunnels(struct html *html, const struct report *re)
{
	static html_words title = {"Tunnels by down time", "按断开时长排列的隧道"};
	const struct history *h = &re->history;
	size_t n = h->shown < REPORT_WHOLE ? h->shown : REPORT_WHOLE;

	if (n == 0)
		return;
	report_begin(html, "tunnels", title);
	report_cut(html, n, h->shown, &report_tunnel);
	html_raw(html, "<div class=\"rows\">\n");
	timeline_axis(html, h->from_ms, h->to_ms);
	for (size_t i = 0; i < n; i++) {
		html_raw(html, "<details>");
		put_summary(html, re, h->tunnels[i]);
		html_raw(html, "<div class=\"more\">\n");
		put_facts(html, h->tunnels[i]);
		put_outages(html, h->tunnels[i]);
		put_lines(html, h->tunnels[i]);
		html_raw(html, "</div></details>\n");
	}
	html_raw(html, "</div>\n");
	timeline_key(html);
	html_raw(html, "</section>\n");
}

void
report_others(struct html *html, const struct report *re)
{
	static html_words title = {"Further tunnels", "其余隧道"};
	static html_words heads[] = {{"Tunnel", "隧道"}, {"Outages", "中断次数"},
	    {"Down", "断开时长"}, {"Reason", "原因"}};
	const struct history *h = &re->history;
	size_t to = h->shown < REPORT_WHOLE + REPORT_ROWS ? h->shown
							  : REPORT_WHOLE + REPORT_ROWS;

	if (h->shown <= REPORT_WHOLE)
		return;
	report_begin(html, "others", title);
	report_cut(html, to - REPORT_WHOLE, h->shown - REPORT_WHOLE, &report_tunnel);
	html_raw(html, "<div class=\"box\"><table><thead><tr>");
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		html_tag_word(html,
		    i == 1 || i == 2 ? "th scope=\"col\" class=\"figure\""
				     : "th scope=\"col\"",
		    heads[i][html->lang]);
	html_raw(html, "</tr></thead><tbody>\n");
	for (size_t i = REPORT_WHOLE; i < to; i++) {
		html_raw(html, "<tr><th scope=\"row\">");
		report_name(html, h->tunnels[i]);
		put_badge(html, h->tunnels[i]);
		html_raw(html, "</th><td class=\"figure\">");
		fprintf(html->out, "%zu", h->tunnels[i]->noutages);
		html_raw(html, "</td><td class=\"figure\">");
		html_duration(html, h->tunnels[i]->down_ms);
		html_raw(html, "</td><td class=\"full\">");
		put_why(html, h->tunnels[i]);
		html_raw(html, "</td></tr>\n");
	}
	html_raw(html, "</tbody></table></div></section>\n");
}

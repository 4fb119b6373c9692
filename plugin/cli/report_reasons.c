/* SPDX-License-Identifier: Apache-2.0
 * Reasons ranked, with the advice for each; and the alerts. */
#include "cli/advice.h"
#include "cli/report.h"
#include "cli/engine_text.h"
#include "cli/timeline.h"
#include "vpn/runbook.h"

static void
put_counts(struct html *html, const struct report *re, const struct reason *reason)
{
	const char *between = "";

	if (reason->outages > 0) {
		html_count(html, reason->outages, &report_outage);
		html_word(html, " · ");
		html_count(html, reason->tunnels, &report_tunnel);
		between = " · ";
	}
	if (re->is_state)
		return;
	html_word(html, between);
	html_count(html, reason->events, &report_line);
}

static void
put_summary(struct html *html, const struct report *re, const struct reason *reason)
{
	html_raw(html, "<summary><h3 id=\"");
	report_id(html, reason->code);
	html_raw(html, "\">");
	html_text(html, reason->code->why.in[html->lang]);
	html_raw(html, "</h3>");
	if (reason->down_ms > 0)
		timeline_bar(html, reason->down_ms, re->history.down_ms);
	html_raw(html, "<span class=\"why\">");
	advice_slug(html, reason->code);
	html_raw(html, " · ");
	put_counts(html, re, reason);
	html_raw(html,
	    reason->down_ms > 0 ? "</span><span class=\"time figure\">"
				: "</span><span class=\"time figure dim\">");
	if (reason->down_ms > 0)
		html_duration(html, reason->down_ms);
	else
		html_word(html, "–");
	html_raw(html, "</span></summary>\n");
}

static void
put_runbook(struct html *html, const struct report *re, const struct vpn_code *code)
{
	static html_words word = {"Runbook", "操作手册"};
	char page[VPN_RUNBOOK_MAX];

	if (re->runbook == NULL)
		return;
	vpn_runbook_page(code, page);
	html_raw(html, "<p class=\"note\"><a href=\"");
	html_word(html, re->runbook);
	html_word(html, page);
	html_raw(html, "\">");
	html_word(html, word[html->lang]);
	html_raw(html, "</a></p>\n");
}

void
report_reasons(struct html *html, const struct report *re)
{
	static html_words title = {"Reasons and what to do", "原因与处理"};
	static html_words note = {
	    "By the down time that each brought about; open one for the advice.",
	    "按造成的断开时长排列；展开可见处理建议。"};
	const struct history *h = &re->history;

	if (h->nreasons == 0)
		return;
	report_begin(html, "reasons", title);
	html_tag_word(html, "p class=\"note\"", note[html->lang]);
	html_raw(html, "<div class=\"rows reasons\">\n");
	for (size_t i = 0; i < h->nreasons; i++) {
		const struct reason *reason = &h->reasons[i];

		html_raw(
		    html, reason->down_ms > 0 ? "<details class=\"cost\"" : "<details");
		html_raw(html, i == 0 ? " open>" : ">");
		put_summary(html, re, reason);
		html_raw(html, "<div class=\"more\">\n");
		advice_write(html, reason->code, 4);
		put_runbook(html, re, reason->code);
		if (reason->raw.len > 0) {
			report_begin_lines(html, 1, 1);
			report_put_line(html, reason->raw);
			report_end_lines(html);
		}
		html_raw(html, "</div></details>\n");
	}
	html_raw(html, "</div></section>\n");
}

static void
put_alert(struct html *html, const struct report *re, const struct told *told)
{
	static html_words open = {"still open", "未恢复"};
	static html_words later = {"after the end of the log", "日志结束之后"};
	const char *severity = text_severity(told->severity);

	html_raw(html, "<tr><td>");
	html_time(html, told->opened_ms);
	html_raw(html, "</td><td class=\"until\">");
	if (told->end_ms > re->history.to_ms)
		html_tag_word(html, "span class=\"dim\"", later[html->lang]);
	else if (told->end_ms > 0)
		html_time(html, told->end_ms);
	else
		html_tag_word(html, "b class=\"bad\"", open[html->lang]);
	html_raw(html, "</td><td>");
	html_tag_word(html,
	    told->severity == VPN_SEVERITY_CRITICAL ? "span class=\"bad\""
						    : "span class=\"warn\"",
	    severity);
	html_raw(html, "</td><td class=\"full\">");
	html_text(html, told->summary[html->lang]);
	html_raw(html, " <code class=\"dim\">");
	html_text(html, vpn_alarm_name(told->kind));
	html_raw(html, "</code></td></tr>\n");
}

void
report_alerts(struct html *html, const struct report *re)
{
	static html_words title[] = {
	    {"Alerts that these lines raise", "这些日志引发的告警"},
	    {"Open alerts", "未恢复的告警"}};
	static html_words heads[] = {{"Opened", "开始"}, {"Resolved", "恢复"},
	    {"Severity", "级别"}, {"Alert", "告警"}};
	static const struct noun alert = {"alert", "alerts", "条告警"};
	const struct history *h = &re->history;
	const struct told *told = h->first_told;

	if (h->ntold == 0)
		return;
	report_begin(html, "alerts", title[re->is_state]);
	report_cut(html, REPORT_ALERTS, h->ntold, &alert);
	html_raw(html, "<div class=\"box\"><table><thead><tr>");
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		html_tag_word(html, "th scope=\"col\"", heads[i][html->lang]);
	html_raw(html, "</tr></thead><tbody>\n");
	for (size_t i = 0; told; told = told->next, i++)
		if (i + REPORT_ALERTS >= h->ntold)
			put_alert(html, re, told);
	html_raw(html, "</tbody></table></div></section>\n");
}

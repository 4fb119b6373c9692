/* SPDX-License-Identifier: Apache-2.0
 * What a manager reads, and what pages the engineer. */
#include "cli/frame.h"
#include "cli/report.h"

/* The verdict. */
static void
put_headline(struct html *html, const struct report *re)
{
	static html_words nothing = {"No VPN line found", "没有找到VPN日志"};
	static html_words no_tunnel = {"No tunnel found", "没有找到隧道"};
	static html_words one = {"@0 of @1 is down", "@1中有@0条断开"};
	static html_words several = {"@0 of @1 are down", "@1中有@0条断开"};
	static html_words some = {"All up now, after @0", "现已全部恢复，期间@0"};
	static html_words none = {"No outage", "没有中断"};
	const struct history *h = &re->history;
	char a[AMOUNT_LEN], b[AMOUNT_LEN];
	const char *const *form = none;

	if (h->shown == 0)
		form = re->events == 0 && !re->is_state ? nothing : no_tunnel;
	else if (h->down > 0)
		form = h->down == 1 ? one : several;
	else if (h->noutages > 0)
		form = some;
	html_raw(html, h->down > 0 ? "<h1 class=\"bad\">" : "<h1>");
	if (h->down > 0)
		html_say(html, form,
		    (const char *const[]){amount_number(a, h->down),
			amount_of(b, h->shown, &report_tunnel, html->lang)});
	else
		html_say(html, form,
		    (const char *const[]){
			amount_of(a, h->noutages, &report_outage, html->lang)});
	html_raw(html, "</h1>\n");
}

/* One sentence: how much, and what most of it came from. */
static void
put_lead(struct html *html, const struct report *re)
{
	static html_words most = {
	    "@0 down in total. @1 of it: ", "累计断开@0，其中@1的原因是："};
	static html_words fine = {
	    "@0 watched, none of them went down.", "共@0，均未断开。"};
	const struct history *h = &re->history;
	const struct reason *first = h->nreasons ? &h->reasons[0] : NULL;
	char a[AMOUNT_LEN], b[AMOUNT_LEN];

	if (h->shown == 0 || (h->noutages > 0 && (!first || first->down_ms == 0)))
		return;
	html_raw(html, "<p class=\"lead\">");
	if (h->noutages > 0) {
		html_say(html, most,
		    (const char *const[]){amount_duration(a, h->down_ms, html->lang),
			amount_share(b, first->down_ms, h->down_ms)});
		report_put_reason(html, first->code);
		html_word(html, html->lang == VPN_ZH ? "。" : ".");
	} else {
		html_say(html, fine,
		    (const char *const[]){
			amount_of(a, h->shown, &report_tunnel, html->lang)});
	}
	html_raw(html, "</p>\n");
}

static void
put_tile(struct html *html, html_words name, const char *value)
{
	html_raw(html, "<div>");
	html_tag_word(html, "dt", name[html->lang]);
	html_tag_word(html, "dd", value);
	html_raw(html, "</div>\n");
}

static void
put_tiles(struct html *html, const struct report *re)
{
	static html_words tunnels = {"tunnels", "隧道"},
			  down = {"down now", "当前断开"},
			  outages = {"outages", "中断次数"},
			  time = {"down in total", "累计断开"},
			  longest = {"longest outage", "最长中断"},
			  available = {"availability", "可用率"},
			  alerts = {"alerts", "告警"};
	const struct history *h = &re->history;
	char value[AMOUNT_LEN];

	html_raw(html, "<dl class=\"tiles\">\n");
	put_tile(html, tunnels, amount_number(value, h->shown));
	put_tile(html, down, amount_number(value, h->down));
	if (!re->is_state)
		put_tile(html, outages, amount_number(value, h->noutages));
	if (!re->is_state && h->known_ms > 0)
		put_tile(html, available,
		    amount_share(value, h->known_ms - h->down_ms, h->known_ms));
	put_tile(html, time, amount_duration(value, h->down_ms, html->lang));
	put_tile(html, longest, amount_duration(value, h->longest_ms, html->lang));
	put_tile(html, alerts, amount_number(value, h->ntold));
	html_raw(html, "</dl>\n");
}

static void
put_nav(struct html *html, const struct report *re)
{
	static const struct frame_link links[] = {{"down", {"Down now", "当前断开"}},
	    {"tunnels", {"Tunnels", "隧道"}},
	    {"reasons", {"Reasons and what to do", "原因与处理"}},
	    {"alerts", {"Alerts", "告警"}}};
	const struct history *h = &re->history;
	const bool there[] = {h->down > 0, h->shown > 0, h->nreasons > 0, h->ntold > 0};

	frame_nav(html, links, sizeof(links) / sizeof(*links), there);
}

void
report_head(struct html *html, const struct report *re)
{
	static html_words kicker = {"VPN report", "VPN报告"};
	const struct history *h = &re->history;

	html_raw(html, "<p class=\"kicker\">");
	html_word(html, kicker[html->lang]);
	if (h->to_ms > 0) {
		html_raw(html, " · ");
		if (!re->is_state) {
			html_time(html, h->from_ms);
			html_raw(html, " – ");
		}
		html_time(html, h->to_ms);
		html_raw(html, " UTC");
	}
	html_raw(html, "</p>\n");
	put_headline(html, re);
	put_lead(html, re);
	if (h->shown == 0)
		return;
	put_tiles(html, re);
	put_nav(html, re);
}

static void
put_down(struct html *html, const struct tunnel *tunnel)
{
	static html_words since = {"since ", "自"};
	static html_words first = {"First: ", "先做："};
	static html_words not_paged = {"not paged: ", "未告警："};
	const struct outage *outage = &tunnel->outages[tunnel->noutages - 1];
	const struct vpn_code *code = history_cause(outage);

	html_raw(html, "<li><h3>");
	report_name(html, tunnel);
	html_raw(html, "</h3>\n<p class=\"facts\"><b class=\"bad\">");
	html_duration(html, outage->end_ms - outage->start_ms);
	html_raw(html, "</b> · ");
	html_word(html, since[html->lang]);
	html_time(html, outage->start_ms);
	html_raw(html, " · ");
	report_put_reason(html, code);
	if (tunnel->withheld) {
		html_raw(html, " · ");
		html_word(html, not_paged[html->lang]);
		html_word(html, tunnel->withheld);
	}
	html_raw(html, "</p>\n");
	if (code && code->nsteps > 0) {
		html_raw(html, "<p class=\"facts\">");
		html_word(html, first[html->lang]);
		html_prose(html, code->steps[0].own.in[html->lang]);
		html_raw(html, "</p>");
	}
	html_raw(html, "</li>\n");
}

void
report_down(struct html *html, const struct report *re)
{
	static html_words title[] = {{"Down at the end of the log", "日志结束时仍断开"},
	    {"Down now", "当前断开"}};
	const struct history *h = &re->history;
	size_t n = 0;

	if (h->down == 0)
		return;
	report_begin(html, "down", title[re->is_state]);
	report_cut(html, REPORT_DOWN, h->down, &report_tunnel);
	html_raw(html, "<ul class=\"down\">\n");
	for (size_t i = 0; i < h->shown && n < REPORT_DOWN; i++) {
		if (!report_is_down(h->tunnels[i]))
			continue;
		put_down(html, h->tunnels[i]);
		n++;
	}
	html_raw(html, "</ul></section>\n");
}

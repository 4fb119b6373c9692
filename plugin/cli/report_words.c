/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

const struct noun report_outage = {"outage", "outages", "次中断"};
const struct noun report_tunnel = {"tunnel", "tunnels", "条隧道"};
const struct noun report_line = {"line", "lines", "行日志"};

void
report_name(struct html *html, const struct tunnel *tunnel)
{
	if (tunnel->name.len > 0 || tunnel->device.len == 0 || tunnel->peer.len == 0) {
		html_text(html, tunnel->name.len ? tunnel->name : tunnel->subject);
		return;
	}
	html_text(html, tunnel->device);
	html_word(html, " → ");
	html_text(html, tunnel->peer);
}

bool
report_is_down(const struct tunnel *tunnel)
{
	return tunnel->noutages > 0 && tunnel->outages[tunnel->noutages - 1].open;
}

void
report_begin(struct html *html, const char *id, html_words title)
{
	html_raw(html, "<section aria-labelledby=\"");
	html_id(html, id);
	html_raw(html, "\"><h2 id=\"");
	html_id(html, id);
	html_raw(html, "\">");
	html_word(html, title[html->lang]);
	html_raw(html, "</h2>\n");
}

void
report_begin_lines(struct html *html, size_t shown, size_t all)
{
	static html_words whole = {"Raw lines (@1)", "原始日志（@1）"};
	static html_words last = {
	    "Raw lines (the last @0 of @1)", "原始日志（@1中的最后@0）"};
	char a[AMOUNT_LEN], b[AMOUNT_LEN];

	html_raw(html, "<details class=\"raw\"><summary class=\"plain\">");
	html_say(html, shown == all ? whole : last,
	    (const char *const[]){amount_number(a, shown), amount_number(b, all)});
	html_raw(html, "</summary>\n<pre tabindex=\"0\">");
}

void
report_put_line(struct html *html, struct vpn_text raw)
{
	bool whole = raw.len <= REPORT_RAW;

	raw.len = whole ? raw.len : REPORT_RAW;
	html_raw(html, "<span>");
	html_text(html, raw);
	html_raw(html, whole ? "</span>" : " …</span>");
}

void
report_end_lines(struct html *html)
{
	html_raw(html, "</pre></details>\n");
}

void
report_id(struct html *html, const struct vpn_code *code)
{
	char id[32];

	snprintf(id, sizeof(id), "reason-%zu", code->index);
	html_id(html, id);
}

void
report_put_reason(struct html *html, const struct vpn_code *code)
{
	static html_words none = {"no reason logged", "未记录原因"};

	if (code == NULL) {
		html_word(html, none[html->lang]);
		return;
	}
	fprintf(html->out, "<a href=\"#");
	report_id(html, code);
	html_raw(html, "\">");
	html_text(html, code->why.in[html->lang]);
	html_raw(html, "</a>");
}

void
report_cut(struct html *html, size_t shown, size_t all, const struct noun *noun)
{
	static html_words form = {"@0 of @1 are shown.", "共@1，列出@0。"};
	char a[AMOUNT_LEN], b[AMOUNT_LEN];

	if (shown >= all)
		return;
	html_raw(html, "<p class=\"note\">");
	html_say(html, form,
	    (const char *const[]){
		amount_number(a, shown), amount_of(b, all, noun, html->lang)});
	html_raw(html, "</p>\n");
}

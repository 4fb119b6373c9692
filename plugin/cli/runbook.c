/* SPDX-License-Identifier: Apache-2.0
 * vpnlog runbook: a page for every code, for rule.reference to point at. */
#include "vpn/runbook.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/advice.h"
#include "cli/frame.h"
#include "cli/match.h"
#include "vpn/words.h"

#define INDEX "index.html"

struct page_of {
	const struct vpn_rules *rules;
	const struct vpn_code *code; /* NULL: the index */
};

/* In the order of the index. */
static const enum vpn_class groups[] = {
    VPN_CLASS_DISCONNECT, VPN_CLASS_NEGOTIATION, VPN_CLASS_CLIENT, VPN_CLASS_SYMPTOM};

#define GROUPS (sizeof(groups) / sizeof(*groups))

static const struct frame_link titles[GROUPS] = {
    {"disconnect", {"A tunnel went down", "隧道断开"}},
    {"negotiation", {"A tunnel could not be negotiated", "隧道协商失败"}},
    {"client", {"A client could not connect", "客户端无法接入"}},
    {"symptom", {"No reason is given", "没有原因的现象"}},
};

static html_words runbook = {"VPN runbook", "VPN操作手册"};

static void
put_link(struct html *html, const struct vpn_code *code)
{
	char page[VPN_RUNBOOK_MAX];

	vpn_runbook_page(code, page);
	html_raw(html, "<li><a href=\"");
	html_word(html, page);
	html_raw(html, "\">");
	html_text(html, code->why.in[html->lang]);
	html_raw(html, "</a> <span class=\"note\">");
	advice_slug(html, code);
}

/* "dpd timeout, Lost Service · ReasonCode 5": what a search finds. */
static void
put_spellings(struct html *html, const struct vpn_code *code)
{
	html_text(html, code->name);
	for (size_t i = 0; i < code->nalso; i++) {
		html_word(html, ", ");
		html_text(html, code->also[i]);
	}
	for (size_t i = 0; i < code->nnumbers; i++)
		fprintf(
		    html->out, "%s%d", i ? ", " : " · ReasonCode ", code->numbers[i]);
}

static void
title(struct html *html, const void *arg)
{
	const struct page_of *page = arg;

	if (page->code) {
		html_text(html, page->code->name);
		html_word(html, " - ");
	}
	html_word(html, runbook[html->lang]);
}

static void
head(struct html *html, const void *arg)
{
	static html_words lead = {
	    "One page for each reason. Look with your browser's search (Ctrl+F) for "
	    "the "
	    "code, the ReasonCode or the words that the device printed.",
	    "每个原因一页。可用浏览器查找（Ctrl+F）代码、ReasonCode或设备打印的原话。"};
	const struct page_of *page = arg;

	html_raw(html, "<p class=\"kicker\">");
	if (page->code == NULL) {
		html_word(html, "omipsec");
		html_raw(html, "</p>\n");
		html_tag_word(html, "h1", runbook[html->lang]);
		html_tag_word(html, "p class=\"lead\"", lead[html->lang]);
		frame_nav(
		    html, titles, GROUPS, (const bool[GROUPS]){true, true, true, true});
		return;
	}
	html_raw(html, "<a href=\"" INDEX "\">");
	html_word(html, runbook[html->lang]);
	html_raw(html, "</a> · ");
	advice_slug(html, page->code);
	html_raw(html, "</p>\n");
	html_tag(html, "h1", page->code->why.in[html->lang]);
}

static void
put_policy(struct html *html, const struct vpn_code *code)
{
	static html_words alert = {"Alert", "告警"};

	if (code->class == VPN_CLASS_SYMPTOM)
		return;
	html_tag_word(html, "dt", alert[html->lang]);
	html_raw(html, "<dd>");
	html_tag(html, "b", vpn_word(VPN_WORDS_ALERT, code->alert));
	html_word(html, html->lang == VPN_ZH ? "：" : ": ");
	html_text(html, code->alert_why.in[html->lang]);
	html_raw(html, "</dd>");
}

static void
put_facts(struct html *html, const struct vpn_code *code)
{
	static html_words said = {"Devices say", "设备原话"}, class = {"Class", "类别"},
			  phase = {"Phase", "阶段"}, section = {"Guide", "手册章节"},
			  parent = {"Detail of", "隶属"},
			  look = {"Look first at", "先看"};
	static html_words ends[] = {[VPN_END_BOTH] = {"both ends", "两端"},
	    [VPN_END_LOCAL] = {"the end that logged it", "记录日志的一端"},
	    [VPN_END_PEER] = {"its peer", "对端"},
	    [VPN_END_CLOUD] = {"the cloud", "云侧"},
	    [VPN_END_CUSTOMER] = {"the customer's device", "客户侧设备"}};

	html_raw(html, "<dl class=\"facts\">");
	html_fact(html, class, vpn_word(VPN_WORDS_CLASS, code->class));
	html_fact(html, phase, code->phase);
	html_fact(html, parent, code->parent);
	if (code->class != VPN_CLASS_SYMPTOM) {
		html_tag_word(html, "dt", said[html->lang]);
		html_raw(html, "<dd>");
		put_spellings(html, code);
		html_raw(html, "</dd>");
		html_fact(html, look, vpn_text(ends[code->end][html->lang]));
	}
	put_policy(html, code);
	html_fact(html, section, code->guide);
	html_raw(html, "</dl>\n");
}

static void
put_related(struct html *html, const struct page_of *page)
{
	static html_words words = {"See also", "另见"};
	struct match match;

	match_related(page->rules, page->code, &match);
	if (match.n == 0)
		return;
	html_tag_word(html, "h2", words[html->lang]);
	html_raw(html, "\n<ul class=\"cards\">\n");
	for (size_t i = 0; i < match.n; i++) {
		put_link(html, match.code[i]);
		html_raw(html, "</span></li>\n");
	}
	html_raw(html, "</ul>\n");
}

static void
put_index(struct html *html, const struct vpn_rules *rules)
{
	for (size_t i = 0; i < GROUPS; i++) {
		html_raw(html, "<h2 id=\"");
		html_id(html, titles[i].id);
		html_raw(html, "\">");
		html_word(html, titles[i].word[html->lang]);
		html_raw(html, "</h2>\n<ul class=\"cards\">\n");
		for (size_t j = 0; j < vpn_rules_codes(rules); j++) {
			const struct vpn_code *code = vpn_rules_code(rules, j);

			if (code->class != groups[i])
				continue;
			put_link(html, code);
			html_raw(html, " · ");
			put_spellings(html, code);
			html_raw(html, "</span></li>\n");
		}
		html_raw(html, "</ul>\n");
	}
}

static void
body(struct html *html, const void *arg)
{
	const struct page_of *page = arg;

	if (page->code == NULL) {
		put_index(html, page->rules);
		return;
	}
	put_facts(html, page->code);
	advice_write(html, page->code, 2);
	put_related(html, page);
}

static void
foot(struct html *html, const void *arg)
{
	static html_words about = {"Facts: @0 @1, in our own words. Made by vpnlog @2.",
	    "依据：@0 @1。由vpnlog @2生成。"};
	const struct vpn_guide *guide =
	    vpn_rules_guide(((const struct page_of *)arg)->rules);

	html_raw(html, "<p>");
	html_say(html, about,
	    (const char *const[]){
		guide->title.in[html->lang].at, guide->version.at, VPN_VERSION});
	html_raw(html, "</p>\n");
}

/* 0, or -1 with errno. */
static int
write_page(const char *dir, const char *name, const struct page_of *page)
{
	const struct frame frame = {VPN_LANGUAGE_BOTH, title, head, body, foot, page};
	char path[PATH_MAX];
	FILE *out;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	out = fopen(path, "w");
	if (out == NULL)
		return -1;
	frame_write(out, &frame);
	if (ferror(out)) {
		fclose(out);
		return -1;
	}
	return fclose(out);
}

static enum cli_exit
write_all(const struct cli_command *cmd, const char *dir, const struct vpn_rules *rules)
{
	struct page_of page = {rules, NULL};
	char name[VPN_RUNBOOK_MAX] = INDEX;
	int result = mkdir(dir, 0777) == 0 || errno == EEXIST ? 0 : -1;

	for (size_t i = 0; result == 0; i++) {
		result = write_page(dir, name, &page);
		if (result < 0 || i == vpn_rules_codes(rules))
			break;
		page.code = vpn_rules_code(rules, i);
		vpn_runbook_page(page.code, name);
	}
	if (result == 0)
		return CLI_FINE;
	cli_complain(cmd, "%s: %s cannot be written: %s", dir, name, strerror(errno));
	return CLI_PROBLEM;
}

enum cli_exit
cli_runbook(const struct cli_command *cmd, const struct cli_options *opt)
{
	enum cli_exit result = CLI_PROBLEM;
	struct vpn_rules *rules;

	if (opt->folder == NULL || opt->nwords > 0) {
		cli_complain(cmd, "say where to: --html DIR, and nothing else");
		return CLI_USAGE;
	}
	rules = cli_options_rules(cmd, opt);
	if (rules)
		result = write_all(cmd, opt->folder, rules);
	vpn_rules_free(rules);
	return result;
}

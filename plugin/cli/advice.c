/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/advice.h"

static html_words known_causes = {"Known causes", "常见原因"};
static html_words to_do = {"What to do", "处理步骤"};
static html_words guide = {"Guide ", "手册"};
static html_words console = {"Console: ", "控制台："};

void
advice_slug(struct html *html, const struct vpn_code *code)
{
	html_raw(html, "<code>");
	html_text(html, code->slug);
	if (code->variant.len > 0)
		html_word(html, "/");
	html_text(html, code->variant);
	html_raw(html, "</code>");
}

static void
put_heading(struct html *html, html_words words, int level)
{
	char name[] = {'h', (char)('0' + level), '\0'};

	html_tag_word(html, name, words[html->lang]);
}

/* Where the guide has the step, and where in the console one does it. */
static void
put_source(struct html *html, const struct vpn_check *check)
{
	struct vpn_text path = check->console.in[html->lang];

	html_raw(html, " <span class=\"note\">");
	html_word(html, guide[html->lang]);
	html_text(html, check->section);
	if (path.len > 0) {
		html_word(html, html->lang == VPN_ZH ? "；" : ". ");
		html_word(html, console[html->lang]);
		html_text(html, path);
	}
	html_raw(html, "</span>");
}

static void
put_steps(struct html *html, const struct vpn_code *code)
{
	html_raw(html, "<ol>\n");
	for (size_t i = 0; i < code->nsteps; i++) {
		const struct vpn_step *step = &code->steps[i];

		html_raw(html, "<li>");
		html_prose(html, step->own.in[html->lang]);
		if (step->check)
			put_source(html, step->check);
		html_raw(html, "</li>\n");
	}
	html_raw(html, "</ol>\n");
}

void
advice_write(struct html *html, const struct vpn_code *code, int level)
{
	html_raw(html, "<div class=\"advice\">\n");
	html_raw(html, "<p>");
	html_prose(html, code->explanation.in[html->lang]);
	html_raw(html, "</p>\n");
	if (code->ncauses > 0) {
		put_heading(html, known_causes, level);
		html_raw(html, "\n<ul>\n");
		for (size_t i = 0; i < code->ncauses; i++) {
			html_raw(html, "<li>");
			html_prose(html, code->causes[i].in[html->lang]);
			html_raw(html, "</li>\n");
		}
		html_raw(html, "</ul>\n");
	}
	put_heading(html, to_do, level);
	put_steps(html, code);
	html_raw(html, "</div>\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/frame.h"

#include "cli/card.h"
#include "cli/style.h"

static const char *const tags[VPN_LANG_COUNT] = {"en", "zh-CN"};

static void
put_part(
    struct html *html, const struct frame *frame, const char *name, frame_part *part)
{
	fprintf(html->out, "<%s>\n", name);
	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		if (!vpn_language_has(frame->language, (enum vpn_lang)lang))
			continue;
		html->lang = (enum vpn_lang)lang;
		fprintf(html->out, "<div class=\"in-%s\" lang=\"%s\">\n",
		    lang == VPN_ZH ? "zh" : "en", tags[lang]);
		part(html, frame->arg);
		html_raw(html, "</div>\n");
	}
	fprintf(html->out, "</%s>\n", name);
}

void
frame_nav(
    struct html *html, const struct frame_link *links, size_t n, const bool *there)
{
	static html_words label = {"Sections", "章节"};

	html_raw(html, "<nav aria-label=\"");
	html_word(html, label[html->lang]);
	html_raw(html, "\"><ul>\n");
	for (size_t i = 0; i < n; i++) {
		if (!there[i])
			continue;
		html_raw(html, "<li><a href=\"#");
		html_id(html, links[i].id);
		html_raw(html, "\">");
		html_word(html, links[i].word[html->lang]);
		html_raw(html, "</a></li>\n");
	}
	html_raw(html, "</ul></nav>\n");
}

/* The inputs stand before all that they switch: a style sheet can do that alone. */
static void
put_inputs(struct html *html)
{
	html_raw(html,
	    "<input class=\"pick\" type=\"radio\" name=\"language\" id=\"pick-en\" "
	    "checked>\n"
	    "<input class=\"pick\" type=\"radio\" name=\"language\" id=\"pick-zh\">\n"
	    "<p class=\"switch\"><label for=\"pick-en\" lang=\"en\">English</label>"
	    "<label for=\"pick-zh\" lang=\"zh-CN\">中文</label></p>\n");
}

void
frame_write(FILE *out, const struct frame *frame)
{
	struct html html = {out, card_lang(frame->language)};

	fprintf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n", tags[html.lang]);
	html_raw(&html,
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	    "'none'; "
	    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<meta name=\"generator\" content=\"vpnlog " VPN_VERSION "\">\n"
	    "<title>");
	frame->title(&html, frame->arg);
	html_raw(&html, "</title>\n<style>\n");
	html_raw(&html, style_sheet);
	html_raw(&html, "</style>\n</head>\n<body>\n");
	if (frame->language == VPN_LANGUAGE_BOTH)
		put_inputs(&html);
	put_part(&html, frame, "header", frame->head);
	put_part(&html, frame, "main", frame->main);
	put_part(&html, frame, "footer", frame->foot);
	html_raw(&html, "</body>\n</html>\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/html.h"

#include "cli/glyph.h"

void
html_raw(struct html *html, const char *markup)
{
	fputs(markup, html->out);
}

static const char *
entity(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void
html_text(struct html *html, struct vpn_text text)
{
	struct glyph glyph;

	for (size_t n; text.len > 0; text.at += n, text.len -= n) {
		const char *spelled;

		n = glyph_read(text, &glyph);
		spelled = entity(glyph.code);
		if (spelled)
			fputs(spelled, html->out);
		else
			fwrite(glyph.out, 1, glyph.len, html->out);
	}
}

void
html_word(struct html *html, const char *word)
{
	html_text(html, vpn_text(word));
}

void
html_prose(struct html *html, struct vpn_text text)
{
	const char *tick;
	bool code = false;

	while ((tick = memchr(text.at, '`', text.len)) != NULL) {
		size_t n = (size_t)(tick - text.at);

		html_text(html, (struct vpn_text){text.at, n});
		code = !code;
		html_raw(html, code ? "<code>" : "</code>");
		text.at += n + 1;
		text.len -= n + 1;
	}
	html_text(html, text);
	if (code)
		html_raw(html, "</code>");
}

void
html_say(struct html *html, html_words form, const char *const *filling)
{
	const char *at = form[html->lang], *hole;

	while ((hole = strchr(at, '@')) != NULL) {
		html_text(html, (struct vpn_text){at, (size_t)(hole - at)});
		html_word(html, filling[hole[1] - '0']);
		at = hole + 2;
	}
	html_word(html, at);
}

void
html_tag(struct html *html, const char *name, struct vpn_text text)
{
	fprintf(html->out, "<%s>", name);
	html_text(html, text);
	fprintf(html->out, "</%.*s>", (int)strcspn(name, " "), name);
}

void
html_tag_word(struct html *html, const char *name, const char *word)
{
	html_tag(html, name, vpn_text(word));
}

void
html_id(struct html *html, const char *id)
{
	html_word(html, id);
	html_raw(html, html->lang == VPN_ZH ? "-zh" : "");
}

void
html_fact(struct html *html, html_words name, struct vpn_text value)
{
	if (value.len == 0)
		return;
	html_tag_word(html, "dt", name[html->lang]);
	html_tag(html, "dd", value);
}

void
html_time(struct html *html, int64_t ms)
{
	char buf[AMOUNT_LEN];

	amount_time(buf, ms);
	fprintf(
	    html->out, "<time datetime=\"%.10sT%sZ\">%s</time>", buf, buf + 11, buf);
}

void
html_duration(struct html *html, int64_t ms)
{
	char buf[AMOUNT_LEN];

	html_word(html, amount_duration(buf, ms, html->lang));
}

void
html_count(struct html *html, uint64_t n, const struct noun *noun)
{
	char buf[AMOUNT_LEN];

	html_word(html, amount_of(buf, n, noun, html->lang));
}

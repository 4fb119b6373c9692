/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/card.h"

#include <time.h>

#include "vpn/words.h"

#define LABEL_COLUMN 2
#define TEXT_COLUMN 10
#define STEP_COLUMN 13
#define RAW_MAX 2048 /* bytes of a line that are shown */
#define SENTENCE_MAX 2048

enum label {
	LABEL_TUNNEL,
	LABEL_DEVICE,
	LABEL_WHEN,
	LABEL_SAID,
	LABEL_CODE,
	LABEL_ALERT,
	LABEL_WHY,
	LABEL_CAUSES,
	LABEL_FIX,
	LABEL_RAW
};

static const char *const labels[][VPN_LANG_COUNT] = {
    [LABEL_TUNNEL] = {"tunnel", "隧道"},
    [LABEL_DEVICE] = {"device", "设备"},
    [LABEL_WHEN] = {"when", "时间"},
    [LABEL_SAID] = {"said", "原话"},
    [LABEL_CODE] = {"code", "代码"},
    [LABEL_ALERT] = {"alert", "告警"},
    [LABEL_WHY] = {"why", "说明"},
    [LABEL_CAUSES] = {"causes", "原因"},
    [LABEL_FIX] = {"fix", "处理"},
    [LABEL_RAW] = {"line", "日志"},
};

enum vpn_lang
card_lang(enum vpn_language language)
{
	return vpn_language_has(language, VPN_EN) ? VPN_EN : VPN_ZH;
}

enum page_style
card_style(enum vpn_alert alert)
{
	switch (alert) {
	case VPN_ALERT_PAGE:
		return PAGE_RED;
	case VPN_ALERT_WARN:
		return PAGE_YELLOW;
	case VPN_ALERT_INFO:
		return PAGE_BOLD;
	case VPN_ALERT_NEVER:
		return PAGE_DIM;
	}
	return PAGE_PLAIN;
}

static void
put_label(struct page *page, enum label label, enum vpn_lang lang)
{
	page_tab(page, LABEL_COLUMN);
	page_style(page, PAGE_CYAN);
	page_word(page, labels[label][lang]);
	page_style(page, PAGE_PLAIN);
	page_tab(page, TEXT_COLUMN);
}

void
card_slug(struct page *page, const struct vpn_code *code)
{
	page_put(page, code->slug);
	if (code->variant.len == 0)
		return;
	page_word(page, "/");
	page_put(page, code->variant);
}

/* text between two words, and nothing at all when it is empty */
static void
put_between(
    struct page *page, const char *before, struct vpn_text text, const char *after)
{
	if (text.len == 0)
		return;
	page_word(page, before);
	page_put(page, text);
	page_word(page, after);
}

static void
put_numbers(struct page *page, const struct vpn_code *code)
{
	char number[32];

	for (size_t i = 0; i < code->nnumbers; i++) {
		snprintf(number, sizeof(number), "%s%d", i ? ", " : "; ReasonCode ",
		    code->numbers[i]);
		page_word(page, number);
	}
}

/* "dpd_timeout (disconnect; guide 1.1)" */
static void
put_code(struct page *page, const struct vpn_code *code, enum vpn_lang lang)
{
	static const char *const sections[] = {"; guide ", "; 手册"};

	put_label(page, LABEL_CODE, lang);
	card_slug(page, code);
	put_between(page, " (", vpn_word(VPN_WORDS_CLASS, code->class), "");
	put_numbers(page, code);
	put_between(page, sections[lang], code->guide, "");
	put_between(page, "; ", code->parent, "");
	page_word(page, ")");
	page_end(page);
}

static void
put_alert(struct page *page, const struct vpn_code *code, enum vpn_lang lang)
{
	if (code->class == VPN_CLASS_SYMPTOM)
		return;
	put_label(page, LABEL_ALERT, lang);
	page_style(page, card_style(code->alert));
	page_put(page, vpn_word(VPN_WORDS_ALERT, code->alert));
	page_style(page, PAGE_PLAIN);
	put_between(page, lang == VPN_ZH ? "：" : ": ", code->alert_why.in[lang], "");
	page_end(page);
}

static void
put_causes(struct page *page, const struct vpn_code *code, enum vpn_lang lang)
{
	put_label(page, LABEL_CAUSES, lang);
	for (size_t i = 0; i < code->ncauses; i++) {
		page_tab(page, TEXT_COLUMN);
		page_word(page, "- ");
		page_tab(page, TEXT_COLUMN + 2);
		page_put(page, code->causes[i].in[lang]);
		page_end(page);
	}
}

/* Where the guide has the step, and where in the console one does it. */
static void
put_source(struct page *page, const struct vpn_check *check, enum vpn_lang lang)
{
	page_tab(page, STEP_COLUMN);
	page_style(page, PAGE_DIM);
	put_between(page, lang == VPN_ZH ? "手册" : "guide ", check->section, "");
	put_between(page,
	    lang == VPN_ZH ? "；控制台：" : "; console: ", check->console.in[lang], "");
	page_style(page, PAGE_PLAIN);
	page_end(page);
}

static void
put_steps(struct page *page, const struct vpn_code *code, enum vpn_lang lang)
{
	char number[24];

	put_label(page, LABEL_FIX, lang);
	for (size_t i = 0; i < code->nsteps; i++) {
		const struct vpn_step *step = &code->steps[i];

		snprintf(number, sizeof(number), "%zu.", i + 1);
		page_tab(page, TEXT_COLUMN);
		page_style(page, PAGE_BOLD);
		page_word(page, number);
		page_style(page, PAGE_PLAIN);
		page_tab(page, STEP_COLUMN);
		page_put(page, step->own.in[lang]);
		page_end(page);
		if (step->check)
			put_source(page, step->check, lang);
	}
}

/* policy: the code whose alert policy holds, mostly code itself. */
static void
put_advice(struct page *page, const struct vpn_code *code,
    const struct vpn_code *policy, enum vpn_language language)
{
	for (int i = 0; i < VPN_LANG_COUNT; i++) {
		enum vpn_lang lang = (enum vpn_lang)i;

		if (!vpn_language_has(language, lang))
			continue;
		put_alert(page, policy, lang);
		put_label(page, LABEL_WHY, lang);
		page_put(page, code->explanation.in[lang]);
		page_end(page);
		put_causes(page, code, lang);
		put_steps(page, code, lang);
	}
}

static void
put_head(struct page *page, const struct vpn_event *ev, enum vpn_language language)
{
	char sentence[SENTENCE_MAX];

	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		size_t n;

		if (!vpn_language_has(language, (enum vpn_lang)lang))
			continue;
		n = vpn_sentence(ev, (enum vpn_lang)lang, sentence, sizeof(sentence));
		page_style(
		    page, ev->policy ? card_style(ev->policy->alert) : PAGE_GREEN);
		page_put(page, (struct vpn_text){sentence, n});
		page_style(page, PAGE_PLAIN);
		page_end(page);
	}
}

static void
put_when(struct page *page, const struct vpn_event *ev, enum vpn_lang lang)
{
	static const char *const none[] = {"the line names no time", "日志中没有时间"};
	static const char *const assumed[] = {
	    " (the line names no offset)", "（日志未写时区）"};
	int minutes = ev->zone_minutes < 0 ? -ev->zone_minutes : ev->zone_minutes;
	time_t local = (time_t)((ev->line->received_ms - ev->skew_ms) / 1000 +
	    ev->zone_minutes * 60);
	char date[40], text[64];
	struct tm tm;

	put_label(page, LABEL_WHEN, lang);
	if (ev->zone == VPN_ZONE_NONE || gmtime_r(&local, &tm) == NULL) {
		page_word(page, none[lang]);
	} else {
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
		snprintf(text, sizeof(text), "%s %c%02d:%02d", date,
		    ev->zone_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
		page_word(page, text);
		page_word(page, ev->zone == VPN_ZONE_COLLECTOR ? assumed[lang] : "");
	}
	page_end(page);
}

static void
put_device(struct page *page, const struct vpn_event *ev, enum vpn_lang lang)
{
	put_label(page, LABEL_DEVICE, lang);
	page_put(page, ev->device.len ? ev->device : VPN_TEXT("-"));
	put_between(page, " (", ev->vendor->name, ")");
	put_between(page, ", ", ev->field[VPN_LOCAL], "");
	put_between(page, " -> ", ev->field[VPN_PEER], "");
	put_between(page, ", ", ev->field[VPN_INTERFACE], "");
	page_end(page);
}

static void
put_said(struct page *page, const struct vpn_event *ev, enum vpn_lang lang)
{
	struct vpn_text reason = ev->field[VPN_REASON];

	if (reason.len == 0)
		reason = ev->field[VPN_DETAIL];
	if (reason.len + ev->message_id.len == 0)
		return;
	put_label(page, LABEL_SAID, lang);
	put_between(page, "", reason, "");
	put_between(page, " (ReasonCode ", ev->field[VPN_REASON_CODE], ")");
	put_between(page, reason.len ? ", " : "", ev->message_id, "");
	page_end(page);
}

static void
put_line(struct page *page, const struct vpn_event *ev, enum vpn_lang lang,
    const char *place)
{
	struct vpn_text raw = ev->line->raw;
	char size[64] = "";

	if (raw.len > RAW_MAX)
		snprintf(size, sizeof(size), " ... (%zu bytes)", raw.len);
	if (raw.len > RAW_MAX)
		raw.len = RAW_MAX;
	put_label(page, LABEL_RAW, lang);
	page_style(page, PAGE_DIM);
	page_word(page, place);
	page_word(page, *place ? " " : "");
	page_put(page, raw);
	page_word(page, size);
	page_style(page, PAGE_PLAIN);
	page_end(page);
}

void
card_event(struct page *page, const struct vpn_event *ev, enum vpn_language language,
    const char *place)
{
	enum vpn_lang lang = card_lang(language);

	put_head(page, ev, language);
	put_label(page, LABEL_TUNNEL, lang);
	page_put(page, (struct vpn_text){ev->tunnel, ev->tunnel_len});
	page_end(page);
	put_device(page, ev, lang);
	put_when(page, ev, lang);
	put_said(page, ev, lang);
	if (ev->code) {
		put_code(page, ev->code, lang);
		put_advice(page, ev->code, ev->policy, language);
	}
	put_line(page, ev, lang, place);
	page_end(page);
}

void
card_code(struct page *page, const struct vpn_code *code, enum vpn_language language)
{
	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		if (!vpn_language_has(language, (enum vpn_lang)lang))
			continue;
		page_style(page, PAGE_BOLD);
		page_put(page, code->name);
		put_between(page, lang == VPN_ZH ? "：" : ": ", code->why.in[lang], "");
		page_style(page, PAGE_PLAIN);
		page_end(page);
	}
	put_code(page, code, card_lang(language));
	put_advice(page, code, code, language);
	page_end(page);
}

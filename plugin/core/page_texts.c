/* SPDX-License-Identifier: Apache-2.0
 * What is behind the one line: explanation, the first steps, the facts. */
#include "core/page.h"
#include "core/stamp.h"

#define STEPS 3
#define LINE_MAX 1000 /* bytes of a raw line */

static const struct {
	const char *steps[VPN_LANG_COUNT], *since[VPN_LANG_COUNT],
	    *drops[VPN_LANG_COUNT], *failures[VPN_LANG_COUNT];
} words = {{"What to do:\n", "处理步骤：\n"}, {"Since ", "起始时间 "},
    {", drops in 24 h: ", "，24小时内断开次数："},
    {", failed negotiations: ", "，协商失败次数："}};

static void
put_number(struct vpn_json *js, unsigned value)
{
	char digits[20];

	vpn_json_escape(js, (struct vpn_text){digits, vpn_page_digits(value, digits)});
}

static void
put_stamp(struct vpn_json *js, int64_t ms)
{
	char stamp[VPN_STAMP_LEN];

	vpn_stamp_write(ms, stamp);
	vpn_json_escape(js, (struct vpn_text){stamp, sizeof(stamp)});
}

static void
put_steps(struct vpn_json *js, const struct vpn_code *code, enum vpn_lang lang)
{
	vpn_json_escape(js, vpn_text(words.steps[lang]));
	for (size_t i = 0; i < code->nsteps && i < STEPS; i++) {
		put_number(js, (unsigned)i + 1);
		vpn_json_escape(js, VPN_TEXT(". "));
		vpn_json_escape(js, code->steps[i].own.in[lang]);
		vpn_json_escape(js, VPN_TEXT("\n"));
	}
}

/* Why, what to do, since when. */
static void
put_description(struct vpn_json *js, const struct vpn_alarm *alarm, enum vpn_lang lang)
{
	const struct vpn_code *code = vpn_page_code(alarm);

	if (code) {
		vpn_json_escape(js, code->explanation.in[lang]);
		vpn_json_escape(js, VPN_TEXT("\n"));
	}
	if (alarm->failure && alarm->reason) {
		vpn_json_escape(js, alarm->reason->why.in[lang]);
		vpn_json_escape(js, VPN_TEXT("\n"));
	}
	if (code)
		put_steps(js, code, lang);
	vpn_json_escape(js, vpn_text(words.since[lang]));
	put_stamp(js, alarm->start_ms);
	if (alarm->drops > 0) {
		vpn_json_escape(js, vpn_text(words.drops[lang]));
		put_number(js, alarm->drops);
	}
	if (alarm->failures > 0) {
		vpn_json_escape(js, vpn_text(words.failures[lang]));
		put_number(js, alarm->failures);
	}
}

static void
put_lines(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	if (alarm->lines[0].len + alarm->lines[1].len == 0)
		return;
	vpn_json_quote(js, "lines");
	for (size_t i = 0; i < 2; i++) {
		struct vpn_text line = alarm->lines[i];

		line.len = line.len < LINE_MAX ? line.len : LINE_MAX;
		if (i > 0 && line.len > 0 && alarm->lines[0].len > 0)
			vpn_json_escape(js, VPN_TEXT("\n"));
		vpn_json_escape(js, line);
	}
	vpn_json_raw(js, VPN_TEXT("\""));
}

static void
put_top(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	if (alarm->ntop == 0)
		return;
	vpn_json_quote(js, "top_peers");
	for (size_t i = 0; i < alarm->ntop; i++) {
		if (i > 0)
			vpn_json_escape(js, VPN_TEXT(", "));
		vpn_json_escape(js, alarm->top[i].peer);
		vpn_json_escape(js, VPN_TEXT(" ("));
		put_number(js, alarm->top[i].failures);
		vpn_json_escape(js, VPN_TEXT(")"));
	}
	vpn_json_raw(js, VPN_TEXT("\""));
}

static void
put_count(struct vpn_json *js, const char *key, unsigned value)
{
	if (value == 0)
		return;
	vpn_json_quote(js, key);
	put_number(js, value);
	vpn_json_raw(js, VPN_TEXT("\""));
}

void
vpn_page_annotations(const struct vpn_render *render, struct vpn_json *js,
    const struct vpn_alarm *alarm, struct vpn_text summary)
{
	vpn_json_text(js, "summary", summary);
	vpn_json_quote(js, "description");
	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		if (!vpn_language_has(render->language, (enum vpn_lang)lang))
			continue;
		if (lang > 0 && render->language == VPN_LANGUAGE_BOTH)
			vpn_json_escape(js, VPN_TEXT("\n\n"));
		put_description(js, alarm, (enum vpn_lang)lang);
	}
	vpn_json_raw(js, VPN_TEXT("\""));
	vpn_json_some(js, "runbook_url", alarm->runbook);
	if (alarm->reason)
		vpn_json_text(js, "reason", alarm->reason->slug);
	if (alarm->failure)
		vpn_json_text(js, "failure", alarm->failure->slug);
	vpn_json_some(js, "device", alarm->device);
	vpn_json_some(js, "local", alarm->local);
	vpn_json_some(js, "peer", alarm->peer);
	vpn_json_some(js, "interface", alarm->interface);
	vpn_json_some(js, "connection", alarm->connection);
	vpn_json_quote(js, "since");
	put_stamp(js, alarm->start_ms);
	vpn_json_raw(js, VPN_TEXT("\""));
	put_count(js, "drops", alarm->drops);
	put_count(js, "failures", alarm->failures);
	put_lines(js, alarm);
	put_top(js, alarm);
}

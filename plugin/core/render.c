/* SPDX-License-Identifier: Apache-2.0 */
#include "core/render.h"

#include <stdlib.h>

#include "vpn/runbook.h"
#include "vpn/words.h"

static const char *const lang_keys[] = {[VPN_EN] = "en", [VPN_ZH] = "zh"};

bool
vpn_language_has(enum vpn_language language, enum vpn_lang lang)
{
	switch (language) {
	case VPN_LANGUAGE_EN:
		return lang == VPN_EN;
	case VPN_LANGUAGE_ZH:
		return lang == VPN_ZH;
	case VPN_LANGUAGE_BOTH:
		return true;
	}
	return false;
}

enum vpn_format
vpn_render_format(const struct vpn_render *render)
{
	return render->format;
}

enum vpn_lang
vpn_render_lang(const struct vpn_render *render)
{
	return render->language == VPN_LANGUAGE_ZH ? VPN_ZH : VPN_EN;
}

static void
put_prose(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_prose *prose)
{
	for (int lang = 0; lang < VPN_LANG_COUNT; lang++)
		if (vpn_language_has(render->language, (enum vpn_lang)lang))
			vpn_json_some(js, lang_keys[lang], prose->in[lang]);
}

static void
put_section(struct vpn_json *js, struct vpn_text section)
{
	if (section.len > 0)
		vpn_json_text(js, "guide", section);
	else
		vpn_json_null(js, "guide");
}

static void
put_explanation(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	vpn_json_open(js, "explanation", '{');
	put_prose(render, js, &code->explanation);
	put_section(js, code->guide);
	vpn_json_close(js, '}');
	vpn_json_open(js, "causes", '[');
	for (size_t i = 0; i < code->ncauses; i++) {
		vpn_json_open(js, NULL, '{');
		put_prose(render, js, &code->causes[i]);
		vpn_json_close(js, '}');
	}
	vpn_json_close(js, ']');
}

static void
put_step(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_step *step)
{
	const struct vpn_check *check = step->check;

	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "kind", vpn_word(VPN_WORDS_STEP, step->kind));
	put_prose(render, js, &step->own);
	put_section(js, check ? check->section : (struct vpn_text){NULL, 0});
	if (check) {
		vpn_json_text(js, "check", check->id);
		vpn_json_text(js, "end", vpn_word(VPN_WORDS_END, check->end));
	}
	if (check && check->console.in[VPN_EN].len > 0) {
		vpn_json_open(js, "console", '{');
		put_prose(render, js, &check->console);
		vpn_json_close(js, '}');
	}
	vpn_json_close(js, '}');
}

/* A text that stands in one string in each language, a line each. */
static void
put_lines(const struct vpn_render *render, struct vpn_json *js, const char *key,
    const struct vpn_code *code,
    void (*put)(struct vpn_json *, const struct vpn_code *, enum vpn_lang))
{
	vpn_json_quote(js, key);
	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		if (!vpn_language_has(render->language, (enum vpn_lang)lang))
			continue;
		if (lang > 0 && render->language == VPN_LANGUAGE_BOTH)
			vpn_json_escape(js, VPN_TEXT("\n"));
		put(js, code, (enum vpn_lang)lang);
	}
	vpn_json_raw(js, VPN_TEXT("\""));
}

static void
put_why(struct vpn_json *js, const struct vpn_code *code, enum vpn_lang lang)
{
	vpn_json_escape(js, code->why.in[lang]);
}

static void
put_meaning(struct vpn_json *js, const struct vpn_code *code, enum vpn_lang lang)
{
	vpn_json_escape(js, code->explanation.in[lang]);
}

/* The steps, numbered, a line each. */
static void
put_steps(struct vpn_json *js, const struct vpn_code *code, enum vpn_lang lang)
{
	for (size_t i = 0; i < code->nsteps; i++) {
		char number[] = {(char)('1' + i % 9), '.', ' '};

		vpn_json_escape(js, (struct vpn_text){number, sizeof(number)});
		vpn_json_escape(js, code->steps[i].own.in[lang]);
		if (i + 1 < code->nsteps)
			vpn_json_escape(js, VPN_TEXT("\n"));
	}
}

static void
put_policy(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	vpn_json_text(js, "alert", vpn_word(VPN_WORDS_ALERT, code->alert));
	vpn_json_open(js, "alert_reason", '{');
	put_prose(render, js, &code->alert_why);
	vpn_json_close(js, '}');
	vpn_json_text(js, "effect", vpn_word(VPN_WORDS_EFFECT, code->effect));
	if (code->role != VPN_ROLE_NONE)
		vpn_json_text(js, "role", vpn_word(VPN_WORDS_ROLE, code->role));
}

static void
put_code(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	vpn_json_some(js, "phase", code->phase);
	vpn_json_text(js, "look_at", vpn_word(VPN_WORDS_END, code->end));
	vpn_json_some(js, "parent_code", code->parent);
	vpn_json_some(js, "variant", code->variant);
	vpn_json_open(js, "why", '{');
	put_prose(render, js, &code->why);
	vpn_json_close(js, '}');
	put_explanation(render, js, code);
	vpn_json_open(js, "fix", '[');
	for (size_t i = 0; i < code->nsteps; i++)
		put_step(render, js, &code->steps[i]);
	vpn_json_close(js, ']');
	put_lines(render, js, "fix_text", code, put_steps);
}

static void
put_rule(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	const struct vpn_guide *guide = vpn_rules_guide(render->rules);
	bool from_guide = code->guide.len > 0;

	vpn_json_text(js, "id", code->slug);
	vpn_json_text(js, "name", code->name);
	vpn_json_text(js, "category", vpn_word(VPN_WORDS_CLASS, code->class));
	vpn_json_text(js, "ruleset", from_guide ? guide->id : VPN_TEXT("omipsec"));
	if (from_guide)
		vpn_json_text(js, "version", guide->version);
}

/* The address of the code's page, as plain text: nothing in it has to be escaped. */
static void
put_reference(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	char page[VPN_RUNBOOK_MAX];

	if (render->runbook.len == 0)
		return;
	vpn_json_raw(js, render->runbook);
	vpn_json_raw(js, (struct vpn_text){page, vpn_runbook_page(code, page)});
}

/* "huawei-cloud-vpn 2025-02-05" */
static void
put_provider(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	const struct vpn_guide *guide = vpn_rules_guide(render->rules);

	vpn_json_quote(js, "provider");
	if (code->guide.len > 0) {
		vpn_json_escape(js, guide->id);
		vpn_json_escape(js, VPN_TEXT(" "));
		vpn_json_escape(js, guide->version);
	} else {
		vpn_json_escape(js, VPN_TEXT("omipsec"));
	}
	vpn_json_raw(js, VPN_TEXT("\""));
}

/* OCSF has no place for advice in an event, but for what was found out about one of
 * its attributes. */
static void
put_enrichments(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	vpn_json_open(js, "enrichments", '[');
	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "name", VPN_TEXT("status_code"));
	vpn_json_text(js, "value", code->slug);
	vpn_json_text(js, "type", VPN_TEXT("explanation"));
	put_provider(render, js, code);
	put_lines(render, js, "short_desc", code, put_why);
	put_lines(render, js, "desc", code, put_meaning);
	vpn_json_open(js, "data", '{');
	vpn_json_text(js, "name", code->name);
	put_code(render, js, code);
	vpn_json_close(js, '}');
	vpn_json_close(js, '}');
	vpn_json_close(js, ']');
}

static void
put_finding(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	put_lines(render, js, "desc", code, put_meaning);
}

static void
put_remediation(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	put_lines(render, js, "desc", code, put_steps);
}

static const struct {
	enum vpn_format format;
	size_t at; /* in struct vpn_static */
	void (*put)(
	    const struct vpn_render *, struct vpn_json *, const struct vpn_code *);
} parts[] = {
    {VPN_FORMAT_ECS, offsetof(struct vpn_static, policy), put_policy},
    {VPN_FORMAT_ECS, offsetof(struct vpn_static, omipsec), put_code},
    {VPN_FORMAT_ECS, offsetof(struct vpn_static, rule), put_rule},
    {VPN_FORMAT_ECS, offsetof(struct vpn_static, reference), put_reference},
    {VPN_FORMAT_OCSF, offsetof(struct vpn_static, policy), put_policy},
    {VPN_FORMAT_OCSF, offsetof(struct vpn_static, enrichments), put_enrichments},
    {VPN_FORMAT_OCSF, offsetof(struct vpn_static, finding), put_finding},
    {VPN_FORMAT_OCSF, offsetof(struct vpn_static, remediation), put_remediation},
    {VPN_FORMAT_OCSF, offsetof(struct vpn_static, reference), put_reference},
};

static const char *
begin_part(struct vpn_json *js)
{
	js->comma = false;
	return js->at;
}

static struct vpn_text
end_part(const struct vpn_json *js, const char *start)
{
	return (struct vpn_text){start, (size_t)(js->at - start)};
}

static void
put_parts(struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		struct vpn_static *fixed = &render->codes[code->index];
		struct vpn_text *part = (void *)((char *)fixed + parts[i].at);
		const char *start;

		if (parts[i].format != render->format)
			continue;
		start = begin_part(js);
		parts[i].put(render, js, code);
		*part = end_part(js, start);
	}
}

static void
put_vendor(struct vpn_json *js, const struct vpn_vendor *vendor,
    struct vpn_static_vendor *fixed)
{
	const char *start = begin_part(js);

	vpn_json_text(js, "vendor", vendor->name);
	vpn_json_some(js, "product", vendor->product);
	fixed->observer = end_part(js, start);
	start = begin_part(js);
	vpn_json_open(js, "network", '{');
	vpn_json_some(js, "type", vendor->network_type);
	vpn_json_some(js, "protocol", vendor->network_protocol);
	vpn_json_close(js, '}');
	fixed->network = end_part(js, start);
	start = begin_part(js);
	vpn_json_text(js, "id", vendor->id);
	fixed->id = end_part(js, start);
}

static struct vpn_text
put_syslog(struct vpn_json *js, int priority)
{
	const char *start = begin_part(js);

	vpn_json_number(js, "priority", priority);
	vpn_json_open(js, "facility", '{');
	vpn_json_number(js, "code", priority >> 3);
	vpn_json_close(js, '}');
	vpn_json_open(js, "severity", '{');
	vpn_json_number(js, "code", priority & 7);
	vpn_json_close(js, '}');
	return end_part(js, start);
}

static void
put_all(struct vpn_render *render, struct vpn_json *js)
{
	const struct vpn_rules *rules = render->rules;

	for (size_t i = 0; i < vpn_rules_codes(rules); i++)
		put_parts(render, js, vpn_rules_code(rules, i));
	for (size_t i = 0; i < vpn_rules_vendors(rules); i++)
		put_vendor(js, vpn_rules_vendor(rules, i), &render->vendors[i]);
	for (int i = 0; i < VPN_PRIORITIES; i++)
		render->syslog[i] = put_syslog(js, i);
}

/* Twice the room until everything fits. */
static bool
fill(struct vpn_render *render)
{
	struct vpn_json js;
	size_t size = 256 * 1024;

	do {
		free(render->text);
		render->text = malloc(size);
		if (render->text == NULL)
			return false;
		js = (struct vpn_json){render->text, render->text + size, false, false};
		put_all(render, &js);
		size *= 2;
	} while (js.full);
	return true;
}

struct vpn_render *
vpn_render_new(const struct vpn_rules *rules, enum vpn_format format,
    enum vpn_language language, const char *runbook)
{
	struct vpn_render *render = calloc(1, sizeof(*render));

	if (render == NULL)
		return NULL;
	render->rules = rules;
	render->format = format;
	render->language = language;
	render->runbook = vpn_text(runbook);
	render->codes = calloc(vpn_rules_codes(rules) + 1, sizeof(*render->codes));
	render->vendors =
	    calloc(vpn_rules_vendors(rules) + 1, sizeof(*render->vendors));
	if (render->codes == NULL || render->vendors == NULL || !fill(render)) {
		vpn_render_free(render);
		return NULL;
	}
	return render;
}

void
vpn_render_free(struct vpn_render *render)
{
	if (render == NULL)
		return;
	free(render->codes);
	free(render->vendors);
	free(render->text);
	free(render);
}

size_t
vpn_render_event(
    const struct vpn_render *render, const struct vpn_event *ev, char *buf, size_t cap)
{
	static void (*const put[])(
	    const struct vpn_render *, struct vpn_json *, const struct vpn_event *) = {
	    [VPN_FORMAT_ECS] = vpn_ecs, [VPN_FORMAT_OCSF] = vpn_ocsf};
	struct vpn_json js = {buf, buf + cap, false, false};

	vpn_json_open(&js, NULL, '{');
	put[render->format](render, &js, ev);
	vpn_json_close(&js, '}');
	return js.full ? 0 : (size_t)(js.at - buf);
}

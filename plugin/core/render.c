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

static void
put_steps_text(struct vpn_json *js, const struct vpn_code *code, enum vpn_lang lang)
{
	for (size_t i = 0; i < code->nsteps; i++) {
		char number[] = {(char)('1' + i % 9), '.', ' '};

		vpn_json_escape(js, (struct vpn_text){number, sizeof(number)});
		vpn_json_escape(js, code->steps[i].own.in[lang]);
		if (i + 1 < code->nsteps)
			vpn_json_escape(js, VPN_TEXT("\n"));
	}
}

/* The steps as one string, numbered, a line each. */
static void
put_fix_text(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_code *code)
{
	vpn_json_quote(js, "fix_text");
	if (vpn_language_has(render->language, VPN_EN))
		put_steps_text(js, code, VPN_EN);
	if (render->language == VPN_LANGUAGE_BOTH)
		vpn_json_escape(js, VPN_TEXT("\n"));
	if (vpn_language_has(render->language, VPN_ZH))
		put_steps_text(js, code, VPN_ZH);
	vpn_json_raw(js, VPN_TEXT("\""));
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
	put_fix_text(render, js, code);
}

static void
put_rule(
    struct vpn_json *js, const struct vpn_guide *guide, const struct vpn_code *code)
{
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

/* What is written from begin to end, as a text of its own. */
static struct vpn_text
begin(struct vpn_json *js)
{
	js->comma = false;
	return (struct vpn_text){js->at, 0};
}

static void
end(const struct vpn_json *js, struct vpn_text *part)
{
	part->len = (size_t)(js->at - part->at);
}

static void
put_all(struct vpn_render *render, struct vpn_json *js)
{
	for (size_t i = 0; i < vpn_rules_codes(render->rules); i++) {
		const struct vpn_code *code = vpn_rules_code(render->rules, i);
		struct vpn_static *fixed = &render->codes[i];

		fixed->rule = begin(js);
		put_rule(js, vpn_rules_guide(render->rules), code);
		end(js, &fixed->rule);
		fixed->reference = begin(js);
		put_reference(render, js, code);
		end(js, &fixed->reference);
		fixed->policy = begin(js);
		put_policy(render, js, code);
		end(js, &fixed->policy);
		fixed->omipsec = begin(js);
		put_code(render, js, code);
		end(js, &fixed->omipsec);
	}
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
vpn_render_new(
    const struct vpn_rules *rules, enum vpn_language language, const char *runbook)
{
	struct vpn_render *render = calloc(1, sizeof(*render));

	if (render == NULL)
		return NULL;
	render->rules = rules;
	render->language = language;
	render->runbook = vpn_text(runbook);
	render->codes = calloc(vpn_rules_codes(rules) + 1, sizeof(*render->codes));
	if (render->codes == NULL || !fill(render)) {
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
	free(render->text);
	free(render);
}

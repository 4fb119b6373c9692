/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/glyph.h"
#include "cli/lint.h"
#include "vpn/render.h"

#define STEPS_LEAST 2
#define SENTENCE_MOST 120 /* characters: one line of a page or a chat */

static const char *const languages[] = {[VPN_EN] = "English", [VPN_ZH] = "Chinese"};
static const size_t short_most[] = {[VPN_EN] = 60, [VPN_ZH] = 25};

/* An event's usual names: what a sentence has to have room for. */
static const struct vpn_text device = {"HQ-USG6000", 10};
static const struct vpn_text peer = {"203.0.113.200", 13};

static struct place
place_of(const struct lint *lint, const struct vpn_code *code)
{
	return places_code(lint->places, lint->rules, code);
}

static size_t
characters(struct vpn_text text)
{
	struct glyph glyph;
	size_t n = 0;

	for (size_t len; text.len > 0; text.at += len, text.len -= len, n++)
		len = glyph_read(text, &glyph);
	return n;
}

static void
lint_short(struct lint *lint, const struct vpn_code *code, enum vpn_lang lang)
{
	size_t n = characters(code->why.in[lang]);

	if (n <= short_most[lang])
		return;
	lint_problem(lint,
	    places_text(lint->places, place_of(lint, code), code->why.in[lang]),
	    "'%.*s': the %s short text has %zu characters, at most %zu fit",
	    (int)code->slug.len, code->slug.at, languages[lang], n, short_most[lang]);
}

static void
lint_sentence(struct lint *lint, const struct vpn_code *code, enum vpn_lang lang)
{
	struct vpn_event ev = {.vendor = vpn_rules_vendor(lint->rules, 0),
	    .class = code->class,
	    .code = code,
	    .policy = code,
	    .device = device};
	char sentence[1024];
	size_t n;

	if (code->class == VPN_CLASS_SYMPTOM)
		return;
	ev.field[VPN_PEER] = peer;
	n = vpn_sentence(&ev, lang, sentence, sizeof(sentence));
	n = characters((struct vpn_text){sentence, n});
	if (n > SENTENCE_MOST)
		lint_problem(lint, place_of(lint, code),
		    "'%.*s': its %s message has %zu characters, at most %d fit: make "
		    "the "
		    "short text shorter",
		    (int)code->slug.len, code->slug.at, languages[lang], n,
		    SENTENCE_MOST);
}

static void
lint_lengths(struct lint *lint, const struct vpn_code *code)
{
	if (code->nsteps < STEPS_LEAST)
		lint_problem(lint, place_of(lint, code),
		    "'%.*s' has %zu fix steps, it needs %d", (int)code->slug.len,
		    code->slug.at, code->nsteps, STEPS_LEAST);
	if (code->ncauses == 0)
		lint_problem(lint, place_of(lint, code), "'%.*s' names no cause",
		    (int)code->slug.len, code->slug.at);
	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		lint_short(lint, code, (enum vpn_lang)lang);
		lint_sentence(lint, code, (enum vpn_lang)lang);
	}
}

/* Two texts that ought to differ. */
struct pair {
	const struct vpn_code *a, *b;
	const char *what;
};

static void
lint_same(struct lint *lint, const struct pair *pair, const struct vpn_prose *x,
    const struct vpn_prose *y)
{
	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		struct vpn_text text = y->in[lang];

		if (!vpn_text_same(x->in[lang], text))
			continue;
		lint_problem(lint,
		    places_text(lint->places, place_of(lint, pair->b), text),
		    "'%.*s' has the same %s %s as '%.*s'", (int)pair->b->slug.len,
		    pair->b->slug.at, languages[lang], pair->what,
		    (int)pair->a->slug.len, pair->a->slug.at);
	}
}

static void
lint_pair(struct lint *lint, const struct vpn_code *a, const struct vpn_code *b)
{
	struct pair pair = {a, b, "explanation"};

	lint_same(lint, &pair, &a->explanation, &b->explanation);
	pair.what = "short text";
	lint_same(lint, &pair, &a->why, &b->why);
	pair.what = "step";
	for (size_t i = 0; i < a->nsteps; i++)
		for (size_t j = 0; j < b->nsteps; j++)
			lint_same(lint, &pair, &a->steps[i].own, &b->steps[j].own);
}

static bool
uses(const struct vpn_code *code, const struct vpn_check *check)
{
	for (size_t i = 0; i < code->nsteps; i++)
		if (code->steps[i].check == check)
			return true;
	return false;
}

static void
lint_check(struct lint *lint, const struct vpn_check *check)
{
	for (size_t i = 0; i < vpn_rules_codes(lint->rules); i++)
		if (uses(vpn_rules_code(lint->rules, i), check))
			return;
	lint_problem(lint, places_check(lint->places, check),
	    "no code uses the check '%.*s'", (int)check->id.len, check->id.at);
}

void
lint_codes(struct lint *lint)
{
	size_t n = vpn_rules_codes(lint->rules);

	for (size_t i = 0; i < vpn_rules_checks(lint->rules); i++)
		lint_check(lint, vpn_rules_check(lint->rules, i));
	for (size_t i = 0; i < n; i++) {
		lint_lengths(lint, vpn_rules_code(lint->rules, i));
		for (size_t j = i + 1; j < n; j++)
			lint_pair(lint, vpn_rules_code(lint->rules, i),
			    vpn_rules_code(lint->rules, j));
	}
}

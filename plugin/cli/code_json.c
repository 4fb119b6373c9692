/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/code_json.h"

#include <libfastjson/json.h>

#include "vpn/words.h"

typedef struct fjson_object tree;

/* Absent texts stay absent. */
static void
put_text(tree *object, const char *key, struct vpn_text text)
{
	if (text.len > 0)
		fjson_object_object_add(
		    object, key, fjson_object_new_string_len(text.at, (int)text.len));
}

static void
put_word(tree *object, const char *key, enum vpn_words list, int value)
{
	put_text(object, key, vpn_word(list, value));
}

static void
put_languages(tree *object, const struct vpn_prose *prose, enum vpn_language language)
{
	if (language != VPN_LANGUAGE_ZH)
		put_text(object, "en", prose->in[VPN_EN]);
	if (language != VPN_LANGUAGE_EN)
		put_text(object, "zh", prose->in[VPN_ZH]);
}

static void
put_prose(tree *object, const char *key, const struct vpn_prose *prose,
    enum vpn_language language)
{
	tree *texts = fjson_object_new_object();

	put_languages(texts, prose, language);
	fjson_object_object_add(object, key, texts);
}

static void
put_guide(tree *object, struct vpn_text section)
{
	if (section.len > 0)
		put_text(object, "guide", section);
	else
		fjson_object_object_add(object, "guide", NULL);
}

static tree *
step_tree(const struct vpn_step *step, enum vpn_language language)
{
	const struct vpn_check *check = step->check;
	tree *object = fjson_object_new_object();

	put_word(object, "kind", VPN_WORDS_STEP, step->kind);
	put_languages(object, &step->own, language);
	put_guide(object, check ? check->section : (struct vpn_text){NULL, 0});
	if (check == NULL)
		return object;
	put_text(object, "check", check->id);
	put_word(object, "end", VPN_WORDS_END, check->end);
	if (check->console.in[VPN_EN].len > 0)
		put_prose(object, "console", &check->console, language);
	return object;
}

static void
put_numbers(tree *object, const struct vpn_code *code)
{
	tree *list = fjson_object_new_array();

	for (size_t i = 0; i < code->nnumbers; i++)
		fjson_object_array_add(list, fjson_object_new_int(code->numbers[i]));
	fjson_object_object_add(object, "numbers", list);
}

static void
put_policy(tree *object, const struct vpn_code *code, enum vpn_language language)
{
	if (code->class == VPN_CLASS_SYMPTOM)
		return;
	put_text(object, "phase", code->phase);
	put_word(object, "alert", VPN_WORDS_ALERT, code->alert);
	put_prose(object, "alert_reason", &code->alert_why, language);
	put_word(object, "effect", VPN_WORDS_EFFECT, code->effect);
	if (code->effect == VPN_EFFECT_DOWN)
		fjson_object_object_add(
		    object, "hold", fjson_object_new_int(code->hold));
	if (code->role != VPN_ROLE_NONE)
		put_word(object, "role", VPN_WORDS_ROLE, code->role);
	put_word(object, "look_at", VPN_WORDS_END, code->end);
}

static void
put_explanation(tree *object, const struct vpn_code *code, enum vpn_language language)
{
	tree *explanation = fjson_object_new_object();

	put_languages(explanation, &code->explanation, language);
	put_guide(explanation, code->guide);
	fjson_object_object_add(object, "explanation", explanation);
}

static void
put_advice(tree *object, const struct vpn_code *code, enum vpn_language language)
{
	tree *causes = fjson_object_new_array(), *fix = fjson_object_new_array();

	for (size_t i = 0; i < code->ncauses; i++) {
		tree *cause = fjson_object_new_object();

		put_languages(cause, &code->causes[i], language);
		fjson_object_array_add(causes, cause);
	}
	for (size_t i = 0; i < code->nsteps; i++)
		fjson_object_array_add(fix, step_tree(&code->steps[i], language));
	fjson_object_object_add(object, "causes", causes);
	fjson_object_object_add(object, "fix", fix);
}

bool
code_json_write(FILE *out, const struct vpn_code *code, enum vpn_language language)
{
	tree *object = fjson_object_new_object();
	const char *text;

	if (object == NULL)
		return false;
	put_text(object, "code", code->slug);
	put_text(object, "variant", code->variant);
	put_text(object, "name", code->name);
	put_text(object, "origin", code->origin);
	put_word(object, "class", VPN_WORDS_CLASS, code->class);
	put_numbers(object, code);
	put_text(object, "parent_code", code->parent);
	put_policy(object, code, language);
	put_prose(object, "why", &code->why, language);
	put_explanation(object, code, language);
	put_advice(object, code, language);
	text = fjson_object_to_json_string_ext(object, FJSON_TO_STRING_PLAIN);
	if (text)
		fprintf(out, "%s\n", text);
	fjson_object_put(object);
	return text != NULL;
}

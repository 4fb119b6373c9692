/* SPDX-License-Identifier: Apache-2.0 */
#include "load/guide.h"

#include <stdio.h>

static const struct load_key guide_keys[] = {
    LOAD_KEY(struct vpn_guide, "id", load_text, id, true),
    LOAD_KEY(struct vpn_guide, "version", load_text, version, true),
    LOAD_KEY(struct vpn_guide, "title", load_prose, title, true),
};

static const struct load_key check_keys[] = {
    LOAD_KEY(struct vpn_check, "id", load_text, id, true),
    LOAD_KEY(struct vpn_check, "section", load_text, section, true),
    LOAD_KEY(struct vpn_check, "edition", load_text, edition, true),
    LOAD_WORD(struct vpn_check, "end", end, true, VPN_WORDS_END),
    LOAD_KEY(struct vpn_check, "console", load_prose, console, false),
    LOAD_KEY(struct vpn_check, "en", load_text, text.in[VPN_EN], true),
    LOAD_KEY(struct vpn_check, "zh", load_text, text.in[VPN_ZH], true),
};

static int
read_check(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, check_keys, LOAD_COUNT(check_keys), item);
}

/* The check that a step refers to. */
static int
find_check(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct vpn_step *step = target;
	struct vpn_text id;
	const struct vpn_rules *rules = doc->rules;

	(void)unused;
	if (load_text(doc, node, &id, NULL) < 0)
		return -1;
	for (size_t i = 0; i < rules->nchecks && step->check == NULL; i++)
		if (vpn_text_same(rules->checks[i].id, id))
			step->check = &rules->checks[i];
	if (step->check == NULL)
		return load_wrong(
		    doc, node, "no check has the id '%.*s'", (int)id.len, id.at);
	return 0;
}

/* "guide: null" says in the file that a step is not the guide's. */
static int
read_null(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct vpn_text word;

	(void)target, (void)unused;
	if (load_text(doc, node, &word, NULL) == 0 &&
	    vpn_text_same(word, VPN_TEXT("null")))
		return 0;
	return load_wrong(
	    doc, node, "a step's guide is null, or comes from the check that it names");
}

static const struct load_key step_keys[] = {
    LOAD_KEY(struct vpn_step, "check", find_check, check, false),
    LOAD_KEY(struct vpn_step, "guide", read_null, check, false),
    LOAD_WORD(struct vpn_step, "kind", kind, true, VPN_WORDS_STEP),
    LOAD_KEY(struct vpn_step, "en", load_text, own.in[VPN_EN], true),
    LOAD_KEY(struct vpn_step, "zh", load_text, own.in[VPN_ZH], true),
};

static int
read_step(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	(void)unused;
	return load_map(doc, node, step_keys, LOAD_COUNT(step_keys), item);
}

static const struct load_key code_keys[] = {
    LOAD_KEY(struct vpn_code, "slug", load_text, slug, true),
    LOAD_KEY(struct vpn_code, "name", load_text, name, true),
    LOAD_KEY(struct vpn_code, "origin", load_text, origin, true),
    LOAD_WORD(struct vpn_code, "class", class, true, VPN_WORDS_CLASS),
    LOAD_KEY(struct vpn_code, "phase", load_text, phase, false),
    LOAD_KEY(struct vpn_code, "guide", load_text, guide, false),
    LOAD_ARRAY(struct vpn_code, "numbers", numbers, nnumbers, load_number, false),
    LOAD_ARRAY(struct vpn_code, "also", also, nalso, load_text, false),
    LOAD_KEY(struct vpn_code, "parent", load_text, parent, false),
    LOAD_KEY(struct vpn_code, "variant", load_text, variant, false),
    LOAD_WORD(struct vpn_code, "end", end, false, VPN_WORDS_END),
    LOAD_WORD(struct vpn_code, "role", role, false, VPN_WORDS_ROLE),
    LOAD_WORD(struct vpn_code, "effect", effect, false, VPN_WORDS_EFFECT),
    LOAD_KEY(struct vpn_code, "hold", load_number, hold, false),
    LOAD_KEY(struct vpn_code, "vague", load_bool, vague, false),
    LOAD_WORD(struct vpn_code, "alert", alert, false, VPN_WORDS_ALERT),
    LOAD_KEY(struct vpn_code, "alert_why", load_prose, alert_why, false),
    LOAD_KEY(struct vpn_code, "short", load_prose, why, true),
    LOAD_KEY(struct vpn_code, "explanation", load_prose, explanation, true),
    LOAD_ARRAY(struct vpn_code, "causes", causes, ncauses, load_prose, true),
    LOAD_ARRAY(struct vpn_code, "fix", steps, nsteps, read_step, true),
};

/* It names a page of the runbook, too: no path, no upper case, not the index. */
static bool
is_slug(struct vpn_text text)
{
	char slug[VPN_SLUG_MAX + 1];

	return text.len <= VPN_SLUG_MAX && !vpn_text_same(text, VPN_TEXT("index")) &&
	    vpn_text_same(
		text, (struct vpn_text){slug, vpn_slug(text, slug, sizeof(slug))});
}

/* What a failure needs beyond a symptom. */
static int
check_failure(struct load_doc *doc, yaml_node_t *node, const struct vpn_code *code)
{
	if (code->class == VPN_CLASS_SYMPTOM)
		return 0;
	if (code->class == VPN_CLASS_ESTABLISHED)
		return load_wrong(
		    doc, node, "a code's class is a failure or a symptom");
	if (code->alert_why.in[VPN_EN].len == 0 || code->phase.len == 0)
		return load_wrong(doc, node, "'%.*s' needs phase, alert and alert_why",
		    (int)code->slug.len, code->slug.at);
	if ((code->effect == VPN_EFFECT_DOWN) != (code->hold > 0))
		return load_wrong(doc, node,
		    "'%.*s': hold goes with effect down, and only with it",
		    (int)code->slug.len, code->slug.at);
	return 0;
}

/* Words that devices use for the code, folded as they will be looked up. */
static int
claim_reason(struct load_doc *doc, const yaml_node_t *node, const struct vpn_code *code,
    struct vpn_text words)
{
	struct vpn_rules *rules = doc->rules;
	char *text = vpn_arena_take(doc->arena, words.len + 2);
	struct vpn_text slug;

	if (text == NULL)
		return load_memory(doc);
	slug = (struct vpn_text){text, vpn_slug(words, text, words.len + 2)};
	if (slug.len == 0)
		return load_wrong(doc, node,
		    "'%.*s' has no letter or digit to find it by", (int)words.len,
		    words.at);
	if (slug.len > VPN_SLUG_MAX)
		return load_wrong(doc, node, "'%.*s' is longer than %d bytes",
		    (int)words.len, words.at, VPN_SLUG_MAX);
	if (vpn_index_get(&rules->by_reason, slug) == code)
		return 0;
	return load_claim(doc, node, &rules->by_reason, slug, code, "the reason");
}

static int
claim_number(struct load_doc *doc, const yaml_node_t *node, const struct vpn_code *code,
    int number)
{
	char digits[12];
	struct vpn_text text;

	snprintf(digits, sizeof(digits), "%d", number);
	text = vpn_arena_text(doc->arena, vpn_text(digits));
	if (text.at == NULL)
		return load_memory(doc);
	return load_claim(
	    doc, node, &doc->rules->by_number, text, code, "the ReasonCode");
}

/* A symptom is looked up, never recognised; a variant is named by a message. */
static int
claim_words(struct load_doc *doc, const yaml_node_t *node, const struct vpn_code *code)
{
	if (code->class == VPN_CLASS_SYMPTOM)
		return 0;
	if (claim_reason(doc, node, code, code->slug) < 0 ||
	    claim_reason(doc, node, code, code->name) < 0)
		return -1;
	for (size_t i = 0; i < code->nalso; i++)
		if (claim_reason(doc, node, code, code->also[i]) < 0)
			return -1;
	for (size_t i = 0; i < code->nnumbers; i++)
		if (claim_number(doc, node, code, code->numbers[i]) < 0)
			return -1;
	return 0;
}

static int
check_variant(
    struct load_doc *doc, const yaml_node_t *node, const struct vpn_code *code)
{
	if (vpn_rules_by_slug(doc->rules, code->slug, code->variant))
		return load_wrong(doc, node,
		    "the code '%.*s', variant '%.*s', is there twice",
		    (int)code->slug.len, code->slug.at, (int)code->variant.len,
		    code->variant.at);
	return 0;
}

static int
add_code(struct load_doc *doc, yaml_node_t *node, struct vpn_code *code)
{
	struct vpn_rules *rules = doc->rules;
	bool plain = code->variant.len == 0;

	if (code->parent.len > 0 && !vpn_index_get(&rules->by_slug, code->parent))
		return load_wrong(doc, node,
		    "the parent '%.*s' is no code above this one",
		    (int)code->parent.len, code->parent.at);
	if (plain ? load_claim(doc, node, &rules->by_slug, code->slug, code, "the code")
		  : check_variant(doc, node, code))
		return -1;
	code->index = rules->ncodes;
	if (load_append(doc, &rules->codes, &rules->ncodes, code) < 0)
		return -1;
	return plain ? claim_words(doc, node, code) : 0;
}

static int
read_code(
    struct load_doc *doc, yaml_node_t *node, void *item, const struct load_key *unused)
{
	(void)unused;
	const struct vpn_code *code = item;

	if (load_map(doc, node, code_keys, LOAD_COUNT(code_keys), item) < 0 ||
	    check_failure(doc, node, item) < 0)
		return -1;
	if (!is_slug(code->slug) || !is_slug(code->variant))
		return load_wrong(doc, node,
		    "'%.*s%s%.*s' is no code: lower-case letters, digits and single "
		    "'_' between them",
		    (int)code->slug.len, code->slug.at, code->variant.len ? "/" : "",
		    (int)code->variant.len, code->variant.len ? code->variant.at : "");
	return add_code(doc, node, item);
}

static int
check_once(struct load_doc *doc, yaml_node_t *node, size_t n)
{
	return n > 0 ? load_wrong(doc, node, "only one file has these") : 0;
}

static int
read_checks(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	static const struct load_key checks =
	    LOAD_ARRAY(struct vpn_rules, "checks", checks, nchecks, read_check, false);

	(void)unused;
	return check_once(doc, node, doc->rules->nchecks) < 0
	    ? -1
	    : load_array(doc, node, target, &checks);
}

static int
read_codes(
    struct load_doc *doc, yaml_node_t *node, void *unused, const struct load_key *key)
{
	struct codes {
		struct vpn_code *codes;
		size_t n;
	} file;
	static const struct load_key codes =
	    LOAD_ARRAY(struct codes, "codes", codes, n, read_code, true);

	(void)unused, (void)key;
	return load_array(doc, node, &file, &codes);
}

static int
read_guide(struct load_doc *doc, yaml_node_t *node, void *target,
    const struct load_key *unused)
{
	struct vpn_guide *guide = &((struct vpn_rules *)target)->guide;

	(void)unused;
	return check_once(doc, node, guide->id.len) < 0
	    ? -1
	    : load_map(doc, node, guide_keys, LOAD_COUNT(guide_keys), guide);
}

static const struct load_key file_keys[] = {
    LOAD_KEY(struct vpn_rules, "guide", read_guide, guide, false),
    LOAD_KEY(struct vpn_rules, "checks", read_checks, checks, false),
    LOAD_KEY(struct vpn_rules, "codes", read_codes, codes, true),
};

int
load_guide(struct load_doc *doc)
{
	return load_map(
	    doc, load_root(doc), file_keys, LOAD_COUNT(file_keys), doc->rules);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "load/guide.h"
#include "load/load.h"
#include "load/vendor.h"

#define UNKNOWN VPN_TEXT("unknown_reason")

/* The rules under construction, and where to say what is wrong. */
struct builder {
	struct vpn_rules *rules;
	struct load_vendor **vendors;
	char *err;
	size_t cap;
};

static int
wrong(struct builder *b, const char *what, struct vpn_text word)
{
	snprintf(b->err, b->cap, "rules: %s '%.*s'", what, (int)word.len,
	    word.at ? word.at : "");
	return -1;
}

static int
index_speakers(struct builder *b, const struct load_vendor *from,
    const struct vpn_text *words, size_t n, enum vpn_speaker_kind kind)
{
	struct vpn_rules *rules = b->rules;

	for (size_t i = 0; i < n; i++) {
		struct vpn_speaker *speaker = &rules->speakers[rules->nspeakers++];

		speaker->word = words[i];
		if (words[i].at[words[i].len - 1] == '*')
			speaker->word.len--;
		if (vpn_text_same(words[i], VPN_TEXT("-")))
			speaker->word.len = 0;
		speaker->kind = kind;
		speaker->vendor = &from->vendor;
		rules->opens[vpn_opening(speaker->word)] = true;
		if (vpn_index_put(&rules->by_speaker, speaker->word, speaker))
			return wrong(b, "two vendors claim the lines of", words[i]);
	}
	return 0;
}

static int
index_all_speakers(struct builder *b)
{
	struct vpn_rules *rules = b->rules;
	size_t n = 0;

	for (size_t i = 0; i < rules->nvendors; i++)
		n += b->vendors[i]->nmodules + b->vendors[i]->nprograms +
		    b->vendors[i]->nopeners;
	rules->speakers = vpn_arena_take(&rules->arena, (n + 1) * sizeof(*rules->speakers));
	if (rules->speakers == NULL || vpn_index_init(&rules->by_speaker, &rules->arena, n))
		return wrong(b, "out of memory for", VPN_TEXT("tags"));
	for (size_t i = 0; i < rules->nvendors; i++) {
		const struct load_vendor *v = b->vendors[i];

		if (index_speakers(b, v, v->modules, v->nmodules, VPN_SPEAKER_MODULE) ||
		    index_speakers(b, v, v->programs, v->nprograms, VPN_SPEAKER_PROGRAM) ||
		    index_speakers(b, v, v->openers, v->nopeners, VPN_SPEAKER_BARE))
			return -1;
	}
	return 0;
}

static int
put_reason(struct builder *b, const struct vpn_code *code, struct vpn_text words)
{
	struct vpn_text slug;
	char *text = vpn_arena_take(&b->rules->arena, words.len + 2);
	const struct vpn_code *other;

	if (text == NULL)
		return wrong(b, "out of memory for", words);
	slug = (struct vpn_text){text, vpn_slug(words, text, words.len + 2)};
	other = vpn_index_put(&b->rules->by_reason, slug, code);
	if (other && other != code)
		return wrong(b, "two codes claim the reason", words);
	return 0;
}

static int
put_numbers(struct builder *b, const struct vpn_code *code)
{
	for (size_t i = 0; i < code->nnumbers; i++) {
		char digits[12];
		int n = snprintf(digits, sizeof(digits), "%d", code->numbers[i]);
		struct vpn_text number = vpn_arena_text(
		    &b->rules->arena, (struct vpn_text){digits, (size_t)n});

		if (number.at == NULL)
			return wrong(b, "out of memory for", code->slug);
		if (vpn_index_put(&b->rules->by_number, number, code))
			return wrong(b, "two codes claim the ReasonCode", number);
	}
	return 0;
}

/* A symptom is looked up, never recognised; a variant is named by a message. */
static int
put_code(struct builder *b, const struct vpn_code *code)
{
	if (code->variant.len == 0)
		vpn_index_put(&b->rules->by_slug, code->slug, code);
	if (code->variant.len > 0 || code->class == VPN_CLASS_SYMPTOM)
		return 0;
	if (put_reason(b, code, code->name) || put_reason(b, code, code->slug) ||
	    put_numbers(b, code))
		return -1;
	for (size_t i = 0; i < code->nalso; i++)
		if (put_reason(b, code, code->also[i]))
			return -1;
	return 0;
}

static int
index_codes(struct builder *b)
{
	struct vpn_rules *rules = b->rules;
	size_t words = 0;

	for (size_t i = 0; i < rules->ncodes; i++)
		words += 2 + rules->codes[i].nalso + rules->codes[i].nnumbers;
	if (vpn_index_init(&rules->by_reason, &rules->arena, words) ||
	    vpn_index_init(&rules->by_number, &rules->arena, words) ||
	    vpn_index_init(&rules->by_slug, &rules->arena, rules->ncodes))
		return wrong(b, "out of memory for", VPN_TEXT("codes"));
	for (size_t i = 0; i < rules->ncodes; i++)
		if (put_code(b, &rules->codes[i]) < 0)
			return -1;
	rules->unknown = vpn_rules_by_slug(rules, UNKNOWN, (struct vpn_text){NULL, 0});
	return rules->unknown ? 0 : wrong(b, "guide.yaml must have the code", UNKNOWN);
}

static int
index_vendor(struct builder *b, struct vpn_vendor *vendor)
{
	struct vpn_arena *arena = &b->rules->arena;
	struct vpn_index *keys = vpn_arena_take(arena, sizeof(*keys));
	struct vpn_index *names = vpn_arena_take(arena, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; i < vendor->nmessages; i++)
		n += vendor->messages[i].nnames;
	if (keys == NULL || names == NULL || vpn_index_init(keys, arena, vendor->nkeys) ||
	    vpn_index_init(names, arena, n))
		return wrong(b, "out of memory for", vendor->id);
	for (size_t i = 0; i < vendor->nkeys; i++)
		if (vpn_index_put(keys, vendor->keys[i].name, &vendor->keys[i]))
			return wrong(b, "a vendor has twice the key", vendor->keys[i].name);
	for (size_t i = 0; i < vendor->nmessages; i++) {
		const struct vpn_message *message = &vendor->messages[i];

		for (size_t j = 0; j < message->nnames; j++)
			if (vpn_index_put(names, message->names[j], message))
				return wrong(b, "two messages claim the mnemonic",
				    message->names[j]);
	}
	vendor->by_key = keys;
	vendor->by_name = names;
	return 0;
}

static int
read_file(struct builder *b, const char *path, struct load_vendor *vendor)
{
	struct load_doc doc = {.rules = b->rules, .err = b->err, .cap = b->cap};
	int result;

	if (load_open(&doc, path) < 0)
		return -1;
	result = vendor ? load_vendor(&doc, vendor) : load_guide(&doc);
	load_close(&doc);
	return result;
}

static int
read_vendor(struct builder *b, const char *path)
{
	struct vpn_rules *rules = b->rules;
	struct load_vendor *vendor = vpn_arena_take(&rules->arena, sizeof(*vendor));

	if (vendor == NULL)
		return wrong(b, "out of memory for", vpn_text(path));
	if (read_file(b, path, vendor) < 0)
		return -1;
	vendor->vendor.file = vpn_arena_text(&rules->arena, vpn_text(path));
	b->vendors[rules->nvendors] = vendor;
	rules->vendors[rules->nvendors++] = &vendor->vendor;
	return index_vendor(b, &vendor->vendor);
}

/* Every file below dir that fits the pattern, in the order of their names. */
static int
find_files(struct builder *b, const char *dir, const char *pattern, glob_t *found)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, pattern);
	switch (glob(path, GLOB_ERR, NULL, found)) {
	case 0:
	case GLOB_NOMATCH:
		return 0;
	default:
		snprintf(b->err, b->cap, "%s: cannot be read: %s", path, strerror(errno));
		return -1;
	}
}

static int
read_codes(struct builder *b, const char *dir)
{
	glob_t found = {0};
	char path[4096];
	int result;

	snprintf(path, sizeof(path), "%s/guide.yaml", dir);
	result = read_file(b, path, NULL);
	if (result == 0)
		result = find_files(b, dir, "codes-*.yaml", &found);
	for (size_t i = 0; result == 0 && i < found.gl_pathc; i++)
		result = read_file(b, found.gl_pathv[i], NULL);
	globfree(&found);
	return result;
}

static int
read_vendors(struct builder *b, const char *dir)
{
	struct vpn_arena *arena = &b->rules->arena;
	glob_t found = {0};
	int result = find_files(b, dir, "vendors/*.yaml", &found);

	b->vendors = vpn_arena_take(arena, (found.gl_pathc + 1) * sizeof(*b->vendors));
	b->rules->vendors =
	    vpn_arena_take(arena, (found.gl_pathc + 1) * sizeof(*b->rules->vendors));
	if (b->vendors == NULL || b->rules->vendors == NULL)
		result = wrong(b, "out of memory for", vpn_text(dir));
	if (result == 0 && found.gl_pathc == 0) {
		snprintf(b->err, b->cap, "%s/vendors: no .yaml file is there", dir);
		result = -1;
	}
	for (size_t i = 0; result == 0 && i < found.gl_pathc; i++)
		result = read_vendor(b, found.gl_pathv[i]);
	globfree(&found);
	return result;
}

struct vpn_rules *
vpn_rules_load(const char *dir, char *err, size_t cap)
{
	struct builder b = {.rules = calloc(1, sizeof(*b.rules)), .err = err, .cap = cap};

	if (b.rules == NULL) {
		snprintf(err, cap, "%s: out of memory", dir);
		return NULL;
	}
	if (read_codes(&b, dir) || index_codes(&b) || read_vendors(&b, dir) ||
	    index_all_speakers(&b)) {
		vpn_rules_free(b.rules);
		return NULL;
	}
	return b.rules;
}

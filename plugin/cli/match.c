/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/match.h"

#include <strings.h>
#include <time.h>

#include "vpn/recognise.h"

#define SLUG_MAX 160
#define NEAR 40 /* per cent of a name that may differ to be near it */

/* What a word is worth by where it was found. */
enum {
	FOUND_NOT = 0,
	FOUND_TEXT = 1,
	FOUND_SHORT = 8,
	FOUND_PART = 64,
	FOUND_WORD = 96
};

static void
add(struct match *match, const struct vpn_code *code)
{
	for (size_t i = 0; i < match->n; i++)
		if (match->code[i] == code)
			return;
	if (match->n == MATCH_MAX)
		match->more++;
	else
		match->code[match->n++] = code;
}

static char
lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Bytes of Chinese count as letters. */
static bool
is_letter(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    (unsigned char)c >= 0x80;
}

static bool
starts(struct vpn_text text, size_t i, struct vpn_text word)
{
	for (size_t j = 0; j < word.len; j++)
		if (lower(text.at[i + j]) != lower(word.at[j]))
			return false;
	return true;
}

/* whole when the word is one in the text, part when it is inside one. */
static int
find_in(struct vpn_text text, struct vpn_text word, int whole, int part)
{
	int best = FOUND_NOT;

	for (size_t i = 0; i + word.len <= text.len; i++) {
		if (!starts(text, i, word))
			continue;
		if ((i == 0 || !is_letter(text.at[i - 1])) &&
		    (i + word.len == text.len || !is_letter(text.at[i + word.len])))
			return whole;
		best = part;
	}
	return best;
}

static int
greater(int a, int b)
{
	return a > b ? a : b;
}

static int
worth(const struct vpn_code *code, struct vpn_text word)
{
	int best = find_in(code->slug, word, FOUND_WORD, FOUND_PART);

	best = greater(best, find_in(code->name, word, FOUND_WORD, FOUND_PART));
	best = greater(best, find_in(code->variant, word, FOUND_WORD, FOUND_PART));
	for (size_t i = 0; i < code->nalso; i++)
		best =
		    greater(best, find_in(code->also[i], word, FOUND_WORD, FOUND_PART));
	for (int lang = 0; lang < VPN_LANG_COUNT && best < FOUND_PART; lang++) {
		best = greater(best,
		    find_in(code->why.in[lang], word, FOUND_SHORT, FOUND_SHORT / 2));
		best = greater(best,
		    find_in(code->explanation.in[lang], word, FOUND_TEXT, FOUND_TEXT));
	}
	return best;
}

/* The next word of the rest; empty at the end. */
static struct vpn_text
next_word(struct vpn_text *rest)
{
	struct vpn_text word;
	size_t n = 0;

	while (rest->len > 0 && !is_letter(*rest->at)) {
		rest->at++;
		rest->len--;
	}
	while (n < rest->len && is_letter(rest->at[n]))
		n++;
	word = (struct vpn_text){rest->at, n};
	rest->at += n;
	rest->len -= n;
	return word;
}

/* 0 when a word is nowhere in the code's texts. */
static int
score(const struct vpn_code *code, struct vpn_text words)
{
	struct vpn_text word;
	int sum = 0;

	while ((word = next_word(&words)).len > 0) {
		int value = worth(code, word);

		if (value == FOUND_NOT)
			return 0;
		sum += value;
	}
	return sum;
}

static int
count_words(struct vpn_text words)
{
	int n = 0;

	while (next_word(&words).len > 0)
		n++;
	return n;
}

/* By their score, the best first; at or above least only. */
static void
add_by_score(const struct vpn_rules *rules, struct vpn_text words, int least,
    struct match *match)
{
	int below = INT32_MAX, best;

	do {
		best = 0;
		for (size_t i = 0; i < vpn_rules_codes(rules); i++) {
			int value = score(vpn_rules_code(rules, i), words);

			if (value < below && value > best)
				best = value;
		}
		for (size_t i = 0; best >= least && i < vpn_rules_codes(rules); i++)
			if (score(vpn_rules_code(rules, i), words) == best)
				add(match, vpn_rules_code(rules, i));
		below = best;
	} while (best >= least && match->n < MATCH_MAX);
}

/* "12", "ReasonCode=12" */
static const struct vpn_code *
by_number(const struct vpn_rules *rules, struct vpn_text words)
{
	static const struct vpn_text prefix = {"reasoncode", 10};

	if (words.len > prefix.len && starts(words, 0, prefix)) {
		words.at += prefix.len;
		words.len -= prefix.len;
	}
	while (words.len > 0 && !is_letter(*words.at)) {
		words.at++;
		words.len--;
	}
	return vpn_rules_by_number(rules, words);
}

/* Symptoms are in sections of their own; without one, all of the section. */
static void
add_section(const struct vpn_rules *rules, struct vpn_text words, struct match *match)
{
	for (int only = 1; only >= 0 && match->n == 0; only--)
		for (size_t i = 0; i < vpn_rules_codes(rules); i++) {
			const struct vpn_code *code = vpn_rules_code(rules, i);

			if (vpn_text_same(code->guide, words) &&
			    (!only || code->class == VPN_CLASS_SYMPTOM))
				add(match, code);
		}
}

static void
add_variants(const struct vpn_rules *rules, struct vpn_text words, struct match *match)
{
	const char *slash = memchr(words.at, '/', words.len);
	const struct vpn_code *code;
	struct vpn_text slug = words, variant;

	if (slash == NULL)
		return;
	slug.len = (size_t)(slash - words.at);
	variant = (struct vpn_text){slash + 1, words.len - slug.len - 1};
	code = variant.len > 0 ? vpn_rules_by_slug(rules, slug, variant) : NULL;
	if (code)
		add(match, code);
}

static const struct vpn_code *
by_message(const struct vpn_rules *rules, struct vpn_text words)
{
	struct vpn_line ln = {.raw = words, .pri = -1};
	struct vpn_event ev;

	ln.received_ms = (int64_t)time(NULL) * 1000;
	return vpn_recognise(rules, &ln, &ev) && !ev.unknown ? ev.code : NULL;
}

static void
add_exact(const struct vpn_rules *rules, struct vpn_text words, struct match *match)
{
	char slug[SLUG_MAX];
	struct vpn_text folded = {slug, vpn_slug(words, slug, sizeof(slug))};
	const struct vpn_code *found[] = {
	    by_number(rules, words),
	    vpn_rules_by_slug(rules, folded, (struct vpn_text){NULL, 0}),
	    vpn_rules_by_reason(rules, words),
	    by_message(rules, words),
	};

	for (size_t i = 0; i < sizeof(found) / sizeof(*found); i++)
		if (found[i] && match->n == 0)
			add(match, found[i]);
	if (match->n == 0)
		add_variants(rules, words, match);
	if (match->n == 0)
		add_section(rules, words, match);
}

bool
match_words(const struct vpn_rules *rules, struct vpn_text words, struct match *match)
{
	*match = (struct match){.n = 0};
	if (count_words(words) == 0)
		return false;
	add_exact(rules, words, match);
	if (match->n == 0)
		add_by_score(rules, words, FOUND_PART * count_words(words), match);
	if (match->n == 0)
		add_by_score(rules, words, 1, match);
	return match->n > 0;
}

/* Levenshtein's distance: bytes to change, add or take away. */
static size_t
distance(struct vpn_text a, struct vpn_text b)
{
	size_t row[SLUG_MAX + 1], corner, above;

	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		corner = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			above = row[j + 1];
			if (a.at[i] != b.at[j])
				corner++;
			if (above + 1 < corner)
				corner = above + 1;
			if (row[j] + 1 < corner)
				corner = row[j] + 1;
			row[j + 1] = corner;
			corner = above;
		}
	}
	return row[b.len];
}

static size_t
farness(const struct vpn_code *code, struct vpn_text folded)
{
	char slug[SLUG_MAX];
	size_t best = distance(folded, code->slug), other;

	for (size_t i = 0; i < code->nalso; i++) {
		struct vpn_text also = {
		    slug, vpn_slug(code->also[i], slug, sizeof(slug))};

		other = distance(folded, also);
		if (other < best)
			best = other;
	}
	return best;
}

#define NEAREST 4

void
match_nearest(const struct vpn_rules *rules, struct vpn_text words, struct match *match)
{
	char slug[SLUG_MAX];
	struct vpn_text folded = {slug, vpn_slug(words, slug, sizeof(slug))};

	*match = (struct match){.n = 0};
	for (size_t far = 1; 100 * far <= NEAR * folded.len; far++)
		for (size_t i = 0; i < vpn_rules_codes(rules); i++)
			if (match->n < NEAREST &&
			    vpn_rules_code(rules, i)->slug.len < SLUG_MAX &&
			    farness(vpn_rules_code(rules, i), folded) == far)
				add(match, vpn_rules_code(rules, i));
}

static bool
is_related(const struct vpn_code *a, const struct vpn_code *b)
{
	return vpn_text_same(a->slug, b->slug) || vpn_text_same(a->slug, b->parent) ||
	    vpn_text_same(a->parent, b->slug);
}

void
match_related(
    const struct vpn_rules *rules, const struct vpn_code *code, struct match *match)
{
	*match = (struct match){.n = 0};
	for (size_t i = 0; i < vpn_rules_codes(rules); i++) {
		const struct vpn_code *other = vpn_rules_code(rules, i);

		if (other != code && is_related(code, other))
			add(match, other);
	}
}

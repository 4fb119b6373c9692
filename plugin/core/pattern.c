/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pattern.h"

#include "core/address.h"
#include "core/byte.h"
#include "vpn/words.h"

static const char *const holes[] = {
    [VPN_HOLE_IP] = "ip",
    [VPN_HOLE_ADDRESS] = "address",
    [VPN_HOLE_NUMBER] = "number",
    [VPN_HOLE_WORD] = "word",
    [VPN_HOLE_TEXT] = "text",
    [VPN_HOLE_REST] = "rest",
};

static enum vpn_hole
hole_find(struct vpn_text word)
{
	for (size_t i = VPN_HOLE_IP; i < sizeof(holes) / sizeof(*holes); i++)
		if (vpn_text_same(word, vpn_text(holes[i])))
			return (enum vpn_hole)i;
	return VPN_HOLE_NONE;
}

/* "peer:ip", between the percent signs */
static const char *
compile_hole(struct vpn_piece *piece, struct vpn_text hole)
{
	const char *colon = memchr(hole.at, ':', hole.len);
	struct vpn_text field;

	if (colon == NULL)
		return "a hole is written %field:type%";
	field = (struct vpn_text){hole.at, (size_t)(colon - hole.at)};
	piece->hole = hole_find((struct vpn_text){colon + 1, hole.len - field.len - 1});
	if (piece->hole == VPN_HOLE_NONE)
		return "the type of a hole is ip, address, number, word, text or rest";
	piece->field = -1;
	if (vpn_text_same(field, VPN_TEXT("-")))
		return NULL;
	piece->field = vpn_word_value(VPN_WORDS_FIELD, field);
	return piece->field < 0 ? "a hole names a field that does not exist" : NULL;
}

/* The literal up to the next hole, with "%%" folded, into out. */
static size_t
compile_literal(struct vpn_text *rest, char *out)
{
	size_t n = 0;

	while (rest->len > 0) {
		if (rest->at[0] == '%') {
			if (rest->len < 2 || rest->at[1] != '%')
				break;
			rest->at++;
			rest->len--;
		}
		out[n++] = *rest->at++;
		rest->len--;
	}
	return n;
}

const char *
vpn_pattern_compile(
    struct vpn_pattern *pattern, struct vpn_arena *arena, struct vpn_text text)
{
	struct vpn_text rest = text;
	char *literals = vpn_arena_take(arena, text.len + 1);
	struct vpn_piece *piece;
	const char *wrong, *end;
	size_t max = 1;

	for (size_t i = 0; i < text.len; i++)
		max += text.at[i] == '%';
	if (max > VPN_PIECES_MAX)
		return "a pattern has at most 31 percent signs";
	piece = pattern->piece = vpn_arena_take(arena, max * sizeof(*piece));
	if (literals == NULL || piece == NULL)
		return "out of memory";
	for (;; piece++) {
		piece->literal.at = literals;
		piece->literal.len = compile_literal(&rest, literals);
		literals += piece->literal.len;
		pattern->npieces = (size_t)(piece - pattern->piece) + 1;
		if (rest.len == 0)
			return NULL;
		end = memchr(rest.at + 1, '%', rest.len - 1);
		if (end == NULL)
			return "a hole is not closed with %";
		rest.len -= (size_t)(end - rest.at) + 1;
		wrong = compile_hole(piece + 1,
		    (struct vpn_text){rest.at + 1, (size_t)(end - rest.at) - 1});
		if (wrong)
			return wrong;
		rest.at = end + 1;
	}
}

/* Of an address, also of one that is masked. */
static bool
is_address_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
	    c == '.' || c == ':' || c == 'x' || c == '*';
}

static bool
hole_may_begin(enum vpn_hole hole, char first)
{
	switch (hole) {
	case VPN_HOLE_IP:
	case VPN_HOLE_ADDRESS:
		return is_address_char(first);
	case VPN_HOLE_NUMBER:
		return is_digit(first);
	case VPN_HOLE_NONE:
	case VPN_HOLE_WORD:
	case VPN_HOLE_TEXT:
	case VPN_HOLE_REST:
		break;
	}
	return true;
}

bool
vpn_pattern_may_begin(const struct vpn_pattern *pattern, char first)
{
	struct vpn_text literal = pattern->piece[0].literal;

	if (literal.len > 0)
		return first == literal.at[0];
	return pattern->npieces < 2 || hole_may_begin(pattern->piece[1].hole, first);
}

bool
vpn_pattern_may_fit(const struct vpn_pattern *pattern, struct vpn_text word)
{
	const struct vpn_piece *piece = &pattern->piece[1];
	const char *mark;

	if (word.len == 0 || !vpn_pattern_may_begin(pattern, word.at[0]))
		return false;
	if (pattern->piece[0].literal.len > 0 || pattern->npieces < 3 ||
	    piece->hole == VPN_HOLE_TEXT || piece->literal.len != 1 ||
	    is_blank(piece->literal.at[0]))
		return true;
	mark = memchr(word.at, piece->literal.at[0], word.len);
	if (mark == NULL || mark + 1 == word.at + word.len)
		return false;
	/* An address may hold such a mark itself, a word ends at the first. */
	return piece->hole != VPN_HOLE_WORD || hole_may_begin(piece[1].hole, mark[1]);
}

static size_t
run(struct vpn_text text, bool (*is)(char))
{
	size_t n = 0;

	while (n < text.len && is(text.at[n]))
		n++;
	return n;
}

static size_t
run_word(struct vpn_text text)
{
	size_t n = 0;

	while (n < text.len && text.at[n] != ' ' && text.at[n] != '\t')
		n++;
	return n;
}

/* Bytes before the literal; -1 when it does not occur. */
static long
before(struct vpn_text text, struct vpn_text literal)
{
	const char *found;

	if (literal.len == 0)
		return (long)text.len;
	found = memmem(text.at, text.len, literal.at, literal.len);
	return found ? found - text.at : -1;
}

/* An address may be followed by ":port", and hold colons itself. */
static long
take_address(struct vpn_text text, const struct vpn_piece *piece)
{
	size_t n = run(text, is_address_char);
	struct vpn_text address = {text.at, n};
	const char *colon;

	if (piece->literal.len > 0 && piece->literal.at[0] == ':') {
		colon = memrchr(text.at, ':', n);
		address.len = colon ? (size_t)(colon - text.at) : 0;
	}
	if (piece->hole == VPN_HOLE_IP ? vpn_is_ip(address) : vpn_is_address(address))
		return (long)address.len;
	return -1;
}

/* Up to a blank, or to the literal that follows if that comes first. */
static long
take_word(struct vpn_text text, struct vpn_text literal)
{
	size_t blank = run_word(text), most = blank + literal.len;
	long n = (long)blank;

	if (literal.len > 0 && literal.at[0] != ' ')
		n = before(
		    (struct vpn_text){text.at, most < text.len ? most : text.len},
		    literal);
	return n > 0 ? n : -1;
}

static long
take_hole(struct vpn_text text, const struct vpn_piece *piece)
{
	size_t n;

	switch (piece->hole) {
	case VPN_HOLE_NONE:
		return 0;
	case VPN_HOLE_IP:
	case VPN_HOLE_ADDRESS:
		return take_address(text, piece);
	case VPN_HOLE_NUMBER:
		n = run(text, is_digit);
		return n > 0 ? (long)n : -1;
	case VPN_HOLE_WORD:
		return take_word(text, piece->literal);
	case VPN_HOLE_TEXT:
		return before(text, piece->literal);
	case VPN_HOLE_REST:
		return (long)text.len;
	}
	return -1;
}

long
vpn_pattern_match(
    const struct vpn_pattern *pattern, struct vpn_text text, struct vpn_text *fields)
{
	struct vpn_text taken[VPN_PIECES_MAX], rest = text;
	long n;

	for (size_t i = 0; i < pattern->npieces; i++) {
		const struct vpn_piece *piece = &pattern->piece[i];

		n = take_hole(rest, piece);
		if (n < 0)
			return -1;
		taken[i] = (struct vpn_text){rest.at, (size_t)n};
		rest.at += n;
		rest.len -= (size_t)n;
		if (rest.len < piece->literal.len ||
		    memcmp(rest.at, piece->literal.at, piece->literal.len) != 0)
			return -1;
		rest.at += piece->literal.len;
		rest.len -= piece->literal.len;
	}
	if (pattern->whole && rest.len > 0)
		return -1;
	for (size_t i = 1; i < pattern->npieces; i++)
		if (pattern->piece[i].field >= 0)
			fields[pattern->piece[i].field] = taken[i];
	return rest.at - text.at;
}

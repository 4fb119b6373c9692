/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/glyph.h"

#include <stdio.h>
#include <wchar.h>

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

struct range {
	uint32_t first, last;
};

/* Marks that turn the direction of what follows or hide in it. */
static const struct range hidden[] = {
    {0x00ad, 0x00ad},
    {0x061c, 0x061c},
    {0x180b, 0x180f},
    {0x200b, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x206f},
    {0xd800, 0xdfff},
    {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},
    {0xfff9, 0xfffb},
    {0xe0000, 0xe0fff},
};

/* For a C library whose locale knows no widths. */
static const struct range wide[] = {
    {0x1100, 0x115f},
    {0x2e80, 0x303e},
    {0x3041, 0xa4cf},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},
    {0xff00, 0xff60},
    {0xffe0, 0xffe6},
    {0x20000, 0x3fffd},
};

static bool
within(uint32_t code, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* The code of the character, and its length; 0 when it is no UTF-8. */
static size_t
decode(struct vpn_text text, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)text.at;
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if ((s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4 || n > text.len)
		return 0;
	*code = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	return *code < least[n] || *code > 0x10ffff ? 0 : n;
}

static int
columns(uint32_t code)
{
	int width = wcwidth((wchar_t)code);

	if (width >= 0)
		return width;
	return within(code, wide, COUNT(wide)) ? 2 : 1;
}

static void
spell(struct glyph *glyph, const char *format, uint32_t value)
{
	int n = snprintf(glyph->out, sizeof(glyph->out), format, (unsigned)value);

	glyph->code = 0;
	glyph->len = (size_t)n;
	glyph->width = n;
}

size_t
glyph_read(struct vpn_text text, struct glyph *glyph)
{
	size_t n = decode(text, &glyph->code);

	if (n == 0) {
		spell(glyph, "\\x%02x", (unsigned char)text.at[0]);
		return 1;
	}
	if (glyph->code < 0x20 || (glyph->code >= 0x7f && glyph->code < 0xa0)) {
		spell(glyph, "\\x%02x", glyph->code);
		return n;
	}
	if (within(glyph->code, hidden, COUNT(hidden))) {
		spell(glyph, "\\u%04x", glyph->code);
		return n;
	}
	memcpy(glyph->out, text.at, n);
	glyph->len = n;
	glyph->width = columns(glyph->code);
	return n;
}

int
glyph_width(struct vpn_text text)
{
	struct glyph glyph;
	int width = 0;

	while (text.len > 0) {
		size_t n = glyph_read(text, &glyph);

		width += glyph.width;
		text.at += n;
		text.len -= n;
	}
	return width;
}

/* What must not begin a line of Chinese, and what must not end one. */
static bool
is_one_of(uint32_t code, const wchar_t *list)
{
	return code != 0 && wcschr(list, (wchar_t)code) != NULL;
}

bool
glyph_breaks(const struct glyph *before, const struct glyph *after)
{
	static const wchar_t closers[] = L"，。；：、！？）】》」』”’…%,.;:!?)]}/";
	static const wchar_t openers[] = L"（【《「『“‘([{/";

	if (before->code == ' ' || after->code == ' ')
		return after->code != ' ';
	if (before->width < 2 && after->width < 2)
		return false;
	return !is_one_of(after->code, closers) && !is_one_of(before->code, openers);
}

/* SPDX-License-Identifier: Apache-2.0
 * Characters of anybody's text, as a terminal may have them. */
#ifndef CLI_GLYPH_H
#define CLI_GLYPH_H

#include <stdint.h>

#include "vpn/text.h"

/* One character, safe to print: what could command a terminal, is no UTF-8 or
 * cannot be seen is spelled out, as "\x1b" or "\u202e". */
struct glyph {
	uint32_t code; /* Unicode; 0 when it is spelled out */
	char out[12];
	size_t len;
	int width; /* columns */
};

/* Read the character at the start of text, which is not empty. Returns the
 * bytes that it takes there. */
size_t glyph_read(struct vpn_text text, struct glyph *);

/* Columns that text takes. */
int glyph_width(struct vpn_text text);

/* May a line be broken between these two? */
bool glyph_breaks(const struct glyph *before, const struct glyph *after);

#endif

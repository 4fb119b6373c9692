/* SPDX-License-Identifier: Apache-2.0
 * What a byte of a header is. */
#ifndef CORE_BYTE_H
#define CORE_BYTE_H

#include "vpn/text.h"

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Digits alone; also an empty text. */
static inline bool
is_number(struct vpn_text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_digit(text.at[i]))
			return false;
	return true;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What a byte of a header is. */
#ifndef CORE_BYTE_H
#define CORE_BYTE_H

#include <stdint.h>

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

/* Eight bytes as a number, the first in its lowest. */
static inline uint64_t
eight_bytes(const char *at)
{
	uint64_t eight;

	memcpy(&eight, at, sizeof(eight));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? eight
							 : __builtin_bswap64(eight);
}

/* The highest bit of each of eight bytes that is below '&'. Of them the lowest is
 * exact. */
static inline uint64_t
bytes_that_end(const char *at)
{
	const uint64_t ones = UINT64_MAX / 255;
	uint64_t eight = eight_bytes(at);

	return (eight - ones * '&') & ~eight & ones * 0x80;
}

/* Where a word of a header ends: before a blank, a control byte, or one of !"#$%;
 * or at end. Sixteen bytes a step, as nearly all words are shorter: a loop over
 * their bytes would cost more in branches than in work. */
static inline const char *
vpn_word_end(const char *at, const char *end)
{
	for (; end - at >= 16; at += 16) {
		uint64_t first = bytes_that_end(at), second = bytes_that_end(at + 8);
		uint64_t low = first ? first : second;

		if (low)
			return at + (first ? 0 : 8) + __builtin_ctzll(low) / 8;
	}
	while (at < end && (unsigned char)*at > '%')
		at++;
	return at;
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

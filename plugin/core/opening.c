/* SPDX-License-Identifier: Apache-2.0 */
#include "core/opening.h"

static bool
fits(struct vpn_text word, size_t i, size_t bits, unsigned char mask)
{
	if (i >= word.len || (word.at[i] & mask) == (int)bits)
		return true;
	for (char digit = '0'; word.at[i] == '#' && digit <= '9'; digit++)
		if ((digit & mask) == (int)bits)
			return true;
	return false;
}

void
vpn_openings_add(struct vpn_openings *set, struct vpn_text word)
{
	for (size_t i = 0; i < VPN_OPENINGS; i++)
		if (fits(word, 0, i >> 8, 255) && fits(word, 1, i >> 5 & 7, 7) &&
		    fits(word, 2, i & 31, 31))
			set->bits[i / 64] |= UINT64_C(1) << i % 64;
}

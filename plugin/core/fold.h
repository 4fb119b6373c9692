/* SPDX-License-Identifier: Apache-2.0
 * Texts compared without regard to upper and lower case (ASCII). */
#ifndef CORE_FOLD_H
#define CORE_FOLD_H

#include "vpn/text.h"

static inline char
vpn_fold(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static inline bool
vpn_fold_same(struct vpn_text a, struct vpn_text b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (vpn_fold(a.at[i]) != vpn_fold(b.at[i]))
			return false;
	return true;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What words begin with: nearly all are dismissed by their first three bytes. */
#ifndef CORE_OPENING_H
#define CORE_OPENING_H

#include <stdint.h>

#include "vpn/text.h"

#define VPN_OPENING_LEN 3
#define VPN_OPENINGS 65536

struct vpn_openings {
	uint64_t bits[VPN_OPENINGS / 64];
};

/* All of the first byte, and of the others what tells letters apart. */
static inline size_t
vpn_opening(const char *at, const char *end)
{
	unsigned char byte[VPN_OPENING_LEN] = {0};

	if (end - at >= VPN_OPENING_LEN)
		memcpy(byte, at, VPN_OPENING_LEN);
	else
		memcpy(byte, at, (size_t)(end - at));
	return (size_t)(byte[0] << 8 | (byte[1] & 7) << 5 | (byte[2] & 31));
}

/* May a word of the set begin here? end is that of the line. */
static inline bool
vpn_opens(const struct vpn_openings *set, const char *at, const char *end)
{
	size_t opening = vpn_opening(at, end);

	return set->bits[opening / 64] >> opening % 64 & 1;
}

/* A word and all that may follow a short one; '#' is any digit, too. */
void vpn_openings_add(struct vpn_openings *, struct vpn_text word);

#endif

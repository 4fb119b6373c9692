/* SPDX-License-Identifier: Apache-2.0
 * A slice of somebody else's bytes: any byte may occur, nothing ends it but len. */
#ifndef VPN_TEXT_H
#define VPN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct vpn_text {
	const char *at; /* never owned; NULL when the slice is absent */
	size_t len;     /* bytes */
};

/* A slice over a string literal. */
#define VPN_TEXT(s) ((struct vpn_text){(s), sizeof(s) - 1})

static inline struct vpn_text
vpn_text(const char *s)
{
	return (struct vpn_text){s, s ? strlen(s) : 0};
}

static inline bool
vpn_text_same(struct vpn_text a, struct vpn_text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* For tables in memory. Eight bytes a step, as each step waits for the one before. */
static inline uint64_t
vpn_text_hash(struct vpn_text text)
{
	uint64_t hash = text.len, part;
	size_t i = 0;

	while (i < text.len) {
		part = 0;
		do
			part = part << 8 | (unsigned char)text.at[i++];
		while (i < text.len && i % sizeof(part) != 0);
		hash = (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash;
}

#endif

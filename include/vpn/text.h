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

/* Up to eight bytes as a number; of more, the last eight. */
static inline uint64_t
vpn_text_tail(struct vpn_text text)
{
	uint64_t tail = 0;
	uint32_t first, last;

	if (text.len >= sizeof(tail)) {
		memcpy(&tail, text.at + text.len - sizeof(tail), sizeof(tail));
	} else if (text.len >= sizeof(last)) {
		memcpy(&first, text.at, sizeof(first));
		memcpy(&last, text.at + text.len - sizeof(last), sizeof(last));
		tail = (uint64_t)last << 32 | first;
	} else {
		for (size_t i = 0; i < text.len; i++)
			tail = tail << 8 | (unsigned char)text.at[i];
	}
	return tail;
}

/* For tables in memory: it differs between machines. */
static inline uint64_t
vpn_text_hash(struct vpn_text text)
{
	uint64_t hash = text.len, part;

	for (size_t i = 0; i < text.len; i += sizeof(part)) {
		if (i + sizeof(part) < text.len)
			memcpy(&part, text.at + i, sizeof(part));
		else
			part = vpn_text_tail(text);
		hash = (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash;
}

#endif

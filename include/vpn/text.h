/* SPDX-License-Identifier: Apache-2.0
 * A slice of somebody else's bytes: any byte may occur, nothing ends it but len. */
#ifndef VPN_TEXT_H
#define VPN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
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

#endif

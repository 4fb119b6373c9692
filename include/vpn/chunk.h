/* SPDX-License-Identifier: Apache-2.0
 * Memory that records point into, for as long as anyone holds it: a sink that still
 * sends what it got reads it where it was written. */
#ifndef VPN_CHUNK_H
#define VPN_CHUNK_H

#include <stdatomic.h>

#include "vpn/text.h"

struct vpn_chunk {
	struct vpn_chunk *next; /* for whoever made it */
	_Atomic unsigned holders;
	size_t size, used; /* bytes */
	char bytes[];
};

/* Held by its caller alone; NULL: no memory. */
struct vpn_chunk *vpn_chunk_new(size_t size);

/* Any thread may. The last to leave frees it; nothing for NULL. */
void vpn_chunk_hold(struct vpn_chunk *);
void vpn_chunk_leave(struct vpn_chunk *);
bool vpn_chunk_shared(const struct vpn_chunk *);

/* Append a copy; the caller, its only holder, has seen that there is room. */
struct vpn_text vpn_chunk_keep(struct vpn_chunk *, struct vpn_text);

#endif

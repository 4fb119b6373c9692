/* SPDX-License-Identifier: Apache-2.0 */
#include "vpn/chunk.h"

#include <stdlib.h>

struct vpn_chunk *
vpn_chunk_new(size_t size)
{
	struct vpn_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (!chunk)
		return NULL;
	*chunk = (struct vpn_chunk){.size = size};
	atomic_init(&chunk->holders, 1);
	return chunk;
}

void
vpn_chunk_hold(struct vpn_chunk *chunk)
{
	if (chunk)
		atomic_fetch_add_explicit(&chunk->holders, 1, memory_order_relaxed);
}

void
vpn_chunk_leave(struct vpn_chunk *chunk)
{
	if (chunk &&
	    atomic_fetch_sub_explicit(&chunk->holders, 1, memory_order_acq_rel) == 1)
		free(chunk);
}

bool
vpn_chunk_shared(const struct vpn_chunk *chunk)
{
	return atomic_load_explicit(&chunk->holders, memory_order_acquire) > 1;
}

struct vpn_text
vpn_chunk_keep(struct vpn_chunk *chunk, struct vpn_text text)
{
	struct vpn_text own = {chunk->bytes + chunk->used, text.len};

	if (text.len > 0)
		memcpy(chunk->bytes + chunk->used, text.at, text.len);
	chunk->used += text.len;
	return own;
}

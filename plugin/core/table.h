/* SPDX-License-Identifier: Apache-2.0
 * A hash table of what carries its own node. */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include <stdint.h>

#include "vpn/text.h"

struct node {
	struct node *next;
	uint64_t hash; /* 0: in no table */
};

struct table {
	struct node **bucket;
	size_t mask, n;
};

/* What holds a node. */
#define HOLDER(type, member, at) ((type *)((char *)(at)-offsetof(type, member)))

/* Soon wanted: with a million tunnels none of it is in the processor's cache, and
 * waiting for all of it at once is much shorter than one after the other. */
static inline void
vpn_fetch(const void *at, size_t size)
{
	for (size_t i = 0; at && i < size; i += 64)
		__builtin_prefetch((const char *)at + i);
}

/* First the bucket, and when that may be here, what hangs in it. */
static inline void
vpn_table_fetch(const struct table *tab, uint64_t hash)
{
	if (tab->bucket)
		__builtin_prefetch(&tab->bucket[hash & tab->mask]);
}

static inline void
vpn_table_fetch_first(const struct table *tab, uint64_t hash, size_t size)
{
	if (tab->bucket)
		vpn_fetch(tab->bucket[hash & tab->mask], size);
}

/* A hash over several texts, never 0: start with 0, add each. */
uint64_t vpn_hash(uint64_t, struct vpn_text);

/* False when memory is out. */
bool vpn_table_put(struct table *, struct node *, uint64_t hash);
void vpn_table_remove(struct table *, struct node *);
/* The first with that hash, then the next; NULL. */
struct node *vpn_table_get(const struct table *, uint64_t hash);
struct node *vpn_table_more(struct node *);
void vpn_table_free(struct table *);

#endif

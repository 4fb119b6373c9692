/* SPDX-License-Identifier: Apache-2.0 */
#include "core/table.h"

#include <stdlib.h>

#define FIRST_BUCKETS 64

uint64_t
vpn_hash(uint64_t hash, struct vpn_text text)
{
	hash ^= UINT64_C(0xcbf29ce484222325) + text.len;
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(0x100000001b3);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	return hash ? hash : 1;
}

static bool
grow(struct table *tab)
{
	size_t n = tab->bucket ? 2 * (tab->mask + 1) : FIRST_BUCKETS;
	struct node **bucket = calloc(n, sizeof(struct node *));

	if (bucket == NULL)
		return false;
	for (size_t i = 0; tab->bucket && i <= tab->mask; i++) {
		for (struct node *at = tab->bucket[i], *next; at; at = next) {
			next = at->next;
			at->next = bucket[at->hash & (n - 1)];
			bucket[at->hash & (n - 1)] = at;
		}
	}
	free(tab->bucket);
	tab->bucket = bucket;
	tab->mask = n - 1;
	return true;
}

bool
vpn_table_put(struct table *tab, struct node *node, uint64_t hash)
{
	struct node **bucket;

	if ((tab->bucket == NULL || tab->n > tab->mask) && !grow(tab) &&
	    tab->bucket == NULL)
		return false;
	hash = hash ? hash : 1;
	bucket = &tab->bucket[hash & tab->mask];
	node->hash = hash;
	node->next = *bucket;
	*bucket = node;
	tab->n++;
	return true;
}

void
vpn_table_remove(struct table *tab, struct node *node)
{
	struct node **at;

	if (node->hash == 0)
		return;
	for (at = &tab->bucket[node->hash & tab->mask]; *at != node; at = &(*at)->next)
		;
	*at = node->next;
	node->hash = 0;
	tab->n--;
}

static struct node *
match(struct node *at, uint64_t hash)
{
	while (at && at->hash != hash)
		at = at->next;
	return at;
}

struct node *
vpn_table_get(const struct table *tab, uint64_t hash)
{
	return tab->bucket ? match(tab->bucket[hash & tab->mask], hash) : NULL;
}

struct node *
vpn_table_more(struct node *node)
{
	return match(node->next, node->hash);
}

void
vpn_table_free(struct table *tab)
{
	free(tab->bucket);
}

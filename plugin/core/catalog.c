/* SPDX-License-Identifier: Apache-2.0 */
#include "core/catalog.h"

#include <stdlib.h>

#define BLOCK_SIZE (64 * 1024)

struct vpn_block {
	struct vpn_block *next;
	size_t used, size;
	max_align_t bytes[];
};

static struct vpn_block *
block_new(struct vpn_arena *arena, size_t size)
{
	struct vpn_block *block = calloc(1, sizeof(*block) + size);

	if (block == NULL)
		return NULL;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *
vpn_arena_take(struct vpn_arena *arena, size_t size)
{
	struct vpn_block *block = arena->blocks;
	size_t need = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	void *p;

	if (block == NULL || block->size - block->used < need)
		block = block_new(arena, need > BLOCK_SIZE ? need : BLOCK_SIZE);
	if (block == NULL)
		return NULL;
	p = (char *)block->bytes + block->used;
	block->used += need;
	return p;
}

struct vpn_text
vpn_arena_text(struct vpn_arena *arena, struct vpn_text text)
{
	char *copy = vpn_arena_take(arena, text.len + 1);

	if (copy != NULL && text.len > 0)
		memcpy(copy, text.at, text.len);
	return (struct vpn_text){copy, copy ? text.len : 0};
}

void
vpn_arena_free(struct vpn_arena *arena)
{
	struct vpn_block *next;

	for (struct vpn_block *block = arena->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
}

static struct vpn_slot *
slot_for(const struct vpn_index *index, struct vpn_text word)
{
	size_t i = vpn_text_hash(word) & index->mask;

	while (index->slot[i].item && !vpn_text_same(index->slot[i].word, word))
		i = (i + 1) & index->mask;
	return &index->slot[i];
}

#define INDEX_MIN 16

/* Twice the room; the old slots stay in the arena until all is freed. */
static int
index_grow(struct vpn_index *index, struct vpn_arena *arena)
{
	size_t size = index->slot ? index->mask + 1 : 0;
	struct vpn_index grown = {.mask = size ? 2 * size - 1 : INDEX_MIN - 1};

	grown.slot = vpn_arena_take(arena, (grown.mask + 1) * sizeof(*grown.slot));
	if (grown.slot == NULL)
		return -1;
	grown.used = index->used;
	for (size_t i = 0; i < size; i++)
		if (index->slot[i].item)
			*slot_for(&grown, index->slot[i].word) = index->slot[i];
	*index = grown;
	return 0;
}

enum vpn_put_word
vpn_index_put(struct vpn_index *index, struct vpn_arena *arena, struct vpn_text word,
    const void *item)
{
	struct vpn_slot *slot;

	if ((index->slot == NULL || 2 * (index->used + 1) > index->mask) &&
	    index_grow(index, arena) < 0)
		return VPN_WORD_NO_MEMORY;
	slot = slot_for(index, word);
	if (slot->item)
		return VPN_WORD_TAKEN;
	*slot = (struct vpn_slot){word, item};
	index->used++;
	return VPN_WORD_NEW;
}

void
vpn_index_replace(struct vpn_index *index, struct vpn_text word, const void *item)
{
	slot_for(index, word)->item = item;
}

const void *
vpn_index_get(const struct vpn_index *index, struct vpn_text word)
{
	return index->slot ? slot_for(index, word)->item : NULL;
}

size_t
vpn_slug(struct vpn_text words, char *slug, size_t cap)
{
	size_t n = 0;
	bool gap = false;

	for (size_t i = 0; i < words.len && n + 2 < cap; i++) {
		unsigned char c = (unsigned char)words.at[i];

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
			gap = n > 0;
			continue;
		}
		if (gap)
			slug[n++] = '_';
		gap = false;
		slug[n++] = (char)c;
	}
	return n;
}

const struct vpn_code *
vpn_rules_by_reason(const struct vpn_rules *rules, struct vpn_text words)
{
	char slug[VPN_SLUG_MAX + 2];
	size_t len = vpn_slug(words, slug, sizeof(slug));

	return vpn_index_get(&rules->by_reason, (struct vpn_text){slug, len});
}

const struct vpn_code *
vpn_rules_by_slug(
    const struct vpn_rules *rules, struct vpn_text slug, struct vpn_text variant)
{
	const struct vpn_code *code;

	if (variant.len == 0)
		return vpn_index_get(&rules->by_slug, slug);
	for (size_t i = 0; i < rules->ncodes; i++) {
		code = rules->codes[i];
		if (vpn_text_same(code->slug, slug) &&
		    vpn_text_same(code->variant, variant))
			return code;
	}
	return NULL;
}

const struct vpn_code *
vpn_rules_by_number(const struct vpn_rules *rules, struct vpn_text number)
{
	return vpn_index_get(&rules->by_number, number);
}

const struct vpn_guide *
vpn_rules_guide(const struct vpn_rules *rules)
{
	return &rules->guide;
}

size_t
vpn_rules_codes(const struct vpn_rules *rules)
{
	return rules->ncodes;
}

const struct vpn_code *
vpn_rules_code(const struct vpn_rules *rules, size_t i)
{
	return rules->codes[i];
}

size_t
vpn_rules_checks(const struct vpn_rules *rules)
{
	return rules->nchecks;
}

const struct vpn_check *
vpn_rules_check(const struct vpn_rules *rules, size_t i)
{
	return &rules->checks[i];
}

size_t
vpn_rules_vendors(const struct vpn_rules *rules)
{
	return rules->nvendors;
}

const struct vpn_vendor *
vpn_rules_vendor(const struct vpn_rules *rules, size_t i)
{
	return rules->vendors[i];
}

void
vpn_rules_free(struct vpn_rules *rules)
{
	if (rules == NULL)
		return;
	vpn_arena_free(&rules->arena);
	free(rules);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/outbox.h"

#include <stdlib.h>

static const size_t texts[] = {
    offsetof(struct vpn_page, key),
    offsetof(struct vpn_page, outage),
    offsetof(struct vpn_page, name),
    offsetof(struct vpn_page, severity),
    offsetof(struct vpn_page, summary),
    offsetof(struct vpn_page, source),
    offsetof(struct vpn_page, code),
    offsetof(struct vpn_page, runbook),
    offsetof(struct vpn_page, labels),
    offsetof(struct vpn_page, annotations),
    offsetof(struct vpn_page, record),
};

#define TEXTS (sizeof(texts) / sizeof(*texts))

static struct vpn_text *
text_of(struct vpn_page *page, size_t i)
{
	return (struct vpn_text *)((char *)page + texts[i]);
}

static struct leaf *
leaf_new(const struct vpn_page *page)
{
	struct vpn_page own = *page;
	struct leaf *leaf;
	size_t need = 0;
	char *at;

	for (size_t i = 0; i < TEXTS; i++)
		need += text_of(&own, i)->len;
	leaf = malloc(sizeof(*leaf) + need + 1);
	if (leaf == NULL)
		return NULL;
	at = leaf->text;
	for (size_t i = 0; i < TEXTS; i++) {
		struct vpn_text *text = text_of(&own, i);

		if (text->len > 0)
			memcpy(at, text->at, text->len);
		text->at = at;
		at += text->len;
	}
	leaf->page = own;
	atomic_init(&leaf->users, 1);
	return leaf;
}

struct leaf *
leaf_use(struct leaf *leaf)
{
	atomic_fetch_add(&leaf->users, 1);
	return leaf;
}

void
leaf_leave(struct leaf *leaf)
{
	if (leaf && atomic_fetch_sub(&leaf->users, 1) == 1)
		free(leaf);
}

struct item *
outbox_find(const struct outbox *box, struct vpn_text key)
{
	struct node *node = vpn_table_get(&box->table, vpn_hash(0, key));

	for (; node; node = vpn_table_more(node)) {
		struct item *item = HOLDER(struct item, node, node);

		if (vpn_text_same((struct vpn_text){item->key, item->key_len}, key))
			return item;
	}
	return NULL;
}

bool
outbox_is_past(const struct outbox *box, const struct item *item)
{
	struct vpn_text key = item->leaf->page.key;

	for (struct node *node = vpn_table_get(&box->kin, item->kin.hash); node;
	     node = vpn_table_more(node)) {
		const struct item *it = HOLDER(struct item, kin, node);

		if (it->number > item->number && vpn_text_same(it->leaf->page.key, key))
			return true;
	}
	return false;
}

static void
unlink_item(struct outbox *box, struct item *item)
{
	*(item->prev ? &item->prev->next : &box->first) = item->next;
	*(item->next ? &item->next->prev : &box->last) = item->prev;
	box->pending -= item->pending;
}

static void
append(struct outbox *box, struct item *item)
{
	item->number = ++box->number;
	item->next = NULL;
	item->prev = box->last;
	*(box->last ? &box->last->next : &box->first) = item;
	box->last = item;
	box->pending += item->pending;
}

static bool
enter(struct outbox *box, struct item *item, struct vpn_text key, struct vpn_text kin)
{
	if (!vpn_table_put(&box->table, &item->node, vpn_hash(0, key)))
		return false;
	if (vpn_table_put(&box->kin, &item->kin, vpn_hash(0, kin)))
		return true;
	vpn_table_remove(&box->table, &item->node);
	return false;
}

struct item *
outbox_put(
    struct outbox *box, struct vpn_text key, const struct vpn_page *page, bool pending)
{
	struct item *item = outbox_find(box, key);
	struct leaf *leaf = leaf_new(page);

	if (leaf == NULL)
		return NULL;
	if (item) {
		unlink_item(box, item);
		leaf_leave(item->leaf);
	} else {
		item = calloc(1, sizeof(*item));
		if (item == NULL || !enter(box, item, key, page->key)) {
			free(item);
			leaf_leave(leaf);
			return NULL;
		}
		item->key_len = key.len < ITEM_KEY ? key.len : ITEM_KEY;
		memcpy(item->key, key.at, item->key_len);
	}
	item->leaf = leaf;
	item->pending = pending;
	append(box, item);
	return item;
}

void
outbox_drop(struct outbox *box, struct item *item)
{
	unlink_item(box, item);
	vpn_table_remove(&box->table, &item->node);
	vpn_table_remove(&box->kin, &item->kin);
	leaf_leave(item->leaf);
	free(item);
}

void
outbox_sent(struct outbox *box, struct item *item, int64_t mono_ms)
{
	box->pending -= item->pending;
	item->pending = false;
	item->sent_ms = mono_ms;
}

struct item *
outbox_spare(const struct outbox *box)
{
	struct item *item = box->first;

	while (item && !(item->pending && item->leaf->page.end_ms > 0))
		item = item->next;
	return item;
}

void
outbox_free(struct outbox *box)
{
	while (box->first)
		outbox_drop(box, box->first);
	vpn_table_free(&box->table);
	vpn_table_free(&box->kin);
}

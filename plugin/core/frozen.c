/* SPDX-License-Identifier: Apache-2.0
 * What the engine knows, as bytes that outlive it. */
#include "core/frozen.h"

#include <stdlib.h>

#define FROZEN_MAX (64 * 1024)

struct writer {
	uint8_t *at, *end;
};

static void
put(struct writer *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes && out->at < out->end; i++)
		*out->at++ = (uint8_t)(value >> 8 * i);
}

static void
put_text(struct writer *out, struct vpn_text text)
{
	put(out, text.len, 2);
	for (size_t i = 0; i < text.len && out->at < out->end; i++)
		*out->at++ = (uint8_t)text.at[i];
}

/* A mono second is saved as Unix time: the mono clock starts anew. */
static void
put_due(struct writer *out, const struct vpn_engine *eng, uint32_t due_s)
{
	put(out, due_s ? wall_s(eng) + due_s - mono_s(eng) : 0, 4);
}

static void
put_end(struct writer *out, const struct vpn_engine *eng, const struct end *end)
{
	for (int i = 0; i < END_TEXTS; i++)
		put_text(out, vpn_end_text(end, (enum end_text)i));
	put_text(out, end->device ? end->device->name : vpn_text(NULL));
	put(out, end->by_kin.hash, 8);
	put(out, end->by_place.hash, 8);
	put(out, end->group[GROUP_SLOT] ? end->group[GROUP_SLOT]->node.hash : 0, 8);
	put(out, (uint64_t)end->up_ms, 8);
	put(out, (uint64_t)end->down_ms, 8);
	put(out, (uint64_t)end->torn_ms, 8);
	put(out, (uint64_t)end->lost_ms, 8);
	for (size_t i = 0; i < TORN; i++)
		put(out, end->torn[i], 4);
	put_text(out, vpn_codes_name(eng, end->torn_code));
	put(out, (uint16_t)end->ahead, 2);
	put(out, end->ups, 2);
	put(out, end->more, 2);
	put(out, end->role, 1);
	put(out, (uint64_t)(end->down | end->passer << 1 | end->recovers << 2), 1);
	put(out, end->nchildren, 1);
	for (size_t i = 0; i < end->nchildren; i++) {
		put(out, end->child[i].index, 4);
		put(out, end->child[i].spi, 4);
		put(out, end->child[i].flow, 4);
		put(out, end->child[i].up_s, 4);
		put(out, end->child[i].live, 1);
	}
}

static void
put_rings(struct writer *out, const struct vpn_engine *eng, const struct link *link)
{
	put(out, link->ndrops, 1);
	for (size_t i = 0; i < link->ndrops; i++)
		put(out, link->drop_s[i], 4);
	put(out, link->nfails, 2);
	for (size_t i = 0; i < FAILURES; i++)
		put(out, link->fail_s[i], 4);
	for (size_t i = 0; i < CAUSES; i++) {
		put_text(out, vpn_codes_name(eng, link->cause[i].code));
		put(out, link->cause[i].n, 2);
		put(out, link->cause[i].last_s, 4);
		put(out, link->cause[i].responder, 1);
	}
	for (size_t i = 0; i < TURNS; i++) {
		put(out, link->turn[i].id, 4);
		put(out, link->turn[i].state, 1);
		put(out, link->turn[i].previous, 1);
		put(out, link->turn[i].changed, 1);
	}
	put(out, link->nturns, 1);
}

static size_t
write_link(const struct vpn_engine *eng, const struct link *link, uint8_t *buf)
{
	struct writer out = {buf, buf + FROZEN_MAX};

	put(&out, FROZEN_VERSION, 1);
	put(&out, link->state, 1);
	put(&out, link->alarm, 1);
	put(&out, link->withheld, 1);
	put(&out,
	    (uint64_t)(link->confirmed | link->late << 1 | link->dynamic << 2 |
		link->failing << 3),
	    1);
	put(&out, (uint64_t)link->since_ms, 8);
	put(&out, (uint64_t)link->start_ms, 8);
	put(&out, (uint64_t)link->alarm_ms, 8);
	put(&out, (uint64_t)link->opened_ms, 8);
	put(&out, (uint64_t)link->up_ms, 8);
	put(&out, (uint64_t)link->down_ms, 8);
	put(&out, link->streak_s, 4);
	put(&out, link->mark_s, 4);
	put(&out, link->marked, 2);
	put(&out, link->failures, 2);
	put_text(&out, vpn_codes_name(eng, link->reason));
	put_text(&out, vpn_codes_name(eng, link->failure));
	for (size_t i = 0; i < 2; i++)
		put_text(&out, vpn_text(link->line[i]));
	for (size_t i = 0; i < DUES; i++)
		put_due(&out, eng, link->due_s[i]);
	put_rings(&out, eng, link);
	for (const struct end *end = link->ends; end; end = end->next) {
		put(&out, 1, 1);
		put_end(&out, eng, end);
	}
	put(&out, 0, 1);
	return (size_t)(out.at - buf);
}

static size_t
write_scope(const struct vpn_engine *eng, const struct scope *scope, uint8_t *buf)
{
	struct writer out = {buf, buf + FROZEN_MAX};

	put(&out, FROZEN_VERSION, 1);
	put(&out, scope->kind, 1);
	put(&out, scope->group, 1);
	put(&out, scope->group_hash, 8);
	put_text(&out, scope->device);
	put_text(&out, vpn_codes_name(eng, scope->code));
	put(&out, (uint64_t)scope->start_ms, 8);
	put(&out, (uint64_t)scope->opened_ms, 8);
	put(&out, scope->count, 4);
	put_due(&out, eng, scope->close_s);
	put_due(&out, eng, scope->remind_s);
	return (size_t)(out.at - buf);
}

static size_t
write_device(const struct device *dev, uint8_t *buf)
{
	struct writer out = {buf, buf + FROZEN_MAX};

	put(&out, FROZEN_VERSION, 1);
	put(&out, (uint32_t)dev->clock.offset_s, 4);
	return (size_t)(out.at - buf);
}

/* "t/" a link's subject, "d/" a device, "a/" kind and subject of a scope. */
static void
give(vpn_engine_put *put_item, void *arg, char kind, struct vpn_text name,
    struct vpn_text data)
{
	char key[1024];
	size_t n = name.len < sizeof(key) - 2 ? name.len : sizeof(key) - 2;

	key[0] = kind;
	key[1] = '/';
	if (n > 0)
		memcpy(key + 2, name.at, n);
	put_item((struct vpn_text){key, n + 2}, data, arg);
}

/* One letter for the kind, so that two kinds may have one subject. */
static void
give_scope(struct vpn_engine *eng, struct scope *scope, uint8_t *buf,
    vpn_engine_put *put_item, void *arg)
{
	char name[1000];
	size_t n = scope->subject.len < sizeof(name) - 1 ? scope->subject.len
							 : sizeof(name) - 1;
	struct vpn_text none = {NULL, 0};

	name[0] = (char)('A' + scope->kind);
	memcpy(name + 1, scope->subject.at, n);
	give(put_item, arg, 'a', (struct vpn_text){name, n + 1},
	    scope->open ? (struct vpn_text){(char *)buf, write_scope(eng, scope, buf)}
			: none);
}

void
vpn_engine_save(struct vpn_engine *eng, vpn_engine_put *put_item, void *arg)
{
	uint8_t buf[FROZEN_MAX];
	struct vpn_text none = {NULL, 0};

	while (eng->gone) {
		struct gone *gone = eng->gone;

		eng->gone = gone->next;
		put_item((struct vpn_text){gone->key, gone->len}, none, arg);
		free(gone);
	}
	while (eng->dirty_links) {
		struct link *link = eng->dirty_links;

		eng->dirty_links = link->dirty_next;
		if (link->dirty_next)
			link->dirty_next->dirty_prev = NULL;
		link->dirty = false;
		give(put_item, arg, 't', link->subject,
		    (struct vpn_text){(char *)buf, write_link(eng, link, buf)});
	}
	while (eng->dirty_scopes) {
		struct scope *scope = eng->dirty_scopes;

		eng->dirty_scopes = scope->dirty_next;
		scope->dirty = false;
		give_scope(eng, scope, buf, put_item, arg);
	}
	while (eng->dirty_devices) {
		struct device *dev = eng->dirty_devices;

		eng->dirty_devices = dev->dirty_next;
		dev->dirty = false;
		give(put_item, arg, 'd', dev->name,
		    (struct vpn_text){(char *)buf, write_device(dev, buf)});
	}
}

void
vpn_engine_touch(struct vpn_engine *eng)
{
	for (int list = 0; list < LISTS; list++)
		for (struct link *link = eng->list[list].first; link; link = link->next)
			vpn_link_dirty(eng, link);
	for (struct scope *scope = eng->all_scopes; scope; scope = scope->next)
		if (scope->open)
			vpn_scope_dirty(eng, scope);
}

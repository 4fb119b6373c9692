/* SPDX-License-Identifier: Apache-2.0
 * To find, make and drop links and ends. */
#include "core/estate.h"

#include <stdlib.h>

#define SHARED_MAX 64 /* ends of one kin, or at one place */
#define EVICT_LOOK 32 /* links that are looked at for one to evict */

struct vpn_text
vpn_end_text(const struct end *end, enum end_text which)
{
	const uint8_t *at = end->text;

	for (int i = 0; i < (int)which; i++)
		at += *at + 1;
	return (struct vpn_text){(const char *)at + 1, *at};
}

static size_t
text_len(struct vpn_text part)
{
	return part.len < UINT8_MAX ? part.len : UINT8_MAX;
}

static size_t
packed_size(const struct vpn_text part[END_TEXTS])
{
	size_t need = END_TEXTS;

	for (size_t i = 0; i < END_TEXTS; i++)
		need += text_len(part[i]);
	return need;
}

static void
pack(const struct vpn_text part[END_TEXTS], uint8_t *at)
{
	for (size_t i = 0; i < END_TEXTS; i++) {
		size_t len = text_len(part[i]);

		*at++ = (uint8_t)len;
		if (len > 0)
			memcpy(at, part[i].at, len);
		at += len;
	}
}

static void
free_text(struct end *end)
{
	if (end->text != end->own)
		free(end->text);
}

bool
vpn_end_rename(struct end *end, const struct vpn_text part[END_TEXTS])
{
	uint8_t *text = malloc(packed_size(part));

	if (text == NULL)
		return false;
	pack(part, text);
	free_text(end);
	end->text = text;
	return true;
}

struct end *
vpn_end_find(struct vpn_engine *eng, struct vpn_text id, uint64_t hash)
{
	struct node *node = vpn_table_get(&eng->ends, hash);

	for (; node; node = vpn_table_more(node)) {
		struct end *end = HOLDER(struct end, by_id, node);

		if (vpn_text_same(vpn_end_text(end, END_ID), id))
			return end;
	}
	return NULL;
}

struct link *
vpn_link_find(const struct vpn_engine *eng, struct vpn_text subject)
{
	struct node *node = vpn_table_get(&eng->links, vpn_hash(0, subject));

	for (; node; node = vpn_table_more(node)) {
		struct link *link = HOLDER(struct link, by_subject, node);

		if (vpn_text_same(link->subject, subject))
			return link;
	}
	return NULL;
}

struct end *
vpn_end_new(
    struct vpn_engine *eng, struct link *link, const struct vpn_text part[END_TEXTS])
{
	struct end *end = calloc(1, sizeof(*end) + packed_size(part));

	if (end == NULL)
		return NULL;
	end->text = end->own;
	pack(part, end->own);
	if (!vpn_table_put(
		&eng->ends, &end->by_id, vpn_hash(0, vpn_end_text(end, END_ID)))) {
		free(end);
		return NULL;
	}
	end->link = link;
	end->next = link->ends;
	link->ends = end;
	link->nends++;
	eng->counts.tunnels++;
	return end;
}

/* All that share a hash are looked at: what so many share says nothing of one. */
static void
share(struct table *tab, struct node *node, uint64_t hash)
{
	size_t n = 0;

	for (struct node *at = vpn_table_get(tab, hash); at; at = vpn_table_more(at))
		n++;
	if (hash != 0 && n < SHARED_MAX)
		vpn_table_put(tab, node, hash);
}

void
vpn_end_kin(struct vpn_engine *eng, struct end *end, uint64_t hash)
{
	share(&eng->kin, &end->by_kin, hash);
}

void
vpn_end_place(struct vpn_engine *eng, struct end *end, uint64_t hash)
{
	if (end->by_place.hash == hash)
		return;
	vpn_table_remove(&eng->places, &end->by_place);
	share(&eng->places, &end->by_place, hash);
}

static void
unlink_end(struct end *end)
{
	struct end **at = &end->link->ends;

	while (*at != end)
		at = &(*at)->next;
	*at = end->next;
	end->link->nends--;
}

void
vpn_end_move(struct vpn_engine *eng, struct end *end, struct link *to)
{
	struct link *from = end->link;
	bool counted = from->counted;

	/* The groups count an end as down with its link. */
	from->counted = false;
	for (size_t i = 0; i < GROUPS; i++)
		if (end->group[i])
			end->group[i]->down += to->counted - counted;
	from->counted = counted;
	unlink_end(end);
	end->link = to;
	end->next = to->ends;
	to->ends = end;
	to->nends++;
	vpn_link_dirty(eng, from);
	vpn_link_dirty(eng, to);
	if (from->ends == NULL)
		vpn_link_free(eng, from);
}

static void
end_free(struct vpn_engine *eng, struct end *end)
{
	vpn_group_leave(eng, end);
	vpn_table_remove(&eng->ends, &end->by_id);
	vpn_table_remove(&eng->kin, &end->by_kin);
	vpn_table_remove(&eng->places, &end->by_place);
	if (end->device)
		end->device->ends--;
	eng->counts.tunnels--;
	free_text(end);
	free(end);
}

static void
unlist(struct vpn_engine *eng, struct link *link)
{
	if (!link->linked)
		return;
	*(link->prev ? &link->prev->next : &eng->list[link->list].first) = link->next;
	*(link->next ? &link->next->prev : &eng->list[link->list].last) = link->prev;
	link->linked = false;
}

static enum list
list_of(const struct link *link)
{
	if (link->state == VPN_STATE_DOWN || link->failing)
		return LIST_DOWN;
	if (link->state == VPN_STATE_UP)
		return LIST_UP;
	return link->up_ms == 0 ? LIST_FRESH : LIST_REST;
}

void
vpn_link_list(struct vpn_engine *eng, struct link *link)
{
	enum list list = list_of(link);

	if (link->linked && link->list == list)
		return;
	unlist(eng, link);
	link->list = (uint8_t)list;
	link->next = NULL;
	link->prev = eng->list[list].last;
	*(link->prev ? &link->prev->next : &eng->list[list].first) = link;
	eng->list[list].last = link;
	link->linked = true;
}

/* The first of a list that no alarm holds. */
static struct link *
spare(const struct vpn_engine *eng, enum list list, const struct link *keep)
{
	struct link *link = eng->list[list].first;

	for (int i = 0; link && i < EVICT_LOOK; i++, link = link->next)
		if (link != keep && link->alarm == VPN_ALARM_NONE &&
		    link->due_s[DUE_HOLD] == 0)
			return link;
	return NULL;
}

/* Never-up ones first, then what is over, then the longest up (rule 19). */
static bool
make_room(struct vpn_engine *eng, const struct link *keep)
{
	struct link *link;

	if (eng->links.n < eng->conf.max_tunnels)
		return true;
	for (int list = LIST_FRESH; list <= LIST_UP; list++) {
		link = spare(eng, (enum list)list, keep);
		if (link == NULL)
			continue;
		vpn_link_free(eng, link);
		eng->counts.evicted++;
		break;
	}
	if (!eng->overflow_told)
		eng->conf.warn("more tunnels than maxTunnels: those that were never up "
			       "are forgotten first, then those that have been up for "
			       "the longest time; raise maxTunnels",
		    eng->conf.arg);
	eng->overflow_told = true;
	if (eng->links.n < eng->conf.max_tunnels)
		return true;
	eng->counts.overflowed++;
	return false;
}

struct link *
vpn_link_new(struct vpn_engine *eng, struct vpn_text subject, const struct link *keep)
{
	struct link *link;

	if (!make_room(eng, keep))
		return NULL;
	link = calloc(1, sizeof(*link) + subject.len);
	if (link == NULL ||
	    !vpn_table_put(&eng->links, &link->by_subject, vpn_hash(0, subject))) {
		free(link);
		return NULL;
	}
	memcpy(link->own, subject.at, subject.len);
	link->subject = (struct vpn_text){link->own, subject.len};
	link->since_ms = eng->now.wall_ms;
	vpn_link_list(eng, link);
	return link;
}

void
vpn_engine_gone(struct vpn_engine *eng, char kind, struct vpn_text key)
{
	struct gone *gone = malloc(sizeof(*gone) + key.len + 2);

	if (gone == NULL)
		return; /* the saved item comes back at the next start, and is old */
	gone->key[0] = kind;
	gone->key[1] = '/';
	memcpy(gone->key + 2, key.at, key.len);
	gone->len = key.len + 2;
	gone->next = eng->gone;
	eng->gone = gone;
}

static void
clean(struct vpn_engine *eng, struct link *link)
{
	if (!link->dirty)
		return;
	*(link->dirty_prev ? &link->dirty_prev->dirty_next : &eng->dirty_links) =
	    link->dirty_next;
	if (link->dirty_next)
		link->dirty_next->dirty_prev = link->dirty_prev;
}

void
vpn_link_free(struct vpn_engine *eng, struct link *link)
{
	eng->counts.down -= link->state == VPN_STATE_DOWN;
	link->state = link->dynamic ? VPN_STATE_ENDED : VPN_STATE_UNKNOWN;
	vpn_moved(eng, link, eng->now.wall_ms, (struct vpn_text){NULL, 0});
	link->failing = false;
	vpn_group_count(eng, link);
	while (link->ends) {
		struct end *end = link->ends;

		link->ends = end->next;
		end_free(eng, end);
	}
	clean(eng, link);
	vpn_engine_gone(eng, 't', link->subject);
	unlist(eng, link);
	vpn_wheel_remove(eng, link);
	vpn_table_remove(&eng->links, &link->by_subject);
	free(link->line[0]);
	free(link->line[1]);
	free(link);
}

void
vpn_link_dirty(struct vpn_engine *eng, struct link *link)
{
	if (link->dirty)
		return;
	link->dirty = true;
	link->dirty_prev = NULL;
	link->dirty_next = eng->dirty_links;
	if (link->dirty_next)
		link->dirty_next->dirty_prev = link;
	eng->dirty_links = link;
}

void
vpn_link_keep_line(struct link *link, int which, struct vpn_text line)
{
	size_t len = line.len < LINE_MAX ? line.len : LINE_MAX;
	char *own = malloc(len + 1);

	if (own == NULL)
		return;
	if (len > 0)
		memcpy(own, line.at, len);
	own[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (own[i] == '\0')
			own[i] = '?';
	free(link->line[which]);
	link->line[which] = own;
}

void
vpn_links_free(struct vpn_engine *eng)
{
	for (int list = 0; list < LISTS; list++)
		while (eng->list[list].first)
			vpn_link_free(eng, eng->list[list].first);
	while (eng->gone) {
		struct gone *gone = eng->gone;

		eng->gone = gone->next;
		free(gone);
	}
	vpn_table_free(&eng->links);
	vpn_table_free(&eng->ends);
	vpn_table_free(&eng->kin);
	vpn_table_free(&eng->places);
	vpn_groups_free(eng);
}

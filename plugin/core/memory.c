/* SPDX-License-Identifier: Apache-2.0 */
#include "core/memory.h"

#include <stdlib.h>

#include "core/identity.h"

#define ENTRIES_MAX 16384
#define THREAD_S 2 /* one job is done by then */

struct vpn_join *
vpn_join_new(void)
{
	return calloc(1, sizeof(struct vpn_join));
}

static void
unlist(struct vpn_join *join, struct entry *entry)
{
	*(entry->prev ? &entry->prev->next : &join->first) = entry->next;
	*(entry->next ? &entry->next->prev : &join->last) = entry->prev;
}

static void
enlist(struct vpn_join *join, struct entry *entry)
{
	entry->next = NULL;
	entry->prev = join->last;
	*(join->last ? &join->last->next : &join->first) = entry;
	join->last = entry;
}

static void
drop(struct vpn_join *join, struct entry *entry)
{
	unlist(join, entry);
	vpn_table_remove(&join->entries, &entry->node);
	free(entry);
}

void
vpn_join_free(struct vpn_join *join)
{
	if (join == NULL)
		return;
	while (join->first)
		drop(join, join->first);
	vpn_table_free(&join->entries);
	free(join);
}

int64_t
vpn_memory_now(const struct vpn_event *ev)
{
	return (ev->line->archived ? ev->time_ms : ev->line->received_ms) / 1000;
}

uint64_t
vpn_memory_key(
    const struct vpn_event *ev, enum about about, struct vpn_text a, struct vpn_text b)
{
	uint64_t hash = vpn_hash((uint64_t)about + 101, ev->vendor->id);

	return vpn_hash(vpn_hash(vpn_hash(hash, ev->device), a), b);
}

struct entry *
vpn_memory_find(struct vpn_join *join, uint64_t key)
{
	struct node *node = vpn_table_get(&join->entries, key);

	return node ? HOLDER(struct entry, node, node) : NULL;
}

/* The entry, made if it is not there; NULL when memory is out. */
struct entry *
vpn_memory_need(struct vpn_join *join, uint64_t key, const struct vpn_event *ev)
{
	struct entry *entry = vpn_memory_find(join, key);

	if (entry == NULL && join->entries.n >= ENTRIES_MAX)
		drop(join, join->first);
	if (entry == NULL) {
		entry = calloc(1, sizeof(*entry));
		if (entry == NULL ||
		    !vpn_table_put(&join->entries, &entry->node, key)) {
			free(entry);
			return NULL;
		}
		enlist(join, entry);
	} else {
		unlist(join, entry);
		enlist(join, entry);
	}
	entry->seen_s = vpn_memory_now(ev);
	entry->born = entry->born ? entry->born : join->lines;
	return entry;
}

uint64_t
vpn_memory_daemon(const struct vpn_event *ev)
{
	return vpn_memory_key(ev, ABOUT_DAEMON, VPN_TEXT(""), VPN_TEXT(""));
}

static uint64_t
sa_key(const struct vpn_event *ev)
{
	return vpn_memory_key(ev, ABOUT_SA, ev->field[VPN_PROCESS], ev->field[VPN_SA]);
}

static uint64_t
thread_key(const struct vpn_event *ev)
{
	return vpn_memory_key(
	    ev, ABOUT_THREAD, ev->field[VPN_PROCESS], ev->field[VPN_THREAD]);
}

static uint64_t
connection_key(const struct vpn_event *ev)
{
	return vpn_memory_key(
	    ev, ABOUT_CONNECTION, ev->field[VPN_CONNECTION], VPN_TEXT(""));
}

static uint64_t
newest_key(const struct vpn_event *ev)
{
	return vpn_memory_key(
	    ev, ABOUT_NEWEST, ev->field[VPN_CONNECTION], ev->field[VPN_PEER]);
}

/* From before the daemon's start, it speaks of another IKE SA. */
static struct entry *
if_current(struct vpn_join *join, const struct vpn_event *ev, struct entry *entry)
{
	const struct entry *daemon =
	    entry ? vpn_memory_find(join, vpn_memory_daemon(ev)) : NULL;

	return daemon && daemon->started && entry->born < daemon->born ? NULL : entry;
}

static bool
keep(char *buf, size_t cap, struct vpn_text text)
{
	if (text.len == 0 || text.len > cap)
		return false;
	memcpy(buf, text.at, text.len);
	return true;
}

static bool
is_like(struct vpn_text said, bool named, const char *known, size_t len)
{
	return !named || vpn_text_same(said, (struct vpn_text){known, len});
}

static void
learn(struct entry *entry, const struct vpn_event *ev)
{
	struct vpn_text peer = ev->field[VPN_PEER], local = ev->field[VPN_LOCAL];
	struct vpn_text name = ev->field[VPN_CONNECTION], line = ev->line->raw;
	bool news;

	if (entry == NULL)
		return;
	/* A line that needed another for an address does not take its place. */
	news = ev->context.len == 0 ||
	    !is_like(peer, ev->peer_is_ip, entry->peer, entry->peer_len) ||
	    !is_like(local, ev->local_is_ip, entry->local, entry->local_len);
	if (keep(entry->name, sizeof(entry->name), name))
		entry->name_len = (uint8_t)name.len;
	if (ev->peer_is_ip && keep(entry->peer, sizeof(entry->peer), peer))
		entry->peer_len = (uint8_t)peer.len;
	if (ev->local_is_ip && keep(entry->local, sizeof(entry->local), local))
		entry->local_len = (uint8_t)local.len;
	if (!news || (!ev->peer_is_ip && !ev->local_is_ip))
		return;
	line.len = line.len < sizeof(entry->line) ? line.len : sizeof(entry->line);
	memcpy(entry->line, line.at, line.len);
	entry->line_len = (uint16_t)line.len;
}

/* Somebody's machine, and no site. */
static void
learn_user(struct entry *entry, const struct vpn_event *ev)
{
	struct vpn_text user = ev->field[VPN_USER], inside = ev->field[VPN_INSIDE_IP];

	if (keep(entry->user, sizeof(entry->user), user))
		entry->user_len = (uint8_t)user.len;
	if (keep(entry->inside, sizeof(entry->inside), inside))
		entry->inside_len = (uint8_t)inside.len;
}

static void
learn_up(struct vpn_join *join, struct entry *sa, const struct vpn_event *ev)
{
	struct entry *newest;

	sa->up = true;
	if (!vpn_text_same(ev->message->phase, VPN_TEXT("ike")))
		return;
	sa->ike = true;
	newest = vpn_memory_need(join, newest_key(ev), ev);
	if (newest)
		newest->newest = sa->node.hash;
}

void
vpn_memory_teach(struct vpn_join *join, const struct vpn_event *ev)
{
	struct entry *sa = NULL;

	if (ev->field[VPN_SA].len > 0) {
		sa = vpn_memory_need(join, sa_key(ev), ev);
		if (sa && if_current(join, ev, sa) == NULL) {
			sa->peer_len = sa->local_len = sa->name_len = 0;
			sa->user_len = sa->inside_len = 0;
			sa->line_len = 0;
			sa->up = sa->ike = false;
			sa->born = join->lines;
		}
		learn(sa, ev);
	}
	if (ev->field[VPN_THREAD].len > 0)
		learn(vpn_memory_need(join, thread_key(ev), ev), ev);
	if (ev->field[VPN_CONNECTION].len > 0 && (ev->peer_is_ip || ev->local_is_ip))
		learn(vpn_memory_need(join, connection_key(ev), ev), ev);
	if (sa)
		learn_user(sa, ev);
	if (sa && ev->class == VPN_CLASS_ESTABLISHED)
		learn_up(join, sa, ev);
	if (sa && ev->class == VPN_CLASS_DISCONNECT)
		sa->up = false;
}

/* A copy that lives as long as the event. */
static struct vpn_text
bring(struct vpn_event *ev, size_t *used, const char *at, size_t len)
{
	char *own = ev->kept + *used;

	if (len == 0 || *used + len > sizeof(ev->kept))
		return (struct vpn_text){NULL, 0};
	memcpy(own, at, len);
	*used += len;
	return (struct vpn_text){own, len};
}

static bool
differ(struct vpn_text said, const char *known, size_t len)
{
	return said.len > 0 && len > 0 &&
	    !vpn_text_same(said, (struct vpn_text){known, len});
}

bool
vpn_memory_is_another(const struct vpn_event *ev, const struct entry *entry)
{
	return differ(ev->field[VPN_PEER], entry->peer, entry->peer_len);
}

/* Of two behind one address. */
bool
vpn_memory_is_another_user(const struct vpn_event *ev, const struct entry *entry)
{
	return differ(ev->field[VPN_USER], entry->user, entry->user_len) ||
	    differ(ev->field[VPN_INSIDE_IP], entry->inside, entry->inside_len);
}

/* What the event lacks, from an entry. */
static void
fill(struct vpn_event *ev, const struct entry *entry, size_t *used)
{
	size_t before = *used;

	if (entry == NULL || vpn_memory_is_another(ev, entry))
		return;
	if (ev->field[VPN_CONNECTION].len == 0)
		ev->field[VPN_CONNECTION] =
		    bring(ev, used, entry->name, entry->name_len);
	if (ev->field[VPN_PEER].len == 0) {
		ev->field[VPN_PEER] = bring(ev, used, entry->peer, entry->peer_len);
		ev->peer_is_ip = ev->field[VPN_PEER].len > 0;
	}
	if (ev->field[VPN_LOCAL].len == 0) {
		ev->field[VPN_LOCAL] = bring(ev, used, entry->local, entry->local_len);
		ev->local_is_ip = ev->field[VPN_LOCAL].len > 0;
	}
	if (ev->field[VPN_USER].len == 0)
		ev->field[VPN_USER] = bring(ev, used, entry->user, entry->user_len);
	if (ev->field[VPN_INSIDE_IP].len == 0)
		ev->field[VPN_INSIDE_IP] =
		    bring(ev, used, entry->inside, entry->inside_len);
	if (*used > before && ev->context.len == 0)
		ev->context = bring(ev, used, entry->line, entry->line_len);
}

void
vpn_memory_fill(struct vpn_join *join, struct vpn_event *ev)
{
	struct entry *entry;
	size_t used = 0;

	if (ev->field[VPN_SA].len > 0) {
		fill(
		    ev, if_current(join, ev, vpn_memory_find(join, sa_key(ev))), &used);
	} else if (ev->field[VPN_THREAD].len > 0 && !ev->message->announces) {
		/* A command is no part of the job that the thread did before. */
		entry = if_current(join, ev, vpn_memory_find(join, thread_key(ev)));
		if (entry && vpn_memory_now(ev) - entry->seen_s <= THREAD_S)
			fill(ev, entry, &used);
	}
	if (ev->field[VPN_CONNECTION].len > 0 && !(ev->peer_is_ip && ev->local_is_ip))
		fill(ev, vpn_memory_find(join, connection_key(ev)), &used);
	if (used > 0)
		vpn_identity_tunnel(ev);
}

bool
vpn_memory_is_up(struct vpn_join *join, const struct vpn_event *ev)
{
	const struct entry *sa = ev->field[VPN_SA].len > 0
	    ? if_current(join, ev, vpn_memory_find(join, sa_key(ev)))
	    : NULL;

	return sa && sa->up;
}

bool
vpn_memory_is_replaced(struct vpn_join *join, const struct vpn_event *ev, int within_s)
{
	const struct entry *old, *newest, *sa;

	if (ev->field[VPN_SA].len == 0)
		return false;
	old = vpn_memory_find(join, sa_key(ev));
	newest = vpn_memory_find(join, newest_key(ev));
	if (old == NULL || !old->ike || newest == NULL ||
	    newest->newest == old->node.hash ||
	    vpn_memory_now(ev) - newest->seen_s >= within_s)
		return false;
	sa = vpn_memory_find(join, newest->newest);
	return sa && sa->up && !vpn_memory_is_another_user(ev, sa);
}

void
vpn_memory_note_whose(struct entry *entry, const struct vpn_event *ev)
{
	entry->peer_len = entry->user_len = entry->inside_len = 0;
	if (keep(entry->peer, sizeof(entry->peer), ev->field[VPN_PEER]))
		entry->peer_len = (uint8_t)ev->field[VPN_PEER].len;
	learn_user(entry, ev);
}

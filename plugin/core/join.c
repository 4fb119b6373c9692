/* SPDX-License-Identifier: Apache-2.0 */
#include "vpn/join.h"

#include <stdlib.h>

#include "core/address.h"
#include "core/identity.h"
#include "core/table.h"

#define ENTRIES_MAX 16384
#define THREAD_S 2    /* one job is done by then */
#define COPIES_S 3600 /* a daemon that logs in two ways goes on doing so */
#define STORM_S 60    /* one event of a cause in so many seconds */
#define ATTEMPT_S 2
#define FOLLOW_UP_S 10 /* lines about one fault are that close together */
#define ADDRESS_LEN 48
#define NAME_LEN 96
#define LINE_LEN 400

/* What an entry is about. */
enum about {
	ABOUT_SA,
	ABOUT_THREAD,
	ABOUT_CONNECTION,
	ABOUT_DAEMON, /* of a vendor on a device */
	ABOUT_CAUSE,  /* a code of a peer */
	ABOUT_FAULT   /* of an IKE SA, a connection or a peer */
};

struct entry {
	struct node node;
	struct entry *prev, *next; /* the longest unused first */
	int64_t seen_s;
	uint64_t born; /* number of the line */
	/* Of an IKE SA, a thread, a connection. */
	uint8_t peer_len, local_len, name_len, user_len, inside_len;
	bool up;      /* the IKE SA is established */
	bool started; /* the daemon was seen to start, with line born */
	uint16_t line_len;
	char peer[ADDRESS_LEN], local[ADDRESS_LEN], name[NAME_LEN], line[LINE_LEN];
	char user[NAME_LEN], inside[ADDRESS_LEN]; /* of an IKE SA: whose it is */
	/* Of a cause and a fault: which event was told last, and how many were not
	 * since then. */
	uint8_t id[16];
	int64_t told_s, heard_s;
	unsigned untold, told_with;
};

struct vpn_join {
	struct table entries;
	struct entry *first, *last;
	uint64_t lines;
};

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

static int64_t
now_s(const struct vpn_event *ev)
{
	return (ev->line->archived ? ev->time_ms : ev->line->received_ms) / 1000;
}

static uint64_t
key_of(
    const struct vpn_event *ev, enum about about, struct vpn_text a, struct vpn_text b)
{
	uint64_t hash = vpn_hash((uint64_t)about + 101, ev->vendor->id);

	return vpn_hash(vpn_hash(vpn_hash(hash, ev->device), a), b);
}

static struct entry *
find(struct vpn_join *join, uint64_t key)
{
	struct node *node = vpn_table_get(&join->entries, key);

	return node ? HOLDER(struct entry, node, node) : NULL;
}

/* The entry, made if it is not there; NULL when memory is out. */
static struct entry *
need(struct vpn_join *join, uint64_t key, const struct vpn_event *ev)
{
	struct entry *entry = find(join, key);

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
	entry->seen_s = now_s(ev);
	entry->born = entry->born ? entry->born : join->lines;
	return entry;
}

static uint64_t
daemon_key(const struct vpn_event *ev)
{
	return key_of(ev, ABOUT_DAEMON, VPN_TEXT(""), VPN_TEXT(""));
}

static uint64_t
sa_key(const struct vpn_event *ev)
{
	return key_of(ev, ABOUT_SA, ev->field[VPN_PROCESS], ev->field[VPN_SA]);
}

static uint64_t
thread_key(const struct vpn_event *ev)
{
	return key_of(ev, ABOUT_THREAD, ev->field[VPN_PROCESS], ev->field[VPN_THREAD]);
}

static uint64_t
connection_key(const struct vpn_event *ev)
{
	return key_of(ev, ABOUT_CONNECTION, ev->field[VPN_CONNECTION], VPN_TEXT(""));
}

/* From before the daemon's start, it speaks of another IKE SA. */
static struct entry *
if_current(struct vpn_join *join, const struct vpn_event *ev, struct entry *entry)
{
	const struct entry *daemon = entry ? find(join, daemon_key(ev)) : NULL;

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

static void
learn(struct entry *entry, const struct vpn_event *ev)
{
	struct vpn_text peer = ev->field[VPN_PEER], local = ev->field[VPN_LOCAL];
	struct vpn_text name = ev->field[VPN_CONNECTION], line = ev->line->raw;

	if (entry == NULL)
		return;
	if (keep(entry->name, sizeof(entry->name), name))
		entry->name_len = (uint8_t)name.len;
	if (ev->peer_is_ip && keep(entry->peer, sizeof(entry->peer), peer))
		entry->peer_len = (uint8_t)peer.len;
	if (ev->local_is_ip && keep(entry->local, sizeof(entry->local), local))
		entry->local_len = (uint8_t)local.len;
	if (!ev->peer_is_ip && !ev->local_is_ip)
		return;
	line.len = line.len < sizeof(entry->line) ? line.len : sizeof(entry->line);
	memcpy(entry->line, line.at, line.len);
	entry->line_len = (uint16_t)line.len;
}

/* Somebody's machine, and no site. */
static void
learn_user(struct entry *sa, const struct vpn_event *ev)
{
	struct vpn_text user = ev->field[VPN_USER], inside = ev->field[VPN_INSIDE_IP];

	if (keep(sa->user, sizeof(sa->user), user))
		sa->user_len = (uint8_t)user.len;
	if (keep(sa->inside, sizeof(sa->inside), inside))
		sa->inside_len = (uint8_t)inside.len;
}

static void
teach(struct vpn_join *join, const struct vpn_event *ev)
{
	struct entry *sa = NULL;

	if (ev->field[VPN_SA].len > 0) {
		sa = need(join, sa_key(ev), ev);
		if (sa && if_current(join, ev, sa) == NULL) {
			sa->peer_len = sa->local_len = sa->name_len = 0;
			sa->user_len = sa->inside_len = 0;
			sa->line_len = 0;
			sa->up = false;
			sa->born = join->lines;
		}
		learn(sa, ev);
	}
	if (ev->field[VPN_THREAD].len > 0)
		learn(need(join, thread_key(ev), ev), ev);
	if (ev->field[VPN_CONNECTION].len > 0 && (ev->peer_is_ip || ev->local_is_ip))
		learn(need(join, connection_key(ev), ev), ev);
	if (sa)
		learn_user(sa, ev);
	if (sa && ev->class == VPN_CLASS_ESTABLISHED)
		sa->up = true;
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
is_about_another(const struct vpn_event *ev, const struct entry *entry)
{
	return ev->field[VPN_PEER].len > 0 && entry->peer_len > 0 &&
	    !vpn_text_same(
		ev->field[VPN_PEER], (struct vpn_text){entry->peer, entry->peer_len});
}

/* What the event lacks, from an entry. */
static void
fill(struct vpn_event *ev, const struct entry *entry, size_t *used)
{
	size_t before = *used;

	if (entry == NULL || is_about_another(ev, entry))
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

static void
fill_all(struct vpn_join *join, struct vpn_event *ev)
{
	struct entry *entry;
	size_t used = 0;

	if (ev->field[VPN_SA].len > 0) {
		fill(ev, if_current(join, ev, find(join, sa_key(ev))), &used);
	} else if (ev->field[VPN_THREAD].len > 0) {
		entry = if_current(join, ev, find(join, thread_key(ev)));
		if (entry && now_s(ev) - entry->seen_s <= THREAD_S)
			fill(ev, entry, &used);
	}
	if (ev->field[VPN_CONNECTION].len > 0 && !(ev->peer_is_ip && ev->local_is_ip))
		fill(ev, find(join, connection_key(ev)), &used);
	if (used > 0)
		vpn_identity_tunnel(ev);
}

/* Of an IKE SA that is established it may mean something else. */
static void
reconsider(struct vpn_join *join, struct vpn_event *ev)
{
	const struct vpn_message *message = ev->message;
	const struct entry *sa;

	if (message->up_code == NULL || ev->field[VPN_SA].len == 0)
		return;
	sa = if_current(join, ev, find(join, sa_key(ev)));
	if (sa == NULL || !sa->up)
		return;
	ev->class = message->up_class;
	ev->code = ev->policy = message->up_code;
}

/* A daemon that logs each line twice: the copy without a thread says less. */
static bool
is_copy(struct vpn_join *join, const struct vpn_event *ev)
{
	struct entry *daemon;

	if (ev->field[VPN_THREAD].len > 0) {
		daemon = need(join, daemon_key(ev), ev);
		if (daemon)
			daemon->told_s = now_s(ev);
		return false;
	}
	daemon = find(join, daemon_key(ev));
	return daemon && daemon->told_s > 0 && now_s(ev) - daemon->told_s <= COPIES_S;
}

static void
start_anew(struct vpn_join *join, const struct vpn_event *ev)
{
	struct entry *daemon = need(join, daemon_key(ev), ev);

	if (daemon == NULL)
		return;
	daemon->born = join->lines;
	daemon->started = true;
}

static struct vpn_text
whom(const struct vpn_event *ev)
{
	static const enum vpn_field order[] = {VPN_PEER, VPN_CONNECTION, VPN_SA};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (ev->field[order[i]].len > 0)
			return ev->field[order[i]];
	return VPN_TEXT("");
}

/* Was an event like this told within so many seconds, and not this very one? */
static bool
was_told(const struct entry *entry, const struct vpn_event *ev, int within_s)
{
	return entry && entry->told_s > 0 && now_s(ev) >= entry->told_s &&
	    now_s(ev) - entry->told_s < within_s &&
	    memcmp(entry->id, ev->id, sizeof(entry->id)) != 0;
}

static void
told(struct entry *entry, const struct vpn_event *ev)
{
	if (entry == NULL)
		return;
	memcpy(entry->id, ev->id, sizeof(entry->id));
	entry->told_s = now_s(ev);
	entry->peer_len = keep(entry->peer, sizeof(entry->peer), ev->field[VPN_PEER])
	    ? (uint8_t)ev->field[VPN_PEER].len
	    : 0;
}

/* One event of a cause a minute, with the number of those between. Lines within a
 * moment are about one attempt, which counts once. */
static enum vpn_joined
judge_cause(struct vpn_join *join, struct vpn_event *ev)
{
	struct entry *cause =
	    need(join, key_of(ev, ABOUT_CAUSE, ev->code->slug, whom(ev)), ev);
	bool same;

	if (cause == NULL)
		return VPN_JOINED_EVENT;
	same = now_s(ev) - cause->heard_s < ATTEMPT_S;
	cause->heard_s = now_s(ev);
	if (was_told(cause, ev, STORM_S)) {
		cause->untold++;
		return same ? VPN_JOINED_NOTHING : VPN_JOINED_REPEAT;
	}
	if (memcmp(cause->id, ev->id, sizeof(cause->id)) != 0) {
		cause->told_with = cause->untold;
		cause->untold = 0;
	}
	ev->repeated = cause->told_with;
	told(cause, ev);
	return VPN_JOINED_EVENT;
}

/* Keys of the fault that the event may be a part of: the IKE SA's, else the
 * connection's and the peer's. */
static size_t
fault_keys(const struct vpn_event *ev, uint64_t keys[2])
{
	static const enum vpn_field by[] = {VPN_SA, VPN_CONNECTION, VPN_PEER};
	struct vpn_text class =
	    vpn_text(ev->class == VPN_CLASS_DISCONNECT ? "disconnect" : "negotiation");
	size_t n = 0;

	for (size_t i = 0; i < sizeof(by) / sizeof(*by) && n < 2; i++)
		if (ev->field[by[i]].len > 0)
			keys[n++] = key_of(ev, ABOUT_FAULT, class, ev->field[by[i]]);
	return n;
}

/* The second line about one end of an IKE SA, or a failure without a reason beside
 * one that has it. */
static bool
is_follow_up(struct vpn_join *join, const struct vpn_event *ev)
{
	uint64_t keys[2];
	size_t n = fault_keys(ev, keys);
	bool second = ev->class == VPN_CLASS_DISCONNECT || ev->code->vague;
	const struct entry *it;

	/* Peers may share a connection: a hub's interface, a group of users. */
	for (size_t i = 0; second && i < n; i++)
		if ((it = find(join, keys[i])) && was_told(it, ev, FOLLOW_UP_S) &&
		    !is_about_another(ev, it))
			return true;
	/* What says nothing of the state does not stand for what does. */
	for (size_t i = 0; i < n && !ev->code->vague && !ev->message->stateless; i++)
		told(need(join, keys[i], ev), ev);
	return false;
}

enum vpn_joined
vpn_join_line(struct vpn_join *join, struct vpn_event *ev)
{
	join->lines++;
	if (ev->class == VPN_CLASS_FRESH) {
		start_anew(join, ev);
		return VPN_JOINED_NOTHING;
	}
	if (is_copy(join, ev))
		return VPN_JOINED_NOTHING;
	reconsider(join, ev);
	fill_all(join, ev);
	teach(join, ev);
	if (ev->class == VPN_CLASS_CONTEXT)
		return VPN_JOINED_NOTHING;
	if (!ev->vendor->joins || ev->class == VPN_CLASS_ESTABLISHED)
		return VPN_JOINED_EVENT;
	if (is_follow_up(join, ev))
		return ev->class == VPN_CLASS_DISCONNECT ? VPN_JOINED_REPEAT
							 : VPN_JOINED_NOTHING;
	return ev->class == VPN_CLASS_DISCONNECT ? VPN_JOINED_EVENT
						 : judge_cause(join, ev);
}

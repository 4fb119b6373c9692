/* SPDX-License-Identifier: Apache-2.0 */
#include "core/memory.h"

#define COPIES_S 3600 /* a daemon that logs in two ways goes on doing so */
#define STORM_S 60    /* one event of a cause in so many seconds */
#define ATTEMPT_S 2
#define FOLLOW_UP_S 10 /* lines about one fault are that close together */

/* Of an IKE SA that is established it may mean something else. */
static void
reconsider(struct vpn_event *ev, bool up)
{
	const struct vpn_message *message = ev->message;

	if (message->up_code == NULL || !up)
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
		daemon = vpn_memory_need(join, vpn_memory_daemon(ev), ev);
		if (daemon)
			daemon->told_s = vpn_memory_now(ev);
		return false;
	}
	daemon = vpn_memory_find(join, vpn_memory_daemon(ev));
	return daemon && daemon->told_s > 0 &&
	    vpn_memory_now(ev) - daemon->told_s <= COPIES_S;
}

static void
start_anew(struct vpn_join *join, const struct vpn_event *ev)
{
	struct entry *daemon = vpn_memory_need(join, vpn_memory_daemon(ev), ev);

	if (daemon == NULL)
		return;
	daemon->born = join->lines;
	daemon->started = true;
}

/* A client of whom nothing is said is the process that speaks. */
static struct vpn_text
whom(const struct vpn_event *ev)
{
	static const enum vpn_field order[] = {VPN_PEER, VPN_CONNECTION, VPN_SA};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (ev->field[order[i]].len > 0)
			return ev->field[order[i]];
	return ev->class == VPN_CLASS_CLIENT ? ev->field[VPN_PROCESS] : VPN_TEXT("");
}

/* Was an event like this told within so many seconds, and not this very one? */
static bool
was_told(const struct entry *entry, const struct vpn_event *ev, int within_s)
{
	return entry && entry->told_s > 0 && vpn_memory_now(ev) >= entry->told_s &&
	    vpn_memory_now(ev) - entry->told_s < within_s &&
	    memcmp(entry->id, ev->id, sizeof(entry->id)) != 0;
}

static void
told(struct entry *entry, const struct vpn_event *ev)
{
	if (entry == NULL)
		return;
	memcpy(entry->id, ev->id, sizeof(entry->id));
	entry->told_s = vpn_memory_now(ev);
	vpn_memory_note_whose(entry, ev);
}

/* One event of a cause a minute, with the number of those between. Lines within a
 * moment are about one attempt, which counts once. */
static enum vpn_joined
judge_cause(struct vpn_join *join, struct vpn_event *ev)
{
	struct entry *cause = vpn_memory_need(
	    join, vpn_memory_key(ev, ABOUT_CAUSE, ev->code->slug, whom(ev)), ev);
	bool same;

	if (cause == NULL)
		return VPN_JOINED_EVENT;
	same = vpn_memory_now(ev) - cause->heard_s < ATTEMPT_S;
	cause->heard_s = vpn_memory_now(ev);
	if (was_told(cause, ev, STORM_S) && !vpn_memory_is_another_user(ev, cause)) {
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
 * connection's and the peer's, else the process's. */
static size_t
fault_keys(const struct vpn_event *ev, struct vpn_text word, uint64_t keys[2])
{
	static const enum vpn_field by[] = {VPN_SA, VPN_CONNECTION, VPN_PEER};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(by) / sizeof(*by) && n < 2; i++)
		if (ev->field[by[i]].len > 0)
			keys[n++] =
			    vpn_memory_key(ev, ABOUT_FAULT, word, ev->field[by[i]]);
	if (n == 0 && whom(ev).len > 0)
		keys[n++] = vpn_memory_key(ev, ABOUT_FAULT, word, whom(ev));
	return n;
}

static struct vpn_text
fault_word(const struct vpn_event *ev)
{
	bool disconnect = ev->class == VPN_CLASS_DISCONNECT;

	return disconnect ? VPN_TEXT("disconnect") : VPN_TEXT("negotiation");
}

static bool
fault_told(struct vpn_join *join, const struct vpn_event *ev, struct vpn_text word)
{
	uint64_t keys[2];
	size_t n = fault_keys(ev, word, keys);
	const struct entry *it;

	/* Peers may share a connection, and users a peer: a hub's interface, a NAT. */
	for (size_t i = 0; i < n; i++)
		if ((it = vpn_memory_find(join, keys[i])) &&
		    was_told(it, ev, FOLLOW_UP_S) && !vpn_memory_is_another(ev, it) &&
		    !vpn_memory_is_another_user(ev, it))
			return true;
	return false;
}

/* Under so many of its keys. */
static void
tell_fault(struct vpn_join *join, const struct vpn_event *ev, struct vpn_text word,
    size_t most)
{
	uint64_t keys[2];
	size_t n = fault_keys(ev, word, keys);

	for (size_t i = 0; i < n && i < most; i++)
		told(vpn_memory_need(join, keys[i], ev), ev);
}

/* The second line about one end of an IKE SA, or a failure without a reason beside
 * one that has it. */
static bool
is_follow_up(struct vpn_join *join, const struct vpn_event *ev)
{
	return (ev->class == VPN_CLASS_DISCONNECT || ev->code->vague) &&
	    (fault_told(join, ev, fault_word(ev)) ||
		fault_told(join, ev, ev->code->slug));
}

/* What says nothing of the state does not stand for what does. What announces stands
 * for what it announces. */
static void
remember(struct vpn_join *join, const struct vpn_event *ev)
{
	if (ev->message->announces)
		tell_fault(join, ev, ev->message->code->slug, 1);
	else if (vpn_is_event(ev) && !ev->code->vague && !ev->message->stateless)
		tell_fault(join, ev, fault_word(ev), 2);
}

/* What an attempt ends with whose failure was told. */
static bool
is_end_of_attempt(struct vpn_join *join, const struct vpn_event *ev, bool up)
{
	return ev->class == VPN_CLASS_DISCONNECT && !up && ev->field[VPN_SA].len > 0 &&
	    was_told(vpn_memory_find(join,
			 vpn_memory_key(ev, ABOUT_FAULT, VPN_TEXT("negotiation"),
			     ev->field[VPN_SA])),
		ev, FOLLOW_UP_S);
}

static enum vpn_joined
judge(struct vpn_join *join, struct vpn_event *ev, bool up)
{
	bool disconnect = ev->class == VPN_CLASS_DISCONNECT;

	if (is_end_of_attempt(join, ev, up))
		return VPN_JOINED_NOTHING;
	if (disconnect && vpn_memory_is_replaced(join, ev, FOLLOW_UP_S))
		return VPN_JOINED_REPEAT;
	if (is_follow_up(join, ev))
		return disconnect ? VPN_JOINED_REPEAT : VPN_JOINED_NOTHING;
	remember(join, ev);
	return disconnect ? VPN_JOINED_EVENT : judge_cause(join, ev);
}

static enum vpn_joined
join_line(struct vpn_join *join, struct vpn_event *ev)
{
	bool up;

	join->lines++;
	if (ev->class == VPN_CLASS_FRESH) {
		start_anew(join, ev);
		return VPN_JOINED_NOTHING;
	}
	if (is_copy(join, ev))
		return VPN_JOINED_NOTHING;
	up = vpn_memory_is_up(join, ev);
	reconsider(ev, up);
	vpn_memory_fill(join, ev);
	vpn_memory_teach(join, ev);
	if (ev->class == VPN_CLASS_CONTEXT) {
		remember(join, ev);
		return VPN_JOINED_NOTHING;
	}
	if (!ev->vendor->joins || ev->class == VPN_CLASS_ESTABLISHED)
		return VPN_JOINED_EVENT;
	return judge(join, ev, up);
}

enum vpn_joined
vpn_join_line(struct vpn_join *join, struct vpn_event *ev)
{
	enum vpn_joined joined = join_line(join, ev);

	ev->repeat = joined == VPN_JOINED_REPEAT;
	return joined;
}

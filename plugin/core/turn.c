/* SPDX-License-Identifier: Apache-2.0 */
#include "core/turn.h"

#define LATE_HOLD_S 11    /* for a late drop: until its device has caught up */
#define MEANT_MS 10000    /* both ends tell of one teardown within that */
#define MOVING_S (5 * 60) /* a peer whose name changed may have a new address */
#define HOLD_OF_CODES 60  /* the hold that conf.hold_down stands for */

/* Codes after which a peer may come back with another address (rule 4). */
static const char *const movers[] = {
    "dns_resolution_status_change",
    "peer_address_switch",
};

static uint32_t
short_id(const struct vpn_event *ev)
{
	uint32_t id = 0;

	memcpy(&id, ev->id, sizeof(id));
	return id | 1;
}

/* The same line once more has the same outcome, and no other. */
static bool
is_repeated(struct vpn_engine *eng, const struct link *link, const struct vpn_event *ev,
    struct vpn_turn *turn)
{
	for (size_t i = 0; i < TURNS; i++) {
		if (link->turn[i].id != short_id(ev))
			continue;
		turn->tracked = true;
		turn->state = (enum vpn_state)link->turn[i].state;
		turn->previous = (enum vpn_state)link->turn[i].previous;
		turn->changed = link->turn[i].changed;
		turn->subject = link->subject;
		eng->counts.duplicates++;
		return true;
	}
	return false;
}

static void
remember(struct link *link, const struct vpn_event *ev, const struct vpn_turn *turn)
{
	size_t at = link->nturns++ % TURNS;

	link->turn[at].id = short_id(ev);
	link->turn[at].state = (uint8_t)turn->state;
	link->turn[at].previous = (uint8_t)turn->previous;
	link->turn[at].changed = turn->changed;
}

/* The device's time as the collector would have read it on its own clock. */
static int64_t
corrected(const struct vpn_engine *eng, const struct device *dev, int64_t ms)
{
	ms += dev ? (int64_t)dev->clock.offset_s * 1000 : 0;
	return ms > eng->now.wall_ms ? eng->now.wall_ms : ms;
}

/* Has a user's end been told of, by the line or by the overrides? */
static bool
is_dynamic(
    const struct end *end, const struct vpn_event *ev, const struct vpn_ruling *rule)
{
	struct vpn_text inside = ev->field[VPN_INSIDE_IP];

	if (rule->dynamic != VPN_UNSAID)
		return rule->dynamic == VPN_YES;
	return end->link->dynamic || (vpn_is_ip(inside) && !vpn_who_is_any(inside)) ||
	    ev->field[VPN_USER].len > 0 ||
	    (ev->policy && ev->policy->effect == VPN_EFFECT_USER) ||
	    vpn_group_dynamic(end);
}

/* The same tunnel under another interface index: what was open there is over
 * (rule 2). */
static void
close_kin(struct vpn_engine *eng, const struct end *end, int64_t ms)
{
	struct node *node = vpn_table_get(&eng->kin, end->by_kin.hash);

	for (; node; node = vpn_table_more(node)) {
		struct end *other = HOLDER(struct end, by_kin, node);

		if (other->link == end->link || other->link->state == VPN_STATE_UP)
			continue;
		other->down = false;
		vpn_state_input(eng, other->link, IN_UP, ms, 0);
	}
}

/* The peer has another address now: its old link is over. */
static bool
move_away(struct vpn_engine *eng, struct end *old, const struct end *end,
    const struct who *who, int64_t ms)
{
	if (old->link == end->link || old->link->state != VPN_STATE_DOWN ||
	    old->link->ends->next != NULL)
		return false;
	vpn_state_close(eng, old->link, VPN_ENDING_MOVED, ms, who->part[END_PEER]);
	vpn_link_free(eng, old->link);
	return true;
}

/* The same flow under another peer (rule 4). */
static void
close_place(struct vpn_engine *eng, struct end *end, const struct who *who, int64_t ms)
{
	struct node *node = vpn_table_get(&eng->places, who->place), *next;

	for (; node; node = next) {
		next = vpn_table_more(node);
		if (move_away(eng, HOLDER(struct end, by_place, node), end, who, ms))
			next = vpn_table_get(&eng->places, who->place);
	}
	vpn_end_place(eng, end, who->place);
}

/* Whatever the flow: the device said a moment ago that the peer moves. */
static void
close_moving(struct vpn_engine *eng, struct end *end, const struct who *who, int64_t ms)
{
	for (size_t i = 0; i < MOVING; i++) {
		struct node *node;

		if (eng->moving[i].slot != who->slot ||
		    eng->moving[i].until_s < mono_s(eng))
			continue;
		node = vpn_table_get(&eng->ends, eng->moving[i].id);
		if (node)
			move_away(eng, HOLDER(struct end, by_id, node), end, who, ms);
	}
}

/* Did another device say since that the tunnel is up? */
static bool
is_outvoted(const struct vpn_engine *eng, const struct end *end, int64_t ms)
{
	for (const struct end *other = end->link->ends; other; other = other->next)
		if (other->device != end->device && !other->down && other->up_ms > 0 &&
		    corrected(eng, other->device, other->up_ms) >= ms &&
		    vpn_child_live(other) > 0)
			return true;
	return false;
}

/* Another tunnel of the same device between the same gateways lives. */
static bool
is_part(const struct end *end)
{
	for (const struct end *other = end->link->ends; other; other = other->next)
		if (other != end && other->device == end->device && !other->down &&
		    other->ups > 0)
			return true;
	return false;
}

/* The child SA that was replaced is told of last, and the one in its place is
 * gone already: what seemed to live then did not. */
static void
down_after_all(struct vpn_engine *eng, struct end *end)
{
	int64_t ms = corrected(eng, end->device, end->lost_ms);

	if (end->torn_code == 0 || is_outvoted(eng, end, ms) || is_part(end))
		return;
	end->down = true;
	end->down_ms = end->lost_ms;
	if (end->link->state != VPN_STATE_DOWN)
		end->link->reason = end->torn_code;
	vpn_state_input(eng, end->link, IN_DOWN, ms, eng->conf.hold_down);
}

/* Its start arrives after its end: it was up, and is an outage since. */
static void
up_and_gone(struct vpn_engine *eng, struct end *end, int64_t ms)
{
	struct link *link = end->link;

	if (end->lost_ms == 0 || link->state == VPN_STATE_UP ||
	    link->state == VPN_STATE_DOWN || ms <= link->since_ms ||
	    corrected(eng, end->device, end->lost_ms) < ms)
		return;
	vpn_state_input(eng, link, IN_UP, ms, 0);
	down_after_all(eng, end);
}

static void
up(struct vpn_engine *eng, struct end *end, const struct who *who,
    const struct vpn_event *ev, const struct vpn_ruling *rule)
{
	struct link *link = end->link;
	int64_t ms = corrected(eng, end->device, ev->time_ms);
	bool was_up = link->state == VPN_STATE_UP;

	if (!vpn_child_up(end, ev)) {
		up_and_gone(eng, end, ms);
		return;
	}
	end->down = false;
	if (end->ups < UINT16_MAX)
		end->ups++;
	if (end->passer && end->group[GROUP_SLOT])
		end->group[GROUP_SLOT]->passers--;
	end->passer = false;
	/* What another device said, or this one of the same tunnel by another
	 * interface, is out of date. */
	for (struct end *other = link->ends; other; other = other->next)
		if (other != end && other->down &&
		    (other->device != end->device ||
			other->by_kin.hash == end->by_kin.hash)) {
			other->down = false;
			other->nchildren = 0;
		}
	link->dynamic = is_dynamic(end, ev, rule);
	vpn_state_input(eng, link, IN_UP, ms, 0);
	vpn_state_degraded(eng, link);
	if (link->dynamic && !was_up)
		vpn_scope_session(eng, end, 1, false);
	close_kin(eng, end, ms);
	if (who->place)
		close_place(eng, end, who, ms);
	if (who->slot)
		close_moving(eng, end, who, ms);
}

static void
open_window(struct vpn_engine *eng, const struct who *who, const struct vpn_event *ev)
{
	size_t oldest = 0;

	for (size_t i = 0; i < sizeof(movers) / sizeof(*movers); i++) {
		if (!vpn_text_same(ev->code->slug, vpn_text(movers[i])))
			continue;
		for (size_t j = 0; j < MOVING; j++)
			if (eng->moving[j].until_s < eng->moving[oldest].until_s)
				oldest = j;
		eng->moving[oldest].slot = who->slot;
		eng->moving[oldest].id = who->id;
		eng->moving[oldest].until_s = after_s(eng, MOVING_S);
	}
}

static enum input
input_of(enum vpn_effect effect, enum vpn_mode mode)
{
	switch (effect) {
	case VPN_EFFECT_ADMIN_DOWN:
		return IN_ADMIN;
	case VPN_EFFECT_IDLE:
		return mode == VPN_MODE_ALWAYS_ON ? IN_DOWN : IN_IDLE;
	case VPN_EFFECT_USER:
		return IN_USER;
	case VPN_EFFECT_NONE:
		return IN_UP;
	case VPN_EFFECT_DOWN:
	case VPN_EFFECT_COPY:
		break;
	}
	return IN_DOWN;
}

static int
hold_of(const struct vpn_engine *eng, const struct vpn_code *code,
    const struct vpn_ruling *rule, bool late)
{
	int hold = code->hold > 0 ? code->hold : HOLD_OF_CODES;

	if (rule->hold >= 0)
		hold = rule->hold;
	else
		hold = (int)((int64_t)hold * eng->conf.hold_down / HOLD_OF_CODES);
	return late && hold > LATE_HOLD_S ? LATE_HOLD_S : hold;
}

/* A session of a user is over: no row is kept of it. */
static void
end_session(struct vpn_engine *eng, struct end *end, enum input input, bool was_up,
    struct vpn_turn *turn)
{
	if (was_up)
		vpn_scope_session(eng, end, -1, input == IN_DOWN);
	turn->tracked = true;
	turn->state = input == IN_DOWN ? VPN_STATE_DOWN : VPN_STATE_ENDED;
	turn->changed = was_up;
	if (end->link->alarm == VPN_ALARM_NONE)
		vpn_link_free(eng, end->link);
}

/* This end took it down; that the other heard of it first makes it no outage. */
static bool
is_meant(
    const struct vpn_engine *eng, const struct link *link, bool was_down, int64_t ms)
{
	const struct vpn_code *had = vpn_codes_code(eng, link->reason);

	return !was_down && link->state == VPN_STATE_DOWN &&
	    link->alarm == VPN_ALARM_NONE && link->ndrops > 0 && had &&
	    vpn_text_same(had->slug, VPN_TEXT("peer_request")) &&
	    ms - link->since_ms < MEANT_MS && link->since_ms - ms < MEANT_MS;
}

/* The first line gave no reason, and this one does before anybody was told. */
static bool
says_more(
    const struct vpn_engine *eng, const struct link *link, const struct vpn_event *ev)
{
	const struct vpn_code *had = vpn_codes_code(eng, link->reason);

	return link->alarm == VPN_ALARM_NONE && had && had->vague && !ev->code->vague;
}

static void
down(struct vpn_engine *eng, struct end *end, const struct who *who,
    const struct vpn_event *ev, const struct vpn_ruling *rule, bool late,
    struct vpn_turn *turn)
{
	struct link *link = end->link;
	int64_t ms = corrected(eng, end->device, ev->time_ms);
	enum input input = input_of(ev->policy->effect, rule->mode);
	unsigned lost = vpn_child_lost(end), live = vpn_child_live(end);
	enum child_result result = vpn_child_down(end, ev);
	bool meant = input == IN_ADMIN && is_meant(eng, link, end->down, ms);
	bool fresh = meant || link->state != VPN_STATE_DOWN;

	if (input == IN_DOWN && ev->time_ms >= end->lost_ms) {
		end->lost_ms = ev->time_ms;
		end->torn_code = vpn_codes_number(eng, ev->code);
	}
	if (input != IN_DOWN && result == CHILD_GONE && live > 0 &&
	    end->lost_ms > ev->time_ms) {
		down_after_all(eng, end);
		return;
	}
	if (input == IN_UP) {
		if (link->state == VPN_STATE_UNKNOWN || link->state == VPN_STATE_UP ||
		    ms > link->since_ms)
			vpn_state_input(eng, link, IN_UP, ms, 0);
		return;
	}
	if (vpn_child_lost(end) > lost && link->alarm == VPN_ALARM_NONE)
		link->reason = vpn_codes_number(eng, ev->code);
	vpn_state_degraded(eng, link);
	if (result != CHILD_GONE || is_outvoted(eng, end, ms) ||
	    (ev->time_ms < end->up_ms && !vpn_child_named(ev)))
		return;
	end->down = true;
	end->down_ms = ev->time_ms;
	link->dynamic = is_dynamic(end, ev, rule);
	if (link->dynamic) {
		end_session(eng, end, input, link->state == VPN_STATE_UP, turn);
		return;
	}
	if (is_part(end)) {
		vpn_state_degraded(eng, link);
		return;
	}
	if (fresh || says_more(eng, link, ev)) {
		link->reason = vpn_codes_number(eng, ev->code);
		vpn_link_keep_line(link, 0, ev->line->raw);
	}
	link->late = fresh ? late : link->late;
	open_window(eng, who, ev);
	if (!end->recovers)
		vpn_wheel_set(eng, link, DUE_QUIET, after_s(eng, QUIET_S));
	if (meant)
		vpn_state_excuse(eng, link);
	vpn_state_input(eng, link, input, ms, hold_of(eng, ev->policy, rule, late));
}

void
vpn_turn_failure(struct vpn_engine *eng, struct end *end, struct who *who,
    const struct vpn_event *ev, const struct vpn_ruling *rule, struct vpn_turn *turn)
{
	bool counts =
	    ev->code->role == VPN_ROLE_FAULT || ev->code->role == VPN_ROLE_CAPACITY;

	if (end == NULL && rule->named && counts)
		end = vpn_who_make(eng, who, ev);
	if (rule->page != VPN_NO)
		vpn_scope_failure(eng, ev, end != NULL);
	if (end == NULL)
		return;
	turn->tracked = true;
	turn->previous = (enum vpn_state)end->link->state;
	if (!is_repeated(eng, end->link, ev, turn) && counts) {
		vpn_failure(eng, end, ev);
		turn->state = (enum vpn_state)end->link->state;
		turn->changed = turn->state != turn->previous;
		remember(end->link, ev, turn);
	}
	turn->state = (enum vpn_state)end->link->state;
	turn->subject = end->link->subject;
}

/* The event of a tunnel that is known, or is from now on. */
void
vpn_turn_over(struct vpn_engine *eng, struct end *end, struct who *who,
    const struct vpn_event *ev, const struct vpn_ruling *rule, bool late,
    struct vpn_turn *turn)
{
	struct link *link;

	if (ev->class == VPN_CLASS_ESTABLISHED)
		vpn_who_rehome(eng, end, who->subject);
	link = end->link;
	if (is_repeated(eng, link, ev, turn))
		return;
	turn->previous = (enum vpn_state)link->state;
	if (ev->class == VPN_CLASS_ESTABLISHED)
		up(eng, end, who, ev, rule);
	else
		down(eng, end, who, ev, rule, late, turn);
	if (turn->tracked)
		return; /* a session: it is not there any more */
	turn->tracked = true;
	turn->state = (enum vpn_state)link->state;
	turn->changed = turn->state != turn->previous;
	turn->subject = link->subject;
	remember(link, ev, turn);
	vpn_link_dirty(eng, link);
}

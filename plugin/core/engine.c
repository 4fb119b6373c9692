/* SPDX-License-Identifier: Apache-2.0
 * The engine's entry points: an event to its end, link and state. */
#include "core/estate.h"

#include <stdlib.h>

#include "core/address.h"

#define LATE_HOLD_S 11    /* for a late drop: until its device has caught up */
#define MOVING_S (5 * 60) /* a peer whose name changed may have a new address */
#define HOLD_OF_CODES 60  /* the hold that conf.hold_down stands for */

/* Codes after which a peer may come back with another address (rule 4). */
static const char *const movers[] = {
    "dns_resolution_status_change",
    "peer_address_switch",
};

void
vpn_engine_defaults(struct vpn_engine_conf *conf)
{
	*conf = (struct vpn_engine_conf){.hold_down = 60,
	    .hold_up = 60,
	    .gateway_hold = 30,
	    .flap_window = 600,
	    .flap_count = 3,
	    .max_age = 300,
	    .max_firing = 7 * DAY,
	    .max_tunnels = 100000};
}

struct vpn_engine *
vpn_engine_new(const struct vpn_engine_conf *conf)
{
	struct vpn_engine *eng = calloc(1, sizeof(*eng));

	if (eng)
		eng->conf = *conf;
	return eng;
}

void
vpn_engine_free(struct vpn_engine *eng)
{
	if (eng == NULL)
		return;
	vpn_links_free(eng);
	vpn_devices_free(eng);
	vpn_scopes_free(eng);
	vpn_codes_free(eng);
	free(eng->heard_s);
	free(eng);
}

const struct vpn_engine_counts *
vpn_engine_counts(const struct vpn_engine *eng)
{
	return &eng->counts;
}

void
vpn_engine_begin(struct vpn_engine *eng, struct vpn_now now)
{
	eng->now = now;
	if (eng->ticked_s == 0 && now.mono_ms >= 1000)
		eng->ticked_s = mono_s(eng) - 1;
}

/* Close what is open about it, and know it no more. */
static void
forget(struct vpn_engine *eng, struct link *link)
{
	struct vpn_text none = {NULL, 0};

	vpn_state_close(eng, link, VPN_ENDING_FORGOTTEN, eng->now.wall_ms, none);
	vpn_link_free(eng, link);
}

static void
use_silences(struct vpn_engine *eng)
{
	size_t n = vpn_policy_silences(eng->policy);
	uint32_t *heard = calloc(n + 1, sizeof(*heard));

	eng->nheard = heard ? n : 0;
	for (size_t i = 0; i < eng->nheard; i++)
		heard[i] = mono_s(eng);
	free(eng->heard_s);
	eng->heard_s = heard;
	for (struct scope *scope = eng->all_scopes; scope; scope = scope->next)
		if (scope->kind == VPN_ALARM_SILENCE &&
		    vpn_policy_heard(eng->policy, scope->subject) < 0)
			vpn_scope_close(eng, scope, VPN_ENDING_FORGOTTEN);
}

void
vpn_engine_use(struct vpn_engine *eng, const struct vpn_rules *rules,
    const struct vpn_policy *policy)
{
	struct vpn_ruling rule;

	eng->rules = rules;
	eng->policy = policy;
	vpn_codes_use(eng);
	use_silences(eng);
	for (int list = 0; list < LISTS; list++) {
		for (struct link *link = eng->list[list].first, *next; link;
		     link = next) {
			next = link->next;
			if (link->alarm == VPN_ALARM_NONE && list != LIST_DOWN)
				continue;
			vpn_state_rule(eng, link, link->reason, &rule);
			if (rule.decommissioned)
				forget(eng, link);
			else if (link->withheld != WITHHELD_NOT)
				vpn_state_again(eng, link);
		}
	}
}

/* The addresses and names of an event, as the overrides have them. */
struct who {
	struct vpn_text part[END_TEXTS];
	char local[VPN_IP_MAX], peer[VPN_IP_MAX];
	char pair[2 * VPN_IP_MAX];
	struct vpn_text subject;
};

static bool
is_any(struct vpn_text ip)
{
	return vpn_text_same(ip, VPN_TEXT("0.0.0.0")) || vpn_text_same(ip, VPN_TEXT("::"));
}

static int
compare(struct vpn_text a, struct vpn_text b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static void
set_subject(struct who *who)
{
	struct vpn_text a = who->part[END_LOCAL], b = who->part[END_PEER];

	who->subject = who->part[END_ID];
	if (!vpn_is_ip(a) || !vpn_is_ip(b) || a.len + b.len >= sizeof(who->pair))
		return;
	if (compare(a, b) > 0) {
		a = who->part[END_PEER];
		b = who->part[END_LOCAL];
	}
	memcpy(who->pair, a.at, a.len);
	who->pair[a.len] = '~';
	memcpy(who->pair + a.len + 1, b.at, b.len);
	who->subject = (struct vpn_text){who->pair, a.len + 1 + b.len};
}

static void
identify(const struct vpn_engine *eng, const struct vpn_event *ev, struct who *who)
{
	struct vpn_text none = {NULL, 0}, local = none, peer, connection;

	if (ev->local_is_ip && !is_any(ev->field[VPN_LOCAL]))
		local = vpn_canonical(ev->field[VPN_LOCAL], who->local);
	local = vpn_policy_address(eng->policy, ev->device, local);
	peer = vpn_canonical(ev->field[VPN_PEER], who->peer);
	connection = ev->field[VPN_CONNECTION];
	if (connection.len == 0)
		connection = ev->field[VPN_POLICY];
	who->part[END_ID] = (struct vpn_text){ev->tunnel, ev->tunnel_len};
	who->part[END_DEVICE] = vpn_policy_device(eng->policy, ev->device);
	who->part[END_LOCAL] = local;
	who->part[END_PEER] = vpn_policy_address(eng->policy, none, peer);
	who->part[END_INTERFACE] = ev->field[VPN_INTERFACE];
	who->part[END_CONNECTION] = connection;
	set_subject(who);
}

/* Device, peer and sequence: a tunnel whatever its interface (rule 2). */
static uint64_t
kin_of(const struct who *who, const struct vpn_event *ev)
{
	return vpn_hash(vpn_hash(vpn_hash(3, who->part[END_DEVICE]), who->part[END_PEER]),
	    ev->field[VPN_SEQUENCE]);
}

/* Device, interface, sequence and flow: a tunnel whoever its peer (rule 4). */
static uint64_t
place_of(const struct who *who, const struct vpn_event *ev, struct vpn_text flow)
{
	return vpn_hash(
	    vpn_hash(vpn_hash(vpn_hash(5, who->part[END_DEVICE]), ev->field[VPN_IF_INDEX]),
		ev->field[VPN_SEQUENCE]),
	    flow);
}

static void
join(struct vpn_engine *eng, struct end *end, const struct vpn_event *ev)
{
	struct vpn_text sequence = ev->field[VPN_SEQUENCE];

	vpn_group_join(eng, end, sequence);
}

/* What was not known before about the end: its address, its interface. */
static void
learn(struct vpn_engine *eng, struct end *end, struct who *who,
    const struct vpn_event *ev)
{
	struct vpn_text role = ev->field[VPN_ROLE];
	uint8_t *text;
	bool fresh = false;

	if (role.len > 0)
		end->role = role.at[0] == 'R' || role.at[0] == 'r' ? ROLE_RESPONDER
								   : ROLE_INITIATOR;
	for (int i = 0; i < END_TEXTS; i++) {
		struct vpn_text old = vpn_end_text(end, (enum end_text)i);

		/* Found by its kin, it has another id than the event. */
		if (who->part[i].len == 0 || old.len > 0)
			who->part[i] = old;
		else
			fresh = true;
	}
	set_subject(who);
	if (!fresh || (text = vpn_end_pack(who->part)) == NULL)
		return;
	vpn_group_leave(eng, end);
	/* who may point into the old text: the new one says the same. */
	for (int i = 0; i < END_TEXTS; i++) {
		const uint8_t *at = text;

		for (int j = 0; j < i; j++)
			at += *at + 1;
		who->part[i] = (struct vpn_text){(const char *)at + 1, *at};
	}
	free(end->text);
	end->text = text;
	set_subject(who);
	join(eng, end, ev);
}

/* An end whose other address became known belongs to the pair, unless an alarm
 * is open under its old name. */
static void
rehome(struct vpn_engine *eng, struct end *end, struct vpn_text subject)
{
	struct link *link = end->link, *to;

	if (vpn_text_same(link->subject, subject) || link->alarm != VPN_ALARM_NONE ||
	    link->state == VPN_STATE_DOWN)
		return;
	to = vpn_link_find(eng, subject);
	if (to == NULL) {
		to = vpn_link_new(eng, subject);
		if (to == NULL)
			return;
		to->state = link->state;
		to->since_ms = link->since_ms;
		to->up_ms = link->up_ms;
		to->down_ms = link->down_ms;
		to->dynamic = link->dynamic;
		memcpy(to->cause, link->cause, sizeof(to->cause));
		vpn_link_list(eng, to);
	}
	vpn_end_move(eng, end, to);
}

static struct end *
make(struct vpn_engine *eng, struct who *who, const struct vpn_event *ev)
{
	struct link *link = vpn_link_find(eng, who->subject);
	struct end *end;

	if (link == NULL)
		link = vpn_link_new(eng, who->subject);
	if (link == NULL)
		return NULL;
	end = vpn_end_new(eng, link, vpn_end_pack(who->part));
	if (end == NULL) {
		if (link->ends == NULL)
			vpn_link_free(eng, link);
		return NULL;
	}
	end->recovers = ev->vendor->recovery;
	end->device = vpn_device_of(eng, ev->device);
	if (end->device)
		end->device->ends++;
	vpn_end_kin(eng, end, kin_of(who, ev));
	join(eng, end, ev);
	return end;
}

/* The end that the event is of: by its id, else by its kin. */
static struct end *
find(struct vpn_engine *eng, const struct who *who, const struct vpn_event *ev)
{
	struct end *end = vpn_end_find(eng, who->part[END_ID]);
	struct node *node;

	if (end || ev->class != VPN_CLASS_NEGOTIATION)
		return end;
	node = vpn_table_get(&eng->kin, kin_of(who, ev));
	return node ? HOLDER(struct end, by_kin, node) : NULL;
}

static uint32_t
short_id(const struct vpn_event *ev)
{
	uint32_t id = 0;

	memcpy(&id, ev->id, sizeof(id));
	return id | 1;
}

/* The same line once more has the same outcome, and no other. */
static bool
is_repeated(struct vpn_engine *eng, const struct link *link,
    const struct vpn_event *ev, struct vpn_turn *turn)
{
	for (size_t i = 0; i < TURNS; i++) {
		if (link->turn[i].id != short_id(ev))
			continue;
		turn->tracked = true;
		turn->state = (enum vpn_state)link->turn[i].state;
		turn->previous = (enum vpn_state)link->turn[i].previous;
		turn->changed = link->turn[i].changed;
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
	ms += dev ? (int64_t)dev->offset_s * 1000 : 0;
	return ms > eng->now.wall_ms ? eng->now.wall_ms : ms;
}

/* Has a user's end been told of, by the line or by the overrides? */
static bool
is_dynamic(const struct end *end, const struct vpn_event *ev,
    const struct vpn_ruling *rule)
{
	struct vpn_text inside = ev->field[VPN_INSIDE_IP];

	if (rule->dynamic != VPN_UNSAID)
		return rule->dynamic == VPN_YES;
	return end->link->dynamic || (vpn_is_ip(inside) && !is_any(inside)) ||
	    ev->field[VPN_USER].len > 0 ||
	    (ev->policy && ev->policy->effect == VPN_EFFECT_USER) ||
	    vpn_group_dynamic(end);
}

/* The same tunnel under another interface index, and the same flow under
 * another peer: what was open there is over (rules 2 and 4). */
static void
close_others(struct vpn_engine *eng, struct end *end, const struct who *who,
    const struct vpn_event *ev, int64_t ms, uint64_t place)
{
	struct node *node = vpn_table_get(&eng->kin, end->by_kin.hash), *next;

	for (; node; node = vpn_table_more(node)) {
		struct end *other = HOLDER(struct end, by_kin, node);

		if (other->link == end->link || other->link->state == VPN_STATE_UP)
			continue;
		other->down = false;
		vpn_state_input(eng, other->link, IN_UP, ms, 0);
	}
	for (node = vpn_table_get(&eng->places, place); node; node = next) {
		struct end *other = HOLDER(struct end, by_place, node);

		next = vpn_table_more(node);
		if (other->link == end->link || other->link->state != VPN_STATE_DOWN ||
		    other->link->ends->next != NULL)
			continue;
		vpn_state_close(
		    eng, other->link, VPN_ENDING_MOVED, ms, who->part[END_PEER]);
		vpn_link_free(eng, other->link);
		next = vpn_table_get(&eng->places, place);
	}
	if (ev->field[VPN_FLOW].len > 0)
		vpn_end_place(eng, end, place);
}

static bool
is_moving(const struct vpn_engine *eng, uint64_t slot)
{
	for (size_t i = 0; i < sizeof(eng->moving) / sizeof(*eng->moving); i++)
		if (eng->moving[i].slot == slot && eng->moving[i].until_s >= mono_s(eng))
			return true;
	return false;
}

static void
up(struct vpn_engine *eng, struct end *end, const struct who *who,
    const struct vpn_event *ev, const struct vpn_ruling *rule)
{
	struct vpn_text none = {NULL, 0}, flow = ev->field[VPN_FLOW];
	struct link *link = end->link;
	uint64_t slot = place_of(who, ev, none);
	int64_t ms = corrected(eng, end->device, ev->time_ms);
	bool was_up = link->state == VPN_STATE_UP;

	if (!vpn_child_up(end, ev))
		return;
	end->down = false;
	if (end->ups < UINT16_MAX)
		end->ups++;
	if (end->passer && end->group[GROUP_SLOT])
		end->group[GROUP_SLOT]->passers--;
	end->passer = false;
	for (struct end *other = link->ends; other; other = other->next)
		if (other->device != end->device && other->down) {
			other->down = false;
			other->nchildren = 0;
		}
	link->dynamic = is_dynamic(end, ev, rule);
	vpn_state_input(eng, link, IN_UP, ms, 0);
	vpn_state_degraded(eng, link);
	if (link->dynamic && !was_up)
		vpn_scope_session(eng, end, 1, false);
	if (flow.len > 0 || is_moving(eng, slot))
		close_others(eng, end, who, ev, ms, place_of(who, ev, flow));
	if (is_moving(eng, slot))
		close_others(eng, end, who, ev, ms, slot);
}

static void
open_window(struct vpn_engine *eng, const struct who *who, const struct vpn_event *ev)
{
	struct vpn_text none = {NULL, 0};
	size_t oldest = 0, n = sizeof(eng->moving) / sizeof(*eng->moving);

	for (size_t i = 0; i < sizeof(movers) / sizeof(*movers); i++) {
		if (!vpn_text_same(ev->code->slug, vpn_text(movers[i])))
			continue;
		for (size_t j = 0; j < n; j++)
			if (eng->moving[j].until_s < eng->moving[oldest].until_s)
				oldest = j;
		eng->moving[oldest].slot = place_of(who, ev, none);
		eng->moving[oldest].until_s = after_s(eng, MOVING_S);
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

static void
down(struct vpn_engine *eng, struct end *end, const struct who *who,
    const struct vpn_event *ev, const struct vpn_ruling *rule, bool late,
    struct vpn_turn *turn)
{
	struct link *link = end->link;
	int64_t ms = corrected(eng, end->device, ev->time_ms);
	enum input input = input_of(ev->policy->effect, rule->mode);
	enum child_result result = vpn_child_down(end, ev);
	bool fresh = link->state != VPN_STATE_DOWN;

	if (input == IN_UP) {
		if (fresh || ms > link->since_ms)
			vpn_state_input(eng, link, IN_UP, ms, 0);
		return;
	}
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
	if (fresh) {
		link->reason = vpn_codes_number(eng, ev->code);
		link->late = late;
		vpn_link_keep_line(link, 0, ev->line->raw);
	}
	open_window(eng, who, ev);
	if (!end->recovers)
		vpn_wheel_set(eng, link, DUE_QUIET, after_s(eng, QUIET_S));
	vpn_state_input(eng, link, input, ms, hold_of(eng, ev->policy, rule, late));
}

static void
failure(struct vpn_engine *eng, struct end *end, struct who *who,
    const struct vpn_event *ev, const struct vpn_ruling *rule, struct vpn_turn *turn)
{
	bool counts = ev->code->role == VPN_ROLE_FAULT ||
	    ev->code->role == VPN_ROLE_CAPACITY;

	if (end == NULL && rule->named && counts)
		end = make(eng, who, ev);
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
}

/* The event of a tunnel that is known, or is from now on. */
static void
turn_over(struct vpn_engine *eng, struct end *end, struct who *who,
    const struct vpn_event *ev, const struct vpn_ruling *rule, bool late,
    struct vpn_turn *turn)
{
	struct link *link;

	if (ev->class == VPN_CLASS_ESTABLISHED)
		rehome(eng, end, who->subject);
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
	remember(link, ev, turn);
	vpn_link_dirty(eng, link);
}

void
vpn_engine_event(struct vpn_engine *eng, const struct vpn_event *ev, struct vpn_now now,
    struct vpn_turn *turn)
{
	struct vpn_ruling rule;
	struct who who;
	struct end *end;
	bool late;

	vpn_engine_begin(eng, now);
	*turn = (struct vpn_turn){0};
	if (ev->class == VPN_CLASS_CLIENT || ev->class == VPN_CLASS_SYMPTOM ||
	    (ev->policy && ev->policy->effect == VPN_EFFECT_COPY))
		return;
	late = vpn_device_hear(eng, vpn_device_of(eng, ev->device), ev);
	identify(eng, ev, &who);
	vpn_policy_rule(eng->policy,
	    &(struct vpn_whom){ev->device, who.part[END_PEER], who.part[END_ID], ev->code},
	    &rule);
	end = find(eng, &who, ev);
	if (rule.decommissioned) {
		if (end)
			forget(eng, end->link);
		return;
	}
	if (end)
		learn(eng, end, &who, ev);
	if (ev->class == VPN_CLASS_NEGOTIATION) {
		failure(eng, end, &who, ev, &rule, turn);
		return;
	}
	if (end == NULL)
		end = make(eng, &who, ev);
	if (end)
		turn_over(eng, end, &who, ev, &rule, late, turn);
}

void
vpn_engine_heard(struct vpn_engine *eng, size_t silence, struct vpn_now now)
{
	const struct vpn_silence *it;
	struct scope *scope;

	vpn_engine_begin(eng, now);
	if (silence >= eng->nheard)
		return;
	eng->heard_s[silence] = mono_s(eng);
	it = vpn_policy_silence(eng->policy, silence);
	scope = vpn_scope_of(eng, VPN_ALARM_SILENCE, it->device, it->device);
	if (scope)
		vpn_scope_close(eng, scope, VPN_ENDING_RECOVERED);
}

void
vpn_engine_tick(struct vpn_engine *eng, struct vpn_now now)
{
	uint32_t until;

	vpn_engine_begin(eng, now);
	until = mono_s(eng);
	for (uint32_t s = eng->ticked_s + 1; s <= until; s++) {
		struct link *link;
		int64_t back = now.mono_ms - (int64_t)s * 1000;

		eng->now.mono_ms = (int64_t)s * 1000;
		eng->now.wall_ms = now.wall_ms - back;
		vpn_group_tick(eng, s);
		eng->ticked_s = s;
		while ((link = vpn_wheel_next(eng, s)) != NULL)
			vpn_state_due(eng, link, s);
		vpn_scope_tick(eng, s);
	}
	eng->now = now;
}

bool
vpn_engine_forget(struct vpn_engine *eng, struct vpn_text name, struct vpn_now now)
{
	struct end *end;
	struct link *link;

	vpn_engine_begin(eng, now);
	end = vpn_end_find(eng, name);
	link = end ? end->link : vpn_link_find(eng, name);
	if (link == NULL)
		return false;
	forget(eng, link);
	return true;
}

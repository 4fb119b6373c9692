/* SPDX-License-Identifier: Apache-2.0
 * The engine's entry points: an event to its end, link and state. */
#include <stdlib.h>

#include "core/turn.h"

/* What is due after so long a silence is done at its end: only a log that is played
 * has one, and a device whose clock was years off must not cost its seconds. */
#define SILENCE_S (32 * DAY)

static void
ignore_alarm(const struct vpn_alarm *alarm, void *arg)
{
	(void)alarm, (void)arg;
}

static void
ignore_warning(const char *sentence, void *arg)
{
	(void)sentence, (void)arg;
}

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
	    .max_tunnels = 100000,
	    .max_alarms = 1000,
	    .alarm = ignore_alarm,
	    .warn = ignore_warning};
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
	eng->conf.moved = NULL;
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
			vpn_link_rule(eng, link, link->reason, &rule);
			if (rule.decommissioned)
				forget(eng, link);
			else if (link->withheld != WITHHELD_NOT)
				vpn_state_again(eng, link);
		}
	}
}

static void
tell_state(const struct end *end, struct vpn_turn *turn)
{
	turn->tracked = end != NULL;
	if (end == NULL)
		return;
	turn->state = turn->previous = (enum vpn_state)end->link->state;
	turn->subject = end->link->subject;
}

static void
fetch_buckets(const struct vpn_engine *eng, const struct who *who)
{
	vpn_table_fetch(&eng->ends, who->id);
	vpn_table_fetch(&eng->kin, who->kin);
	vpn_table_fetch(&eng->places, who->place);
}

static void
fetch_nodes(const struct vpn_engine *eng, const struct who *who)
{
	vpn_table_fetch_first(&eng->ends, who->id, sizeof(struct end));
	vpn_table_fetch_first(&eng->kin, who->kin, sizeof(struct node));
	vpn_table_fetch_first(&eng->places, who->place, sizeof(struct node));
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
	if (ev->class == VPN_CLASS_CLIENT || ev->class >= VPN_CLASS_SYMPTOM ||
	    (ev->policy && ev->policy->effect == VPN_EFFECT_COPY))
		return;
	vpn_who(eng, ev, &who);
	fetch_buckets(eng, &who);
	late = vpn_device_hear(eng, vpn_device_of(eng, ev->device), ev);
	fetch_nodes(eng, &who);
	vpn_policy_rule(eng->policy,
	    &(struct vpn_whom){
		ev->device, who.part[END_PEER], who.part[END_ID], ev->code},
	    &rule);
	end = vpn_who_find(eng, &who, ev);
	if (end)
		vpn_fetch(end->link, sizeof(*end->link));
	if (rule.decommissioned) {
		if (end)
			forget(eng, end->link);
		return;
	}
	if (end)
		vpn_who_learn(eng, end, &who, ev);
	if (ev->message->stateless) {
		/* An IKE SA that comes up beside a live one takes its child SAs over.
		 */
		if (end && ev->class == VPN_CLASS_ESTABLISHED && vpn_child_named(ev) &&
		    vpn_child_live(end) > 0 && vpn_child_up(end, ev))
			vpn_link_dirty(eng, end->link);
		tell_state(end, turn);
		return;
	}
	if (ev->class == VPN_CLASS_NEGOTIATION) {
		vpn_turn_failure(eng, end, &who, ev, &rule, turn);
		return;
	}
	if (end == NULL && vpn_who_is_named(ev))
		end = vpn_who_make(eng, &who, ev);
	if (end)
		vpn_turn_over(eng, end, &who, ev, &rule, late, turn);
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
	for (uint32_t s = eng->ticked_s + 1, start = s; s <= until; s++) {
		struct link *link;
		int64_t back;

		if (s - start > SILENCE_S && until - s > WHEEL)
			s = until - WHEEL;
		back = now.mono_ms - (int64_t)s * 1000;
		eng->now.mono_ms = (int64_t)s * 1000;
		eng->now.wall_ms = now.wall_ms - back;
		vpn_gateway_tick(eng, s);
		eng->ticked_s = s;
		while ((link = vpn_wheel_next(eng, s)) != NULL)
			vpn_state_due(eng, link, s);
		vpn_crowd_tick(eng, s);
		vpn_scope_tick(eng, s);
	}
	eng->now = now;
}

bool
vpn_engine_doubts(const struct vpn_engine *eng, struct vpn_text subject)
{
	const struct link *link = vpn_link_find(eng, subject);
	const struct scope *scope = vpn_scope_find(eng, VPN_ALARM_GATEWAY, subject);

	return is_lagging(eng) || (scope && scope->open && scope->close_s > 0) ||
	    (link && (link->due_s[DUE_HOLD] > 0 || link->due_s[DUE_HEAL] > 0));
}

bool
vpn_engine_forget(struct vpn_engine *eng, struct vpn_text name, struct vpn_now now)
{
	struct end *end;
	struct link *link;

	vpn_engine_begin(eng, now);
	end = vpn_end_find(eng, name, vpn_hash(0, name));
	link = end ? end->link : vpn_link_find(eng, name);
	if (link == NULL)
		return false;
	forget(eng, link);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0
 * To tell an alarm of a link. */
#include "core/flap.h"

/* Whose words are on the page: of the end that spoke first of this outage. */
static const struct end *
speaker(const struct link *link)
{
	const struct end *found = NULL;

	for (const struct end *end = link->ends; end; end = end->next)
		if (found == NULL || (end->down && !found->down) ||
		    (end->down == found->down && end->down_ms < found->down_ms))
			found = end;
	return found;
}

static void
fill_ends(const struct link *link, struct vpn_alarm *alarm)
{
	const struct end *end = speaker(link);

	if (end == NULL)
		return;
	alarm->tunnel = vpn_end_text(end, END_ID);
	alarm->device = vpn_end_text(end, END_DEVICE);
	alarm->local = vpn_end_text(end, END_LOCAL);
	alarm->peer = vpn_end_text(end, END_PEER);
	alarm->interface = vpn_end_text(end, END_INTERFACE);
	alarm->connection = vpn_end_text(end, END_CONNECTION);
}

void
vpn_raise_fill(
    const struct vpn_engine *eng, const struct link *link, struct vpn_alarm *alarm)
{
	struct vpn_ruling rule;

	*alarm = (struct vpn_alarm){.kind = (enum vpn_alarm_kind)link->alarm,
	    .severity = vpn_crowd_severity((enum vpn_alarm_kind)link->alarm),
	    .subject = link->subject,
	    .reason = vpn_codes_code(eng, link->reason),
	    .failure = vpn_codes_code(eng, link->failure),
	    .failures = link->failures,
	    .drops = vpn_flap_drops(eng, link),
	    .late = link->late,
	    .start_ms = link->alarm_ms,
	    .opened_ms = link->opened_ms,
	    .told_ms = eng->now.wall_ms,
	    .lines = {vpn_text(link->line[0]), vpn_text(link->line[1])}};
	fill_ends(link, alarm);
	for (const struct end *end = link->ends; end; end = end->next) {
		alarm->down += vpn_child_lost(end);
		alarm->members += vpn_child_lost(end) + vpn_child_live(end);
	}
	if (link->alarm != VPN_ALARM_DEGRADED)
		alarm->down = alarm->members = 0;
	vpn_link_rule(eng, link, link->reason, &rule);
	alarm->name = rule.name;
	alarm->owner = rule.owner;
	alarm->site = rule.site;
	alarm->runbook = rule.runbook;
}

void
vpn_moved(const struct vpn_engine *eng, const struct link *link, int64_t ms,
    struct vpn_text former)
{
	struct vpn_move move = {.subject = link->subject,
	    .former = former,
	    .state = (enum vpn_state)link->state,
	    .when_ms = ms,
	    .reason = vpn_codes_code(eng, link->reason),
	    .session = link->dynamic};

	if (eng->conf.moved)
		eng->conf.moved(&move, eng->conf.arg);
}

/* What the page will say of the cause does not change while it is open. */
static void
open(struct vpn_engine *eng, struct link *link, enum vpn_alarm_kind kind)
{
	unsigned n;

	link->alarm = (uint8_t)kind;
	link->opened_ms = eng->now.wall_ms;
	link->alarm_ms =
	    kind == VPN_ALARM_FAILING ? (int64_t)link->streak_s * 1000 : link->start_ms;
	if (kind == VPN_ALARM_FLAPPING && link->ndrops > 0)
		link->alarm_ms =
		    (int64_t)link->drop_s[link->ndrops < 3 ? link->ndrops - 1 : 2] *
		    1000;
	link->failure = vpn_failure_cause(eng, link, link->alarm_ms, &n);
	link->failures = (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
	vpn_wheel_set(eng, link, DUE_REMIND, after_s(eng, eng->conf.max_firing));
	vpn_wheel_set(eng, link, DUE_HEAL, 0);
	eng->counts.opened++;
	vpn_crowd_count(eng, kind, 1);
}

void
vpn_raise(struct vpn_engine *eng, struct link *link, enum vpn_alarm_kind kind,
    enum vpn_step_of_alarm step, enum vpn_ending ending, int64_t end_ms,
    struct vpn_text moved_to)
{
	struct vpn_alarm alarm;

	if (step == VPN_ALARM_OPENED) {
		if (link->alarm != VPN_ALARM_NONE)
			vpn_raise(eng, link, (enum vpn_alarm_kind)link->alarm,
			    VPN_ALARM_RESOLVED, VPN_ENDING_REPLACED, eng->now.wall_ms,
			    moved_to);
		open(eng, link, kind);
	}
	vpn_raise_fill(eng, link, &alarm);
	alarm.kind = kind;
	alarm.severity = vpn_crowd_severity(kind);
	alarm.step = step;
	alarm.ending = ending;
	alarm.end_ms = end_ms;
	alarm.moved_to = moved_to;
	if (step == VPN_ALARM_CLEARED)
		alarm.start_ms = alarm.opened_ms = end_ms;
	vpn_link_dirty(eng, link);
	eng->conf.alarm(&alarm, eng->conf.arg);
	eng->counts.reminded += step == VPN_ALARM_REMINDED;
	if (step != VPN_ALARM_RESOLVED)
		return;
	link->alarm = VPN_ALARM_NONE;
	vpn_wheel_set(eng, link, DUE_REMIND, 0);
	vpn_wheel_set(eng, link, DUE_HEAL, 0);
	eng->counts.resolved++;
	vpn_crowd_count(eng, kind, -1);
}

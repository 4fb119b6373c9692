/* SPDX-License-Identifier: Apache-2.0
 * The state of a link, what brings it from one to the other, and what it has
 * to wait for before somebody is told. */
#include "core/flap.h"

#include <stdlib.h>

#define BEHIND_S 5 /* between two looks at a device that is behind */

enum act {
	ACT_NONE,
	ACT_DROP, /* an outage begins */
	ACT_RISE, /* it is over */
	ACT_MARK, /* it ended, and may be missed later */
	ACT_LEAVE /* it ended, and nobody waits for it */
};

struct transition {
	enum vpn_state to;
	enum act act;
};

#define GO(state, act)                 \
	{                              \
		VPN_STATE_##state, act \
	}

/* Every state with every input. What an operator or an idle timer does while
 * a tunnel is down does not end the outage; what the other end says about a
 * tunnel that was taken down on purpose does not begin one. */
static const struct transition table[VPN_STATE_COUNT][INPUTS] =
    {
	[VPN_STATE_UNKNOWN] =
	    {
		[IN_UP] = GO(UP, ACT_RISE),
		[IN_DOWN] = GO(DOWN, ACT_DROP),
		[IN_ADMIN] = GO(ADMIN, ACT_MARK),
		[IN_IDLE] = GO(IDLE, ACT_MARK),
		[IN_USER] = GO(ENDED, ACT_LEAVE),
		[IN_FAILED] = GO(UNKNOWN, ACT_NONE),
	    },
	[VPN_STATE_UP] =
	    {
		[IN_UP] = GO(UP, ACT_NONE),
		[IN_DOWN] = GO(DOWN, ACT_DROP),
		[IN_ADMIN] = GO(ADMIN, ACT_MARK),
		[IN_IDLE] = GO(IDLE, ACT_MARK),
		[IN_USER] = GO(ENDED, ACT_LEAVE),
		[IN_FAILED] = GO(UP, ACT_NONE),
	    },
	[VPN_STATE_DOWN] =
	    {
		[IN_UP] = GO(UP, ACT_RISE),
		[IN_DOWN] = GO(DOWN, ACT_NONE),
		[IN_ADMIN] = GO(DOWN, ACT_NONE),
		[IN_IDLE] = GO(DOWN, ACT_NONE),
		[IN_USER] = GO(DOWN, ACT_NONE),
		[IN_FAILED] = GO(DOWN, ACT_NONE),
	    },
	[VPN_STATE_ADMIN] =
	    {
		[IN_UP] = GO(UP, ACT_RISE),
		[IN_DOWN] = GO(ADMIN, ACT_NONE),
		[IN_ADMIN] = GO(ADMIN, ACT_NONE),
		[IN_IDLE] = GO(ADMIN, ACT_NONE),
		[IN_USER] = GO(ADMIN, ACT_NONE),
		[IN_FAILED] = GO(DOWN, ACT_DROP),
	    },
	[VPN_STATE_IDLE] =
	    {
		[IN_UP] = GO(UP, ACT_RISE),
		[IN_DOWN] = GO(DOWN, ACT_DROP),
		[IN_ADMIN] = GO(ADMIN, ACT_MARK),
		[IN_IDLE] = GO(IDLE, ACT_NONE),
		[IN_USER] = GO(ENDED, ACT_LEAVE),
		[IN_FAILED] = GO(DOWN, ACT_DROP),
	    },
	[VPN_STATE_ENDED] =
	    {
		[IN_UP] = GO(UP, ACT_RISE),
		[IN_DOWN] = GO(ENDED, ACT_NONE),
		[IN_ADMIN] = GO(ENDED, ACT_NONE),
		[IN_IDLE] = GO(ENDED, ACT_NONE),
		[IN_USER] = GO(ENDED, ACT_NONE),
		[IN_FAILED] = GO(ENDED, ACT_NONE),
	    },
};

static const struct vpn_text nobody = {NULL, 0};

static bool
is_behind(const struct vpn_engine *eng, const struct link *link)
{
	for (const struct end *end = link->ends; link->late && end; end = end->next)
		if (vpn_device_behind(eng, end->device))
			return true;
	return false;
}

/* Down for as long as it has to be. */
static void
due_hold(struct vpn_engine *eng, struct link *link)
{
	int64_t down_s = (eng->now.wall_ms - link->start_ms) / 1000;

	if (link->state != VPN_STATE_DOWN)
		return;
	if (is_behind(eng, link)) {
		vpn_wheel_set(eng, link, DUE_HOLD, after_s(eng, BEHIND_S));
		return;
	}
	link->confirmed = true;
	if (link->alarm == VPN_ALARM_DOWN || link->alarm == VPN_ALARM_FAILING)
		return;
	if (link->alarm == VPN_ALARM_FLAPPING && down_s < vpn_flap_hold(eng)) {
		vpn_wheel_set(eng, link, DUE_HOLD,
		    after_s(eng, vpn_flap_hold(eng) - (int)down_s));
		return;
	}
	if (vpn_link_may_open(eng, link, DUE_HOLD, VPN_ALARM_DOWN))
		vpn_raise(eng, link, VPN_ALARM_DOWN, VPN_ALARM_OPENED, VPN_ENDING_NONE,
		    0, nobody);
}

static void
due_failing(struct vpn_engine *eng, struct link *link)
{
	if (!link->failing || link->alarm == VPN_ALARM_DOWN ||
	    link->alarm == VPN_ALARM_FAILING || link->alarm == VPN_ALARM_FLAPPING)
		return;
	if (link->state == VPN_STATE_DOWN && link->due_s[DUE_HOLD] > 0)
		return; /* it will be told as down */
	if (vpn_link_may_open(eng, link, DUE_FAILING, VPN_ALARM_FAILING))
		vpn_raise(eng, link, VPN_ALARM_FAILING, VPN_ALARM_OPENED,
		    VPN_ENDING_NONE, 0, nobody);
}

static unsigned
lost(const struct link *link)
{
	unsigned n = 0, down = 0, ends = 0;

	for (const struct end *end = link->ends; end; end = end->next) {
		n += vpn_child_lost(end);
		down += end->down;
		ends++;
	}
	return down < ends ? n + down : n;
}

static void
due_degraded(struct vpn_engine *eng, struct link *link)
{
	if (link->state == VPN_STATE_UP && lost(link) > 0 &&
	    link->alarm == VPN_ALARM_NONE &&
	    vpn_link_may_open(eng, link, DUE_DEGRADED, VPN_ALARM_DEGRADED))
		vpn_raise(eng, link, VPN_ALARM_DEGRADED, VPN_ALARM_OPENED,
		    VPN_ENDING_NONE, 0, nobody);
}

void
vpn_state_degraded(struct vpn_engine *eng, struct link *link)
{
	bool is = link->state == VPN_STATE_UP && lost(link) > 0;

	if (is && link->due_s[DUE_DEGRADED] == 0 && link->alarm == VPN_ALARM_NONE) {
		link->start_ms = eng->now.wall_ms;
		vpn_wheel_set(
		    eng, link, DUE_DEGRADED, after_s(eng, eng->conf.hold_down));
	}
	if (is && link->alarm == VPN_ALARM_DEGRADED)
		vpn_wheel_set(eng, link, DUE_HEAL, 0);
	if (!is && link->due_s[DUE_DEGRADED] > 0)
		vpn_wheel_set(eng, link, DUE_DEGRADED, 0);
	if (!is && link->alarm == VPN_ALARM_DEGRADED && link->due_s[DUE_HEAL] == 0 &&
	    link->state != VPN_STATE_DOWN)
		vpn_wheel_set(eng, link, DUE_HEAL, after_s(eng, eng->conf.hold_up));
}

static void
drop_lines(struct link *link)
{
	for (size_t i = 0; i < 2; i++) {
		free(link->line[i]);
		link->line[i] = NULL;
	}
}

void
vpn_state_close(struct vpn_engine *eng, struct link *link, enum vpn_ending ending,
    int64_t end_ms, struct vpn_text moved_to)
{
	if (link->alarm != VPN_ALARM_NONE)
		vpn_raise(eng, link, (enum vpn_alarm_kind)link->alarm,
		    VPN_ALARM_RESOLVED, ending, end_ms, moved_to);
	link->late = false;
	if (link->state != VPN_STATE_DOWN)
		drop_lines(link);
}

/* Up for as long as it takes to be believed. */
static void
due_heal(struct vpn_engine *eng, struct link *link)
{
	bool up = link->state == VPN_STATE_UP;

	if (link->alarm == VPN_ALARM_NONE || link->alarm == VPN_ALARM_FLAPPING)
		return;
	vpn_state_close(eng, link, up ? VPN_ENDING_RECOVERED : VPN_ENDING_ENDED,
	    up && link->alarm != VPN_ALARM_DEGRADED ? link->up_ms : eng->now.wall_ms,
	    nobody);
	vpn_state_degraded(eng, link);
}

static void
due_flap(struct vpn_engine *eng, struct link *link)
{
	if (link->alarm != VPN_ALARM_FLAPPING)
		return;
	if (link->state == VPN_STATE_DOWN) {
		vpn_wheel_set(eng, link, DUE_FLAP, after_s(eng, MINUTE));
		return;
	}
	vpn_state_close(eng, link,
	    link->state == VPN_STATE_UP ? VPN_ENDING_RECOVERED : VPN_ENDING_ENDED,
	    eng->now.wall_ms, nobody);
	vpn_state_degraded(eng, link);
}

/* Nothing was heard any more, of a tunnel whose vendor does not say when it is
 * back, or that was never said to be down. */
static void
due_quiet(struct vpn_engine *eng, struct link *link)
{
	if (link->alarm != VPN_ALARM_DOWN && link->alarm != VPN_ALARM_FAILING)
		return;
	for (const struct end *end = link->ends; end; end = end->next)
		if (end->recovers && link->state != VPN_STATE_UP)
			return;
	if (link->state == VPN_STATE_DOWN) {
		link->state = VPN_STATE_UNKNOWN;
		eng->counts.down--;
		vpn_moved(eng, link, eng->now.wall_ms, nobody);
	}
	vpn_failure_forget(link);
	vpn_group_count(eng, link);
	vpn_link_list(eng, link);
	vpn_state_close(eng, link, VPN_ENDING_SILENT, eng->now.wall_ms, nobody);
}

static void
due_remind(struct vpn_engine *eng, struct link *link)
{
	if (link->alarm == VPN_ALARM_NONE)
		return;
	vpn_raise(eng, link, (enum vpn_alarm_kind)link->alarm, VPN_ALARM_REMINDED,
	    VPN_ENDING_NONE, 0, nobody);
	vpn_wheel_set(eng, link, DUE_REMIND, after_s(eng, eng->conf.max_firing));
}

/* Who was here once and has not come back for a day may be a user. */
static void
due_passer(struct vpn_engine *eng, struct link *link)
{
	(void)eng;
	if (link->state == VPN_STATE_UP)
		return;
	for (struct end *end = link->ends; end; end = end->next) {
		if (end->passer || end->ups > 1 || end->group[GROUP_SLOT] == NULL)
			continue;
		end->passer = true;
		end->group[GROUP_SLOT]->passers++;
	}
}

void
vpn_state_due(struct vpn_engine *eng, struct link *link, uint32_t s)
{
	static void (*const dues[DUES])(struct vpn_engine *, struct link *) = {
	    [DUE_HOLD] = due_hold,
	    [DUE_FAILING] = due_failing,
	    [DUE_DEGRADED] = due_degraded,
	    [DUE_HEAL] = due_heal,
	    [DUE_FLAP] = due_flap,
	    [DUE_QUIET] = due_quiet,
	    [DUE_REMIND] = due_remind,
	    [DUE_PASSER] = due_passer,
	};

	vpn_link_dirty(eng, link);
	for (size_t i = 0; i < DUES; i++) {
		if (link->due_s[i] == 0 || link->due_s[i] > s)
			continue;
		vpn_wheel_set(eng, link, (enum due)i, 0);
		dues[i](eng, link);
	}
}

void
vpn_state_again(struct vpn_engine *eng, struct link *link)
{
	link->withheld = WITHHELD_NOT;
	if (link->state == VPN_STATE_DOWN && link->confirmed)
		vpn_wheel_set(eng, link, DUE_HOLD, after_s(eng, 0));
	else if (link->failing)
		vpn_wheel_set(eng, link, DUE_FAILING, after_s(eng, 0));
}

static void
drop(struct vpn_engine *eng, struct link *link, int hold_s)
{
	link->start_ms = link->since_ms;
	link->down_ms = link->since_ms;
	link->confirmed = link->alarm == VPN_ALARM_DOWN;
	link->withheld = WITHHELD_NOT;
	vpn_flap_count(link);
	vpn_wheel_set(eng, link, DUE_HEAL, 0);
	vpn_wheel_set(eng, link, DUE_DEGRADED, 0);
	vpn_wheel_set(eng, link, DUE_PASSER, after_s(eng, DAY));
	vpn_wheel_set(eng, link, DUE_HOLD, after_s(eng, hold_s));
	if (link->alarm == VPN_ALARM_FLAPPING) {
		vpn_wheel_set(eng, link, DUE_FLAP, after_s(eng, eng->conf.flap_window));
		vpn_wheel_set(eng, link, DUE_HOLD, after_s(eng, vpn_flap_hold(eng)));
		return;
	}
	if (!vpn_flap_is(eng, link) || vpn_engine_quiet(eng) > 0 ||
	    (link->alarm != VPN_ALARM_NONE && link->alarm != VPN_ALARM_DEGRADED) ||
	    vpn_group_wait(eng, link) > 0 ||
	    !vpn_link_may_open(eng, link, DUE_HOLD, VPN_ALARM_FLAPPING))
		return;
	vpn_raise(eng, link, VPN_ALARM_FLAPPING, VPN_ALARM_OPENED, VPN_ENDING_NONE, 0,
	    nobody);
	vpn_wheel_set(eng, link, DUE_FLAP, after_s(eng, eng->conf.flap_window));
	vpn_wheel_set(eng, link, DUE_HOLD, after_s(eng, vpn_flap_hold(eng)));
}

static void
rise(struct vpn_engine *eng, struct link *link, bool first)
{
	link->confirmed = false;
	link->withheld = WITHHELD_NOT;
	vpn_wheel_set(eng, link, DUE_HOLD, 0);
	vpn_wheel_set(eng, link, DUE_PASSER, 0);
	if (link->alarm == VPN_ALARM_NONE) {
		drop_lines(link);
		link->late = false;
	}
	if (first && !is_lagging(eng))
		vpn_raise(eng, link, VPN_ALARM_DOWN, VPN_ALARM_CLEARED,
		    VPN_ENDING_RECOVERED, link->since_ms, nobody);
}

/* Any sign of life, changed or not. */
static void
live(struct vpn_engine *eng, struct link *link, int64_t time_ms)
{
	bool failing = link->failing;

	if (time_ms > link->up_ms)
		link->up_ms = time_ms;
	vpn_failure_forget(link);
	if (failing) {
		vpn_wheel_set(eng, link, DUE_FAILING, 0);
		vpn_link_list(eng, link);
		vpn_group_count(eng, link);
	}
	if ((link->alarm == VPN_ALARM_DOWN || link->alarm == VPN_ALARM_FAILING) &&
	    link->due_s[DUE_HEAL] == 0)
		vpn_wheel_set(eng, link, DUE_HEAL, after_s(eng, eng->conf.hold_up));
}

static void
mark(struct vpn_engine *eng, struct link *link)
{
	link->mark_s = wall_s(eng);
	link->marked = 0;
	vpn_wheel_set(eng, link, DUE_PASSER, after_s(eng, DAY));
}

void
vpn_state_excuse(struct vpn_engine *eng, struct link *link)
{
	vpn_flap_excuse(link);
	vpn_wheel_set(eng, link, DUE_HOLD, 0);
	eng->counts.down--;
	link->state = VPN_STATE_UP;
	vpn_moved(eng, link, link->since_ms, nobody);
}

void
vpn_state_input(struct vpn_engine *eng, struct link *link, enum input input,
    int64_t time_ms, int hold_s)
{
	const struct transition *go = &table[link->state][input];
	bool changed = go->to != (enum vpn_state)link->state;
	bool first = link->up_ms == 0 && link->state == VPN_STATE_UNKNOWN &&
	    link->alarm == VPN_ALARM_NONE;

	vpn_link_dirty(eng, link);
	if (changed) {
		eng->counts.down += go->to == VPN_STATE_DOWN;
		eng->counts.down -= link->state == VPN_STATE_DOWN;
		link->state = (uint8_t)go->to;
		/* What is missed after all began when it went away. */
		if (input != IN_FAILED)
			link->since_ms = time_ms;
		vpn_link_list(eng, link);
		vpn_group_count(eng, link);
		vpn_moved(eng, link, link->since_ms, nobody);
	}
	if (go->act == ACT_DROP)
		drop(eng, link, hold_s);
	else if (go->act == ACT_RISE)
		rise(eng, link, first);
	else if (go->act == ACT_MARK)
		mark(eng, link);
	if (input == IN_UP)
		live(eng, link, time_ms);
	if (changed)
		vpn_state_degraded(eng, link);
	/* Without a hold nobody waits for the next second. */
	if (go->act == ACT_DROP && hold_s == 0 && input == IN_DOWN) {
		vpn_wheel_set(eng, link, DUE_HOLD, 0);
		due_hold(eng, link);
	}
}

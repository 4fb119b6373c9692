/* SPDX-License-Identifier: Apache-2.0 */
#include "core/estate.h"

static void
merge(struct vpn_ruling *all, const struct vpn_ruling *one)
{
	all->named |= one->named;
	all->decommissioned |= one->decommissioned;
	if (one->page != VPN_UNSAID)
		all->page = one->page;
	if (one->dynamic != VPN_UNSAID)
		all->dynamic = one->dynamic;
	if (one->mode != VPN_MODE_AUTO)
		all->mode = one->mode;
	if (one->hold >= 0)
		all->hold = one->hold;
	if (one->mute_until_ms > all->mute_until_ms) {
		all->mute_from_ms = one->mute_from_ms;
		all->mute_until_ms = one->mute_until_ms;
	}
	all->name = all->name.len ? all->name : one->name;
	all->owner = all->owner.len ? all->owner : one->owner;
	all->site = all->site.len ? all->site : one->site;
	all->runbook = all->runbook.len ? all->runbook : one->runbook;
}

/* What the overrides say about any of its ends. */
void
vpn_link_rule(const struct vpn_engine *eng, const struct link *link, uint16_t code,
    struct vpn_ruling *all)
{
	*all = (struct vpn_ruling){.hold = -1};
	for (const struct end *end = link->ends; end; end = end->next) {
		struct vpn_whom whom = {vpn_end_text(end, END_DEVICE),
		    vpn_end_text(end, END_PEER), vpn_end_text(end, END_ID),
		    vpn_codes_code(eng, code)};
		struct vpn_ruling one;

		vpn_policy_rule(eng->policy, &whom, &one);
		merge(all, &one);
	}
}

static bool
is_muted(const struct vpn_engine *eng, const struct vpn_ruling *rule)
{
	return eng->now.wall_ms >= rule->mute_from_ms &&
	    eng->now.wall_ms < rule->mute_until_ms;
}

uint32_t
vpn_engine_quiet(const struct vpn_engine *eng)
{
	uint32_t until = is_lagging(eng) ? eng->lagging_until_s : 0;
	uint32_t started = (uint32_t)((eng->conf.started_ms + 999) / 1000) +
	    (uint32_t)eng->conf.hold_down;

	if (eng->conf.started_ms == 0 || started <= mono_s(eng))
		return until;
	return until > started ? until : started;
}

bool
vpn_link_may_open(
    struct vpn_engine *eng, struct link *link, enum due due, enum vpn_alarm_kind kind)
{
	bool waited = link->withheld == WITHHELD_CROWD;
	struct vpn_ruling rule;
	uint32_t quiet = vpn_engine_quiet(eng);
	uint32_t wait = quiet ? quiet : vpn_group_wait(eng, link);

	vpn_link_rule(eng, link, link->reason, &rule);
	link->withheld = WITHHELD_NOT;
	if (link->dynamic)
		link->withheld = WITHHELD_DYNAMIC;
	else if (rule.page == VPN_NO || rule.decommissioned)
		link->withheld = WITHHELD_PAGE;
	else if (kind != VPN_ALARM_FAILING && rule.mode == VPN_MODE_ON_DEMAND)
		link->withheld = WITHHELD_MODE;
	else if (is_muted(eng, &rule))
		link->withheld = WITHHELD_MUTE;
	else if (vpn_group_firing(link))
		link->withheld = WITHHELD_GATEWAY;
	if (link->withheld == WITHHELD_MUTE)
		vpn_wheel_set(eng, link, due,
		    after_s(eng,
			(int)((rule.mute_until_ms - eng->now.wall_ms + 999) / 1000)));
	if (link->withheld != WITHHELD_NOT) {
		eng->counts.suppressed++;
		return false;
	}
	if (wait == 0 && vpn_crowd_room(eng, kind))
		return true;
	if (wait == 0) {
		link->withheld = WITHHELD_CROWD;
		eng->counts.overflowed += !waited;
		wait = after_s(eng, MINUTE);
	}
	/* One that flaps may already wait to be told as down. */
	if (link->due_s[due] == 0)
		vpn_wheel_set(eng, link, due, wait);
	return false;
}

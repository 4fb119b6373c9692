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

/* SPDX-License-Identifier: Apache-2.0
 * Ends that share a device, an interface or a peer: when many are down at
 * once, that is one outage and not many (alerting rule 15). */
#include "core/estate.h"

#include <stdlib.h>

#define ENOUGH 5      /* at least that many are down, */
#define ENOUGH_PART 5 /* and one in so many */
#define USERS 32      /* more peers than that on one policy may be users */

struct group *
vpn_group_find(struct vpn_engine *eng, uint64_t hash)
{
	struct node *node = vpn_table_get(&eng->groups, hash);

	return node ? HOLDER(struct group, node, node) : NULL;
}

unsigned
vpn_group_enough(const struct group *group)
{
	unsigned part = (group->members + ENOUGH_PART - 1) / ENOUGH_PART;

	return part > ENOUGH ? part : ENOUGH;
}

static struct group *
join(struct vpn_engine *eng, enum group_kind kind, uint64_t hash)
{
	struct group *group = vpn_group_find(eng, hash);

	if (group == NULL) {
		group = calloc(1, sizeof(*group));
		if (group == NULL || !vpn_table_put(&eng->groups, &group->node, hash)) {
			free(group);
			return NULL;
		}
		group->kind = (uint8_t)kind;
	}
	group->members++;
	return group;
}

static struct group *
named(
    struct vpn_engine *eng, enum group_kind kind, struct vpn_text a, struct vpn_text b)
{
	return a.len == 0
	    ? NULL
	    : join(eng, kind, vpn_hash(vpn_hash((uint64_t)kind + 11, a), b));
}

static void
join_named(struct vpn_engine *eng, struct end *end)
{
	struct vpn_text none = {NULL, 0}, device = vpn_end_text(end, END_DEVICE),
			interface = vpn_end_text(end, END_INTERFACE);

	end->group[GROUP_DEVICE] = named(eng, GROUP_DEVICE, device, none);
	end->group[GROUP_INTERFACE] =
	    interface.len ? named(eng, GROUP_INTERFACE, device, interface) : NULL;
	end->group[GROUP_PEER] =
	    named(eng, GROUP_PEER, vpn_end_text(end, END_PEER), none);
}

static void
count_end(struct end *end)
{
	for (size_t i = 0; end->link->counted && i < GROUPS; i++)
		if (end->group[i])
			end->group[i]->down++;
}

/* slot: what a policy of the device is known by */
void
vpn_group_join(struct vpn_engine *eng, struct end *end, struct vpn_text slot)
{
	join_named(eng, end);
	end->group[GROUP_SLOT] =
	    named(eng, GROUP_SLOT, vpn_end_text(end, END_DEVICE), slot);
	count_end(end);
}

void
vpn_group_restore(struct vpn_engine *eng, struct end *end, uint64_t slot, bool passer)
{
	join_named(eng, end);
	end->group[GROUP_SLOT] = slot ? join(eng, GROUP_SLOT, slot) : NULL;
	end->passer = passer && end->group[GROUP_SLOT];
	if (end->passer)
		end->group[GROUP_SLOT]->passers++;
	count_end(end);
}

static void
leave(struct vpn_engine *eng, struct end *end, struct group *group)
{
	group->members--;
	group->down -= end->link->counted;
	if (group->kind == GROUP_SLOT)
		group->passers -= end->passer;
	if (group->members > 0 || group->firing)
		return;
	vpn_table_remove(&eng->groups, &group->node);
	free(group);
}

void
vpn_group_leave(struct vpn_engine *eng, struct end *end)
{
	for (size_t i = 0; i < GROUPS; i++)
		if (end->group[i])
			leave(eng, end, end->group[i]);
}

/* "device", "device/interface", or the peer's address. */
static struct vpn_text
subject_of(const struct end *end, enum group_kind kind, char buf[2 * UINT8_MAX + 2])
{
	struct vpn_text device = vpn_end_text(end, END_DEVICE), interface;

	if (kind == GROUP_DEVICE)
		return device;
	if (kind == GROUP_PEER)
		return vpn_end_text(end, END_PEER);
	interface = vpn_end_text(end, END_INTERFACE);
	memcpy(buf, device.at, device.len);
	buf[device.len] = '/';
	memcpy(buf + device.len + 1, interface.at, interface.len);
	return (struct vpn_text){buf, device.len + 1 + interface.len};
}

/* Enough of it are down, or not any more. */
static void
judge(struct vpn_engine *eng, const struct end *end, struct group *group)
{
	char buf[2 * UINT8_MAX + 2];
	struct scope *scope;
	bool full = group->down >= vpn_group_enough(group);

	if (group->kind == GROUP_SLOT || full == (group->full_s > 0))
		return;
	if (!full) {
		group->full_s = group->firing ? group->full_s : 0;
		return;
	}
	scope = vpn_scope_of(eng, VPN_ALARM_GATEWAY,
	    subject_of(end, (enum group_kind)group->kind, buf),
	    group->kind == GROUP_PEER ? (struct vpn_text){NULL, 0}
				      : vpn_end_text(end, END_DEVICE));
	if (scope == NULL)
		return;
	group->full_s = mono_s(eng) ? mono_s(eng) : 1;
	scope->group = group->kind;
	scope->group_hash = group->node.hash;
	scope->code = end->link->reason;
	if (!scope->open)
		scope->start_ms = end->link->since_ms;
}

void
vpn_group_count(struct vpn_engine *eng, struct link *link)
{
	bool down = !link->dynamic && (link->state == VPN_STATE_DOWN || link->failing);

	if (down == link->counted)
		return;
	link->counted = down;
	for (struct end *end = link->ends; end; end = end->next) {
		for (size_t i = 0; i < GROUPS; i++) {
			if (end->group[i] == NULL)
				continue;
			end->group[i]->down += down ? 1u : -1u;
			judge(eng, end, end->group[i]);
		}
	}
}

bool
vpn_group_firing(const struct link *link)
{
	for (const struct end *end = link->ends; end; end = end->next)
		for (size_t i = 0; i < GROUPS; i++)
			if (end->group[i] && end->group[i]->firing)
				return true;
	return false;
}

uint32_t
vpn_group_wait(const struct vpn_engine *eng, const struct link *link)
{
	uint32_t until = 0, s;

	for (const struct end *end = link->ends; end; end = end->next) {
		for (size_t i = 0; i < GROUPS; i++) {
			if (end->group[i] == NULL || end->group[i]->full_s == 0)
				continue;
			s = end->group[i]->full_s + (uint32_t)eng->conf.gateway_hold +
			    1;
			if (s > mono_s(eng) && s > until)
				until = s;
		}
	}
	return until;
}

bool
vpn_group_dynamic(const struct end *end)
{
	const struct group *slot = end->group[GROUP_SLOT];

	return slot && slot->members > USERS && 2 * slot->passers > slot->members;
}

/* Its ends that no other firing group accounts for. */
static unsigned
uncovered(const struct vpn_engine *eng, const struct group *group)
{
	unsigned n = 0;

	for (const struct link *link = eng->list[LIST_DOWN].first; link;
	     link = link->next) {
		if (!link->counted || vpn_group_firing(link))
			continue;
		for (const struct end *end = link->ends; end; end = end->next)
			n += end->group[group->kind] == group;
	}
	return n;
}

static bool
is_due(const struct vpn_engine *eng, const struct group *group, uint32_t s)
{
	return group && !group->firing && group->full_s > 0 &&
	    group->down >= vpn_group_enough(group) &&
	    s >= group->full_s + (uint32_t)eng->conf.gateway_hold;
}

/* Does a say more than b? The most ends; of as many, the narrowest; then the
 * same on every replica. */
static bool
is_larger(const struct group *a, const struct group *b)
{
	if (b == NULL || a->down != b->down)
		return b == NULL || a->down > b->down;
	if (a->members != b->members)
		return a->members < b->members;
	return a->kind != b->kind ? a->kind < b->kind : a->node.hash < b->node.hash;
}

/* The next scope to open at that second, or NULL. */
static struct scope *
largest(struct vpn_engine *eng, uint32_t s)
{
	struct scope *found = NULL;
	struct group *most = NULL, *group;

	for (struct scope *scope = eng->all_scopes; scope; scope = scope->next) {
		if (scope->kind != VPN_ALARM_GATEWAY || scope->open)
			continue;
		group = vpn_group_find(eng, scope->group_hash);
		if (!is_due(eng, group, s) || !is_larger(group, most) ||
		    uncovered(eng, group) < vpn_group_enough(group))
			continue;
		found = scope;
		most = group;
	}
	return found;
}

static bool
is_muted(const struct vpn_engine *eng, const struct scope *scope)
{
	struct vpn_whom whom = {.device = scope->device};
	struct vpn_ruling rule;

	if (scope->group == GROUP_PEER)
		whom.peer = scope->subject;
	vpn_policy_rule(eng->policy, &whom, &rule);
	return rule.page == VPN_NO ||
	    (eng->now.wall_ms >= rule.mute_from_ms &&
		eng->now.wall_ms < rule.mute_until_ms);
}

/* What the gateway's alarm stood for is told singly, if it is still down. */
static void
release(struct vpn_engine *eng)
{
	for (struct link *link = eng->list[LIST_DOWN].first, *next; link; link = next) {
		next = link->next;
		if (link->withheld == WITHHELD_GATEWAY && !vpn_group_firing(link))
			vpn_state_again(eng, link);
	}
}

static void
end_gateway(struct vpn_engine *eng, struct scope *scope, struct group *group)
{
	if (group) {
		group->firing = false;
		group->full_s = 0;
		if (group->members == 0) {
			vpn_table_remove(&eng->groups, &group->node);
			free(group);
		}
	}
	vpn_scope_close(eng, scope, VPN_ENDING_RECOVERED);
	release(eng);
}

static void
tick_open(struct vpn_engine *eng, struct scope *scope, uint32_t s)
{
	struct group *group = vpn_group_find(eng, scope->group_hash);

	if (group)
		group->firing = true; /* after a restart it is not, yet */
	if (group && 2 * group->down >= vpn_group_enough(group)) {
		scope->close_s = 0;
		return;
	}
	if (scope->close_s == 0)
		scope->close_s = s + (uint32_t)eng->conf.hold_up;
	if (s >= scope->close_s)
		end_gateway(eng, scope, group);
}

void
vpn_group_tick(struct vpn_engine *eng, uint32_t s)
{
	struct scope *scope, *next;
	struct group *group;

	while ((scope = largest(eng, s)) != NULL) {
		group = vpn_group_find(eng, scope->group_hash);
		if (is_muted(eng, scope)) {
			eng->counts.suppressed++;
			group->full_s = s; /* asked again after another hold */
			continue;
		}
		group->firing = true;
		scope->close_s = 0;
		vpn_scope_open(eng, scope, group->down, group->members);
	}
	for (scope = eng->all_scopes; scope; scope = next) {
		next = scope->next;
		if (scope->kind == VPN_ALARM_GATEWAY && scope->open)
			tick_open(eng, scope, s);
	}
}

void
vpn_groups_free(struct vpn_engine *eng)
{
	for (size_t i = 0; eng->groups.bucket && i <= eng->groups.mask; i++) {
		while (eng->groups.bucket[i]) {
			struct group *group =
			    HOLDER(struct group, node, eng->groups.bucket[i]);

			vpn_table_remove(&eng->groups, &group->node);
			free(group);
		}
	}
	vpn_table_free(&eng->groups);
}

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

/* Since when the scope's outage is, and why: as of the link that filled it. */
static void
blame(const struct vpn_engine *eng, struct scope *scope, const struct link *link)
{
	bool down = link->state == VPN_STATE_DOWN;
	int64_t start_ms = down ? link->since_ms : (int64_t)link->streak_s * 1000;
	unsigned n;

	scope->code = down ? link->reason : vpn_failure_cause(eng, link, start_ms, &n);
	if (!scope->open)
		scope->start_ms = start_ms;
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
	blame(eng, scope, end->link);
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
vpn_group_large(const struct link *link)
{
	for (const struct end *end = link->ends; end; end = end->next)
		for (size_t i = 0; i < GROUP_SLOT; i++)
			if (end->group[i] && end->group[i]->members >= ENOUGH)
				return true;
	return false;
}

bool
vpn_group_dynamic(const struct end *end)
{
	const struct group *slot = end->group[GROUP_SLOT];

	return slot && slot->members > USERS && 2 * slot->passers > slot->members;
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

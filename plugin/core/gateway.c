/* SPDX-License-Identifier: Apache-2.0
 * The alarm of a device, an interface or a peer of which many tunnels are down
 * at once (alerting rule 15): the largest first, and what it accounts for is no
 * reason for another. */
#include "core/estate.h"

#include <stdlib.h>

/* A gateway that has been down for long enough. */
struct candidate {
	struct scope *scope;
	struct group *group;
};

/* An end that is down, of the candidate with that rank. */
struct claim {
	uint32_t rank;
	const struct link *link;
};

static bool
is_due(const struct vpn_engine *eng, const struct group *group, uint32_t s)
{
	return group && !group->firing && group->full_s > 0 &&
	    group->down >= vpn_group_enough(group) &&
	    s >= group->full_s + (uint32_t)eng->conf.gateway_hold;
}

/* The most ends; of as many, the narrowest; then the same on every replica. */
static int
by_size(const void *one, const void *other)
{
	const struct group *a = ((const struct candidate *)one)->group;
	const struct group *b = ((const struct candidate *)other)->group;

	if (a->down != b->down)
		return a->down > b->down ? -1 : 1;
	if (a->members != b->members)
		return a->members < b->members ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->node.hash < b->node.hash ? -1 : a->node.hash > b->node.hash;
}

static int
by_rank(const void *one, const void *other)
{
	uint32_t a = ((const struct claim *)one)->rank;
	uint32_t b = ((const struct claim *)other)->rank;

	return a < b ? -1 : a > b;
}

/* The candidates at that second, ranked from 1; NULL: there are none. */
static struct candidate *
find_candidates(struct vpn_engine *eng, uint32_t s, size_t *n)
{
	struct candidate *found = NULL;

	*n = 0;
	for (struct scope *scope = eng->all_scopes; scope; scope = scope->next) {
		struct group *group;

		if (scope->kind != VPN_ALARM_GATEWAY || scope->open)
			continue;
		group = vpn_group_find(eng, scope->group_hash);
		if (!is_due(eng, group, s))
			continue;
		if (found == NULL)
			found = calloc(eng->nscopes, sizeof(*found));
		if (found == NULL)
			return NULL;
		found[(*n)++] = (struct candidate){scope, group};
	}
	if (found)
		qsort(found, *n, sizeof(*found), by_size);
	for (size_t i = 0; i < *n; i++)
		found[i].group->rank = (uint32_t)i + 1;
	return found;
}

/* The ends of candidates that no firing gateway accounts for, by rank. Counts
 * only, without a place to put them. */
static size_t
find_claims(const struct vpn_engine *eng, struct claim *claims)
{
	size_t n = 0;

	for (const struct link *link = eng->list[LIST_DOWN].first; link;
	     link = link->next) {
		if (!link->counted || vpn_group_firing(link))
			continue;
		for (const struct end *end = link->ends; end; end = end->next) {
			for (size_t i = 0; i < GROUPS; i++) {
				if (end->group[i] == NULL || end->group[i]->rank == 0)
					continue;
				if (claims)
					claims[n] =
					    (struct claim){end->group[i]->rank, link};
				n++;
			}
		}
	}
	return n;
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

/* claims: the candidate's, of which others that fired meanwhile may account for
 * some. */
static void
consider(struct vpn_engine *eng, const struct candidate *it, const struct claim *claims,
    size_t n, uint32_t s)
{
	struct group *group = it->group;
	unsigned uncovered = 0;

	for (size_t i = 0; i < n; i++)
		uncovered += !vpn_group_firing(claims[i].link);
	if (uncovered < vpn_group_enough(group))
		return;
	if (is_muted(eng, it->scope))
		eng->counts.suppressed++;
	else
		vpn_scope_open(eng, it->scope, group->down, group->members);
	if (it->scope->open) {
		group->firing = true;
		it->scope->close_s = 0;
	} else {
		group->full_s = s; /* asked again after another hold */
	}
}

static void
tick_candidates(struct vpn_engine *eng, uint32_t s)
{
	size_t ncandidates, nclaims, at = 0, n;
	struct candidate *candidates = find_candidates(eng, s, &ncandidates);
	struct claim *claims = NULL;

	nclaims = candidates ? find_claims(eng, NULL) : 0;
	if (nclaims > 0)
		claims = calloc(nclaims, sizeof(*claims));
	if (claims) {
		find_claims(eng, claims);
		qsort(claims, nclaims, sizeof(*claims), by_rank);
	}
	for (size_t i = 0; i < ncandidates; i++, at += n) {
		for (n = 0; claims && at + n < nclaims && claims[at + n].rank == i + 1;
		     n++)
			;
		consider(eng, &candidates[i], claims ? claims + at : NULL, n, s);
		candidates[i].group->rank = 0;
	}
	free(claims);
	free(candidates);
}

void
vpn_gateway_tick(struct vpn_engine *eng, uint32_t s)
{
	struct scope *scope, *next;

	if (vpn_engine_quiet(eng) == 0)
		tick_candidates(eng, s);
	for (scope = eng->all_scopes; scope; scope = next) {
		next = scope->next;
		if (scope->kind == VPN_ALARM_GATEWAY && scope->open)
			tick_open(eng, scope, s);
	}
}

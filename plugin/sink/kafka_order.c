/* SPDX-License-Identifier: Apache-2.0
 * Rounds over the kinds: a record is in the round of the one before it of its tunnel,
 * or in the next when the kinds of that round are past its own. Sorted by counting. */
#include <stdlib.h>
#include <string.h>

#include "grown.h"
#include "kafka_order.h"

static bool
reserve(struct vpn_kafka_order *order, size_t n)
{
	size_t nlanes;
	bool ok = true;

	if (n <= order->cap)
		return true;
	nlanes = vpn_grown_slots(n);
	order->place = vpn_grown(order->place, n, sizeof(*order->place), &ok);
	order->spare = vpn_grown(order->spare, n, sizeof(*order->spare), &ok);
	order->lane = vpn_grown(order->lane, nlanes, sizeof(*order->lane), &ok);
	if (ok) {
		order->cap = n;
		order->nlanes = nlanes;
	}
	return ok;
}

static bool
reserve_counts(struct vpn_kafka_order *order, size_t n)
{
	bool ok = true;

	if (n <= order->ncounts)
		return true;
	order->count = vpn_grown(order->count, n, sizeof(*order->count), &ok);
	if (ok)
		order->ncounts = n;
	return ok;
}

/* Tunnels that share a hash share their lane, which costs nothing but room. */
static struct vpn_kafka_lane *
lane_of(struct vpn_kafka_order *order, struct vpn_text key)
{
	uint64_t tunnel = vpn_text_hash(key) | 1;
	size_t i = (tunnel >> 20) & (order->nlanes - 1);

	while (order->lane[i].tunnel && order->lane[i].tunnel != tunnel)
		i = (i + 1) & (order->nlanes - 1);
	order->lane[i].tunnel = tunnel;
	return &order->lane[i];
}

static uint32_t
number_at(const struct vpn_kafka_place *place, size_t at)
{
	return *(const uint32_t *)((const char *)place + at);
}

/* Sort by the number that stands there in each place, at most that; those of one
 * number stay as they are. */
static void
sort_by(struct vpn_kafka_order *order, size_t n, size_t at, uint32_t most)
{
	struct vpn_kafka_place *from = order->place;

	memset(order->count, 0, (most + 2) * sizeof(*order->count));
	for (size_t i = 0; i < n; i++)
		order->count[number_at(&from[i], at) + 1]++;
	for (uint32_t number = 0; number < most; number++)
		order->count[number + 1] += order->count[number];
	for (size_t i = 0; i < n; i++)
		order->spare[order->count[number_at(&from[i], at)]++] = from[i];
	order->place = order->spare;
	order->spare = from;
}

int
vpn_kafka_order(
    struct vpn_kafka_order *order, const struct vpn_record *records, size_t n)
{
	uint32_t kinds = 0, rounds = 0;

	if (!reserve(order, n))
		return -1;
	memset(order->lane, 0, order->nlanes * sizeof(*order->lane));
	for (size_t i = 0; i < n; i++) {
		struct vpn_kafka_lane *lane = lane_of(order, records[i].key);
		uint32_t kind = records[i].kind;

		lane->round += kind < lane->kind;
		lane->kind = kind;
		order->place[i] =
		    (struct vpn_kafka_place){kind, lane->round, (uint32_t)i};
		kinds = kind > kinds ? kind : kinds;
		rounds = lane->round > rounds ? lane->round : rounds;
	}
	if (!reserve_counts(order, (size_t)(kinds > rounds ? kinds : rounds) + 2))
		return -1;
	sort_by(order, n, offsetof(struct vpn_kafka_place, kind), kinds);
	sort_by(order, n, offsetof(struct vpn_kafka_place, round), rounds);
	return 0;
}

void
vpn_kafka_order_free(struct vpn_kafka_order *order)
{
	free(order->place);
	free(order->spare);
	free(order->lane);
	free(order->count);
}

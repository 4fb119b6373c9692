/* SPDX-License-Identifier: Apache-2.0
 * Rounds over the kinds: a record is in the round of the one before it of its tunnel,
 * or in the next when the kinds of that round are past its own. */
#include <stdlib.h>
#include <string.h>

#include "kafka_order.h"

static int
reserve(struct vpn_kafka_order *order, size_t n)
{
	size_t nlanes = 16;
	void *grown;

	if (n <= order->cap)
		return 0;
	while (nlanes < 2 * n)
		nlanes *= 2;
	if (!(grown = realloc(order->place, n * sizeof(*order->place))))
		return -1;
	order->place = grown;
	if (!(grown = realloc(order->lane, nlanes * sizeof(*order->lane))))
		return -1;
	order->lane = grown;
	order->cap = n;
	order->nlanes = nlanes;
	return 0;
}

/* FNV-1a. Tunnels that share one share their lane, which costs nothing but room. */
static uint64_t
hash_of(struct vpn_text key)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ (uint8_t)key.at[i]) * 0x100000001b3;
	return hash | 1;
}

static struct vpn_kafka_lane *
lane_of(struct vpn_kafka_order *order, struct vpn_text key)
{
	uint64_t tunnel = hash_of(key);
	size_t i = (tunnel >> 20) & (order->nlanes - 1);

	while (order->lane[i].tunnel && order->lane[i].tunnel != tunnel)
		i = (i + 1) & (order->nlanes - 1);
	order->lane[i].tunnel = tunnel;
	return &order->lane[i];
}

static int
compare(const void *one, const void *other)
{
	const struct vpn_kafka_place *a = one, *b = other;

	if (a->round != b->round)
		return a->round < b->round ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

int
vpn_kafka_order(
    struct vpn_kafka_order *order, const struct vpn_record *records, size_t n)
{
	if (reserve(order, n) != 0)
		return -1;
	memset(order->lane, 0, order->nlanes * sizeof(*order->lane));
	for (size_t i = 0; i < n; i++) {
		struct vpn_kafka_lane *lane = lane_of(order, records[i].key);
		uintptr_t kind = (uintptr_t)records[i].kind;

		lane->round += kind < lane->kind;
		lane->kind = kind;
		order->place[i] =
		    (struct vpn_kafka_place){kind, lane->round, (uint32_t)i};
	}
	qsort(order->place, n, sizeof(*order->place), compare);
	return 0;
}

void
vpn_kafka_order_free(struct vpn_kafka_order *order)
{
	free(order->place);
	free(order->lane);
}

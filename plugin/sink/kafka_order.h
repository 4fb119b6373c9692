/* SPDX-License-Identifier: Apache-2.0
 * In which order the records of a batch are produced: those of one kind beside each
 * other, as they then compress to half, those of one tunnel as they came. */
#ifndef KAFKA_ORDER_H
#define KAFKA_ORDER_H

#include "vpn/sink.h"

struct vpn_kafka_place {
	uint32_t kind;
	uint32_t round; /* how often its tunnel has begun anew */
	uint32_t index; /* of the record */
};

struct vpn_kafka_lane {
	uint64_t tunnel;      /* hash; 0: free */
	uint32_t kind, round; /* of its last record */
};

struct vpn_kafka_order {
	struct vpn_kafka_place *place; /* of the first, the second.. to be produced */
	struct vpn_kafka_place *spare;
	struct vpn_kafka_lane *lane;
	uint32_t *count; /* of places by kind, or by round */
	size_t cap, nlanes, ncounts;
};

/* 0, or -1 without memory. */
int vpn_kafka_order(struct vpn_kafka_order *, const struct vpn_record *, size_t n);
void vpn_kafka_order_free(struct vpn_kafka_order *);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The table of an open batch. The sink's lock is held for every call here, but for
 * vpn_kafka_batch_fill. */
#ifndef KAFKA_BATCH_H
#define KAFKA_BATCH_H

#include <librdkafka/rdkafka.h>
#include <pthread.h>

#include "kafka_order.h"

enum vpn_kafka_state {
	VPN_KAFKA_NEW,    /* to be produced */
	VPN_KAFKA_FLYING, /* in librdkafka */
	VPN_KAFKA_ACKED,
	VPN_KAFKA_FAILED, /* see err */
	VPN_KAFKA_REFUSED /* in errorFile */
};

struct vpn_kafka_entry {
	struct vpn_kafka_batch *batch;
	struct vpn_record rec; /* its chunk is held until it has arrived */
	enum vpn_kafka_state state;
	rd_kafka_resp_err_t err;
	bool alone;   /* was refused in company: has a request of its own */
	bool awaited; /* counted in batch->awaited */
};

/* The records of one batch, each id once, from their first commit until they
 * are settled. librdkafka points into it, so each entry in flight holds it. */
struct vpn_kafka_batch {
	struct vpn_kafka_batch *next; /* in sink->kept */
	struct vpn_kafka_entry *entries;
	uint32_t *slots; /* hash of id -> index + 1 */
	size_t n, cap, nslots;
	struct vpn_kafka_order order;
	size_t awaited, flying, acked;
	bool owned;             /* by a worker or the sink */
	pthread_cond_t settled; /* awaited became 0 */
};

struct vpn_kafka_batch *vpn_kafka_batch_new(void);
void vpn_kafka_batch_release(struct vpn_kafka_batch *); /* by its owner */

/* Take the records, in place of what it had; those that cannot be held are copied.
 * Nothing is in flight: the batch is its worker's alone. 0, or -1 without memory. */
int vpn_kafka_batch_fill(struct vpn_kafka_batch *, const struct vpn_record *, size_t n);

struct vpn_kafka_entry *vpn_kafka_batch_find(
    struct vpn_kafka_batch *, const uint8_t id[16]);
size_t vpn_kafka_batch_open(const struct vpn_kafka_batch *); /* entries not settled */

bool vpn_kafka_entry_settled(const struct vpn_kafka_entry *);
void vpn_kafka_entry_launch(struct vpn_sink *, struct vpn_kafka_entry *);
void vpn_kafka_entry_set(struct vpn_kafka_entry *, enum vpn_kafka_state);
void vpn_kafka_entry_land(struct vpn_sink *, struct vpn_kafka_entry *,
    enum vpn_kafka_state, rd_kafka_resp_err_t);

#endif

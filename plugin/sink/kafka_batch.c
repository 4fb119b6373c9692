/* SPDX-License-Identifier: Apache-2.0
 * The table of an open batch: rsyslog hands a failed batch over again, first
 * record by record and then whole, and each record is produced only once. */
#include <stdlib.h>

#include "grown.h"
#include "kafka.h"
#include "vpn/chunk.h"

struct vpn_kafka_batch *
vpn_kafka_batch_new(void)
{
	struct vpn_kafka_batch *batch = calloc(1, sizeof(*batch));
	pthread_condattr_t attr;

	if (!batch)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&batch->settled, &attr);
	pthread_condattr_destroy(&attr);
	batch->owned = true;
	return batch;
}

static void
let_go(struct vpn_kafka_entry *entry)
{
	vpn_chunk_leave(entry->rec.chunk);
	entry->rec.chunk = NULL;
}

static void
clear(struct vpn_kafka_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		let_go(&batch->entries[i]);
	batch->n = batch->acked = 0;
}

static void
batch_free(struct vpn_kafka_batch *batch)
{
	clear(batch);
	pthread_cond_destroy(&batch->settled);
	free(batch->entries);
	free(batch->slots);
	vpn_kafka_order_free(&batch->order);
	free(batch);
}

void
vpn_kafka_batch_release(struct vpn_kafka_batch *batch)
{
	if (!batch)
		return;
	batch->owned = false;
	if (batch->flying == 0)
		batch_free(batch);
}

/* Make room for n records. Nothing is in flight. */
static bool
reserve(struct vpn_kafka_batch *batch, size_t n)
{
	size_t nslots;
	bool ok = true;

	if (n <= batch->cap)
		return true;
	nslots = vpn_grown_slots(n);
	batch->entries = vpn_grown(batch->entries, n, sizeof(*batch->entries), &ok);
	batch->slots = vpn_grown(batch->slots, nslots, sizeof(*batch->slots), &ok);
	if (ok) {
		batch->cap = n;
		batch->nslots = nslots;
	}
	return ok;
}

/* The slot of id, or the empty one where it belongs. */
static uint32_t *
slot_of(struct vpn_kafka_batch *batch, const uint8_t id[16])
{
	uint64_t hash;
	size_t i;

	memcpy(&hash, id, sizeof(hash)); /* the id is a hash already */
	for (i = hash & (batch->nslots - 1); batch->slots[i];
	     i = (i + 1) & (batch->nslots - 1))
		if (memcmp(batch->entries[batch->slots[i] - 1].rec.id, id, 16) == 0)
			break;
	return &batch->slots[i];
}

struct vpn_kafka_entry *
vpn_kafka_batch_find(struct vpn_kafka_batch *batch, const uint8_t id[16])
{
	uint32_t slot = batch->n ? *slot_of(batch, id) : 0;

	return slot ? &batch->entries[slot - 1] : NULL;
}

/* A chunk for those that cannot be held. */
static struct vpn_chunk *
chunk_for(const struct vpn_record *records, size_t n)
{
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
		if (!records[i].chunk)
			size += records[i].key.len + records[i].type.len +
			    records[i].source.len + records[i].value.len;
	return vpn_chunk_new(size);
}

static void
copy(struct vpn_record *rec, struct vpn_chunk *chunk)
{
	rec->key = vpn_chunk_keep(chunk, rec->key);
	rec->type = vpn_chunk_keep(chunk, rec->type);
	rec->source = vpn_chunk_keep(chunk, rec->source);
	rec->value = vpn_chunk_keep(chunk, rec->value);
	rec->chunk = chunk;
}

static void
add(struct vpn_kafka_batch *batch, const struct vpn_record *rec, struct vpn_chunk *own)
{
	uint32_t *slot = slot_of(batch, rec->id);
	struct vpn_kafka_entry *entry = &batch->entries[batch->n];

	if (*slot)
		return; /* the same line twice is one event */
	*entry = (struct vpn_kafka_entry){.batch = batch, .rec = *rec};
	if (!rec->chunk)
		copy(&entry->rec, own);
	vpn_chunk_hold(entry->rec.chunk);
	*slot = (uint32_t)++batch->n;
}

int
vpn_kafka_batch_fill(
    struct vpn_kafka_batch *batch, const struct vpn_record *records, size_t n)
{
	struct vpn_chunk *own = chunk_for(records, n);

	clear(batch);
	if (!own || !reserve(batch, n) ||
	    vpn_kafka_order(&batch->order, records, n) != 0) {
		vpn_chunk_leave(own);
		return -1;
	}
	memset(batch->slots, 0, batch->nslots * sizeof(*batch->slots));
	for (size_t i = 0; i < n; i++)
		add(batch, &records[batch->order.place[i].index], own);
	vpn_chunk_leave(own);
	return 0;
}

bool
vpn_kafka_entry_settled(const struct vpn_kafka_entry *entry)
{
	return entry->state == VPN_KAFKA_ACKED || entry->state == VPN_KAFKA_REFUSED;
}

size_t
vpn_kafka_batch_open(const struct vpn_kafka_batch *batch)
{
	size_t open = 0;

	for (size_t i = 0; batch && i < batch->n; i++)
		open += !vpn_kafka_entry_settled(&batch->entries[i]);
	return open;
}

void
vpn_kafka_entry_launch(struct vpn_sink *snk, struct vpn_kafka_entry *entry)
{
	entry->state = VPN_KAFKA_FLYING;
	entry->batch->flying++;
	snk->flying++;
}

void
vpn_kafka_entry_set(struct vpn_kafka_entry *entry, enum vpn_kafka_state state)
{
	entry->state = state;
	entry->batch->acked += state == VPN_KAFKA_ACKED;
	if (vpn_kafka_entry_settled(entry))
		let_go(entry);
}

void
vpn_kafka_entry_land(struct vpn_sink *snk, struct vpn_kafka_entry *entry,
    enum vpn_kafka_state state, rd_kafka_resp_err_t err)
{
	struct vpn_kafka_batch *batch = entry->batch;

	entry->err = err;
	vpn_kafka_entry_set(entry, state);
	if (entry->awaited) {
		entry->awaited = false;
		if (--batch->awaited == 0)
			pthread_cond_signal(&batch->settled);
	}
	if (--snk->flying == 0)
		pthread_cond_broadcast(&snk->changed);
	if (--batch->flying == 0 && !batch->owned)
		batch_free(batch);
}

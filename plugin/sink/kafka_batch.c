/* SPDX-License-Identifier: Apache-2.0
 * The table of an open batch: rsyslog hands a failed batch over again, first
 * record by record and then whole, and each record is produced only once. */
#include <stdlib.h>

#include "kafka.h"

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
batch_free(struct vpn_kafka_batch *batch)
{
	pthread_cond_destroy(&batch->settled);
	free(batch->entries);
	free(batch->slots);
	free(batch->bytes);
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

/* Make room for n records of size bytes in all. Nothing is in flight. */
static int
reserve(struct vpn_kafka_batch *batch, size_t n, size_t size)
{
	void *grown;

	if (size > batch->size) {
		/* Not realloc: glibc, once it has seen such a piece go, keeps
		 * librdkafka's buffers instead of giving them back each time. */
		free(batch->bytes);
		batch->size = 0;
		if (!(batch->bytes = malloc(size)))
			return -1;
		batch->size = size;
	}
	if (n > batch->cap) {
		size_t nslots = 16;

		while (nslots < 2 * n)
			nslots *= 2;
		if (!(grown = realloc(batch->entries, n * sizeof(*batch->entries))))
			return -1;
		batch->entries = grown;
		if (!(grown = realloc(batch->slots, nslots * sizeof(*batch->slots))))
			return -1;
		batch->slots = grown;
		batch->cap = n;
		batch->nslots = nslots;
	}
	return 0;
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

static struct vpn_text
copy(struct vpn_text text, char **at)
{
	struct vpn_text own = {*at, text.len};

	if (text.len)
		memcpy(*at, text.at, text.len);
	*at += text.len;
	return own;
}

int
vpn_kafka_batch_fill(
    struct vpn_kafka_batch *batch, const struct vpn_record *records, size_t n)
{
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < n; i++)
		size += records[i].key.len + records[i].type.len +
		    records[i].source.len + records[i].value.len;
	batch->n = batch->acked = 0;
	if (reserve(batch, n, size) != 0 ||
	    vpn_kafka_order(&batch->order, records, n) != 0)
		return -1;
	memset(batch->slots, 0, batch->nslots * sizeof(*batch->slots));
	at = batch->bytes;
	for (size_t i = 0; i < n; i++) {
		const struct vpn_record *rec = &records[batch->order.place[i].index];
		uint32_t *slot = slot_of(batch, rec->id);
		struct vpn_kafka_entry *entry = &batch->entries[batch->n];

		if (*slot)
			continue; /* the same line twice is one event */
		*entry = (struct vpn_kafka_entry){.batch = batch, .rec = *rec};
		entry->rec.key = copy(rec->key, &at);
		entry->rec.type = copy(rec->type, &at);
		entry->rec.source = copy(rec->source, &at);
		entry->rec.value = copy(rec->value, &at);
		*slot = (uint32_t)++batch->n;
	}
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
vpn_kafka_entry_land(struct vpn_sink *snk, struct vpn_kafka_entry *entry,
    enum vpn_kafka_state state, rd_kafka_resp_err_t err)
{
	struct vpn_kafka_batch *batch = entry->batch;

	entry->state = state;
	entry->err = err;
	batch->acked += state == VPN_KAFKA_ACKED;
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

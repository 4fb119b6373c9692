/* SPDX-License-Identifier: Apache-2.0
 * Records into librdkafka: the key chooses the partition, so that a tunnel's
 * events stay in order; the headers are those of CloudEvents. */

#include "kafka.h"
#include "vpn/hex.h"
#include "vpn/instant.h"
#include "vpn/render.h"

#define STRINGIFY(x) #x
#define NUMBER(x) STRINGIFY(x)

static void
add(rd_kafka_headers_t *headers, struct vpn_text name, struct vpn_text value)
{
	rd_kafka_header_add(
	    headers, name.at, (ssize_t)name.len, value.at, (ssize_t)value.len);
}

static rd_kafka_headers_t *
headers_of(const struct vpn_record *rec)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(7);
	char id[32], when[VPN_STAMP_LEN];

	vpn_hex_write(id, rec->id, sizeof(rec->id));
	vpn_stamp_write(rec->time_ms, when);
	add(headers, VPN_TEXT("content-type"), VPN_TEXT("application/json"));
	add(headers, VPN_TEXT("ce_specversion"), VPN_TEXT("1.0"));
	add(headers, VPN_TEXT("ce_id"), (struct vpn_text){id, sizeof(id)});
	add(headers, VPN_TEXT("ce_type"), rec->type);
	add(headers, VPN_TEXT("ce_source"), rec->source);
	add(headers, VPN_TEXT("ce_time"), (struct vpn_text){when, sizeof(when)});
	add(headers, VPN_TEXT("omipsec-schema"), VPN_TEXT(NUMBER(VPN_SCHEMA)));
	return headers;
}

/* librdkafka reads from the chunk, which is held until the delivery report. */
static rd_kafka_resp_err_t
produce_one(struct vpn_kafka_producer *producer, struct vpn_kafka_entry *entry)
{
	const struct vpn_record *rec = &entry->rec;
	rd_kafka_headers_t *headers = headers_of(rec);
	rd_kafka_resp_err_t err;

	err = rd_kafka_producev(producer->rk, RD_KAFKA_V_RKT(producer->topic),
	    RD_KAFKA_V_KEY(rec->key.len ? rec->key.at : NULL, rec->key.len),
	    RD_KAFKA_V_VALUE((void *)rec->value.at, rec->value.len),
	    RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(entry), RD_KAFKA_V_END);
	if (err)
		rd_kafka_headers_destroy(headers);
	return err;
}

/* Choose the entries that this round is for, before any of them can land. */
static size_t
launch(struct vpn_sink_worker *worker, bool alone)
{
	size_t launched = 0;

	pthread_mutex_lock(&worker->snk->lock);
	for (size_t i = 0; i < worker->nwork; i++) {
		struct vpn_kafka_entry *entry = worker->work[i];

		if (entry->state != VPN_KAFKA_NEW || entry->alone != alone)
			continue;
		vpn_kafka_entry_launch(worker->snk, entry);
		worker->round[launched++] = entry;
	}
	pthread_mutex_unlock(&worker->snk->lock);
	return launched;
}

/* An entry that librdkafka did not take comes down again. */
static void
turn_back(struct vpn_sink *snk, struct vpn_kafka_entry *entry, rd_kafka_resp_err_t err)
{
	bool later =
	    err == RD_KAFKA_RESP_ERR__QUEUE_FULL || err == RD_KAFKA_RESP_ERR__FATAL;

	pthread_mutex_lock(&snk->lock);
	vpn_kafka_entry_land(snk, entry, later ? VPN_KAFKA_NEW : VPN_KAFKA_FAILED, err);
	pthread_mutex_unlock(&snk->lock);
}

static void
produce_round(struct vpn_sink_worker *worker, bool alone)
{
	struct vpn_sink *snk = worker->snk;
	size_t n = launch(worker, alone);
	struct vpn_kafka_producer *producer;
	bool stuck; /* a later one must not overtake one that was turned back */

	if (n == 0)
		return;
	vpn_kafka_renew(snk, alone);
	pthread_rwlock_rdlock(&snk->swap);
	producer = alone ? snk->alone : snk->together;
	stuck = !producer;
	for (size_t i = 0; i < n; i++) {
		rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__QUEUE_FULL;

		if (!stuck)
			err = produce_one(producer, worker->round[i]);
		stuck |= err == RD_KAFKA_RESP_ERR__QUEUE_FULL;
		if (err)
			turn_back(snk, worker->round[i], err);
	}
	if (producer)
		vpn_kafka_producer_hurry(producer);
	pthread_rwlock_unlock(&snk->swap);
}

void
vpn_kafka_produce(struct vpn_sink_worker *worker)
{
	produce_round(worker, false);
	produce_round(worker, true);
}

/* SPDX-License-Identifier: Apache-2.0
 * A stop during an outage: what the workers leave goes into the hand-over file,
 * and is published before anything else at the next start. */
#include <stdio.h>
#include <stdlib.h>

#include "kafka.h"

#define TEND_MS 1000

static void
worker_free(struct vpn_sink_worker *own)
{
	if (!own)
		return;
	vpn_kafka_batch_release(own->batch);
	free(own->work);
	free(own->round);
	free(own);
}

/* A worker of our own, whose one commit takes as long as it takes. */
static struct vpn_sink_worker *
adopt(struct vpn_sink *snk)
{
	struct vpn_sink_worker *own = calloc(1, sizeof(*own));
	size_t n = snk->unsent.n;

	if (!own)
		return NULL;
	own->snk = snk;
	own->batch = vpn_kafka_batch_new();
	own->work = calloc(n, sizeof(*own->work));
	own->round = calloc(n, sizeof(*own->round));
	if (!own->batch || !own->work || !own->round ||
	    vpn_kafka_batch_fill(own->batch, snk->unsent.records, n) != 0) {
		worker_free(own);
		return NULL;
	}
	own->nwork = own->cap = own->batch->n;
	for (size_t i = 0; i < own->nwork; i++)
		own->work[i] = &own->batch->entries[i];
	return own;
}

static void
tell_damage(struct vpn_sink *snk)
{
	if (snk->unsent.damaged == 0)
		return;
	vpn_trouble_tell(&snk->unsent_told, snk->conf,
	    "%zu bytes at the end of the hand-over file in \"%s\" are damaged; the "
	    "file is kept "
	    "as \"%s.unsent.damaged\" (or with a number behind that), the %zu events "
	    "before them are published",
	    snk->unsent.damaged, snk->conf->state_dir, snk->conf->name, snk->unsent.n);
	vpn_trouble_over(&snk->unsent_told);
}

int
vpn_kafka_load(struct vpn_sink *snk, char *err, size_t cap)
{
	if (vpn_unsent_load(snk->conf, &snk->unsent, err, cap) != 0)
		return -1;
	if (snk->unsent.n == 0)
		return 0;
	snk->restored = adopt(snk);
	if (!snk->restored) {
		snprintf(err, cap, "out of memory");
		return -1;
	}
	snk->tending = true; /* nobody else until they are produced */
	return 0;
}

void
vpn_kafka_restore(struct vpn_sink *snk)
{
	tell_damage(snk);
	if (!snk->restored) {
		if (snk->unsent.damaged)
			vpn_unsent_done(snk->conf, &snk->unsent);
		return;
	}
	vpn_kafka_produce(snk->restored);
	pthread_mutex_lock(&snk->lock);
	snk->tending = false;
	pthread_mutex_unlock(&snk->lock);
}

void
vpn_kafka_forget(struct vpn_sink *snk)
{
	worker_free(snk->restored);
	vpn_unsent_free(&snk->unsent);
}

/* Its records, once acknowledged, are known until the sink is closed: a batch
 * that rsyslog hands over again after a stop is not published twice. */
bool
vpn_kafka_restored(struct vpn_sink *snk, const uint8_t id[16])
{
	return snk->restored && vpn_kafka_batch_find(snk->restored->batch, id);
}

static bool
begin_tending(struct vpn_sink *snk)
{
	struct vpn_sink_worker *own;
	int64_t now = vpn_kafka_now();
	bool due;

	pthread_mutex_lock(&snk->lock);
	vpn_kafka_stopping(snk); /* the patience of all actions begins at once */
	own = snk->restored;
	due = own && own->nwork > 0 && own->batch->flying == 0 && !snk->closing &&
	    !snk->tending && now >= snk->tend_ms && now >= snk->hold_ms;
	if (due)
		snk->tending = true;
	pthread_mutex_unlock(&snk->lock);
	return due;
}

static void
end_tending(struct vpn_sink *snk)
{
	pthread_mutex_lock(&snk->lock);
	snk->tend_ms = vpn_kafka_now() + TEND_MS;
	snk->tending = false;
	pthread_cond_broadcast(&snk->changed);
	pthread_mutex_unlock(&snk->lock);
}

static int64_t
hold_of(struct vpn_sink *snk)
{
	int64_t hold;

	pthread_mutex_lock(&snk->lock);
	hold = snk->hold_ms;
	pthread_mutex_unlock(&snk->lock);
	return hold;
}

void
vpn_kafka_tend(struct vpn_sink *snk)
{
	struct vpn_sink_worker *own;
	size_t open;

	if (!begin_tending(snk))
		return;
	own = snk->restored;
	vpn_kafka_judge(own);
	pthread_mutex_lock(&snk->lock);
	open = vpn_kafka_batch_open(own->batch);
	if (open > 0)
		vpn_kafka_revive(own); /* produced when what judge held is over */
	if (open == 0)
		own->nwork = 0;
	pthread_mutex_unlock(&snk->lock);
	if (open == 0)
		vpn_unsent_done(snk->conf, &snk->unsent);
	else if (vpn_kafka_now() >= hold_of(snk))
		vpn_kafka_produce(own);
	end_tending(snk);
}

/* Append the open entries of batch to list, which has room. */
static size_t
collect(const struct vpn_kafka_batch *batch, struct vpn_record *list, size_t n)
{
	for (size_t i = 0; i < batch->n; i++)
		if (!vpn_kafka_entry_settled(&batch->entries[i]))
			list[n++] = batch->entries[i].rec;
	return n;
}

static int
write_all(struct vpn_sink *snk, const struct vpn_record *list, size_t n, char *err,
    size_t cap)
{
	if (!snk->conf->state_dir) {
		snprintf(err, cap, "stateDir is not set");
		return -1;
	}
	return vpn_unsent_replace(snk->conf, &snk->unsent, list, n, err, cap);
}

/* The producers are silent, or late; the lock is held. */
void
vpn_kafka_save(struct vpn_sink *snk)
{
	struct vpn_kafka_batch *first = snk->restored ? snk->restored->batch : NULL;
	size_t total = vpn_kafka_batch_open(first), n = 0;
	struct vpn_record *list;
	char err[512] = "out of memory";

	for (struct vpn_kafka_batch *batch = snk->kept; batch; batch = batch->next)
		total += vpn_kafka_batch_open(batch);
	if (total == 0) {
		if (first && snk->restored->nwork > 0)
			vpn_unsent_done(snk->conf, &snk->unsent);
		return;
	}
	list = calloc(total, sizeof(*list));
	if (list) {
		if (first)
			n = collect(first, list, n);
		for (struct vpn_kafka_batch *batch = snk->kept; batch;
		     batch = batch->next)
			n = collect(batch, list, n);
	}
	if (!list || write_all(snk, list, n, err, sizeof(err)) != 0) {
		vpn_trouble_over(&snk->unsent_told);
		vpn_trouble_tell(&snk->unsent_told, snk->conf,
		    "%zu events were not acknowledged at the stop and are lost: %s",
		    total, err);
	}
	free(list);
}

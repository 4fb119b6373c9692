/* SPDX-License-Identifier: Apache-2.0
 * One commit: produce what is neither in flight nor settled, wait for the
 * delivery reports, answer. */
#include <time.h>

#include "grown.h"
#include "kafka.h"

#define COMMIT_MS 5000 /* the longest that a commit waits */
#define SLICE_MS 100   /* and how often it looks whether rsyslog stops */

int64_t
vpn_kafka_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
vpn_kafka_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until)
{
	int64_t slice = vpn_kafka_now() + SLICE_MS;
	struct timespec ts;

	if (until > slice)
		until = slice;
	ts.tv_sec = (time_t)(until / 1000);
	ts.tv_nsec = (long)(until % 1000) * 1000000;
	pthread_cond_timedwait(cond, lock, &ts);
}

/* Since when, too. The lock is held. */
bool
vpn_kafka_stopping(struct vpn_sink *snk)
{
	if (snk->stop_ms == 0 && snk->conf->stopping())
		snk->stop_ms = vpn_kafka_now() + snk->conf->shutdown_ms;
	return snk->stop_ms != 0;
}

/* Until when this commit may wait; the lock is held. */
static int64_t
limit(struct vpn_sink *snk, int64_t deadline)
{
	return vpn_kafka_stopping(snk) && snk->stop_ms < deadline ? snk->stop_ms
								  : deadline;
}

static bool
reserve(struct vpn_sink_worker *worker, size_t n)
{
	bool ok = true;

	if (n <= worker->cap)
		return true;
	worker->work = vpn_grown(worker->work, n, sizeof(*worker->work), &ok);
	worker->round = vpn_grown(worker->round, n, sizeof(*worker->round), &ok);
	if (ok)
		worker->cap = n;
	return ok;
}

/* Is every record of this commit in the open batch? Then it is a replay. */
static bool
find_all(struct vpn_sink_worker *worker, const struct vpn_record *records, size_t n)
{
	if (!worker->batch)
		return false;
	for (size_t i = 0; i < n; i++) {
		worker->work[i] = vpn_kafka_batch_find(worker->batch, records[i].id);
		if (!worker->work[i])
			return false;
	}
	worker->nwork = n;
	return true;
}

/* What the old batch still has: rsyslog has given it up (a finite
 * resumeRetryCount), or has forgotten it because it stops. */
void
vpn_kafka_part_with_batch(struct vpn_sink_worker *worker)
{
	struct vpn_sink *snk = worker->snk;
	struct vpn_kafka_batch *batch = worker->batch;

	worker->batch = NULL;
	if (vpn_kafka_stopping(snk) && vpn_kafka_batch_open(batch) > 0) {
		batch->next = snk->kept;
		snk->kept = batch;
	} else {
		vpn_kafka_batch_release(batch);
	}
}

/* A batch of which nothing is in flight. */
static int
new_batch(struct vpn_sink_worker *worker)
{
	if (worker->batch &&
	    (worker->batch->flying || vpn_kafka_batch_open(worker->batch)))
		vpn_kafka_part_with_batch(worker);
	if (!worker->batch)
		worker->batch = vpn_kafka_batch_new();
	return worker->batch ? 0 : -1;
}

static void
take_up(struct vpn_sink_worker *worker)
{
	worker->nwork = worker->batch->n;
	for (size_t i = 0; i < worker->nwork; i++) {
		struct vpn_kafka_entry *entry = &worker->batch->entries[i];

		worker->work[i] = entry;
		if (vpn_kafka_restored(worker->snk, entry->rec.id))
			/* the hand-over file has it */
			vpn_kafka_entry_set(entry, VPN_KAFKA_ACKED);
	}
}

void
vpn_kafka_revive(struct vpn_sink_worker *worker)
{
	for (size_t i = 0; i < worker->nwork; i++)
		if (worker->work[i]->state == VPN_KAFKA_FAILED)
			worker->work[i]->state = VPN_KAFKA_NEW;
}

static int
begin(struct vpn_sink_worker *worker, const struct vpn_record *records, size_t n)
{
	struct vpn_sink *snk = worker->snk;
	bool replay, ready;

	pthread_mutex_lock(&snk->lock);
	ready = reserve(worker, n);
	replay = ready && find_all(worker, records, n);
	if (ready && !replay)
		ready = new_batch(worker) == 0;
	pthread_mutex_unlock(&snk->lock);
	/* This is most of the work, and nobody else knows the batch yet. */
	if (ready && !replay)
		ready = vpn_kafka_batch_fill(worker->batch, records, n) == 0;
	if (!ready)
		return -1;
	pthread_mutex_lock(&snk->lock);
	if (!replay)
		take_up(worker);
	vpn_kafka_revive(worker);
	pthread_mutex_unlock(&snk->lock);
	return 0;
}

/* Mark what this wait is for. True when librdkafka had no room for some. */
static bool
await(struct vpn_sink_worker *worker)
{
	bool crowded = false;

	for (size_t i = 0; i < worker->nwork; i++) {
		struct vpn_kafka_entry *entry = worker->work[i];

		crowded |= entry->state == VPN_KAFKA_NEW;
		if (entry->state != VPN_KAFKA_FLYING || entry->awaited)
			continue;
		entry->awaited = true;
		worker->batch->awaited++;
	}
	return crowded;
}

static void
stop_awaiting(struct vpn_sink_worker *worker)
{
	for (size_t i = 0; i < worker->nwork; i++)
		worker->work[i]->awaited = false;
	worker->batch->awaited = 0;
}

/* Nothing came in time. A wait that brought nothing to anyone means that the
 * brokers are down: nobody waits again until there is a sign of life. */
static void
timed_out(struct vpn_sink_worker *worker, uint64_t acks, size_t open)
{
	struct vpn_sink *snk = worker->snk;

	atomic_fetch_add(&snk->counters->waits, 1);
	if (snk->acks == acks)
		snk->down = true;
	vpn_trouble_tell(&snk->down_told, snk->conf,
	    "%zu events for topic \"%s\" were not acknowledged in time (last error: "
	    "%s); events "
	    "wait in rsyslog's queue; see that the brokers run, and that the topic has "
	    "leaders "
	    "and min.insync.replicas replicas",
	    open, snk->conf->topic, *snk->last_error ? snk->last_error : "none");
}

/* Wait for the reports. True when all are in and there is time for more. */
static bool
wait_for_reports(struct vpn_sink_worker *worker, int64_t deadline)
{
	struct vpn_sink *snk = worker->snk;
	struct vpn_kafka_batch *batch = worker->batch;
	bool crowded, patient, settled;
	uint64_t acks;

	pthread_mutex_lock(&snk->lock);
	acks = snk->acks;
	patient = !worker->stalled && !snk->down;
	crowded = await(worker);
	while (patient && (batch->awaited || crowded) &&
	    vpn_kafka_now() < limit(snk, deadline)) {
		vpn_kafka_wait(&batch->settled, &snk->lock, limit(snk, deadline));
		crowded = false; /* one slice, then try again */
	}
	settled =
	    batch->awaited == 0 && patient && vpn_kafka_now() < limit(snk, deadline);
	if (batch->awaited && patient)
		timed_out(worker, acks, batch->awaited);
	stop_awaiting(worker);
	pthread_mutex_unlock(&snk->lock);
	return settled;
}

static enum vpn_put
answer(struct vpn_sink_worker *worker)
{
	struct vpn_sink *snk = worker->snk;
	enum vpn_put put = VPN_PUT_DONE;
	size_t open = 0;

	pthread_mutex_lock(&snk->lock);
	for (size_t i = 0; i < worker->nwork; i++)
		open += !vpn_kafka_entry_settled(worker->work[i]);
	worker->stalled = open > 0;
	worker->acked = worker->batch->acked;
	if (open > 0 && !vpn_kafka_stopping(snk)) {
		atomic_fetch_add(&snk->counters->retried, open);
		put = VPN_PUT_SUSPENDED;
	} /* at a stop the batch is ours to keep; see kafka_unsent.c */
	pthread_mutex_unlock(&snk->lock);
	return put;
}

/* Once a stop's patience has ended, what is new stays so, to be handed over: in
 * flight it might arrive all the same, and once more at the next start. Without a
 * hand-over file it may as well try. */
static bool
may_produce(struct vpn_sink *snk)
{
	bool may;

	pthread_mutex_lock(&snk->lock);
	may = !snk->conf->state_dir || !vpn_kafka_stopping(snk) ||
	    vpn_kafka_now() < snk->stop_ms;
	pthread_mutex_unlock(&snk->lock);
	return may;
}

enum vpn_put
vpn_kafka_commit(struct vpn_sink_worker *worker, struct vpn_record *records, size_t n)
{
	int64_t deadline = vpn_kafka_now() + COMMIT_MS;
	bool again;

	if (n == 0)
		return VPN_PUT_DONE;
	if (begin(worker, records, n) != 0)
		return VPN_PUT_SUSPENDED; /* no memory */
	again = may_produce(worker->snk);
	while (again) {
		vpn_kafka_produce(worker);
		again = wait_for_reports(worker, deadline);
		again &= vpn_kafka_judge(worker);
	}
	return answer(worker);
}

/* What is known without asking: 1 yes, 0 no, -1 nothing. The lock is held. */
static int
known(struct vpn_sink_worker *worker)
{
	struct vpn_sink *snk = worker->snk;
	struct vpn_kafka_batch *batch = worker->batch;
	int64_t now = vpn_kafka_now();

	if (now < snk->hold_ms || (vpn_kafka_stopping(snk) && now >= snk->stop_ms))
		return 0;
	if (batch && worker->stalled && batch->acked > worker->acked)
		return 1;
	if (!worker->stalled && !snk->down)
		return 1;
	/* In flight, and nothing came back since; librdkafka keeps trying. */
	if ((batch && batch->flying) || vpn_kafka_stopping(snk))
		return 0;
	return -1;
}

/* Ask the brokers. */
static bool
probe(struct vpn_sink *snk)
{
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__FATAL;

	vpn_kafka_renew(snk, false);
	pthread_rwlock_rdlock(&snk->swap);
	if (snk->together)
		err = vpn_kafka_producer_probe(snk->together);
	pthread_rwlock_unlock(&snk->swap);
	if (err)
		vpn_kafka_advise(snk, err);
	return err == RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool
vpn_kafka_ready(struct vpn_sink_worker *worker)
{
	struct vpn_sink *snk = worker->snk;
	int up;

	pthread_mutex_lock(&snk->lock);
	up = known(worker);
	pthread_mutex_unlock(&snk->lock);
	if (up == 0 || (up < 0 && !probe(snk)))
		return false;
	pthread_mutex_lock(&snk->lock);
	worker->stalled = false;
	snk->down = false;
	pthread_mutex_unlock(&snk->lock);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0
 * One librdkafka producer with a thread of its own, which takes the delivery
 * reports and, when the producer is retired, outlives it until none is left. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "kafka.h"

#define POLL_MS 100
#define HURRY_MS 5 /* as long as librdkafka would wait by itself */
#define PROBE_MS 500
#define LOG_EVERY_MS 60000

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque)
{
	struct vpn_sink *snk = ((struct vpn_kafka_producer *)opaque)->snk;
	struct vpn_kafka_entry *entry = msg->_private;

	(void)rk;
	pthread_mutex_lock(&snk->lock);
	if (msg->err) {
		vpn_kafka_entry_land(snk, entry, VPN_KAFKA_FAILED, msg->err);
	} else {
		snk->acks++;
		snk->barred &= !snk->down; /* it may be another broker's */
		snk->down = false;
		snk->hold_ms = 0;
		snk->last_error[0] = '\0';
		atomic_fetch_add(&snk->counters->delivered, 1);
		vpn_kafka_entry_land(snk, entry, VPN_KAFKA_ACKED, msg->err);
		vpn_trouble_over(&snk->down_told);
		vpn_trouble_over(&snk->failed_told);
		vpn_trouble_over(&snk->fatal_told);
	}
	pthread_mutex_unlock(&snk->lock);
}

/* What librdkafka tries again by itself is remembered, to be named if events
 * have to wait; what does not pass by itself is told at once. */
static void
on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque)
{
	struct vpn_sink *snk = ((struct vpn_kafka_producer *)opaque)->snk;
	bool all = err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
	char last[sizeof(snk->last_error)];

	(void)rk;
	if (!all && !vpn_kafka_explain(snk, err, reason))
		return;
	pthread_mutex_lock(&snk->lock);
	memcpy(last, snk->last_error, sizeof(last));
	pthread_mutex_unlock(&snk->lock);
	if (!all)
		vpn_trouble_over(&snk->down_told);
	vpn_trouble_tell(&snk->down_told, snk->conf,
	    "%s (%s); events for topic \"%s\" wait in rsyslog's queue",
	    all ? "no broker can be reached" : "a broker cannot be used",
	    *last ? last : reason, snk->conf->topic);
}

/* Facilities of what on_error, the verification of certificates or the start of a
 * producer tells of. */
static const char *const heard[] = {"FAIL", "ERROR", "SSL", "SSLCERTVRFY"};

static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	struct vpn_sink *snk = ((struct vpn_kafka_producer *)rd_kafka_opaque(rk))->snk;
	int64_t now = vpn_kafka_now(), last = atomic_load(&snk->logged_ms);
	struct vpn_trouble once = {false};

	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++)
		if (strcmp(facility, heard[i]) == 0)
			return;
	if (strcmp(facility, "GETPID") == 0) {
		vpn_kafka_explain(snk, RD_KAFKA_RESP_ERR_NO_ERROR, text);
		return;
	}
	if ((last == 0 || now - last >= LOG_EVERY_MS) &&
	    atomic_compare_exchange_strong(&snk->logged_ms, &last, now))
		vpn_trouble_tell(&once, snk->conf, "librdkafka says (level %d, %s): %s",
		    level, facility, text);
}

static void
producer_free(struct vpn_kafka_producer *producer)
{
	if (producer->topic)
		rd_kafka_topic_destroy(producer->topic);
	if (producer->reports)
		rd_kafka_queue_destroy(producer->reports);
	if (producer->rk)
		rd_kafka_destroy(producer->rk);
	free(producer);
}

/* Take reports for a while. A broker's thread that got no turn has slept through the
 * hurry: when nothing comes, and something is out, it is told again. */
static void
serve(struct vpn_kafka_producer *producer)
{
	if (atomic_exchange(&producer->hurry, false))
		rd_kafka_flush(producer->rk, HURRY_MS);
	else if (rd_kafka_poll(producer->rk, POLL_MS) == 0 &&
	    rd_kafka_outq_len(producer->rk) > 0)
		atomic_store(&producer->hurry, true);
}

static void *
producer_main(void *arg)
{
	struct vpn_kafka_producer *producer = arg;
	struct vpn_sink *snk = producer->snk;

	while (!atomic_load(&producer->retired)) {
		serve(producer);
		if (!producer->alone)
			vpn_kafka_tend(snk);
	}
	rd_kafka_purge(
	    producer->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	while (rd_kafka_outq_len(producer->rk) > 0)
		rd_kafka_poll(producer->rk, POLL_MS);
	producer_free(producer);
	pthread_mutex_lock(&snk->lock);
	snk->producers--;
	pthread_cond_broadcast(&snk->changed);
	pthread_mutex_unlock(&snk->lock);
	return NULL;
}

/* Signals are rsyslogd's business. */
static int
start_thread(struct vpn_kafka_producer *producer)
{
	sigset_t all, old;
	pthread_t thread;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	result = pthread_create(&thread, NULL, producer_main, producer);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (result != 0)
		return -1;
	pthread_detach(thread);
	pthread_mutex_lock(&producer->snk->lock);
	producer->snk->producers++;
	pthread_mutex_unlock(&producer->snk->lock);
	return 0;
}

static rd_kafka_conf_t *
configure(struct vpn_kafka_producer *producer, char *err, size_t cap)
{
	rd_kafka_conf_t *rkc = vpn_kafka_conf(producer->snk->conf, err, cap);

	if (!rkc)
		return NULL;
	if (producer->alone &&
	    rd_kafka_conf_set(rkc, "batch.num.messages", "1", err, cap) !=
		RD_KAFKA_CONF_OK) {
		rd_kafka_conf_destroy(rkc);
		return NULL;
	}
	rd_kafka_conf_set_opaque(rkc, producer);
	rd_kafka_conf_set_dr_msg_cb(rkc, on_delivery);
	rd_kafka_conf_set_error_cb(rkc, on_error);
	rd_kafka_conf_set_log_cb(rkc, on_log);
	vpn_kafka_verify(rkc);
	return rkc;
}

struct vpn_kafka_producer *
vpn_kafka_producer_new(struct vpn_sink *snk, bool alone, char *err, size_t cap)
{
	struct vpn_kafka_producer *producer = calloc(1, sizeof(*producer));
	rd_kafka_conf_t *rkc;

	if (!producer) {
		snprintf(err, cap, "out of memory");
		return NULL;
	}
	producer->snk = snk;
	producer->alone = alone;
	if (!(rkc = configure(producer, err, cap)))
		goto fail;
	if (!(producer->rk = rd_kafka_new(RD_KAFKA_PRODUCER, rkc, err, cap))) {
		rd_kafka_conf_destroy(rkc);
		goto fail;
	}
	producer->reports = rd_kafka_queue_get_main(producer->rk);
	producer->topic = rd_kafka_topic_new(producer->rk, snk->conf->topic, NULL);
	if (producer->topic && start_thread(producer) == 0)
		return producer;
	snprintf(err, cap,
	    "librdkafka cannot make a topic handle or there is no thread left");
fail:
	producer_free(producer);
	return NULL;
}

/* A flush serves reports, so it is for the thread that does. */
void
vpn_kafka_producer_hurry(struct vpn_kafka_producer *producer)
{
	atomic_store(&producer->hurry, true);
	rd_kafka_queue_yield(producer->reports);
}

void
vpn_kafka_producer_retire(struct vpn_kafka_producer *producer)
{
	if (producer)
		atomic_store(&producer->retired, true);
}

/* The topic's error, or that of a partition without a leader. */
static rd_kafka_resp_err_t
topic_error(const struct rd_kafka_metadata *md)
{
	if (md->topic_cnt != 1)
		return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	for (int i = 0; i < md->topics[0].partition_cnt; i++)
		if (md->topics[0].partitions[i].leader < 0)
			return RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
	return md->topics[0].err;
}

rd_kafka_resp_err_t
vpn_kafka_producer_probe(struct vpn_kafka_producer *producer)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;

	err = rd_kafka_metadata(producer->rk, 0, producer->topic, &md, PROBE_MS);
	if (err)
		return err;
	err = topic_error(md);
	rd_kafka_metadata_destroy(md);
	return err;
}

static bool
is_dead(const struct vpn_kafka_producer *producer, char *why, size_t cap)
{
	return producer && rd_kafka_fatal_error(producer->rk, why, cap) != 0;
}

/* The swap lock is held for writing. The dead one's thread ends it. */
static void
replace(struct vpn_sink *snk, struct vpn_kafka_producer **producer, bool alone)
{
	char why[256] = "", err[256];

	if (is_dead(*producer, why, sizeof(why))) {
		vpn_kafka_producer_retire(*producer);
		*producer = NULL;
		vpn_trouble_tell(&snk->fatal_told, snk->conf,
		    "librdkafka gave up its producer (%s); starting another", why);
	}
	if (*producer)
		return;
	*producer = vpn_kafka_producer_new(snk, alone, err, sizeof(err));
	if (*producer)
		vpn_trouble_over(&snk->start_told);
	else
		vpn_trouble_tell(&snk->start_told, snk->conf,
		    "cannot start a producer: %s; events wait in rsyslog's queue", err);
}

void
vpn_kafka_renew(struct vpn_sink *snk, bool alone)
{
	struct vpn_kafka_producer **producer = alone ? &snk->alone : &snk->together;
	bool needed;
	char why[256];

	pthread_rwlock_rdlock(&snk->swap);
	needed = !*producer || is_dead(*producer, why, sizeof(why));
	pthread_rwlock_unlock(&snk->swap);
	if (!needed)
		return;
	pthread_rwlock_wrlock(&snk->swap);
	replace(snk, producer, alone);
	pthread_rwlock_unlock(&snk->swap);
}

/* SPDX-License-Identifier: Apache-2.0
 * output="kafka": the table of functions; opening and closing. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kafka.h"
#include "sinks.h"

#define PURGE_MS 500    /* for librdkafka to give back what it holds */
#define DESTROY_MS 1000 /* and to end; after that it is left alone */
#define TOPIC_MAX 249

static int
check_topic(const char *topic, char *err, size_t cap)
{
	size_t len = strlen(topic);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)topic[i]) && !strchr("._-", topic[i]))
			len = 0;
	if (len > 0 && len <= TOPIC_MAX)
		return 0;
	snprintf(err, cap,
	    "topic=\"%s\" is no name that Kafka takes: 1 to %d letters, digits, \".\", "
	    "\"_\", \"-\"",
	    topic, TOPIC_MAX);
	return -1;
}

static int
kafka_check(const struct vpn_sink_conf *conf, char *err, size_t cap)
{
	rd_kafka_conf_t *rkc;

	if (conf->nbroker == 0 || !conf->topic) {
		snprintf(err, cap, "output=\"kafka\" needs %s",
		    conf->topic ? "broker=[\"host:port\", ...]"
				: "topic=, the topic's name");
		return -1;
	}
	if (check_topic(conf->topic, err, cap) != 0)
		return -1;
	if (conf->error_file &&
	    vpn_append_check("errorFile", conf->error_file, err, cap) != 0)
		return -1;
	if (!(rkc = vpn_kafka_conf(conf, err, cap)))
		return -1;
	rd_kafka_conf_destroy(rkc);
	return 0;
}

static struct vpn_sink *
sink_new(const struct vpn_sink_conf *conf, struct vpn_sink_counters *counters)
{
	struct vpn_sink *snk = calloc(1, sizeof(*snk));
	pthread_condattr_t attr;

	if (!snk)
		return NULL;
	snk->conf = conf;
	snk->counters = counters;
	vpn_refused_open(&snk->refused, conf->error_file);
	pthread_rwlock_init(&snk->swap, NULL);
	pthread_mutex_init(&snk->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&snk->changed, &attr);
	pthread_condattr_destroy(&attr);
	return snk;
}

static struct vpn_sink_worker *
kafka_worker(struct vpn_sink *snk)
{
	struct vpn_sink_worker *worker = calloc(1, sizeof(*worker));

	if (worker)
		worker->snk = snk;
	return worker;
}

static void
kafka_worker_free(struct vpn_sink_worker *worker)
{
	if (!worker)
		return;
	pthread_mutex_lock(&worker->snk->lock);
	vpn_kafka_part_with_batch(worker);
	pthread_mutex_unlock(&worker->snk->lock);
	free(worker->work);
	free(worker->round);
	free(worker);
}

static void
sink_free(struct vpn_sink *snk)
{
	while (snk->kept) {
		struct vpn_kafka_batch *batch = snk->kept;

		snk->kept = batch->next;
		vpn_kafka_batch_release(batch);
	}
	vpn_kafka_forget(snk);
	vpn_refused_close(&snk->refused);
	pthread_rwlock_destroy(&snk->swap);
	pthread_mutex_destroy(&snk->lock);
	pthread_cond_destroy(&snk->changed);
	free(snk);
}

/* A last chance for what is in flight, as long as the brokers are up. */
static void
wait_for_flying(struct vpn_sink *snk)
{
	if (!vpn_kafka_stopping(snk))
		snk->stop_ms = vpn_kafka_now() + snk->conf->shutdown_ms;
	while (snk->tending ||
	    (snk->flying && !snk->down && vpn_kafka_now() < snk->stop_ms))
		vpn_kafka_wait(&snk->changed, &snk->lock, vpn_kafka_now() + PURGE_MS);
}

static void
kafka_close(struct vpn_sink *snk)
{
	int64_t until;
	bool ended;

	if (!snk)
		return;
	pthread_mutex_lock(&snk->lock);
	snk->closing = true;
	wait_for_flying(snk);
	vpn_kafka_producer_retire(snk->together);
	vpn_kafka_producer_retire(snk->alone);
	until = vpn_kafka_now() + PURGE_MS;
	while (snk->flying && vpn_kafka_now() < until)
		vpn_kafka_wait(&snk->changed, &snk->lock, until);
	vpn_kafka_save(snk);
	until = vpn_kafka_now() + DESTROY_MS;
	while (snk->producers && vpn_kafka_now() < until)
		vpn_kafka_wait(&snk->changed, &snk->lock, until);
	ended = snk->producers == 0;
	pthread_mutex_unlock(&snk->lock);
	/* A producer that hangs in a name server's answer still uses snk; the
	 * process is about to end. */
	if (ended)
		sink_free(snk);
}

static void
kafka_hup(struct vpn_sink *snk)
{
	vpn_refused_hup(&snk->refused);
}

static void
tell_state_dir(struct vpn_sink *snk)
{
	const char *dir = snk->conf->state_dir;

	if (!dir)
		vpn_trouble_tell(&snk->unsent_told, snk->conf,
		    "stateDir is not set: a stop of rsyslogd while Kafka is down loses "
		    "up to one "
		    "batch per worker");
	else if (access(dir, W_OK | X_OK) != 0)
		vpn_trouble_tell(&snk->unsent_told, snk->conf,
		    "stateDir=\"%s\" is not writable (%s): a stop of rsyslogd while "
		    "Kafka is down "
		    "loses up to one batch per worker",
		    dir, strerror(errno));
	vpn_trouble_over(&snk->unsent_told);
}

static struct vpn_sink *
kafka_open(const struct vpn_sink_conf *conf, struct vpn_sink_counters *counters,
    char *err, size_t cap)
{
	struct vpn_sink *snk = sink_new(conf, counters);

	if (!snk) {
		snprintf(err, cap, "out of memory");
		return NULL;
	}
	if (!conf->state_dir || vpn_kafka_load(snk, err, cap) == 0)
		snk->together = vpn_kafka_producer_new(snk, false, err, cap);
	if (!snk->together) {
		sink_free(snk);
		return NULL;
	}
	tell_state_dir(snk);
	vpn_kafka_warn(snk);
	vpn_kafka_restore(snk);
	return snk;
}

const struct vpn_sink_ops vpn_sink_kafka = {
    .name = "kafka",
    .check = kafka_check,
    .open = kafka_open,
    .worker = kafka_worker,
    .worker_free = kafka_worker_free,
    .ready = vpn_kafka_ready,
    .commit = vpn_kafka_commit,
    .hup = kafka_hup,
    .close = kafka_close,
};

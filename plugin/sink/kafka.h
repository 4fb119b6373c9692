/* SPDX-License-Identifier: Apache-2.0
 * Private to the Kafka sink. One lock guards the sink, its batches and the
 * state of every entry; librdkafka's reports come on the producer's own thread. */
#ifndef KAFKA_H
#define KAFKA_H

#include "kafka_batch.h"
#include "refused.h"
#include "unsent.h"

/* A librdkafka producer and the thread that takes its reports. */
struct vpn_kafka_producer {
	struct vpn_sink *snk;
	rd_kafka_t *rk;
	rd_kafka_topic_t *topic;
	rd_kafka_queue_t *reports;
	bool alone; /* every record in a request of its own */
	atomic_bool hurry, retired;
};

struct vpn_sink_worker {
	struct vpn_sink *snk;
	struct vpn_kafka_batch *batch;
	struct vpn_kafka_entry **work;  /* what this commit is about */
	struct vpn_kafka_entry **round; /* and what of it is produced now */
	size_t nwork, cap;
	bool stalled; /* the last commit did not get through */
	size_t acked; /* batch->acked then */
};

struct vpn_sink {
	const struct vpn_sink_conf *conf;
	struct vpn_sink_counters *counters;
	pthread_rwlock_t swap; /* read: producing; write: exchanging producers */
	struct vpn_kafka_producer *together, *alone;
	pthread_mutex_t lock;   /* of all below, batches and entries */
	pthread_cond_t changed; /* flying, producers or tending */
	unsigned producers;     /* threads */
	size_t flying;
	uint64_t acks;
	bool down; /* a whole wait brought nothing */
	bool closing, tending;
	int64_t hold_ms;                  /* not ready before */
	int64_t stop_ms;                  /* when a stop's patience ends; 0: no stop */
	struct vpn_kafka_batch *kept;     /* batches that a stop left */
	struct vpn_sink_worker *restored; /* what the last run left */
	struct vpn_unsent unsent;         /* and its file */
	int64_t tend_ms;
	char last_error[512];  /* librdkafka's, and what to do about it */
	char certificate[256]; /* why a broker's is not accepted */
	bool barred;           /* told of one that does not pass by itself */
	struct vpn_refused refused;
	struct vpn_trouble down_told, failed_told, batch_told, fatal_told, start_told,
	    unsent_told;
	_Atomic int64_t logged_ms;
};

/* kafka_conf.c */
rd_kafka_conf_t *vpn_kafka_conf(const struct vpn_sink_conf *, char *err, size_t cap);

/* kafka_trust.c */
void vpn_kafka_verify(rd_kafka_conf_t *); /* its opaque is the producer */
/* Remember it as last_error. True: it does not pass by itself, and is news. */
bool vpn_kafka_explain(struct vpn_sink *, rd_kafka_resp_err_t, const char *reason);
void vpn_kafka_warn(struct vpn_sink *); /* of what confParam leaves unverified */

/* kafka_producer.c */
struct vpn_kafka_producer *vpn_kafka_producer_new(
    struct vpn_sink *, bool alone, char *err, size_t cap);
/* What was produced is a whole batch: librdkafka need not wait for company. */
void vpn_kafka_producer_hurry(struct vpn_kafka_producer *);
void vpn_kafka_producer_retire(struct vpn_kafka_producer *);
rd_kafka_resp_err_t vpn_kafka_producer_probe(struct vpn_kafka_producer *); /* asks */
/* Start the producer, or another after a fatal error; else nothing. */
void vpn_kafka_renew(struct vpn_sink *, bool alone);

/* kafka_produce.c */
void vpn_kafka_produce(struct vpn_sink_worker *); /* what of work is new */

/* kafka_verdict.c: what to do about the failed entries of work. True when
 * something is to be produced again at once. Takes the lock. */
bool vpn_kafka_judge(struct vpn_sink_worker *);
/* Tell the operator what to do about err, if there is anything. */
void vpn_kafka_advise(struct vpn_sink *, rd_kafka_resp_err_t);

/* kafka_commit.c; the lock is held for the middle three */
enum vpn_put vpn_kafka_commit(struct vpn_sink_worker *, struct vpn_record *, size_t n);
bool vpn_kafka_ready(struct vpn_sink_worker *);
bool vpn_kafka_stopping(struct vpn_sink *); /* notes since when */
void vpn_kafka_part_with_batch(struct vpn_sink_worker *);
void vpn_kafka_revive(struct vpn_sink_worker *); /* what failed may try again */
int64_t vpn_kafka_now(void);                     /* milliseconds, monotonic */
void vpn_kafka_wait(pthread_cond_t *, pthread_mutex_t *, int64_t until); /* <= 100 ms */

/* kafka_unsent.c */
int vpn_kafka_load(struct vpn_sink *, char *err, size_t cap); /* no producer yet */
void vpn_kafka_restore(struct vpn_sink *); /* produce what was loaded */
void vpn_kafka_tend(struct vpn_sink *);    /* now and then, on the producer's thread */
bool vpn_kafka_restored(struct vpn_sink *, const uint8_t id[16]);
void vpn_kafka_save(struct vpn_sink *);
void vpn_kafka_forget(struct vpn_sink *);

#endif

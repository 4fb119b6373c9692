/* SPDX-License-Identifier: Apache-2.0
 * The Kafka sink against librdkafka's own mock brokers: no network but
 * loopback, no broker to install. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "vpn/chunk.h"
#include "vpn/sink.h"

#define API_PRODUCE 0
#define API_INIT_PRODUCER_ID 22
#define BATCH 16

struct lab {
	rd_kafka_t *rk; /* carries the mock cluster, and consumes */
	rd_kafka_mock_cluster_t *brokers;
	char dir[64], error_file[80];
	const char *broker;
	struct vpn_sink_conf conf;
	struct vpn_sink_counters counters;
	struct vpn_sink *snk;
	struct vpn_sink_worker *worker;
	struct vpn_record records[BATCH]; /* into values, see make_records */
	char values[BATCH][64];
};

static atomic_bool is_stopping;
static pthread_mutex_t complaining = PTHREAD_MUTEX_INITIALIZER;
static char complaints[65536];

static bool
stopping(void)
{
	return is_stopping;
}

static void
complain(const char *sentence)
{
	size_t len;

	pthread_mutex_lock(&complaining);
	len = strlen(complaints);
	snprintf(complaints + len, sizeof(complaints) - len, "%s\n", sentence);
	pthread_mutex_unlock(&complaining);
}

/* How often. */
static unsigned
told(const char *what)
{
	unsigned n = 0;

	pthread_mutex_lock(&complaining);
	for (const char *at = complaints; (at = strstr(at, what)); at++)
		n++;
	pthread_mutex_unlock(&complaining);
	return n;
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
nap(int ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&ts, NULL);
}

static void
make_records(struct lab *lab, unsigned from)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct vpn_record *rec = &lab->records[i];
		unsigned number = from + i;

		snprintf(lab->values[i], sizeof(lab->values[i]), "{\"n\":%u}", number);
		*rec = (struct vpn_record){.key = VPN_TEXT("fw1|8|1|192.0.2.1"),
		    .type = VPN_TEXT("io.omipsec.disconnect.v1"),
		    .source = VPN_TEXT("fw1"),
		    .value = vpn_text(lab->values[i]),
		    .time_ms = 1735024112345};
		for (size_t k = 0; k < sizeof(rec->id); k++)
			rec->id[k] = (uint8_t)(number * 31 + k * 7);
		memcpy(rec->id, &number, sizeof(number));
	}
}

static void
open_sink(struct lab *lab)
{
	const struct vpn_sink_ops *ops = vpn_sink_find("kafka");
	char err[512] = "";

	is_stopping = false;
	lab->snk = ops->open(&lab->conf, &lab->counters, err, sizeof(err));
	assert_string_equal(err, "");
	assert_non_null(lab->snk);
	lab->worker = ops->worker(lab->snk);
	assert_non_null(lab->worker);
}

static void
close_sink(struct lab *lab)
{
	const struct vpn_sink_ops *ops = vpn_sink_find("kafka");

	is_stopping = true;
	ops->worker_free(lab->worker);
	ops->close(lab->snk);
	lab->snk = NULL;
}

static int
setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	rd_kafka_conf_t *rkc = rd_kafka_conf_new();
	char err[256];

	complaints[0] = '\0';
	strcpy(lab->dir, "/tmp/vpn-kafka-XXXXXX");
	assert_non_null(mkdtemp(lab->dir));
	snprintf(lab->error_file, sizeof(lab->error_file), "%s/refused", lab->dir);
	rd_kafka_conf_set(rkc, "log_level", "2", err, sizeof(err));
	lab->rk = rd_kafka_new(RD_KAFKA_PRODUCER, rkc, err, sizeof(err));
	lab->brokers = rd_kafka_mock_cluster_new(lab->rk, 1);
	rd_kafka_mock_topic_create(lab->brokers, "vpn", 2, 1);
	lab->broker = rd_kafka_mock_cluster_bootstraps(lab->brokers);
	lab->conf = (struct vpn_sink_conf){.name = "vpn to kafka",
	    .broker = &lab->broker,
	    .nbroker = 1,
	    .topic = "vpn",
	    .error_file = lab->error_file,
	    .state_dir = lab->dir,
	    .shutdown_ms = 1000,
	    .stopping = stopping,
	    .complain = complain};
	make_records(lab, 0);
	open_sink(lab);
	*state = lab;
	return 0;
}

static int
teardown(void **state)
{
	struct lab *lab = *state;
	char command[128];

	if (lab->snk)
		close_sink(lab);
	rd_kafka_mock_cluster_destroy(lab->brokers);
	rd_kafka_destroy(lab->rk);
	snprintf(command, sizeof(command), "rm -rf %s", lab->dir);
	assert_int_equal(system(command), 0);
	free(lab);
	return 0;
}

static enum vpn_put
commit(struct lab *lab, size_t from, size_t n)
{
	return vpn_sink_find("kafka")->commit(lab->worker, lab->records + from, n);
}

static bool
ready(struct lab *lab)
{
	return vpn_sink_find("kafka")->ready(lab->worker);
}

static void
wait_until_ready(struct lab *lab)
{
	for (int i = 0; i < 200 && !ready(lab); i++)
		nap(50);
	assert_true(ready(lab));
}

/* Read the whole topic; each(), if any, sees every message. */
static unsigned
consume(struct lab *lab, void (*each)(const rd_kafka_message_t *))
{
	rd_kafka_conf_t *rkc = rd_kafka_conf_new();
	rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(2);
	unsigned total = 0, ends = 0;
	rd_kafka_message_t *msg;
	char err[256];
	rd_kafka_t *rk;

	rd_kafka_conf_set(rkc, "bootstrap.servers", lab->broker, err, sizeof(err));
	rd_kafka_conf_set(rkc, "group.id", "test", err, sizeof(err));
	rd_kafka_conf_set(rkc, "enable.partition.eof", "true", err, sizeof(err));
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, rkc, err, sizeof(err));
	rd_kafka_poll_set_consumer(rk);
	for (int32_t i = 0; i < 2; i++)
		rd_kafka_topic_partition_list_add(parts, "vpn", i)->offset = 0;
	rd_kafka_assign(rk, parts);
	while (ends < 2 && (msg = rd_kafka_consumer_poll(rk, 10000))) {
		ends += msg->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
		total += msg->err == 0;
		if (!msg->err && each)
			each(msg);
		rd_kafka_message_destroy(msg);
	}
	rd_kafka_topic_partition_list_destroy(parts);
	rd_kafka_consumer_close(rk);
	rd_kafka_destroy(rk);
	return total;
}

static void
fail_produce(struct lab *lab, rd_kafka_resp_err_t err, size_t times)
{
	for (size_t i = 0; i < times; i++)
		rd_kafka_mock_push_request_errors(lab->brokers, API_PRODUCE, 1, err);
}

static void
check_header(const rd_kafka_message_t *msg, const char *name, const char *want)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t len;

	assert_int_equal(rd_kafka_message_headers(msg, &headers), 0);
	assert_int_equal(rd_kafka_header_get_last(headers, name, &value, &len), 0);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(value, want, len);
}

static void
check_message(const rd_kafka_message_t *msg)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t len;

	assert_memory_equal(msg->key, "fw1|8|1|192.0.2.1", msg->key_len);
	assert_memory_equal(msg->payload, "{\"n\":", 5);
	check_header(msg, "content-type", "application/json");
	check_header(msg, "ce_specversion", "1.0");
	check_header(msg, "ce_type", "io.omipsec.disconnect.v1");
	check_header(msg, "ce_source", "fw1");
	check_header(msg, "ce_time", "2024-12-24T07:08:32.345Z");
	check_header(msg, "omipsec-schema", "1");
	assert_int_equal(rd_kafka_message_headers(msg, &headers), 0);
	assert_int_equal(rd_kafka_header_get_last(headers, "ce_id", &value, &len), 0);
	assert_int_equal(len, 32);
}

static void
test_delivers_with_key_and_headers(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	assert_int_equal(lab->counters.delivered, BATCH);
	assert_int_equal(consume(lab, check_message), BATCH);
	assert_string_equal(complaints, "");
}

/* Records that can be held are read where they are, until they have arrived, even when
 * their maker has forgotten them. */
static void
test_holds_chunk_until_delivered(void **state)
{
	struct lab *lab = *state;
	struct vpn_chunk *chunk = vpn_chunk_new(sizeof(lab->values));

	for (size_t i = 0; i < BATCH; i++) {
		lab->records[i].value = vpn_chunk_keep(chunk, lab->records[i].value);
		lab->records[i].chunk = chunk;
	}
	assert_int_equal(commit(lab, 0, 4), VPN_PUT_DONE);
	assert_false(vpn_chunk_shared(chunk));
	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	assert_int_equal(commit(lab, 4, BATCH - 4), VPN_PUT_SUSPENDED);
	assert_true(vpn_chunk_shared(chunk));
	vpn_chunk_leave(chunk);
	rd_kafka_mock_broker_set_up(lab->brokers, -1);
	wait_until_ready(lab);
	assert_int_equal(commit(lab, 4, BATCH - 4), VPN_PUT_DONE);
	assert_int_equal(consume(lab, check_message), BATCH);
}

/* However long librdkafka would wait for company: a batch is whole. */
static void
test_waits_for_no_company(void **state)
{
	static const char *const linger = "linger.ms=600000";
	struct lab *lab = *state;

	close_sink(lab);
	lab->conf.conf_param = &linger;
	lab->conf.nconf_param = 1;
	open_sink(lab);
	for (unsigned from = 0; from < 5 * BATCH; from += BATCH) {
		make_records(lab, from);
		assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	}
	assert_int_equal(lab->counters.waits, 0);
}

static void
test_empty_batch_waits_for_nothing(void **state)
{
	struct lab *lab = *state;
	int64_t start = now_ms();

	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	assert_int_equal(commit(lab, 0, 0), VPN_PUT_DONE);
	assert_true(now_ms() - start < 100);
}

static void
test_same_id_twice_is_one_record(void **state)
{
	struct lab *lab = *state;

	memcpy(lab->records[1].id, lab->records[0].id, 16);
	assert_int_equal(commit(lab, 0, 4), VPN_PUT_DONE);
	assert_int_equal(consume(lab, NULL), 3);
}

/* rsyslog replays a failed batch record by record, then whole. */
static void
test_outage_costs_one_wait_and_no_duplicate(void **state)
{
	struct lab *lab = *state;
	int64_t start;

	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_SUSPENDED);
	start = now_ms();
	assert_false(ready(lab));
	for (size_t i = 0; i < BATCH; i++)
		assert_int_equal(commit(lab, i, 1), VPN_PUT_SUSPENDED);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_SUSPENDED);
	assert_true(now_ms() - start < 1000);
	assert_int_equal(lab->counters.waits, 1);
	assert_int_equal(
	    told("no broker can be reached") + told("were not acknowledged"), 1);

	rd_kafka_mock_broker_set_up(lab->brokers, -1);
	wait_until_ready(lab);
	for (size_t i = 0; i < BATCH; i++)
		assert_int_equal(commit(lab, i, 1), VPN_PUT_DONE);
	make_records(lab, 100);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	assert_int_equal(consume(lab, NULL), 2 * BATCH);
	assert_int_equal(lab->counters.delivered, 2 * BATCH);
}

/* A twin in the batch does not make the replay wait for it twice. */
static void
test_replay_with_twins(void **state)
{
	struct lab *lab = *state;
	int64_t start;

	memcpy(lab->records[1].id, lab->records[0].id, 16);
	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	assert_int_equal(commit(lab, 0, 4), VPN_PUT_SUSPENDED);
	rd_kafka_mock_broker_set_up(lab->brokers, -1);
	wait_until_ready(lab);
	start = now_ms();
	assert_int_equal(commit(lab, 0, 4), VPN_PUT_DONE);
	assert_true(now_ms() - start < 1000);
	assert_int_equal(consume(lab, NULL), 3);
}

static unsigned
count_lines(const char *path, const char *needle)
{
	char line[4096];
	unsigned n = 0;
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		n += strstr(line, needle) != NULL;
	if (file)
		fclose(file);
	return n;
}

/* The request of all is refused; so is the first of those sent alone. */
static void
test_refused_record_goes_to_error_file_and_no_other(void **state)
{
	struct lab *lab = *state;

	fail_produce(lab, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
	assert_int_equal(commit(lab, 0, 1), VPN_PUT_DONE);
	assert_int_equal(lab->counters.refused, 0);

	make_records(lab, 100);
	fail_produce(lab, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 2);
	assert_int_equal(commit(lab, 0, 1), VPN_PUT_DONE);
	assert_int_equal(lab->counters.refused, 1);
	assert_int_equal(
	    count_lines(lab->error_file, "\"value\":\"{\\\"n\\\":100}\""), 1);
	assert_int_equal(count_lines(lab->error_file, ""), 1);
	assert_int_equal(consume(lab, NULL), 1);
}

static void
test_refused_batch_is_sent_one_by_one(void **state)
{
	struct lab *lab = *state;

	fail_produce(lab, RD_KAFKA_RESP_ERR_INVALID_RECORD, 1);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	assert_int_equal(lab->counters.refused, 0);
	assert_int_equal(consume(lab, NULL), BATCH);
	assert_int_equal(told("sent again one by one"), 1);
}

static void
test_without_error_file_a_refusal_suspends(void **state)
{
	struct lab *lab = *state;

	close_sink(lab);
	lab->conf.error_file = NULL;
	open_sink(lab);
	fail_produce(lab, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, 2);
	assert_int_equal(commit(lab, 0, 1), VPN_PUT_SUSPENDED);
	assert_false(ready(lab));
	assert_int_equal(told("errorFile is not set"), 1);
	assert_int_equal(lab->counters.refused, 0);
}

static void
test_authorization_suspends_with_advice(void **state)
{
	struct lab *lab = *state;

	fail_produce(lab, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_SUSPENDED);
	assert_false(ready(lab));
	assert_int_equal(told("allow this user WRITE"), 1);
	assert_int_equal(lab->counters.refused, 0);
	wait_until_ready(lab);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	assert_int_equal(consume(lab, NULL), BATCH);
}

static void
test_too_few_replicas_recovers(void **state)
{
	struct lab *lab = *state;

	fail_produce(lab, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 2);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	assert_int_equal(lab->counters.refused, 0);
	assert_int_equal(consume(lab, NULL), BATCH);
}

/* librdkafka gives up its producer for good; the sink takes another. */
static void
test_fatal_error_starts_another_producer(void **state)
{
	struct lab *lab = *state;

	close_sink(lab);
	rd_kafka_mock_push_request_errors(lab->brokers, API_INIT_PRODUCER_ID, 1,
	    RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
	open_sink(lab);
	for (int i = 0; i < 20 && commit(lab, 0, BATCH) != VPN_PUT_DONE; i++)
		wait_until_ready(lab);
	assert_int_equal(told("gave up its producer"), 1);
	assert_int_equal(lab->counters.delivered, BATCH);
	assert_int_equal(consume(lab, NULL), BATCH);
}

/* The reports come to what is left of the worker. */
static void
test_worker_freed_before_its_reports(void **state)
{
	const struct vpn_sink_ops *ops = vpn_sink_find("kafka");
	struct lab *lab = *state;

	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_SUSPENDED);
	ops->worker_free(lab->worker);
	lab->worker = ops->worker(lab->snk);
	rd_kafka_mock_broker_set_up(lab->brokers, -1);
	wait_until_ready(lab);
	make_records(lab, 100);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	assert_int_equal(consume(lab, NULL), 2 * BATCH);
}

struct crew {
	struct lab *lab;
	struct vpn_sink_worker *worker;
	unsigned from;
	unsigned done;
};

static void *
work(void *arg)
{
	const struct vpn_sink_ops *ops = vpn_sink_find("kafka");
	struct crew *crew = arg;
	struct lab own = {.worker = ops->worker(crew->lab->snk)};

	for (unsigned i = 0; i < 200; i++) {
		make_records(&own, crew->from + i * BATCH);
		while (commit(&own, 0, BATCH) != VPN_PUT_DONE)
			nap(10);
		crew->done += BATCH;
	}
	ops->worker_free(own.worker);
	return NULL;
}

static void
test_four_workers_share_the_producer(void **state)
{
	struct lab *lab = *state;
	struct crew crew[4];
	pthread_t thread[4];

	for (unsigned i = 0; i < 4; i++) {
		crew[i] = (struct crew){.lab = lab, .from = 100000 * i};
		assert_int_equal(pthread_create(&thread[i], NULL, work, &crew[i]), 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(crew[i].done, 200 * BATCH);
	}
	assert_int_equal(lab->counters.delivered, 4 * 200 * BATCH);
	assert_int_equal(consume(lab, NULL), 4 * 200 * BATCH);
}

static unsigned
files_unsent(struct lab *lab)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/vpn to kafka.unsent", lab->dir);
	if (stat(path, &st) != 0)
		return 0;
	assert_int_equal(st.st_mode & 0777, 0600);
	return 1;
}

static void
test_stop_in_outage_hands_over(void **state)
{
	struct lab *lab = *state;
	int64_t start;

	assert_int_equal(commit(lab, 0, 4), VPN_PUT_DONE);
	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	make_records(lab, 100);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_SUSPENDED);
	is_stopping = true;
	start = now_ms();
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	assert_false(ready(lab));
	close_sink(lab);
	assert_true(now_ms() - start < 3000);
	assert_int_equal(files_unsent(lab), 1);

	rd_kafka_mock_broker_set_up(lab->brokers, -1);
	open_sink(lab);
	for (int i = 0; i < 200 && files_unsent(lab); i++)
		nap(50);
	assert_int_equal(files_unsent(lab), 0);
	/* what rsyslog hands over again all the same is not published twice */
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	assert_int_equal(consume(lab, NULL), 4 + BATCH);
}

/* A second stop before the broker is back keeps what the first one left. */
static void
test_two_stops_in_one_outage(void **state)
{
	struct lab *lab = *state;

	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	is_stopping = true;
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	make_records(lab, 100);
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	close_sink(lab);
	open_sink(lab);
	make_records(lab, 200);
	is_stopping = true;
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	close_sink(lab);
	assert_int_equal(files_unsent(lab), 1);

	rd_kafka_mock_broker_set_up(lab->brokers, -1);
	open_sink(lab);
	for (int i = 0; i < 200 && files_unsent(lab); i++)
		nap(50);
	assert_int_equal(files_unsent(lab), 0);
	assert_int_equal(consume(lab, NULL), 3 * BATCH);
}

static void
test_damaged_hand_over_is_told_and_kept(void **state)
{
	struct lab *lab = *state;
	char path[128], first[128], aside[128];
	FILE *file;

	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	is_stopping = true;
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	close_sink(lab);
	snprintf(path, sizeof(path), "%s/vpn to kafka.unsent", lab->dir);
	snprintf(first, sizeof(first), "%s/vpn to kafka.unsent.damaged", lab->dir);
	snprintf(aside, sizeof(aside), "%s/vpn to kafka.unsent.damaged.1", lab->dir);
	file = fopen(first, "w");
	assert_non_null(file);
	fputs("of another day\n", file);
	fclose(file);
	assert_int_equal(truncate(path, 1000), 0);

	rd_kafka_mock_broker_set_up(lab->brokers, -1);
	open_sink(lab);
	assert_int_equal(told("are damaged"), 1);
	for (int i = 0; i < 200 && access(aside, F_OK) != 0; i++)
		nap(50);
	assert_int_equal(access(aside, F_OK), 0);
	assert_int_equal(count_lines(first, "of another day"), 1);
	for (int i = 0; i < 200 && files_unsent(lab); i++)
		nap(50);
	assert_int_equal(files_unsent(lab), 0);
	assert_in_range(consume(lab, NULL), 1, BATCH - 1);
}

/* Handed over during an outage; at the next start the topic is forbidden once. */
static void
test_restored_records_are_tried_again(void **state)
{
	struct lab *lab = *state;

	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	is_stopping = true;
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	close_sink(lab);
	assert_int_equal(files_unsent(lab), 1);
	rd_kafka_mock_broker_set_up(lab->brokers, -1);
	fail_produce(lab, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1);
	open_sink(lab);
	for (int i = 0; i < 300 && files_unsent(lab); i++)
		nap(50);
	assert_int_equal(files_unsent(lab), 0);
	assert_int_equal(told("allow this user WRITE"), 1);
	assert_int_equal(consume(lab, NULL), BATCH);
}

/* The broker is only slow: what is handed over is not in flight as well. */
static void
test_after_the_stops_patience_nothing_is_produced(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(commit(lab, 0, 1), VPN_PUT_DONE);
	rd_kafka_mock_broker_set_rtt(lab->brokers, -1, 300);
	is_stopping = true;
	nap(lab->conf.shutdown_ms + 300); /* noticed without being asked */
	make_records(lab, 100);
	assert_false(ready(lab));
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	nap(30);
	close_sink(lab);
	assert_int_equal(files_unsent(lab), 1);

	rd_kafka_mock_broker_set_rtt(lab->brokers, -1, 0);
	open_sink(lab);
	for (int i = 0; i < 200 && files_unsent(lab); i++)
		nap(50);
	assert_int_equal(files_unsent(lab), 0);
	assert_int_equal(consume(lab, NULL), 1 + BATCH);
}

static void
test_stop_while_up_delivers(void **state)
{
	struct lab *lab = *state;

	is_stopping = true;
	assert_true(ready(lab));
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	close_sink(lab);
	assert_int_equal(files_unsent(lab), 0);
	assert_int_equal(consume(lab, NULL), BATCH);
}

static void
test_says_what_a_missing_state_dir_means(void **state)
{
	struct lab *lab = *state;

	close_sink(lab);
	lab->conf.state_dir = NULL;
	open_sink(lab);
	assert_int_equal(told("stateDir is not set"), 1);
	rd_kafka_mock_broker_set_down(lab->brokers, -1);
	is_stopping = true;
	assert_int_equal(commit(lab, 0, BATCH), VPN_PUT_DONE);
	close_sink(lab);
	assert_int_equal(told("16 events were not acknowledged"), 1);
}

static void
test_checks_configuration(void **state)
{
	static const struct {
		const char *param, *says;
	} rows[] = {
	    {"enable.idempotence=false", "enable.idempotence cannot be set"},
	    {"acks=1", "acks cannot be set"},
	    {"message.timeout.ms=1000", "message.timeout.ms cannot be set"},
	    {"no.such.property=1", "No such configuration property"},
	    {"linger.ms=abc", "linger.ms"},
	    {"just words", "form name=value"},
	    {"sasl.password", "form name=value"},
	    {"ssl_key=just words", "not shown"},
	    {"just words=", "not shown"},
	    {"no-secret=", "it may be a secret"},
	    {"transactional.id=x", "transactional.id cannot be set"},
	    {"bootstrap.servers=x:1", "set broker="},
	    {"ssl.ca.location=/just words", "cannot be read: No such file"},
	    {"ssl.ca.location=/etc/passwd", NULL},
	    {"ssl.ca.location=probe", NULL},
	    {"acks=all", NULL},
	    {"compression.codec = zstd", NULL},
	};
	const struct vpn_sink_ops *ops = vpn_sink_find("kafka");
	struct lab *lab = *state;
	char err[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vpn_sink_conf conf = lab->conf;

		err[0] = '\0';
		conf.conf_param = &rows[i].param;
		conf.nconf_param = 1;
		assert_int_equal(
		    ops->check(&conf, err, sizeof(err)), rows[i].says ? -1 : 0);
		if (rows[i].says)
			assert_non_null(strstr(err, rows[i].says));
		assert_null(strstr(err, "just words"));
	}
}

static void
test_needs_topic_and_broker(void **state)
{
	const struct vpn_sink_ops *ops = vpn_sink_find("kafka");
	struct lab *lab = *state;
	struct vpn_sink_conf conf = lab->conf;
	char err[512];

	conf.topic = NULL;
	assert_int_equal(ops->check(&conf, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "topic="));
	conf.topic = "no spaces please";
	assert_int_equal(ops->check(&conf, err, sizeof(err)), -1);
	conf.topic = "vpn";
	conf.nbroker = 0;
	assert_int_equal(ops->check(&conf, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "broker="));
}

static void
test_checks_brokers(void **state)
{
	static const struct {
		const char *broker;
		int result;
	} rows[] = {
	    {"", -1},
	    {" ", -1},
	    {":9092", -1},
	    {"host:", -1},
	    {"host:abc", -1},
	    {"host:0", -1},
	    {"host:65536", -1},
	    {"host:9092,", -1},
	    {"[::1]:x", -1},
	    {"host", 0},
	    {"host:9092", 0},
	    {"a:1, b:65535", 0},
	    {"plaintext://host:9092", 0},
	    {"[::1]:9092", 0},
	    {"[::1]", 0},
	    {"2001:db8::1", 0},
	};
	const struct vpn_sink_ops *ops = vpn_sink_find("kafka");
	struct lab *lab = *state;
	struct vpn_sink_conf conf = lab->conf;
	char err[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err[0] = '\0';
		conf.broker = &rows[i].broker;
		assert_int_equal(ops->check(&conf, err, sizeof(err)), rows[i].result);
		if (rows[i].result)
			assert_non_null(strstr(err, "host:port"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_delivers_with_key_and_headers),
	    TEST(test_holds_chunk_until_delivered),
	    TEST(test_waits_for_no_company),
	    TEST(test_empty_batch_waits_for_nothing),
	    TEST(test_same_id_twice_is_one_record),
	    TEST(test_outage_costs_one_wait_and_no_duplicate),
	    TEST(test_replay_with_twins),
	    TEST(test_refused_record_goes_to_error_file_and_no_other),
	    TEST(test_refused_batch_is_sent_one_by_one),
	    TEST(test_without_error_file_a_refusal_suspends),
	    TEST(test_authorization_suspends_with_advice),
	    TEST(test_too_few_replicas_recovers),
	    TEST(test_fatal_error_starts_another_producer),
	    TEST(test_worker_freed_before_its_reports),
	    TEST(test_four_workers_share_the_producer),
	    TEST(test_stop_in_outage_hands_over),
	    TEST(test_two_stops_in_one_outage),
	    TEST(test_damaged_hand_over_is_told_and_kept),
	    TEST(test_restored_records_are_tried_again),
	    TEST(test_after_the_stops_patience_nothing_is_produced),
	    TEST(test_stop_while_up_delivers),
	    TEST(test_says_what_a_missing_state_dir_means),
	    TEST(test_checks_configuration),
	    TEST(test_needs_topic_and_broker),
	    TEST(test_checks_brokers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

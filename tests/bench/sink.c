/* SPDX-License-Identifier: Apache-2.0
 * What publishing costs: the Kafka sink beside a bare librdkafka producer with the
 * same records and settings, to the same broker, in turn and in one run; and what
 * more workers bring, also without a broker on the same cores. Rows as of bench-core.
 * usage: bench-sink RULES BROKER TOPIC VPN-LINES RECORDS */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rsyslog/handover.h"
#include "rsyslog/harvest.h"
#include "sink/kafka.h"
#include "sink/sinks.h"

#define ROUNDS 3
#define WORKERS_MAX 4
#define BATCH_MAX 1024
#define LOOP 2000 /* turns for a record: as long as a line takes */

struct messages {
	struct vpn_text *at; /* as rsyslog hands them over */
	size_t n;
};

/* A way to publish, and what it costs a record at best. */
struct way {
	const char *name;
	const struct vpn_sink_ops *ops;
	unsigned workers; /* 0: the bare producer */
	size_t batch;
	bool whole; /* from the line on, not from the finished record */
	double wall, cpu;
};

static const struct vpn_sink_ops loop;

static struct way ways[] = {
    {"bare librdkafka", NULL, 0, 0, false, 0, 0},
    {"4 workers x 1024", &vpn_sink_kafka, 4, 1024, false, 0, 0},
    {"1 worker x 1024", &vpn_sink_kafka, 1, 1024, false, 0, 0},
    {"1 worker x 128, rsyslog's defaults", &vpn_sink_kafka, 1, 128, false, 0, 0},
    {"lines to Kafka, 4 workers", &vpn_sink_kafka, 4, 1024, true, 0, 0},
    {"lines to Kafka, 1 worker", &vpn_sink_kafka, 1, 1024, true, 0, 0},
    {"lines to /dev/null, 4 workers", &vpn_sink_file, 4, 1024, true, 0, 0},
    {"lines to /dev/null, 1 worker", &vpn_sink_file, 1, 1024, true, 0, 0},
    {"an empty loop, 4 workers", &loop, 4, 1024, false, 0, 0},
    {"an empty loop, 1 worker", &loop, 1, 1024, false, 0, 0},
};
enum {
	BARE,
	FOUR,
	ONE,
	DEFAULTS,
	KAFKA_FOUR,
	KAFKA_ONE,
	FILE_FOUR,
	FILE_ONE,
	LOOP_FOUR,
	LOOP_ONE,
	WAYS
};

struct bench {
	struct vpn_sink_conf conf;
	struct vpn_sink_counters counters;
	struct knowledge *kn;
	struct joiner joiner;
	struct messages messages;
	struct harvest made; /* their records */
	size_t records;      /* of a round */
};

/* A worker of a queue. */
struct hand {
	struct bench *bench;
	const struct way *way;
	struct vpn_sink_worker *sink;
	struct harvest har;
	size_t first, records;
	pthread_t thread;
};

static bool
not_stopping(void)
{
	return false;
}

/* Nothing is kept over a stop here. */
static void
ignore(const char *sentence)
{
	(void)sentence;
}

static void
die(const char *sentence)
{
	fprintf(stderr, "bench-sink: %s\n", sentence);
	exit(1);
}

static double
seconds(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A sink that shares nothing: what more workers bring at best on these cores, with
 * whatever else runs there. */
static struct vpn_sink *
loop_open(const struct vpn_sink_conf *conf, struct vpn_sink_counters *counters,
    char *err, size_t cap)
{
	(void)conf, (void)err, (void)cap;
	return (struct vpn_sink *)counters;
}

static struct vpn_sink_worker *
loop_worker(struct vpn_sink *snk)
{
	return (struct vpn_sink_worker *)snk;
}

static void
loop_worker_free(struct vpn_sink_worker *worker)
{
	(void)worker;
}

static enum vpn_put
loop_commit(struct vpn_sink_worker *worker, struct vpn_record *records, size_t n)
{
	(void)worker, (void)records;
	for (volatile size_t i = 0; i < n * LOOP; i++)
		;
	return VPN_PUT_DONE;
}

static void
loop_close(struct vpn_sink *snk)
{
	(void)snk;
}

static const struct vpn_sink_ops loop = {
    .open = loop_open,
    .worker = loop_worker,
    .worker_free = loop_worker_free,
    .commit = loop_commit,
    .close = loop_close,
};

static void
read_messages(const char *path, struct messages *messages)
{
	struct vpn_line ln = {.host = VPN_TEXT("gw"),
	    .ip = VPN_TEXT("192.0.2.1"),
	    .pri = 188,
	    .received_ms = 1795428000000};
	char *line = NULL, *message;
	FILE *in = fopen(path, "r");
	size_t cap = 0, room = 0;
	ssize_t n;

	if (!in)
		die("the lines cannot be read");
	while ((n = getline(&line, &cap, in)) > 1) {
		ln.raw = (struct vpn_text){line, (size_t)n - 1};
		message = malloc(handover_size(&ln));
		handover_write(&ln, message);
		if (messages->n == room) {
			room = room ? 2 * room : 1024;
			messages->at =
			    realloc(messages->at, room * sizeof(*messages->at));
		}
		messages->at[messages->n++] =
		    (struct vpn_text){message, handover_size(&ln)};
	}
	free(line);
	fclose(in);
}

static void
reap(struct bench *b, struct harvest *har, size_t first, size_t n)
{
	har->joiner = &b->joiner;
	harvest_begin(har, b->kn, 0);
	for (size_t i = first; i < first + n; i++)
		harvest_line(har, b->messages.at[i]);
	if (har->n != n)
		die("not every line is an event of its own");
}

static void *
work(void *arg)
{
	struct hand *hand = arg;
	struct bench *b = hand->bench;
	size_t batch = hand->way->batch, at = hand->first;

	for (size_t done = 0; done < hand->records; done += batch) {
		struct vpn_record *records = b->made.records + at;

		if (hand->way->whole) {
			reap(b, &hand->har, at, batch);
			records = hand->har.records;
		}
		while (
		    hand->way->ops->commit(hand->sink, records, batch) != VPN_PUT_DONE)
			;
		at = (at + batch) % b->messages.n;
	}
	return NULL;
}

static void
publish(struct bench *b, const struct way *way, double *wall, double *cpu)
{
	struct hand hands[WORKERS_MAX] = {0};
	size_t share = b->records / way->workers / way->batch * way->batch;
	char err[500];
	struct vpn_sink *snk = way->ops->open(&b->conf, &b->counters, err, sizeof(err));

	if (!snk)
		die(err);
	for (unsigned i = 0; i < way->workers; i++)
		hands[i] = (struct hand){.bench = b,
		    .way = way,
		    .sink = way->ops->worker(snk),
		    .first = b->messages.n / way->workers / way->batch * way->batch * i,
		    .records = way->batch}; /* to begin with: it connects */
	for (unsigned i = 0; i < way->workers; i++)
		work(&hands[i]);
	*wall = seconds(CLOCK_MONOTONIC);
	*cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned i = 0; i < way->workers; i++) {
		hands[i].records = share;
		pthread_create(&hands[i].thread, NULL, work, &hands[i]);
	}
	for (unsigned i = 0; i < way->workers; i++)
		pthread_join(hands[i].thread, NULL);
	*wall = (seconds(CLOCK_MONOTONIC) - *wall) / (double)(share * way->workers);
	*cpu =
	    (seconds(CLOCK_PROCESS_CPUTIME_ID) - *cpu) / (double)(share * way->workers);
	for (unsigned i = 0; i < way->workers; i++) {
		way->ops->worker_free(hands[i].sink);
		harvest_free(&hands[i].har);
	}
	way->ops->close(snk);
}

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque)
{
	(void)rk, (void)opaque;
	if (msg->err)
		die(rd_kafka_err2str(msg->err));
}

/* As many bytes as the sink's. */
static rd_kafka_headers_t *
new_headers(void)
{
	static const char *const headers[][2] = {
	    {"content-type", "application/json"},
	    {"ce_specversion", "1.0"},
	    {"ce_id", "0123456789abcdef0123456789abcdef"},
	    {"ce_type", "io.omipsec.disconnect.v1"},
	    {"ce_source", "USG6630E-01-DC"},
	    {"ce_time", "2026-11-20T00:00:00.000Z"},
	    {"omipsec-schema", "1"},
	};
	rd_kafka_headers_t *made = rd_kafka_headers_new(7);

	for (size_t i = 0; i < 7; i++)
		rd_kafka_header_add(made, headers[i][0], -1, headers[i][1], -1);
	return made;
}

static void
produce(rd_kafka_t *rk, rd_kafka_topic_t *topic, const struct vpn_record *records,
    size_t kinds, size_t n)
{
	rd_kafka_headers_t *headers = new_headers();

	for (size_t i = 0; i < n; i++) {
		const struct vpn_record *rec = &records[i % kinds];
		rd_kafka_headers_t *own = rd_kafka_headers_copy(headers);

		while (rd_kafka_producev(rk, RD_KAFKA_V_RKT(topic),
			   RD_KAFKA_V_KEY(rec->key.at, rec->key.len),
			   RD_KAFKA_V_VALUE((void *)rec->value.at, rec->value.len),
			   RD_KAFKA_V_HEADERS(own),
			   RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			rd_kafka_poll(rk, 10);
		if (i % BATCH_MAX == 0)
			rd_kafka_poll(rk, 0);
	}
	rd_kafka_headers_destroy(headers);
	if (rd_kafka_flush(rk, 60000) != RD_KAFKA_RESP_ERR_NO_ERROR)
		die("the bare producer was not acknowledged in a minute");
}

static void
produce_bare(struct bench *b, double *wall, double *cpu)
{
	char err[500];
	rd_kafka_conf_t *conf = vpn_kafka_conf(&b->conf, err, sizeof(err));
	rd_kafka_topic_t *topic;
	rd_kafka_t *rk;

	if (!conf)
		die(err);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, err, sizeof(err));
	if (!rk)
		die(err);
	topic = rd_kafka_topic_new(rk, b->conf.topic, NULL);
	produce(rk, topic, b->made.records, b->made.n, BATCH_MAX); /* it connects */
	*wall = seconds(CLOCK_MONOTONIC);
	*cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	produce(rk, topic, b->made.records, b->made.n, b->records);
	*wall = (seconds(CLOCK_MONOTONIC) - *wall) / (double)b->records;
	*cpu = (seconds(CLOCK_PROCESS_CPUTIME_ID) - *cpu) / (double)b->records;
	rd_kafka_topic_destroy(topic);
	rd_kafka_destroy(rk);
}

/* The first round warms the broker up. */
static void
measure(struct bench *b)
{
	double wall, cpu;

	for (int round = 0; round <= ROUNDS; round++) {
		for (struct way *way = ways; way < ways + WAYS; way++) {
			if (way->workers)
				publish(b, way, &wall, &cpu);
			else
				produce_bare(b, &wall, &cpu);
			if (round == 1 || (round > 1 && wall < way->wall))
				way->wall = wall;
			if (round == 1 || (round > 1 && cpu < way->cpu))
				way->cpu = cpu;
		}
	}
}

static void
tell(int way, int unit, const char *asked)
{
	const struct way *a = &ways[way], *b = &ways[unit];

	printf("%s : %s\t%.2f\t%s\t%.0f/s; %.2f us of CPU each, %.2f x\n", a->name,
	    b->name, b->wall / a->wall, asked, 1 / a->wall, a->cpu * 1e6,
	    a->cpu / b->cpu);
}

static size_t
mean_size(const struct harvest *har)
{
	size_t sum = 0;

	for (size_t i = 0; i < har->n; i++)
		sum += har->records[i].value.len;
	return sum / har->n;
}

int
main(int argc, char **argv)
{
	struct bench b = {.conf = {.name = "bench",
			      .file = "/dev/null",
			      .nbroker = 1,
			      .shutdown_ms = 5000,
			      .stopping = not_stopping,
			      .complain = ignore}};
	const char *broker;
	char err[600];

	if (argc != 6)
		die("usage: bench-sink RULES BROKER TOPIC VPN-LINES RECORDS");
	broker = argv[2];
	b.conf.broker = &broker;
	b.conf.topic = argv[3];
	b.records = strtoul(argv[5], NULL, 10);
	b.kn = knowledge_load(
	    argv[1], NULL, VPN_FORMAT_ECS, VPN_LANGUAGE_EN, NULL, err, sizeof(err));
	if (!b.kn)
		die(err);
	if (!joiner_open(&b.joiner))
		die("out of memory");
	read_messages(argv[4], &b.messages);
	reap(&b, &b.made, 0, b.messages.n);
	measure(&b);
	tell(FOUR, BARE, "at least 0.8");
	tell(ONE, BARE, "");
	tell(DEFAULTS, BARE, "");
	tell(KAFKA_FOUR, KAFKA_ONE, "");
	tell(FILE_FOUR, FILE_ONE, "at least 1.8");
	tell(LOOP_FOUR, LOOP_ONE, "");
	printf("bare librdkafka\t\t\t%.0f/s of %zu bytes; %.2f us of CPU each\n",
	    1 / ways[BARE].wall, mean_size(&b.made), ways[BARE].cpu * 1e6);
	return 0;
}

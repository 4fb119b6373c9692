/* SPDX-License-Identifier: Apache-2.0
 * What a broker's error means for the record. */
#include <errno.h>
#include <stdio.h>

#include "kafka.h"

#define HOLD_MS 5000 /* between two tries of what the operator has to mend */

enum verdict {
	LATER,  /* try again: nobody has to do anything */
	MEND,   /* the operator has to do something; try again until then */
	REFUSED /* this record will never be taken, or its company */
};

static const struct {
	rd_kafka_resp_err_t err;
	enum verdict verdict;
	const char *advice;
} table[] = {
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, REFUSED, NULL},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, REFUSED, NULL},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, REFUSED, NULL},
    {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, REFUSED, NULL},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, REFUSED, NULL},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, REFUSED, NULL},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, REFUSED, NULL},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, MEND,
	"raise the topic's message format version to 0.11 or newer"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, MEND,
	"choose another compression.codec in confParam"},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, MEND,
	"allow this user WRITE and DESCRIBE on the topic"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, MEND,
	"allow this user IDEMPOTENT_WRITE on the cluster"},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, MEND,
	"correct the sasl.* entries of confParam"},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, MEND,
	"correct the sasl.* and ssl.* entries of confParam"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, MEND,
	"create the topic, or correct topic="},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, MEND, "create the topic, or correct topic="},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, MEND, "look at the topic's partitions"},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, MEND, "correct topic="},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, MEND,
	"start the missing brokers, or lower the topic's min.insync.replicas"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, MEND,
	"start the missing brokers, or lower the topic's min.insync.replicas"},
};

static enum verdict
verdict_of(rd_kafka_resp_err_t err, const char **advice)
{
	*advice = "nothing has to be done if it passes";
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].err != err)
			continue;
		*advice = table[i].advice;
		return table[i].verdict;
	}
	return LATER;
}

static void
tell_failed(struct vpn_sink *snk, rd_kafka_resp_err_t err, const char *advice)
{
	vpn_trouble_tell(&snk->failed_told, snk->conf,
	    "topic \"%s\": %s; events wait in rsyslog's queue; %s", snk->conf->topic,
	    rd_kafka_err2str(err), advice);
}

void
vpn_kafka_advise(struct vpn_sink *snk, rd_kafka_resp_err_t err)
{
	const char *advice;

	if (verdict_of(err, &advice) == MEND)
		tell_failed(snk, err, advice);
}

/* Put the record aside in errorFile. False: it has to wait. */
static bool
put_aside(struct vpn_sink *snk, const struct vpn_record *rec, const char *reason)
{
	if (vpn_refused_put(&snk->refused, reason, rec->key, rec->id, rec->value) !=
	    0) {
		vpn_trouble_tell(&snk->refused.told, snk->conf,
		    "topic \"%s\" refuses an event (%s), and it cannot be put aside: "
		    "%s; events wait in rsyslog's queue; set errorFile= to a file that "
		    "rsyslogd may write",
		    snk->conf->topic, reason,
		    errno ? strerror(errno) : "errorFile is not set");
		return false;
	}
	atomic_fetch_add(&snk->counters->refused, 1);
	vpn_trouble_over(&snk->refused.told);
	return true;
}

/* A refused request says nothing about each of its records. True: to be
 * produced again. */
static bool
judge_refused(struct vpn_sink *snk, struct vpn_kafka_entry *entry)
{
	const char *reason = rd_kafka_err2str(entry->err);
	bool done;

	if (!entry->alone) {
		vpn_trouble_tell(&snk->batch_told, snk->conf,
		    "topic \"%s\": a request was refused (%s); its events are sent "
		    "again one by "
		    "one; if this goes on, set batch.size in confParam below the "
		    "topic's "
		    "max.message.bytes",
		    snk->conf->topic, reason);
		pthread_mutex_lock(&snk->lock);
		entry->alone = true;
		entry->state = VPN_KAFKA_NEW;
		pthread_mutex_unlock(&snk->lock);
		return true;
	}
	done = put_aside(snk, &entry->rec, reason);
	pthread_mutex_lock(&snk->lock);
	if (done)
		vpn_kafka_entry_set(entry, VPN_KAFKA_REFUSED);
	else
		snk->hold_ms = vpn_kafka_now() + HOLD_MS;
	pthread_mutex_unlock(&snk->lock);
	return false;
}

static bool
judge_one(struct vpn_sink *snk, struct vpn_kafka_entry *entry)
{
	rd_kafka_resp_err_t err = entry->err;
	const char *advice;

	switch (verdict_of(err, &advice)) {
	case REFUSED:
		return judge_refused(snk, entry);
	case LATER:
		if (err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
		    err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
			return false; /* our own doing */
		break;
	case MEND:
		break;
	}
	tell_failed(snk, err, advice);
	pthread_mutex_lock(&snk->lock);
	snk->hold_ms = vpn_kafka_now() + HOLD_MS;
	pthread_mutex_unlock(&snk->lock);
	return false;
}

static enum vpn_kafka_state
state_of(struct vpn_sink *snk, const struct vpn_kafka_entry *entry)
{
	enum vpn_kafka_state state;

	pthread_mutex_lock(&snk->lock);
	state = entry->state;
	pthread_mutex_unlock(&snk->lock);
	return state;
}

/* The usual case, looked at in one go. */
static bool
all_is_well(struct vpn_sink_worker *worker)
{
	bool well = true;

	pthread_mutex_lock(&worker->snk->lock);
	for (size_t i = 0; well && i < worker->nwork; i++)
		well = vpn_kafka_entry_settled(worker->work[i]);
	pthread_mutex_unlock(&worker->snk->lock);
	return well;
}

bool
vpn_kafka_judge(struct vpn_sink_worker *worker)
{
	struct vpn_sink *snk = worker->snk;
	bool again = false;

	if (all_is_well(worker))
		return false;
	for (size_t i = 0; i < worker->nwork; i++) {
		struct vpn_kafka_entry *entry = worker->work[i];
		enum vpn_kafka_state state = state_of(snk, entry);

		if (state == VPN_KAFKA_FAILED)
			again |= judge_one(snk, entry);
		else
			again |= state == VPN_KAFKA_NEW;
	}
	return again;
}

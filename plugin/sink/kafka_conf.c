/* SPDX-License-Identifier: Apache-2.0
 * librdkafka's configuration: our defaults, then what the operator set. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "kafka.h"

#define NAME_MAX_LEN 128

/* Records stay with librdkafka as long as an outage lasts (no message timeout):
 * it alone knows which of them a broker may already have. */
static const struct {
	const char *name, *value;
} defaults[] = {
    {"client.id", "omipsec"},
    {"enable.idempotence", "true"},
    {"acks", "all"},
    {"compression.codec", "lz4"},
    {"partitioner", "murmur2_random"},
    {"message.timeout.ms", "0"},
    {"linger.ms", "0"},
    {"reconnect.backoff.max.ms", "2000"},
    {"socket.keepalive.enable", "true"},
};

/* What delivery stands on. A value outside accept is refused. */
static const struct {
	const char *name, *accept[3], *why;
} pinned[] = {
    {"enable.idempotence", {"true"}, "retries would make duplicates"},
    {"acks", {"all", "-1"}, "an event would be lost with its broker"},
    {"request.required.acks", {"all", "-1"}, "an event would be lost with its broker"},
    {"message.timeout.ms", {"0"}, "an outage would make losses or duplicates"},
    {"delivery.timeout.ms", {"0"}, "an outage would make losses or duplicates"},
    {"delivery.report.only.error", {"false"}, "no delivery would be known"},
    {"bootstrap.servers", {NULL}, "use broker="},
    {"metadata.broker.list", {NULL}, "use broker="},
    {"transactional.id", {NULL}, "events are not sent in transactions"},
};

/* Is value allowed for the pinned row i? */
static bool
accepted(size_t i, const char *value)
{
	for (size_t k = 0; k < 3 && pinned[i].accept[k]; k++)
		if (strcasecmp(pinned[i].accept[k], value) == 0)
			return true;
	return false;
}

static int
check_pinned(const char *parameter, const char *name, const char *value, char *err, size_t cap)
{
	for (size_t i = 0; i < sizeof(pinned) / sizeof(pinned[0]); i++) {
		if (strcmp(pinned[i].name, name) != 0 || accepted(i, value))
			continue;
		snprintf(err, cap, "%s: %s cannot be changed: %s; remove it", parameter, name,
		    pinned[i].why);
		return -1;
	}
	return 0;
}

/* librdkafka's sentence may quote the value, which may be a password. */
static int
refused(const char *parameter, const char *name, const char *value, char *err, size_t cap)
{
	(void)value;
	snprintf(err, cap,
	    "%s: librdkafka does not take this value of %s (it is not shown, as it may be secret)",
	    parameter, name);
	return -1;
}

static int
set_one(rd_kafka_conf_t *rkc, const char *parameter, const char *text, char *err, size_t cap)
{
	char name[NAME_MAX_LEN], why[512];
	const char *eq = strchr(text, '='), *value;
	size_t len = eq ? (size_t)(eq - text) : 0;

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len == 0 || len >= sizeof(name)) {
		snprintf(err, cap, "%s: an entry is not of the form \"name=value\"", parameter);
		return -1;
	}
	memcpy(name, text, len);
	name[len] = '\0';
	for (value = eq + 1; isspace((unsigned char)*value); value++)
		;
	if (check_pinned(parameter, name, value, err, cap) != 0)
		return -1;
	switch (rd_kafka_conf_set(rkc, name, value, why, sizeof(why))) {
	case RD_KAFKA_CONF_OK:
		return 0;
	case RD_KAFKA_CONF_UNKNOWN:
		snprintf(err, cap, "%s: librdkafka %s has no property \"%s\"", parameter,
		    rd_kafka_version_str(), name);
		return -1;
	case RD_KAFKA_CONF_INVALID:
		break;
	}
	return refused(parameter, name, value, err, cap);
}

static int
set_all(rd_kafka_conf_t *rkc, const char *parameter, const char *const *list, size_t n,
    char *err)
{
	for (size_t i = 0; i < n; i++)
		if (set_one(rkc, parameter, list[i], err, 512) != 0)
			return -1;
	return 0;
}

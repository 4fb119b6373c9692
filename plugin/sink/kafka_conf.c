/* SPDX-License-Identifier: Apache-2.0
 * librdkafka's configuration: our defaults, then what the operator set. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "kafka.h"

/* Records stay with librdkafka as long as an outage lasts (no message timeout):
 * it alone knows which of them a broker may already have. */
static const struct {
	const char *name, *value;
} defaults[] = {
    {"client.id", "omipsec"},
    {"log_level", "4"},
    {"enable.idempotence", "true"},
    {"acks", "all"},
    {"compression.codec", "lz4"},
    {"partitioner", "murmur2_random"},
    {"message.timeout.ms", "0"},
    {"message.copy.max.bytes", "1000"}, /* compressed from where it is */
    {"reconnect.backoff.max.ms", "2000"},
    {"socket.keepalive.enable", "true"},
};

/* What delivery stands on: a value outside accept is refused. */
static const struct {
	const char *name, *accept[3], *why;
} pinned[] = {
    {"enable.idempotence", {"true", "t", "1"}, "retries would make duplicates"},
    {"acks", {"all", "-1"}, "an event would be lost with its broker"},
    {"request.required.acks", {"all", "-1"}, "an event would be lost with its broker"},
    {"message.timeout.ms", {"0"}, "an outage would make duplicates"},
    {"delivery.timeout.ms", {"0"}, "an outage would make duplicates"},
    {"delivery.report.only.error", {"false"}, "no delivery would be known"},
    {"bootstrap.servers", {NULL}, "set broker= instead"},
    {"metadata.broker.list", {NULL}, "set broker= instead"},
    {"transactional.id", {NULL}, "events are not sent in transactions"},
};

/* Properties with such a word in their name have values that nobody may see. */
static const char *const secret[] = {
    "password", "secret", "key", "pem", "oauthbearer", "kinit"};

/* Properties that name a file; a start that cannot read it would fail for ever. */
static const char *const files[] = {"ssl.ca.location", "ssl.certificate.location",
    "ssl.key.location", "ssl.crl.location", "ssl.keystore.location"};

#define PORT_MAX 65535
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct setting {
	rd_kafka_conf_t *conf;
	const char *parameter; /* rsyslog's, for messages */
	char *err;
	size_t cap;
};

static bool
accepted(size_t row, const char *value)
{
	for (size_t i = 0; i < COUNT(pinned[row].accept) && pinned[row].accept[i]; i++)
		if (strcasecmp(pinned[row].accept[i], value) == 0)
			return true;
	return false;
}

static int
check_pinned(const struct setting *set, const char *name, const char *value)
{
	for (size_t i = 0; i < COUNT(pinned); i++) {
		if (strcmp(pinned[i].name, name) != 0 || accepted(i, value))
			continue;
		snprintf(set->err, set->cap,
		    "%s: %s cannot be set to \"%s\": %s; remove it", set->parameter,
		    name, value, pinned[i].why);
		return -1;
	}
	return 0;
}

static int
check_file(const struct setting *set, const char *name, const char *value)
{
	for (size_t i = 0; i < COUNT(files); i++) {
		if (strcmp(files[i], name) != 0 || strcmp(value, "probe") == 0 ||
		    access(value, R_OK) == 0)
			continue;
		snprintf(set->err, set->cap, "%s: %s: the file cannot be read: %s",
		    set->parameter, name, strerror(errno));
		return -1;
	}
	return 0;
}

static bool
is_secret(const char *name)
{
	for (size_t i = 0; i < COUNT(secret); i++)
		if (strcasestr(name, secret[i]))
			return true;
	return false;
}

/* It may as well be a secret that was written in the wrong place. */
static bool
looks_like_property(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._")] == '\0' &&
	    strchr(name, '.');
}

static int
apply(const struct setting *set, const char *name, const char *value)
{
	char why[512];
	rd_kafka_conf_res_t result;

	if (check_pinned(set, name, value) != 0 || check_file(set, name, value) != 0)
		return -1;
	result = rd_kafka_conf_set(set->conf, name, value, why, sizeof(why));
	if (result == RD_KAFKA_CONF_OK)
		return 0;
	if (result == RD_KAFKA_CONF_UNKNOWN && !looks_like_property(name)) {
		snprintf(set->err, set->cap,
		    "%s: an entry's name is no property of librdkafka (it is not "
		    "shown: it may be a secret)",
		    set->parameter);
		return -1;
	}
	if (is_secret(name))
		snprintf(why, sizeof(why), "librdkafka refuses the value (not shown)");
	snprintf(set->err, set->cap, "%s: %s: %s", set->parameter, name, why);
	return -1;
}

/* Only a name that librdkafka knows is quoted: the rest may be a password. */
static int
not_a_pair(const struct setting *set, const char *text)
{
	char value[512];
	size_t size = sizeof(value);
	bool known =
	    rd_kafka_conf_get(set->conf, text, value, &size) == RD_KAFKA_CONF_OK;

	snprintf(set->err, set->cap,
	    "%s: the entry \"%s\" is not of the form name=value", set->parameter,
	    known ? text : "(not shown)");
	return -1;
}

/* "name=value", white space around both ignored. */
static int
apply_text(const struct setting *set, const char *text)
{
	char name[128];
	const char *eq = strchr(text, '='), *value = eq ? eq + 1 : text;
	size_t len = eq ? (size_t)(eq - text) : 0;

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len == 0 || len >= sizeof(name))
		return not_a_pair(set, text);
	memcpy(name, text, len);
	name[len] = '\0';
	while (isspace((unsigned char)*value))
		value++;
	return apply(set, name, value);
}

static int
apply_list(const struct setting *set, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (apply_text(set, list[i]) != 0)
			return -1;
	return 0;
}

static bool
is_port(const char *at, size_t len)
{
	unsigned port = 0;

	for (size_t i = 0; i < len && port <= PORT_MAX; i++) {
		if (!isdigit((unsigned char)at[i]))
			return false;
		port = port * 10 + (unsigned)(at[i] - '0');
	}
	return port >= 1 && port <= PORT_MAX;
}

/* "host", "host:port", "[address]:port", a bare IPv6 address; librdkafka
 * itself would take port 0 for what is none. */
static bool
is_broker(const char *at, size_t len)
{
	const char *colon = memrchr(at, ':', len), *first = memchr(at, ':', len);
	size_t host = colon ? (size_t)(colon - at) : len;

	if (len > 2 && at[0] == '[' && at[len - 1] == ']')
		return true;
	if (colon && colon != first && at[host - 1] != ']')
		return true;
	return host > 0 && (!colon || is_port(colon + 1, len - host - 1));
}

/* An entry, which may be a list itself, each with a protocol before it. */
static bool
are_brokers(const char *entry)
{
	for (;;) {
		const char *end = entry + strcspn(entry, ","), *last = end, *slashes;

		while (entry < last && isspace((unsigned char)*entry))
			entry++;
		while (last > entry && isspace((unsigned char)last[-1]))
			last--;
		slashes = memmem(entry, (size_t)(last - entry), "://", 3);
		if (slashes)
			entry = slashes + 3;
		if (!is_broker(entry, (size_t)(last - entry)))
			return false;
		if (!*end)
			return true;
		entry = end + 1;
	}
}

static int
check_brokers(const struct setting *set, const struct vpn_sink_conf *conf)
{
	for (size_t i = 0; i < conf->nbroker; i++) {
		if (are_brokers(conf->broker[i]))
			continue;
		snprintf(set->err, set->cap,
		    "broker: the entry \"%.200s\" is not of the form host or "
		    "host:port, "
		    "with a port from 1 to %d",
		    conf->broker[i], PORT_MAX);
		return -1;
	}
	return 0;
}

static int
apply_brokers(const struct setting *set, const struct vpn_sink_conf *conf)
{
	char list[4096], why[512];
	size_t len = 0;

	if (check_brokers(set, conf) != 0)
		return -1;
	for (size_t i = 0; i < conf->nbroker && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
		    i ? "," : "", conf->broker[i]);
	if (len >= sizeof(list)) {
		snprintf(set->err, set->cap,
		    "broker: the list is longer than %zu bytes", sizeof(list));
		return -1;
	}
	if (rd_kafka_conf_set(set->conf, "bootstrap.servers", list, why, sizeof(why)) !=
	    RD_KAFKA_CONF_OK) {
		snprintf(set->err, set->cap, "broker: %s", why);
		return -1;
	}
	return 0;
}

static int
apply_defaults(const struct setting *set)
{
	for (size_t i = 0; i < COUNT(defaults); i++)
		if (apply(set, defaults[i].name, defaults[i].value) != 0)
			return -1;
	return 0;
}

rd_kafka_conf_t *
vpn_kafka_conf(const struct vpn_sink_conf *conf, char *err, size_t cap)
{
	struct setting own = {rd_kafka_conf_new(), "output=\"kafka\"", err, cap};
	struct setting param = {own.conf, "confParam", err, cap};
	struct setting topic = {own.conf, "topicConfParam", err, cap};

	if (apply_defaults(&own) == 0 && apply_brokers(&own, conf) == 0 &&
	    apply_list(&param, conf->conf_param, conf->nconf_param) == 0 &&
	    apply_list(&topic, conf->topic_conf_param, conf->ntopic_conf_param) == 0)
		return own.conf;
	rd_kafka_conf_destroy(own.conf);
	return NULL;
}

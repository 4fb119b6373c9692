/* SPDX-License-Identifier: Apache-2.0
 * errorFile: a record that Kafka will never take, as one line of JSON. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "kafka.h"

struct line {
	char *at;
	size_t len;
};

static void
put(struct line *line, const char *text)
{
	size_t len = strlen(text);

	memcpy(line->at + line->len, text, len);
	line->len += len;
}

static void
put_string(struct line *line, struct vpn_text text)
{
	char escape[8];

	put(line, "\"");
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c >= ' ' && c != '"' && c != '\\') {
			line->at[line->len++] = (char)c;
			continue;
		}
		if (c == '"' || c == '\\')
			snprintf(escape, sizeof(escape), "\\%c", c);
		else
			snprintf(escape, sizeof(escape), "\\u%04x", c);
		put(line, escape);
	}
	put(line, "\"");
}

static void
format(struct line *line, const struct vpn_record *rec, const char *reason)
{
	struct timespec now;
	char when[40], id[33];

	clock_gettime(CLOCK_REALTIME, &now);
	vpn_kafka_time(now.tv_sec * 1000 + now.tv_nsec / 1000000, when, sizeof(when));
	vpn_kafka_id(rec->id, id);
	put(line, "{\"time\":");
	put_string(line, vpn_text(when));
	put(line, ",\"reason\":");
	put_string(line, vpn_text(reason));
	put(line, ",\"key\":");
	put_string(line, rec->key);
	put(line, ",\"event.id\":");
	put_string(line, vpn_text(id));
	put(line, ",\"value\":");
	put_string(line, rec->value);
	put(line, "}\n");
}

static int
write_line(struct vpn_sink *snk, const struct line *line)
{
	int result;

	pthread_mutex_lock(&snk->refusing);
	result = vpn_append_write(&snk->refused, line->at, line->len);
	if (result == 0)
		result = vpn_append_sync(&snk->refused);
	pthread_mutex_unlock(&snk->refusing);
	return result;
}

static int
cannot(struct vpn_sink *snk, const char *reason, const char *why)
{
	vpn_trouble_tell(&snk->refused_told, snk->conf,
	    "topic \"%s\" refuses an event (%s), and it cannot be put aside: %s; "
	    "events wait in "
	    "rsyslog's queue; set errorFile= to a file that rsyslogd may write",
	    snk->conf->topic, reason, why);
	return -1;
}

int
vpn_kafka_refuse(struct vpn_sink *snk, const struct vpn_record *rec, const char *reason)
{
	struct line line = {NULL, 0};
	int result;

	if (!snk->refused.path)
		return cannot(snk, reason, "errorFile is not set");
	line.at = malloc(6 * (rec->key.len + rec->value.len + strlen(reason)) + 256);
	if (!line.at)
		return cannot(snk, reason, "out of memory");
	format(&line, rec, reason);
	result = write_line(snk, &line);
	free(line.at);
	if (result != 0)
		return cannot(snk, reason, strerror(errno));
	atomic_fetch_add(&snk->counters->refused, 1);
	vpn_trouble_over(&snk->refused_told);
	return 0;
}

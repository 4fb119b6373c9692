/* SPDX-License-Identifier: Apache-2.0
 * output="alertmanager": API v2. Level-triggered: what is open is said again
 * every minute with an end well ahead, so that a reboot of this node resolves
 * nothing; every replica gets everything. */
#include <stdio.h>
#include <stdlib.h>

#include "http.h"
#include "sinks.h"

#define OPEN_MS (15 * 60 * 1000)
#define WATCHDOG_MS (4 * 60 * 1000)
/* Killed, it goes back to its notes of up to 15 minutes ago, has forgotten an end that
 * it has told since, and would take the next outage for the same. */
#define LINGER_S (20 * 60)
#define DAY_MS (24 * 60 * 60 * 1000)
#define REQUEST_ALERTS 500
#define PATH "/api/v2/alerts"

struct vpn_sink {
	const struct vpn_sink_conf *conf;
	struct vpn_sink_counters *counters;
	struct http_to to;
	struct http *http;
	struct backoff back;
	struct vpn_trouble *trouble; /* one a replica, as are the answers */
	struct http_answer *answers;
};

struct vpn_sink_worker {
	struct vpn_sink *snk;
	char *body;
	size_t cap;
};

static int
check(const struct vpn_sink_conf *conf, char *err, size_t cap)
{
	if (conf->nurl > 0)
		return http_check(conf, err, cap);
	snprintf(err, cap,
	    "output=\"alertmanager\" needs url=, such as [\"http://127.0.0.1:9093\"], "
	    "one "
	    "for each replica");
	return -1;
}

static int64_t
end_of(const struct vpn_page *page, int64_t now_ms)
{
	/* Nobody may have opened it. Where a clock is behind ours, an end of now
	 * is one to come, and would page. */
	if (page->step == VPN_ALARM_CLEARED)
		return now_ms - DAY_MS;
	if (page->end_ms > 0)
		return page->end_ms < now_ms ? page->end_ms : now_ms;
	if (vpn_text_same(page->name, vpn_alarm_name(VPN_ALARM_WATCHDOG)))
		return now_ms + WATCHDOG_MS;
	return now_ms + OPEN_MS;
}

static void
put_alert(struct vpn_json *js, const struct vpn_page *page, int64_t now_ms)
{
	int64_t end = end_of(page, now_ms);

	vpn_json_open(js, NULL, '{');
	http_raw(js, "labels", page->labels);
	http_raw(js, "annotations", page->annotations);
	http_stamp(js, "startsAt", page->start_ms < end ? page->start_ms : end - 1);
	http_stamp(js, "endsAt", end);
	vpn_json_some(js, "generatorURL", page->runbook);
	vpn_json_close(js, '}');
}

static size_t
size_of(const struct vpn_record *records, size_t n)
{
	size_t need = 16;

	for (size_t i = 0; i < n; i++)
		need += records[i].page->labels.len + records[i].page->annotations.len +
		    6 * records[i].page->runbook.len + 300;
	return need;
}

/* 0, or -1 without memory. */
static int
write_body(struct vpn_sink_worker *worker, const struct vpn_record *records, size_t n,
    struct vpn_text *body)
{
	size_t need = size_of(records, n);
	struct vpn_json js = {NULL, NULL, false, false};

	if (need > worker->cap) {
		char *grown = realloc(worker->body, need);

		if (grown == NULL)
			return -1;
		worker->body = grown;
		worker->cap = need;
	}
	js.at = worker->body;
	js.end = worker->body + worker->cap;
	vpn_json_open(&js, NULL, '[');
	for (size_t i = 0; i < n; i++)
		put_alert(&js, records[i].page, http_now_ms());
	vpn_json_close(&js, ']');
	*body = (struct vpn_text){worker->body, (size_t)(js.at - worker->body)};
	return js.full ? -1 : 0;
}

/* The best answer of all replicas: one that has it will be asked by the
 * others' Alertmanagers, and all hear of it again in a minute. */
static enum http_verdict
post(struct vpn_sink *snk, struct vpn_text body, int *retry_s)
{
	enum http_verdict best = HTTP_LATER;

	http_post(snk->http, body, NULL, snk->answers);
	for (size_t i = 0; i < snk->conf->nurl; i++) {
		const struct http_answer *answer = &snk->answers[i];

		if (answer->verdict == HTTP_TAKEN)
			vpn_trouble_over(&snk->trouble[i]);
		else
			vpn_trouble_tell(&snk->trouble[i], snk->conf,
			    "%s; alerts wait for it", answer->said);
		if (answer->verdict == HTTP_TAKEN ||
		    (answer->verdict == HTTP_REFUSED && best == HTTP_LATER))
			best = answer->verdict;
		if (answer->retry_s > *retry_s)
			*retry_s = answer->retry_s;
	}
	return best;
}

static enum vpn_put
commit_some(struct vpn_sink_worker *worker, struct vpn_record *records, size_t n)
{
	struct vpn_sink *snk = worker->snk;
	enum http_verdict verdict = HTTP_LATER;
	struct vpn_text body;
	int retry_s = 0;

	if (write_body(worker, records, n, &body) == 0)
		verdict = post(snk, body, &retry_s);
	if (verdict == HTTP_LATER) {
		atomic_fetch_add(&snk->counters->retried, n);
		backoff_later(&snk->back, retry_s);
		return VPN_PUT_SUSPENDED;
	}
	backoff_over(&snk->back);
	/* One that it does not like spoils the request for the others. */
	if (verdict == HTTP_REFUSED && n > 1) {
		enum vpn_put put = commit_some(worker, records, n / 2);

		return put == VPN_PUT_DONE
		    ? commit_some(worker, records + n / 2, n - n / 2)
		    : put;
	}
	atomic_fetch_add(
	    verdict == HTTP_TAKEN ? &snk->counters->delivered : &snk->counters->refused,
	    n);
	for (size_t i = 0; i < n; i++)
		records[i].done = true;
	return VPN_PUT_DONE;
}

static enum vpn_put
commit(struct vpn_sink_worker *worker, struct vpn_record *records, size_t n)
{
	for (size_t done = 0; done < n; done += REQUEST_ALERTS) {
		size_t some = n - done < REQUEST_ALERTS ? n - done : REQUEST_ALERTS;

		if (commit_some(worker, records + done, some) != VPN_PUT_DONE)
			return VPN_PUT_SUSPENDED;
	}
	return VPN_PUT_DONE;
}

static bool
ready(struct vpn_sink_worker *worker)
{
	return backoff_ready(&worker->snk->back);
}

static struct vpn_sink_worker *
new_worker(struct vpn_sink *snk)
{
	struct vpn_sink_worker *worker = calloc(1, sizeof(*worker));

	if (worker)
		worker->snk = snk;
	return worker;
}

static void
free_worker(struct vpn_sink_worker *worker)
{
	if (worker)
		free(worker->body);
	free(worker);
}

static void
close_sink(struct vpn_sink *snk)
{
	if (snk == NULL)
		return;
	http_close(snk->http);
	free(snk->trouble);
	free(snk->answers);
	free(snk);
}

static struct vpn_sink *
open_sink(const struct vpn_sink_conf *conf, struct vpn_sink_counters *counters,
    char *err, size_t cap)
{
	struct vpn_sink *snk = calloc(1, sizeof(*snk));

	snprintf(err, cap, "out of memory");
	if (snk == NULL)
		return NULL;
	snk->conf = conf;
	snk->counters = counters;
	snk->to = (struct http_to){.url = conf->url, .nurl = conf->nurl, .path = PATH};
	snk->trouble = calloc(conf->nurl, sizeof(*snk->trouble));
	snk->answers = calloc(conf->nurl, sizeof(*snk->answers));
	if (snk->trouble && snk->answers)
		snk->http = http_open(conf, &snk->to, err, cap);
	if (snk->http)
		return snk;
	close_sink(snk);
	return NULL;
}

const struct vpn_sink_ops vpn_sink_alertmanager = {
    .name = "alertmanager",
    .pages = true,
    .resend_s = 60,
    .linger_s = LINGER_S,
    .watchdog = true,
    .check = check,
    .open = open_sink,
    .worker = new_worker,
    .worker_free = free_worker,
    .ready = ready,
    .commit = commit,
    .close = close_sink,
};

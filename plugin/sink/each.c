/* SPDX-License-Identifier: Apache-2.0 */
#include "each.h"

#include <stdio.h>
#include <stdlib.h>

#include "secret.h"

#define BODY_MAX (512 * 1024)
#define HEADER_MAX_LEN 200

struct vpn_sink {
	const struct each_kind *kind;
	const struct vpn_sink_conf *conf;
	struct vpn_sink_counters *counters;
	struct http_to to;
	struct http *http;
	struct backoff back;
	struct vpn_trouble trouble, refused;
	char secret[SECRET_SIZE];
};

struct vpn_sink_worker {
	struct vpn_sink *snk;
	char body[BODY_MAX];
};

int
each_check(const struct each_kind *kind, const struct vpn_sink_conf *conf, char *err,
    size_t cap)
{
	if (conf->nurl > 1 || (conf->nurl == 0 && kind->url == NULL)) {
		snprintf(
		    err, cap, "this output needs url=, the address of one receiver");
		return -1;
	}
	if (kind->secret_needed && conf->key_file == NULL) {
		snprintf(err, cap, "%s= is missing: the path of the file with the key",
		    kind->secret_option);
		return -1;
	}
	if (http_check_secret(kind->secret_option, conf->key_file, err, cap) != 0)
		return -1;
	return http_check(conf, err, cap);
}

void
each_close(struct vpn_sink *snk)
{
	if (snk == NULL)
		return;
	http_close(snk->http);
	free(snk);
}

struct vpn_sink *
each_open(const struct each_kind *kind, const struct vpn_sink_conf *conf,
    struct vpn_sink_counters *counters, char *err, size_t cap)
{
	struct vpn_sink *snk = calloc(1, sizeof(*snk));

	if (snk == NULL) {
		snprintf(err, cap, "out of memory");
		return NULL;
	}
	snk->kind = kind;
	snk->conf = conf;
	snk->counters = counters;
	snk->to = (struct http_to){.url = conf->nurl ? conf->url : &kind->url,
	    .nurl = 1,
	    .path = "",
	    .secret = snk->secret,
	    .final = kind->final};
	if (conf->key_file == NULL ||
	    secret_read(kind->secret_option, conf->key_file, snk->secret, err, cap) ==
		0)
		snk->http = http_open(conf, &snk->to, err, cap);
	if (snk->http)
		return snk;
	each_close(snk);
	return NULL;
}

struct vpn_sink_worker *
each_worker(struct vpn_sink *snk)
{
	struct vpn_sink_worker *worker = malloc(sizeof(*worker));

	if (worker)
		worker->snk = snk;
	return worker;
}

void
each_worker_free(struct vpn_sink_worker *worker)
{
	free(worker);
}

bool
each_ready(struct vpn_sink_worker *worker)
{
	return backoff_ready(&worker->snk->back);
}

static enum http_verdict
post(struct vpn_sink_worker *worker, const struct vpn_page *page)
{
	struct vpn_sink *snk = worker->snk;
	struct vpn_json js = {worker->body, worker->body + BODY_MAX, false, false};
	char header[HEADER_MAX_LEN] = "";
	struct http_answer answer;
	struct vpn_text body;

	snk->kind->write(&js, page, snk->conf, snk->secret);
	body = (struct vpn_text){worker->body, (size_t)(js.at - worker->body)};
	if (snk->kind->header && *snk->secret)
		snk->kind->header(body, snk->secret, header, sizeof(header));
	http_post(snk->http, body, *header ? header : NULL, &answer);
	if (answer.verdict == HTTP_LATER) {
		backoff_later(&snk->back, answer.retry_s);
		vpn_trouble_tell(
		    &snk->trouble, snk->conf, "%s; alerts wait for it", answer.said);
		return answer.verdict;
	}
	backoff_over(&snk->back);
	vpn_trouble_over(&snk->trouble);
	if (answer.verdict == HTTP_TAKEN)
		vpn_trouble_over(&snk->refused);
	else
		vpn_trouble_tell(
		    &snk->refused, snk->conf, "%s; it refused this alert", answer.said);
	return answer.verdict;
}

enum vpn_put
each_commit(struct vpn_sink_worker *worker, struct vpn_record *records, size_t n)
{
	struct vpn_sink *snk = worker->snk;
	enum http_verdict verdict;

	for (size_t i = 0; i < n; i++) {
		if (records[i].done)
			continue;
		verdict = snk->kind->wants(records[i].page)
		    ? post(worker, records[i].page)
		    : HTTP_TAKEN;
		if (verdict == HTTP_LATER) {
			atomic_fetch_add(&snk->counters->retried, n - i);
			return VPN_PUT_SUSPENDED;
		}
		records[i].done = true;
		atomic_fetch_add(verdict == HTTP_TAKEN ? &snk->counters->delivered
						       : &snk->counters->refused,
		    1);
	}
	return VPN_PUT_DONE;
}

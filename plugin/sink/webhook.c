/* SPDX-License-Identifier: Apache-2.0
 * output="webhook": the payload that Alertmanager sends to webhooks, version 4,
 * one alert in each. Source: prometheus.io/docs/alerting, <webhook_config>. */
#include <libfastjson/json.h>
#include <nettle/hmac.h>
#include <stdio.h>

#include "each.h"
#include "sinks.h"

#define LABELS 16

static bool
wants(const struct vpn_page *page)
{
	return page->step != VPN_ALARM_CLEARED;
}

struct label {
	const char *name, *value;
};

static uint64_t
fnv(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

/* As Alertmanager has it: FNV-1a over the labels by name, 0xff after each
 * name and value. Source: prometheus/common, model/signature.go. */
static void
put_fingerprint(struct vpn_json *js, struct vpn_text labels)
{
	struct label list[LABELS], swap;
	struct fjson_tokener *tokener = fjson_tokener_new();
	struct fjson_object *object = NULL;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	char text[20];
	int n = 0;

	if (tokener)
		object = fjson_tokener_parse_ex(tokener, labels.at, (int)labels.len);
	if (object) {
		struct fjson_object_iterator it = fjson_object_iter_begin(object),
					     end = fjson_object_iter_end(object);

		for (; n < LABELS && !fjson_object_iter_equal(&it, &end);
		     fjson_object_iter_next(&it))
			list[n++] = (struct label){fjson_object_iter_peek_name(&it),
			    fjson_object_get_string(fjson_object_iter_peek_value(&it))};
	}
	for (int i = 1; i < n; i++)
		for (int j = i; j > 0 && strcmp(list[j].name, list[j - 1].name) < 0;
		     j--) {
			swap = list[j];
			list[j] = list[j - 1];
			list[j - 1] = swap;
		}
	for (int i = 0; i < n; i++)
		hash = fnv(fnv(hash, list[i].name), list[i].value);
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)hash);
	vpn_json_text(js, "fingerprint", vpn_text(text));
	fjson_object_put(object);
	if (tokener)
		fjson_tokener_free(tokener);
}

static void
put_alert(struct vpn_json *js, const struct vpn_page *page, struct vpn_text status)
{
	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "status", status);
	http_raw(js, "labels", page->labels);
	http_raw(js, "annotations", page->annotations);
	http_stamp(js, "startsAt", page->start_ms);
	if (page->end_ms > 0)
		http_stamp(js, "endsAt", page->end_ms);
	else
		vpn_json_text(js, "endsAt", VPN_TEXT("0001-01-01T00:00:00Z"));
	vpn_json_text(js, "generatorURL", page->runbook);
	put_fingerprint(js, page->labels);
	vpn_json_close(js, '}');
}

static void
write_payload(struct vpn_json *js, const struct vpn_page *page,
    const struct vpn_sink_conf *conf, const char *secret)
{
	struct vpn_text status =
	    page->end_ms > 0 ? VPN_TEXT("resolved") : VPN_TEXT("firing");

	(void)secret;
	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "version", VPN_TEXT("4"));
	vpn_json_text(js, "groupKey", page->key);
	vpn_json_number(js, "truncatedAlerts", 0);
	vpn_json_text(js, "status", status);
	vpn_json_text(js, "receiver", vpn_text(conf->name));
	http_raw(js, "groupLabels", page->labels);
	http_raw(js, "commonLabels", page->labels);
	http_raw(js, "commonAnnotations", page->annotations);
	vpn_json_text(js, "externalURL", VPN_TEXT(""));
	vpn_json_open(js, "alerts", '[');
	put_alert(js, page, status);
	vpn_json_close(js, ']');
	vpn_json_close(js, '}');
}

static void
sign(struct vpn_text body, const char *secret, char *buf, size_t cap)
{
	struct hmac_sha256_ctx hmac;
	uint8_t digest[SHA256_DIGEST_SIZE];
	size_t n;

	hmac_sha256_set_key(&hmac, strlen(secret), (const uint8_t *)secret);
	hmac_sha256_update(&hmac, body.len, (const uint8_t *)body.at);
	hmac_sha256_digest(&hmac, sizeof(digest), digest);
	n = (size_t)snprintf(buf, cap, "X-Omipsec-Signature: sha256=");
	for (size_t i = 0; i < sizeof(digest) && n < cap; i++)
		n += (size_t)snprintf(buf + n, cap - n, "%02x", digest[i]);
}

static const struct each_kind kind = {
    .secret_option = "hmacKeyFile",
    .wants = wants,
    .write = write_payload,
    .header = sign,
};

static int
check(const struct vpn_sink_conf *conf, char *err, size_t cap)
{
	return each_check(&kind, conf, err, cap);
}

static struct vpn_sink *
open_sink(const struct vpn_sink_conf *conf, struct vpn_sink_counters *counters,
    char *err, size_t cap)
{
	return each_open(&kind, conf, counters, err, cap);
}

const struct vpn_sink_ops vpn_sink_webhook = {
    .name = "webhook",
    .pages = true,
    .check = check,
    .open = open_sink,
    .worker = each_worker,
    .worker_free = each_worker_free,
    .ready = each_ready,
    .commit = each_commit,
    .close = each_close,
};

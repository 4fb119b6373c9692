/* SPDX-License-Identifier: Apache-2.0
 * output="pagerduty": Events API v2. One incident an alert, by its dedup_key;
 * the trigger is repeated while it is open, the resolve ends it.
 * Source: developer.pagerduty.com, "Send an Alert Event". */
#include <stdio.h>

#include "each.h"
#include "sinks.h"

#define RESEND_S 600

static bool
wants(const struct vpn_page *page)
{
	return page->step != VPN_ALARM_CLEARED;
}

static void
write_event(struct vpn_json *js, const struct vpn_page *page,
    const struct vpn_sink_conf *conf, const char *secret)
{
	bool over = page->end_ms > 0;

	(void)conf;
	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "routing_key", vpn_text(secret));
	vpn_json_text(
	    js, "event_action", over ? VPN_TEXT("resolve") : VPN_TEXT("trigger"));
	vpn_json_text(js, "dedup_key", page->key);
	vpn_json_text(js, "client", VPN_TEXT("omipsec"));
	if (page->runbook.len > 0) {
		vpn_json_open(js, "links", '[');
		vpn_json_open(js, NULL, '{');
		vpn_json_text(js, "href", page->runbook);
		vpn_json_text(js, "text", VPN_TEXT("Runbook"));
		vpn_json_close(js, '}');
		vpn_json_close(js, ']');
	}
	vpn_json_open(js, "payload", '{');
	vpn_json_text(js, "summary", page->summary);
	vpn_json_text(
	    js, "source", page->source.len ? page->source : VPN_TEXT("omipsec"));
	vpn_json_text(js, "severity",
	    vpn_text_same(page->severity, VPN_TEXT("none")) ? VPN_TEXT("info")
							    : page->severity);
	http_stamp(js, "timestamp", over ? page->end_ms : page->start_ms);
	vpn_json_text(js, "component", page->name);
	vpn_json_some(js, "class", page->code);
	http_raw(js, "custom_details", page->annotations);
	vpn_json_close(js, '}');
	vpn_json_close(js, '}');
}

static const struct each_kind kind = {
    .secret_option = "routingKeyFile",
    .secret_needed = true,
    .url = "https://events.pagerduty.com/v2/enqueue",
    .final = true,
    .wants = wants,
    .write = write_event,
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

const struct vpn_sink_ops vpn_sink_pagerduty = {
    .name = "pagerduty",
    .pages = true,
    .resend_s = RESEND_S,
    .check = check,
    .open = open_sink,
    .worker = each_worker,
    .worker_free = each_worker_free,
    .ready = each_ready,
    .commit = each_commit,
    .close = each_close,
};

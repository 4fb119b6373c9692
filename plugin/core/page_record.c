/* SPDX-License-Identifier: Apache-2.0
 * A transition in Elastic Common Schema 9.4: an outage that was opened or is
 * over, for Kafka and files. */
#include "core/page.h"
#include "core/address.h"
#include "core/own.h"
#include "core/stamp.h"

#include <nettle/sha2.h>

#define NS_OF_MS INT64_C(1000000)

static const char *const actions[] = {
    [VPN_ALARM_OPENED] = "ipsec-alert-opened",
    [VPN_ALARM_REMINDED] = "ipsec-alert-reminded",
    [VPN_ALARM_RESOLVED] = "ipsec-alert-resolved",
    [VPN_ALARM_CLEARED] = "ipsec-alert-cleared",
};

static const char *const endings[] = {
    [VPN_ENDING_RECOVERED] = "recovered",
    [VPN_ENDING_MOVED] = "moved",
    [VPN_ENDING_SILENT] = "silent",
    [VPN_ENDING_REPLACED] = "replaced",
    [VPN_ENDING_ENDED] = "ended",
    [VPN_ENDING_FORGOTTEN] = "forgotten",
};

/* As syslog has them: critical, warning, notice. */
static const int numbers[] = {
    [VPN_SEVERITY_CRITICAL] = 2, [VPN_SEVERITY_WARNING] = 4, [VPN_SEVERITY_NONE] = 5};

static void
put_stamp(struct vpn_json *js, const char *key, int64_t ms)
{
	char stamp[VPN_STAMP_LEN];

	vpn_stamp_write(ms, stamp);
	vpn_json_text(js, key, (struct vpn_text){stamp, sizeof(stamp)});
}

void
vpn_page_id(const struct vpn_page *page, uint8_t id[VPN_PAGE_ID_LEN])
{
	uint8_t step = (uint8_t)page->step;
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, page->outage.len, (const uint8_t *)page->outage.at);
	sha256_update(&sha, 1, &step);
	sha256_digest(&sha, VPN_PAGE_ID_LEN, id);
}

struct vpn_text
vpn_page_ending(const struct vpn_alarm *alarm)
{
	return vpn_text(endings[alarm->ending]);
}

static void
put_event(
    struct vpn_json *js, const struct vpn_alarm *alarm, const struct vpn_page *page)
{
	bool over = alarm->end_ms > 0;
	uint8_t id[VPN_PAGE_ID_LEN];

	vpn_page_id(page, id);
	vpn_json_open(js, "event", '{');
	vpn_json_hex(js, "id", id, sizeof(id));
	vpn_json_text(js, "kind", VPN_TEXT("alert"));
	vpn_json_open(js, "category", '[');
	vpn_json_text(js, NULL, VPN_TEXT("network"));
	vpn_json_close(js, ']');
	vpn_json_open(js, "type", '[');
	vpn_json_text(js, NULL, VPN_TEXT("connection"));
	vpn_json_text(js, NULL, over ? VPN_TEXT("end") : VPN_TEXT("start"));
	vpn_json_close(js, ']');
	vpn_json_text(js, "action", vpn_text(actions[alarm->step]));
	vpn_json_text(js, "outcome", over ? VPN_TEXT("success") : VPN_TEXT("failure"));
	vpn_json_some(js, "code", page->code);
	vpn_json_text(js, "provider", VPN_TEXT("omipsec"));
	vpn_json_text(js, "module", VPN_TEXT("omipsec"));
	vpn_json_text(js, "dataset", VPN_TEXT("omipsec.alert"));
	vpn_json_number(js, "severity", numbers[alarm->severity]);
	put_stamp(js, "created", over ? alarm->end_ms : alarm->opened_ms);
	put_stamp(js, "start", alarm->start_ms);
	if (over) {
		put_stamp(js, "end", alarm->end_ms);
		vpn_json_number(
		    js, "duration", (alarm->end_ms - alarm->start_ms) * NS_OF_MS);
	}
	vpn_json_close(js, '}');
}

static void
put_endpoint(struct vpn_json *js, const char *key, struct vpn_text address)
{
	vpn_put_endpoint(
	    js, key, vpn_is_ip(address), address, (struct vpn_text){NULL, 0});
}

static void
put_related(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	vpn_json_open(js, "related", '{');
	vpn_json_open(js, "ip", '[');
	if (vpn_is_ip(alarm->local))
		vpn_json_text(js, NULL, alarm->local);
	if (vpn_is_ip(alarm->peer) && !vpn_text_same(alarm->peer, alarm->local))
		vpn_json_text(js, NULL, alarm->peer);
	vpn_json_close(js, ']');
	vpn_json_open(js, "hosts", '[');
	vpn_json_some(js, NULL, alarm->device);
	vpn_json_close(js, ']');
	vpn_json_close(js, '}');
}

static void
put_counts(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	vpn_json_number(js, "drops", alarm->drops);
	vpn_json_number(js, "failures", alarm->failures);
	if (alarm->members > 0) {
		vpn_json_number(js, "down", alarm->down);
		vpn_json_number(js, "members", alarm->members);
	}
}

static void
put_tunnel(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	if (alarm->tunnel.len == 0)
		return;
	vpn_json_open(js, "tunnel", '{');
	vpn_json_text(js, "id", alarm->tunnel);
	vpn_json_some(js, "connection", alarm->connection);
	vpn_json_some(js, "interface", alarm->interface);
	put_endpoint(js, "local", alarm->local);
	put_endpoint(js, "peer", alarm->peer);
	vpn_json_close(js, '}');
}

void
vpn_page_own(const struct vpn_render *render, struct vpn_json *js,
    const struct vpn_alarm *alarm, const struct vpn_page *page)
{
	const struct vpn_code *code = vpn_page_code(alarm);

	vpn_json_open(js, "omipsec", '{');
	vpn_json_number(js, "schema", VPN_SCHEMA);
	vpn_json_open(js, "outage", '{');
	vpn_json_text(js, "id", page->outage);
	vpn_json_close(js, '}');
	vpn_json_open(js, "alarm", '{');
	vpn_json_text(js, "name", page->name);
	vpn_json_text(js, "severity", page->severity);
	vpn_json_text(js, "subject", alarm->subject);
	vpn_json_some(js, "title", alarm->name);
	vpn_json_some(js, "owner", alarm->owner);
	vpn_json_some(js, "site", alarm->site);
	vpn_json_some(js, "ending", vpn_page_ending(alarm));
	vpn_json_some(js, "moved_to", alarm->moved_to);
	if (alarm->reason)
		vpn_json_text(js, "reason", alarm->reason->slug);
	if (alarm->failure)
		vpn_json_text(js, "failure", alarm->failure->slug);
	put_counts(js, alarm);
	vpn_json_close(js, '}');
	put_tunnel(js, alarm);
	if (code)
		vpn_json_members(js, render->codes[code->index].omipsec);
	vpn_json_close(js, '}');
}

void
vpn_page_record(const struct vpn_render *render, struct vpn_json *js,
    const struct vpn_alarm *alarm, const struct vpn_page *page)
{
	const struct vpn_code *code = vpn_page_code(alarm);

	put_stamp(js, "@timestamp", alarm->end_ms ? alarm->end_ms : alarm->opened_ms);
	vpn_json_text(js, "message", page->summary);
	put_event(js, alarm, page);
	vpn_json_open(js, "observer", '{');
	vpn_json_some(js, "hostname", alarm->device);
	vpn_json_close(js, '}');
	put_endpoint(js, "source", alarm->local);
	put_endpoint(js, "destination", alarm->peer);
	put_related(js, alarm);
	if (code || alarm->runbook.len > 0) {
		vpn_json_open(js, "rule", '{');
		if (code)
			vpn_json_members(js, render->codes[code->index].rule);
		vpn_json_some(js, "reference", alarm->runbook);
		vpn_json_close(js, '}');
	}
	vpn_page_own(render, js, alarm, page);
	vpn_json_members(js, VPN_TEXT("\"ecs\":{\"version\":\"" VPN_ECS_VERSION "\"}"));
}

/* SPDX-License-Identifier: Apache-2.0
 * The event in Elastic Common Schema 9.4. Field by field:
 * packaging/schema/omipsec-event.schema.json */
#include "core/own.h"
#include "core/stamp.h"

/* What never changes is one text: to write a member costs as much as to copy a
 * hundred bytes. */
#define KIND(type, action) \
	"\"type\":[\"connection\",\"" type "\"],\"action\":\"" action "\""

static const char *const kinds[VPN_CLASS_COUNT] = {
    [VPN_CLASS_NEGOTIATION] = KIND("start", "ipsec-negotiation-failed"),
    [VPN_CLASS_DISCONNECT] = KIND("end", "ipsec-tunnel-down"),
    [VPN_CLASS_ESTABLISHED] = KIND("start", "ipsec-tunnel-up"),
    [VPN_CLASS_CLIENT] = KIND("start", "vpn-client-failed"),
};

static const char *const categories[] = {
    "\"kind\":\"event\",\"category\":[\"network\"]",
    "\"kind\":\"event\",\"category\":[\"network\",\"authentication\"]"};

static const char *const outcomes[] = {
    [VPN_OUTCOME_SUCCESS] = "success",
    [VPN_OUTCOME_FAILURE] = "failure",
    [VPN_OUTCOME_UNKNOWN] = "unknown",
};

/* Is it about who the other end is? ECS wants its category, then. */
static bool
is_authentication(const struct vpn_event *ev)
{
	return ev->code && vpn_text_same(ev->code->phase, VPN_TEXT("auth"));
}

static void
put_stamp(struct vpn_json *js, const char *key, int64_t ms)
{
	char stamp[VPN_STAMP_LEN];

	vpn_stamp_write(ms, stamp);
	vpn_json_text(js, key, (struct vpn_text){stamp, sizeof(stamp)});
}

/* The offset that the device's time was read with. */
static void
put_timezone(struct vpn_json *js, const struct vpn_event *ev)
{
	int minutes = ev->zone_minutes < 0 ? -ev->zone_minutes : ev->zone_minutes;
	char zone[] = {ev->zone_minutes < 0 ? '-' : '+', (char)('0' + minutes / 600),
	    (char)('0' + minutes / 60 % 10), ':', (char)('0' + minutes % 60 / 10),
	    (char)('0' + minutes % 10)};

	if (ev->zone != VPN_ZONE_NONE)
		vpn_json_text(js, "timezone", (struct vpn_text){zone, sizeof(zone)});
}

static void
put_event(struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_json_open(js, "event", '{');
	vpn_json_hex(js, "id", ev->id, sizeof(ev->id));
	vpn_json_members(js, vpn_text(categories[is_authentication(ev)]));
	vpn_json_members(js, vpn_text(kinds[ev->class]));
	vpn_json_text(js, "outcome", vpn_text(outcomes[vpn_outcome(ev)]));
	if (ev->code)
		vpn_json_text(js, "code", ev->code->slug);
	vpn_json_some(js, "reason", ev->field[VPN_REASON]);
	vpn_json_members(js,
	    VPN_TEXT("\"provider\":\"omipsec\",\"module\":\"omipsec\","
		     "\"dataset\":\"omipsec.event\""));
	if (ev->severity >= 0)
		vpn_json_number(js, "severity", ev->severity);
	put_timezone(js, ev);
	put_stamp(js, "created", ev->line->received_ms);
	vpn_json_text(js, "original", vpn_original(ev->line));
	vpn_json_close(js, '}');
}

static void
put_observer(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_json_open(js, "observer", '{');
	vpn_json_members(js, render->vendors[ev->vendor->index].observer);
	vpn_json_some(js, "hostname", ev->device);
	if (ev->line_is_ip) {
		vpn_json_open(js, "ip", '[');
		vpn_json_text(js, NULL, ev->line->ip);
		vpn_json_close(js, ']');
	}
	vpn_json_close(js, '}');
}

static void
put_related(struct vpn_json *js, const struct vpn_event *ev)
{
	struct vpn_text ip[] = {
	    ev->field[VPN_LOCAL], ev->field[VPN_PEER], ev->line->ip};
	bool use[] = {ev->local_is_ip, ev->peer_is_ip, ev->line_is_ip};

	use[1] = use[1] && !(use[0] && vpn_text_same(ip[1], ip[0]));
	use[2] = use[2] && !(use[0] && vpn_text_same(ip[2], ip[0])) &&
	    !(use[1] && vpn_text_same(ip[2], ip[1]));
	vpn_json_open(js, "related", '{');
	vpn_json_open(js, "ip", '[');
	for (size_t i = 0; i < sizeof(use) / sizeof(*use); i++)
		if (use[i])
			vpn_json_text(js, NULL, ip[i]);
	vpn_json_close(js, ']');
	vpn_json_open(js, "hosts", '[');
	vpn_json_some(js, NULL, ev->device);
	vpn_json_close(js, ']');
	vpn_json_close(js, '}');
}

static void
put_rule(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_event *ev)
{
	if (ev->code == NULL)
		return;
	vpn_json_open(js, "rule", '{');
	vpn_json_raw(js, render->codes[ev->code->index].rule);
	js->comma = true;
	vpn_json_some(js, "reference", render->codes[ev->code->index].reference);
	vpn_json_close(js, '}');
}

static void
put_user(struct vpn_json *js, const struct vpn_event *ev)
{
	if (ev->field[VPN_USER].len == 0)
		return;
	vpn_json_open(js, "user", '{');
	vpn_json_text(js, "name", ev->field[VPN_USER]);
	vpn_json_close(js, '}');
}

void
vpn_ecs(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_event *ev)
{
	put_stamp(js, "@timestamp", ev->time_ms);
	vpn_put_message(render, js, ev);
	put_event(js, ev);
	vpn_put_error(js, ev);
	put_observer(render, js, ev);
	vpn_put_endpoints(js, ev, "source", "destination");
	vpn_json_members(js, render->vendors[ev->vendor->index].network);
	put_user(js, ev);
	put_related(js, ev);
	vpn_put_log(render, js, ev);
	put_rule(render, js, ev);
	vpn_put_own(render, js, ev);
	vpn_json_members(js, VPN_TEXT("\"ecs\":{\"version\":\"" VPN_ECS_VERSION "\"}"));
}

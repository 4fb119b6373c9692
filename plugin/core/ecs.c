/* SPDX-License-Identifier: Apache-2.0
 * The event in Elastic Common Schema 9.4. Field by field:
 * packaging/schema/omipsec-event.schema.json */
#include "core/ecs.h"
#include "core/render.h"
#include "core/stamp.h"
#include "vpn/engine.h"
#include "vpn/words.h"

#define SENTENCE_MAX 1024
#define ID_HEX_LEN 32
#define HOST_MAX 255
#define SHORT_HOLD 60 /* seconds; a reason with a longer hold may be wanted */

static const struct {
	const char *action, *type;
} kinds[VPN_CLASS_COUNT] = {
    [VPN_CLASS_NEGOTIATION] = {"ipsec-negotiation-failed", "start"},
    [VPN_CLASS_DISCONNECT] = {"ipsec-tunnel-down", "end"},
    [VPN_CLASS_ESTABLISHED] = {"ipsec-tunnel-up", "start"},
    [VPN_CLASS_CLIENT] = {"vpn-client-failed", "start"},
};

static struct vpn_text
cut(struct vpn_text text, size_t max)
{
	return (struct vpn_text){text.at, text.len < max ? text.len : max};
}

/* Is it about who the other end is? ECS wants its category, then. */
static bool
is_authentication(const struct vpn_event *ev)
{
	return ev->code && vpn_text_same(ev->code->phase, VPN_TEXT("auth"));
}

static struct vpn_text
outcome(const struct vpn_event *ev)
{
	if (ev->class == VPN_CLASS_ESTABLISHED)
		return VPN_TEXT("success");
	if (ev->class != VPN_CLASS_DISCONNECT)
		return VPN_TEXT("failure");
	if (ev->policy->effect != VPN_EFFECT_DOWN)
		return VPN_TEXT("success");
	if (ev->policy->hold > SHORT_HOLD)
		return VPN_TEXT("unknown");
	return VPN_TEXT("failure");
}

static void
put_stamp(struct vpn_json *js, const char *key, int64_t ms)
{
	char stamp[VPN_STAMP_LEN];

	vpn_stamp_write(ms, stamp);
	vpn_json_text(js, key, (struct vpn_text){stamp, sizeof(stamp)});
}

static void
put_id(struct vpn_json *js, const struct vpn_event *ev)
{
	static const char digits[] = "0123456789abcdef";
	char text[ID_HEX_LEN];

	for (size_t i = 0; i < sizeof(ev->id); i++) {
		text[2 * i] = digits[ev->id[i] >> 4];
		text[2 * i + 1] = digits[ev->id[i] & 15];
	}
	vpn_json_text(js, "id", (struct vpn_text){text, sizeof(text)});
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
	put_id(js, ev);
	vpn_json_text(js, "kind", VPN_TEXT("event"));
	vpn_json_open(js, "category", '[');
	vpn_json_text(js, NULL, VPN_TEXT("network"));
	if (is_authentication(ev))
		vpn_json_text(js, NULL, VPN_TEXT("authentication"));
	vpn_json_close(js, ']');
	vpn_json_open(js, "type", '[');
	vpn_json_text(js, NULL, VPN_TEXT("connection"));
	vpn_json_text(js, NULL, vpn_text(kinds[ev->class].type));
	vpn_json_close(js, ']');
	vpn_json_text(js, "action", vpn_text(kinds[ev->class].action));
	vpn_json_text(js, "outcome", outcome(ev));
	if (ev->code)
		vpn_json_text(js, "code", ev->code->slug);
	vpn_json_some(js, "reason", ev->field[VPN_REASON]);
	vpn_json_text(js, "provider", VPN_TEXT("omipsec"));
	vpn_json_text(js, "module", VPN_TEXT("omipsec"));
	vpn_json_text(js, "dataset", VPN_TEXT("omipsec.event"));
	if (ev->severity >= 0)
		vpn_json_number(js, "severity", ev->severity);
	put_timezone(js, ev);
	put_stamp(js, "created", ev->line->received_ms);
	vpn_json_text(js, "original", cut(ev->line->raw, VPN_ORIGINAL_MAX));
	vpn_json_close(js, '}');
}

static void
put_port(struct vpn_json *js, struct vpn_text port)
{
	int64_t number = 0;

	for (size_t i = 0; i < port.len; i++) {
		if (port.at[i] < '0' || port.at[i] > '9' || number > 65535)
			return;
		number = number * 10 + (port.at[i] - '0');
	}
	if (number > 0 && number < 65536)
		vpn_json_number(js, "port", number);
}

/* ECS lets only a whole address into "ip"; a masked one is an "address". */
static void
put_endpoint(struct vpn_json *js, const char *key, bool is_ip, struct vpn_text address,
    struct vpn_text port)
{
	if (address.len == 0)
		return;
	vpn_json_open(js, key, '{');
	vpn_json_text(js, "address", address);
	if (is_ip)
		vpn_json_text(js, "ip", address);
	put_port(js, port);
	vpn_json_close(js, '}');
}

static void
put_endpoints(struct vpn_json *js, const struct vpn_event *ev, const char *local,
    const char *peer)
{
	put_endpoint(js, local, ev->local_is_ip, ev->field[VPN_LOCAL],
	    ev->field[VPN_LOCAL_PORT]);
	put_endpoint(
	    js, peer, ev->peer_is_ip, ev->field[VPN_PEER], ev->field[VPN_PEER_PORT]);
}

static void
put_observer(struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_json_open(js, "observer", '{');
	vpn_json_text(js, "vendor", ev->vendor->name);
	vpn_json_some(js, "product", ev->vendor->product);
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
put_syslog(struct vpn_json *js, const struct vpn_event *ev)
{
	if (ev->pri < 0)
		return;
	vpn_json_open(js, "log", '{');
	vpn_json_open(js, "syslog", '{');
	vpn_json_number(js, "priority", ev->pri);
	vpn_json_open(js, "facility", '{');
	vpn_json_number(js, "code", ev->pri >> 3);
	vpn_json_close(js, '}');
	vpn_json_open(js, "severity", '{');
	vpn_json_number(js, "code", ev->pri & 7);
	vpn_json_close(js, '}');
	vpn_json_some(js, "hostname", cut(ev->line->host, HOST_MAX));
	vpn_json_close(js, '}');
	vpn_json_close(js, '}');
}

const struct vpn_attribute vpn_attributes[VPN_ATTRIBUTES] = {
    {"connection", VPN_CONNECTION},
    {"policy", VPN_POLICY},
    {"sequence", VPN_SEQUENCE},
    {"if_index", VPN_IF_INDEX},
    {"interface", VPN_INTERFACE},
    {"vsys", VPN_VSYS},
    {"index", VPN_TUNNEL_INDEX},
    {"rule_number", VPN_RULE_NUMBER},
    {"flow", VPN_FLOW},
    {"inside_ip", VPN_INSIDE_IP},
    {"inbound_spi", VPN_INBOUND_SPI},
    {"unit_state", VPN_UNIT_STATE},
    {"conn_id", VPN_CONN_ID},
    {"sa", VPN_SA},
};

static struct vpn_text
role(struct vpn_text word)
{
	if (word.len == 0)
		return word;
	if (word.at[0] == 'I' || word.at[0] == 'i')
		return VPN_TEXT("initiator");
	if (word.at[0] == 'R' || word.at[0] == 'r')
		return VPN_TEXT("responder");
	return (struct vpn_text){NULL, 0};
}

static void
put_tunnel(struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_json_open(js, "tunnel", '{');
	vpn_json_text(js, "id", (struct vpn_text){ev->tunnel, ev->tunnel_len});
	for (size_t i = 0; i < VPN_ATTRIBUTES; i++)
		vpn_json_some(
		    js, vpn_attributes[i].key, ev->field[vpn_attributes[i].field]);
	put_endpoints(js, ev, "local", "peer");
	vpn_json_some(js, "role", role(ev->field[VPN_ROLE]));
	if (ev->turn && ev->turn->tracked) {
		vpn_json_text(js, "state", vpn_word(VPN_WORDS_STATE, ev->turn->state));
		vpn_json_text(js, "previous_state",
		    vpn_word(VPN_WORDS_STATE, ev->turn->previous));
		vpn_json_bool(js, "changed", ev->turn->changed);
	}
	vpn_json_close(js, '}');
}

static void
put_own(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_json_open(js, "omipsec", '{');
	vpn_json_number(js, "schema", VPN_SCHEMA);
	vpn_json_text(js, "class", vpn_word(VPN_WORDS_CLASS, ev->class));
	put_tunnel(js, ev);
	vpn_json_open(js, "vendor", '{');
	vpn_json_text(js, "id", ev->vendor->id);
	vpn_json_text(js, "message", ev->message->id);
	vpn_json_some(js, "message_id", ev->message_id);
	vpn_json_some(js, "detail", ev->field[VPN_DETAIL]);
	vpn_json_close(js, '}');
	if (ev->code == NULL)
		vpn_json_some(js, "phase", ev->message->phase);
	if (ev->repeat)
		vpn_json_bool(js, "repeat", true);
	if (ev->repeated > 0)
		vpn_json_number(js, "repeated", ev->repeated);
	if (ev->context.len > 0) {
		vpn_json_open(js, "context", '{');
		vpn_json_text(js, "original", ev->context);
		vpn_json_close(js, '}');
	}
	if (ev->line->raw.len > VPN_ORIGINAL_MAX)
		vpn_json_number(js, "original_bytes", (int64_t)ev->line->raw.len);
	if (ev->line->number > 0) {
		vpn_json_open(js, "input", '{');
		vpn_json_number(js, "line", (int64_t)ev->line->number);
		vpn_json_close(js, '}');
	}
	if (ev->code) {
		vpn_json_raw(js, VPN_TEXT(","));
		vpn_json_raw(js, render->codes[ev->policy->index].policy);
		vpn_json_raw(js, VPN_TEXT(","));
		vpn_json_raw(js, render->codes[ev->code->index].omipsec);
	}
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
	vpn_json_close(js, '}');
}

static void
put_wrapped(
    struct vpn_json *js, const char *outer, const char *key, struct vpn_text text)
{
	if (text.len == 0)
		return;
	vpn_json_open(js, outer, '{');
	vpn_json_text(js, key, text);
	vpn_json_close(js, '}');
}

static void
put_network(struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_json_open(js, "network", '{');
	vpn_json_some(js, "type", ev->vendor->network_type);
	vpn_json_some(js, "protocol", ev->vendor->network_protocol);
	vpn_json_close(js, '}');
}

size_t
vpn_ecs(
    const struct vpn_render *render, const struct vpn_event *ev, char *buf, size_t cap)
{
	struct vpn_json js = {buf, buf + cap, false, false};
	char sentence[SENTENCE_MAX];
	size_t n =
	    vpn_sentence(ev, vpn_render_lang(render), sentence, sizeof(sentence));

	vpn_json_open(&js, NULL, '{');
	put_stamp(&js, "@timestamp", ev->time_ms);
	vpn_json_text(&js, "message", (struct vpn_text){sentence, n});
	put_event(&js, ev);
	put_wrapped(&js, "error", "code", ev->field[VPN_REASON_CODE]);
	put_observer(&js, ev);
	put_endpoints(&js, ev, "source", "destination");
	put_network(&js, ev);
	put_wrapped(&js, "user", "name", ev->field[VPN_USER]);
	put_related(&js, ev);
	put_syslog(&js, ev);
	put_rule(render, &js, ev);
	put_own(render, &js, ev);
	put_wrapped(&js, "ecs", "version", VPN_TEXT(VPN_ECS_VERSION));
	vpn_json_close(&js, '}');
	return js.full ? 0 : (size_t)(js.at - buf);
}

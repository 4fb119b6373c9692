/* SPDX-License-Identifier: Apache-2.0 */
#include "core/own.h"

#include "vpn/engine.h"
#include "vpn/words.h"

#define SENTENCE_MAX 1024
#define HOST_MAX 255
#define SHORT_HOLD 60 /* seconds; a reason with a longer hold may be wanted */

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

enum vpn_outcome
vpn_outcome(const struct vpn_event *ev)
{
	if (ev->class == VPN_CLASS_ESTABLISHED)
		return VPN_OUTCOME_SUCCESS;
	if (ev->class != VPN_CLASS_DISCONNECT)
		return VPN_OUTCOME_FAILURE;
	if (ev->policy->effect != VPN_EFFECT_DOWN)
		return VPN_OUTCOME_SUCCESS;
	return ev->policy->hold > SHORT_HOLD ? VPN_OUTCOME_UNKNOWN
					     : VPN_OUTCOME_FAILURE;
}

enum vpn_side
vpn_side(const struct vpn_event *ev)
{
	struct vpn_text word = ev->field[VPN_ROLE];

	if (word.len > 0 && (word.at[0] == 'I' || word.at[0] == 'i'))
		return VPN_SIDE_INITIATOR;
	if (word.len > 0 && (word.at[0] == 'R' || word.at[0] == 'r'))
		return VPN_SIDE_RESPONDER;
	return VPN_SIDE_UNKNOWN;
}

static struct vpn_text
cut(struct vpn_text text, size_t max)
{
	return (struct vpn_text){text.at, text.len < max ? text.len : max};
}

struct vpn_text
vpn_original(const struct vpn_line *ln)
{
	return cut(ln->raw, VPN_ORIGINAL_MAX);
}

size_t
vpn_original_bytes(const struct vpn_line *ln)
{
	return ln->raw.len > ln->bytes ? ln->raw.len : ln->bytes;
}

void
vpn_put_message(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_event *ev)
{
	char sentence[SENTENCE_MAX];
	size_t n =
	    vpn_sentence(ev, vpn_render_lang(render), sentence, sizeof(sentence));

	vpn_json_text(js, "message", (struct vpn_text){sentence, n});
}

void
vpn_put_port(struct vpn_json *js, struct vpn_text port)
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

void
vpn_put_endpoint(struct vpn_json *js, const char *key, bool is_ip,
    struct vpn_text address, struct vpn_text port)
{
	if (address.len == 0)
		return;
	vpn_json_open(js, key, '{');
	vpn_json_text(js, "address", address);
	if (is_ip)
		vpn_json_text(js, "ip", address);
	vpn_put_port(js, port);
	vpn_json_close(js, '}');
}

void
vpn_put_endpoints(struct vpn_json *js, const struct vpn_event *ev, const char *local,
    const char *peer)
{
	vpn_put_endpoint(js, local, ev->local_is_ip, ev->field[VPN_LOCAL],
	    ev->field[VPN_LOCAL_PORT]);
	vpn_put_endpoint(
	    js, peer, ev->peer_is_ip, ev->field[VPN_PEER], ev->field[VPN_PEER_PORT]);
}

void
vpn_put_error(struct vpn_json *js, const struct vpn_event *ev)
{
	if (ev->field[VPN_REASON_CODE].len == 0)
		return;
	vpn_json_open(js, "error", '{');
	vpn_json_text(js, "code", ev->field[VPN_REASON_CODE]);
	vpn_json_close(js, '}');
}

void
vpn_put_log(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_event *ev)
{
	if (ev->pri < 0 || ev->pri >= VPN_PRIORITIES)
		return;
	vpn_json_open(js, "log", '{');
	vpn_json_open(js, "syslog", '{');
	vpn_json_members(js, render->syslog[ev->pri]);
	vpn_json_some(js, "hostname", cut(ev->line->host, HOST_MAX));
	vpn_json_close(js, '}');
	vpn_json_close(js, '}');
}

static void
put_tunnel(struct vpn_json *js, const struct vpn_event *ev)
{
	static const char *const roles[] = {[VPN_SIDE_UNKNOWN] = "",
	    [VPN_SIDE_INITIATOR] = "initiator",
	    [VPN_SIDE_RESPONDER] = "responder"};

	vpn_json_open(js, "tunnel", '{');
	vpn_json_text(js, "id", (struct vpn_text){ev->tunnel, ev->tunnel_len});
	for (size_t i = 0; i < VPN_ATTRIBUTES; i++)
		vpn_json_some(
		    js, vpn_attributes[i].key, ev->field[vpn_attributes[i].field]);
	vpn_put_endpoints(js, ev, "local", "peer");
	vpn_json_some(js, "role", vpn_text(roles[vpn_side(ev)]));
	if (ev->turn && ev->turn->tracked) {
		vpn_json_text(js, "state", vpn_word(VPN_WORDS_STATE, ev->turn->state));
		vpn_json_text(js, "previous_state",
		    vpn_word(VPN_WORDS_STATE, ev->turn->previous));
		vpn_json_bool(js, "changed", ev->turn->changed);
	}
	vpn_json_close(js, '}');
}

static void
put_vendor(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_json_open(js, "vendor", '{');
	vpn_json_members(js, render->vendors[ev->vendor->index].id);
	vpn_json_text(js, "message", ev->message->id);
	vpn_json_some(js, "message_id", ev->message_id);
	vpn_json_some(js, "detail", ev->field[VPN_DETAIL]);
	vpn_json_close(js, '}');
}

/* Where it comes from, beside the line itself. */
static void
put_origin(struct vpn_json *js, const struct vpn_event *ev)
{
	if (ev->repeat)
		vpn_json_bool(js, "repeat", true);
	if (ev->repeated > 0)
		vpn_json_number(js, "repeated", ev->repeated);
	if (ev->context.len > 0) {
		vpn_json_open(js, "context", '{');
		vpn_json_text(js, "original", ev->context);
		vpn_json_close(js, '}');
	}
	if (vpn_original_bytes(ev->line) > VPN_ORIGINAL_MAX)
		vpn_json_number(
		    js, "original_bytes", (int64_t)vpn_original_bytes(ev->line));
	if (ev->line->number > 0) {
		vpn_json_open(js, "input", '{');
		vpn_json_number(js, "line", (int64_t)ev->line->number);
		vpn_json_close(js, '}');
	}
}

void
vpn_put_own(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_json_open(js, "omipsec", '{');
	vpn_json_number(js, "schema", VPN_SCHEMA);
	vpn_json_text(js, "class", vpn_word(VPN_WORDS_CLASS, ev->class));
	put_tunnel(js, ev);
	put_vendor(render, js, ev);
	if (ev->code == NULL)
		vpn_json_some(js, "phase", ev->message->phase);
	put_origin(js, ev);
	if (ev->code) {
		vpn_json_members(js, render->codes[ev->policy->index].policy);
		vpn_json_members(js, render->codes[ev->code->index].omipsec);
	}
	vpn_json_close(js, '}');
}

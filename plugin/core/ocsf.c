/* SPDX-License-Identifier: Apache-2.0
 * The event in OCSF 1.8.0, as Tunnel Activity (4014). Field by field:
 * packaging/schema/omipsec-ocsf.schema.json. What OCSF has no attribute for is in
 * "unmapped", under the name that ECS and omipsec have for it. */
#include "core/ocsf.h"
#include "core/fold.h"
#include "core/own.h"

#define CLASS "Tunnel Activity"
#define ACTIVITY(id, name, uid, type) VPN_OCSF_ACTIVITY(CLASS, id, name, uid, type)

/* A disconnect that takes nothing down is the renewal of an SA; one that is worth a
 * look all the same is neither. */
static const char *
activity(const struct vpn_event *ev)
{
	if (ev->class != VPN_CLASS_DISCONNECT)
		return ACTIVITY("1", "Open", "401401", "Open");
	if (ev->policy->effect != VPN_EFFECT_NONE)
		return ACTIVITY("2", "Close", "401402", "Close");
	if (ev->policy->alert == VPN_ALERT_NEVER)
		return ACTIVITY("3", "Renew", "401403", "Renew");
	return ACTIVITY("99", "Unaffected", "401499", "Other");
}

/* Who has to do something, and how soon: the schema's own words for each. */
static const char *
severity(const struct vpn_event *ev)
{
	static const char *const by_alert[] = {
	    [VPN_ALERT_PAGE] = VPN_OCSF_ENUM("severity", "4", "High"),
	    [VPN_ALERT_WARN] = VPN_OCSF_ENUM("severity", "3", "Medium"),
	    [VPN_ALERT_INFO] = VPN_OCSF_ENUM("severity", "2", "Low"),
	    [VPN_ALERT_NEVER] = VPN_OCSF_ENUM("severity", "1", "Informational"),
	};

	return by_alert[ev->code ? ev->policy->alert : VPN_ALERT_NEVER];
}

/* A close that nobody wanted succeeded all the same. */
static const char *
status(const struct vpn_event *ev)
{
	static const char *const by_outcome[] = {
	    [VPN_OUTCOME_SUCCESS] = VPN_OCSF_ENUM("status", "1", "Success"),
	    [VPN_OUTCOME_FAILURE] = VPN_OCSF_ENUM("status", "2", "Failure"),
	    [VPN_OUTCOME_UNKNOWN] = VPN_OCSF_ENUM("status", "0", "Unknown"),
	};
	enum vpn_outcome outcome = vpn_outcome(ev);

	if (ev->class == VPN_CLASS_DISCONNECT && outcome == VPN_OUTCOME_FAILURE)
		return VPN_OCSF_ENUM("status", "99", "Abnormal");
	return by_outcome[outcome];
}

/* src_endpoint is who began; where nobody knows, only the peer is an endpoint, and the
 * local address is the device's. */
static const struct {
	const char *direction, *local, *peer;
} sides[] = {
    [VPN_SIDE_UNKNOWN] = {VPN_OCSF_ENUM("direction", "0", "Unknown"), NULL,
	"dst_endpoint"},
    [VPN_SIDE_INITIATOR] = {VPN_OCSF_ENUM("direction", "2", "Outbound"), "src_endpoint",
	"dst_endpoint"},
    [VPN_SIDE_RESPONDER] = {VPN_OCSF_ENUM("direction", "1", "Inbound"), "dst_endpoint",
	"src_endpoint"},
};

static struct vpn_text
only_if(bool is_ip, struct vpn_text address)
{
	return is_ip ? address : (struct vpn_text){NULL, 0};
}

/* Where the line came from may be a relay: that is not the device's. */
static struct vpn_text
device_ip(const struct vpn_event *ev)
{
	return only_if(ev->local_is_ip, ev->field[VPN_LOCAL]);
}

void
vpn_ocsf_members(struct vpn_json *js, const char *members)
{
	vpn_json_members(js, vpn_text(members));
}

static void
put_metadata(struct vpn_json *js, const struct vpn_event *ev)
{
	const struct vpn_vendor *vendor = ev->vendor;

	vpn_json_open(js, "metadata", '{');
	vpn_ocsf_members(js, "\"version\":\"" VPN_OCSF_VERSION "\"");
	vpn_json_hex(js, "uid", ev->id, sizeof(ev->id));
	vpn_json_text(
	    js, "correlation_uid", (struct vpn_text){ev->tunnel, ev->tunnel_len});
	vpn_json_some(js, "event_code", ev->message_id);
	vpn_json_some(js, "original_time", ev->device_time);
	vpn_json_number(js, "logged_time", ev->line->received_ms);
	vpn_json_some(js, "log_source", only_if(ev->line_is_ip, ev->line->ip));
	if (vpn_original_bytes(ev->line) > VPN_ORIGINAL_MAX)
		vpn_json_bool(js, "is_truncated", true);
	vpn_json_open(js, "product", '{');
	vpn_json_text(
	    js, "name", vendor->product.len > 0 ? vendor->product : vendor->name);
	vpn_json_text(js, "vendor_name", vendor->name);
	vpn_json_close(js, '}');
	vpn_ocsf_members(
	    js, "\"loggers\":[{\"name\":\"omipsec\"," VPN_OCSF_PRODUCT "}]");
	vpn_json_close(js, '}');
}

void
vpn_ocsf_device(struct vpn_json *js, struct vpn_text hostname, struct vpn_text ip,
    struct vpn_text vendor)
{
	if (hostname.len + ip.len == 0)
		return;
	vpn_json_open(js, "device", '{');
	vpn_json_some(js, "hostname", hostname);
	vpn_json_some(js, "ip", ip);
	vpn_json_some(js, "vendor_name", vendor);
	vpn_ocsf_members(js, VPN_OCSF_ENUM("type", "0", "Unknown"));
	vpn_json_close(js, '}');
}

void
vpn_ocsf_endpoint(struct vpn_json *js, const char *key, bool is_ip,
    struct vpn_text address, struct vpn_text port)
{
	if (address.len == 0)
		return;
	vpn_json_open(js, key, '{');
	vpn_json_text(js, is_ip ? "ip" : "name", address);
	vpn_put_port(js, port);
	vpn_json_close(js, '}');
}

static void
put_connection(struct vpn_json *js, const struct vpn_event *ev)
{
	enum vpn_side side = vpn_side(ev);

	vpn_json_open(js, "connection_info", '{');
	vpn_ocsf_members(js, sides[side].direction);
	vpn_json_close(js, '}');
	if (sides[side].local)
		vpn_ocsf_endpoint(js, sides[side].local, ev->local_is_ip,
		    ev->field[VPN_LOCAL], ev->field[VPN_LOCAL_PORT]);
	vpn_ocsf_endpoint(js, sides[side].peer, ev->peer_is_ip, ev->field[VPN_PEER],
	    ev->field[VPN_PEER_PORT]);
}

/* What the names of virtual interfaces begin with, in any case. */
static const char *const virtual[] = {
    "tun", "tap", "vti", "st0.", "ipsec", "xfrm", "virtual-", "ovpn", "utun", "wg"};

static bool
is_virtual(struct vpn_text interface)
{
	for (size_t i = 0; i < sizeof(virtual) / sizeof(*virtual); i++) {
		struct vpn_text word = vpn_text(virtual[i]);

		if (interface.len >= word.len &&
		    vpn_fold_same((struct vpn_text){interface.at, word.len}, word))
			return true;
	}
	return false;
}

static void
put_tunnel(struct vpn_json *js, const struct vpn_event *ev)
{
	const struct vpn_vendor *vendor = ev->vendor;

	if (vpn_text_same(vendor->network_type, VPN_TEXT("ipsec")))
		vpn_ocsf_members(js, "\"protocol_name\":\"IPSec\"");
	else
		vpn_json_some(js, "protocol_name", vendor->network_protocol);
	if (is_virtual(ev->field[VPN_INTERFACE])) {
		vpn_json_open(js, "tunnel_interface", '{');
		vpn_json_text(js, "name", ev->field[VPN_INTERFACE]);
		vpn_ocsf_members(js, VPN_OCSF_ENUM("type", "4", "Tunnel"));
		vpn_json_close(js, '}');
	}
	if (ev->field[VPN_TUNNEL_INDEX].len > 0) {
		vpn_json_open(js, "session", '{');
		vpn_json_text(js, "uid", ev->field[VPN_TUNNEL_INDEX]);
		vpn_json_bool(js, "is_vpn", true);
		vpn_json_close(js, '}');
	}
	if (ev->field[VPN_USER].len > 0) {
		vpn_json_open(js, "user", '{');
		vpn_json_text(js, "name", ev->field[VPN_USER]);
		vpn_json_close(js, '}');
	}
}

void
vpn_ocsf_observable(struct vpn_json *js, enum vpn_ocsf_kind kind, const char *name,
    struct vpn_text value)
{
	static const char *const kinds[] = {
	    [VPN_OCSF_HOSTNAME] = VPN_OCSF_ENUM("type", "1", "Hostname"),
	    [VPN_OCSF_IP] = VPN_OCSF_ENUM("type", "2", "IP Address"),
	    [VPN_OCSF_USER] = VPN_OCSF_ENUM("type", "4", "User Name"),
	};

	if (value.len == 0)
		return;
	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "name", vpn_text(name));
	vpn_ocsf_members(js, kinds[kind]);
	vpn_json_text(js, "value", value);
	vpn_json_close(js, '}');
}

static void
put_observables(struct vpn_json *js, const struct vpn_event *ev)
{
	bool responder = vpn_side(ev) == VPN_SIDE_RESPONDER;

	vpn_json_open(js, "observables", '[');
	vpn_ocsf_observable(js, VPN_OCSF_HOSTNAME, "device.hostname", ev->device);
	vpn_ocsf_observable(js, VPN_OCSF_IP, "device.ip", device_ip(ev));
	vpn_ocsf_observable(js, VPN_OCSF_IP,
	    responder ? "src_endpoint.ip" : "dst_endpoint.ip",
	    only_if(ev->peer_is_ip, ev->field[VPN_PEER]));
	vpn_ocsf_observable(js, VPN_OCSF_IP, "metadata.log_source",
	    only_if(ev->line_is_ip, ev->line->ip));
	vpn_ocsf_observable(js, VPN_OCSF_USER, "user.name", ev->field[VPN_USER]);
	vpn_json_close(js, ']');
}

static void
put_status(struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_ocsf_members(js, severity(ev));
	vpn_ocsf_members(js, status(ev));
	if (ev->code)
		vpn_json_text(js, "status_code", ev->code->slug);
	vpn_json_some(js, "status_detail", ev->field[VPN_REASON]);
	vpn_json_number(js, "time", ev->time_ms);
	if (ev->zone != VPN_ZONE_NONE)
		vpn_json_number(js, "timezone_offset", ev->zone_minutes);
	if (ev->repeated > 0)
		vpn_json_number(js, "count", (int64_t)ev->repeated + 1);
}

void
vpn_ocsf(
    const struct vpn_render *render, struct vpn_json *js, const struct vpn_event *ev)
{
	vpn_ocsf_members(
	    js, "\"category_uid\":4,\"category_name\":\"Network Activity\"");
	vpn_ocsf_members(js, "\"class_uid\":4014,\"class_name\":\"" CLASS "\"");
	vpn_ocsf_members(js, activity(ev));
	put_status(js, ev);
	vpn_put_message(render, js, ev);
	put_metadata(js, ev);
	vpn_ocsf_device(js, ev->device, device_ip(ev), ev->vendor->name);
	put_connection(js, ev);
	put_tunnel(js, ev);
	put_observables(js, ev);
	if (ev->code)
		vpn_json_members(js, render->codes[ev->code->index].enrichments);
	vpn_json_text(js, "raw_data", vpn_original(ev->line));
	vpn_json_number(js, "raw_data_size", (int64_t)vpn_original_bytes(ev->line));
	vpn_json_open(js, "unmapped", '{');
	if (ev->severity >= 0) {
		vpn_json_open(js, "event", '{');
		vpn_json_number(js, "severity", ev->severity);
		vpn_json_close(js, '}');
	}
	vpn_put_error(js, ev);
	vpn_put_log(render, js, ev);
	vpn_put_own(render, js, ev);
	vpn_json_close(js, '}');
}

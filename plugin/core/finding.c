/* SPDX-License-Identifier: Apache-2.0
 * A transition in OCSF 1.8.0, as Detection Finding (2004): an outage that was opened
 * or is over, for Kafka and files. Its finding_info.uid is the same in all steps. */
#include "core/address.h"
#include "core/ocsf.h"
#include "core/page.h"

#define CLASS "Detection Finding"
#define ACTIVITY(id, name, uid) VPN_OCSF_ACTIVITY(CLASS, id, name, uid, name)
#define NEW VPN_OCSF_ENUM("status", "1", "New")
#define RESOLVED VPN_OCSF_ENUM("status", "4", "Resolved")

static const struct {
	const char *activity, *status;
	bool alert;
} steps[] = {
    [VPN_ALARM_OPENED] = {ACTIVITY("1", "Create", "200401"), NEW, true},
    [VPN_ALARM_REMINDED] = {ACTIVITY("2", "Update", "200402"), NEW, true},
    [VPN_ALARM_RESOLVED] = {ACTIVITY("3", "Close", "200403"), RESOLVED, false},
    [VPN_ALARM_CLEARED] = {ACTIVITY("3", "Close", "200403"), RESOLVED, false},
};

/* The schema's Critical is for what is broad: more than a tunnel. */
static const char *
severity(const struct vpn_alarm *alarm)
{
	if (alarm->severity == VPN_SEVERITY_WARNING)
		return VPN_OCSF_ENUM("severity", "3", "Medium");
	if (alarm->severity == VPN_SEVERITY_NONE)
		return VPN_OCSF_ENUM("severity", "1", "Informational");
	return alarm->kind < VPN_ALARM_GATEWAY
	    ? VPN_OCSF_ENUM("severity", "4", "High")
	    : VPN_OCSF_ENUM("severity", "5", "Critical");
}

static int64_t
step_ms(const struct vpn_alarm *alarm)
{
	return alarm->end_ms > 0 ? alarm->end_ms : alarm->opened_ms;
}

static void
put_times(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	vpn_json_number(js, "time", step_ms(alarm));
	vpn_json_number(js, "start_time", alarm->start_ms);
	if (alarm->end_ms > 0) {
		vpn_json_number(js, "end_time", alarm->end_ms);
		vpn_json_number(js, "duration", alarm->end_ms - alarm->start_ms);
	}
}

static void
put_metadata(
    struct vpn_json *js, const struct vpn_alarm *alarm, const struct vpn_page *page)
{
	uint8_t id[VPN_PAGE_ID_LEN];

	vpn_page_id(page, id);
	vpn_json_open(js, "metadata", '{');
	vpn_ocsf_members(js, "\"version\":\"" VPN_OCSF_VERSION "\"");
	vpn_json_hex(js, "uid", id, sizeof(id));
	vpn_json_some(js, "correlation_uid", alarm->tunnel);
	vpn_ocsf_members(js, VPN_OCSF_PRODUCT);
	vpn_json_close(js, '}');
}

static void
put_info(const struct vpn_render *render, struct vpn_json *js,
    const struct vpn_alarm *alarm, const struct vpn_page *page)
{
	const struct vpn_code *code = vpn_page_code(alarm);

	vpn_json_open(js, "finding_info", '{');
	vpn_json_text(js, "uid", page->outage);
	vpn_json_text(js, "uid_alt", page->key);
	vpn_json_text(js, "title", page->summary);
	if (code)
		vpn_json_members(js, render->codes[code->index].finding);
	vpn_json_number(js, "created_time", alarm->opened_ms);
	vpn_json_number(js, "modified_time", step_ms(alarm));
	vpn_json_open(js, "analytic", '{');
	vpn_json_text(js, "name", page->name);
	vpn_ocsf_members(js, VPN_OCSF_ENUM("type", "1", "Rule"));
	vpn_json_close(js, '}');
	vpn_json_close(js, '}');
}

/* A tunnel, or what is more than one. */
static void
put_resource(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	vpn_json_open(js, "resources", '[');
	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "uid", alarm->subject);
	vpn_json_some(js, "name", alarm->name);
	vpn_json_text(js, "type",
	    alarm->kind < VPN_ALARM_GATEWAY ? VPN_TEXT("tunnel") : VPN_TEXT("gateway"));
	vpn_ocsf_members(js, VPN_OCSF_ENUM("role", "3", "Affected"));
	if (alarm->owner.len > 0) {
		vpn_json_open(js, "owner", '{');
		vpn_json_text(js, "name", alarm->owner);
		vpn_json_close(js, '}');
	}
	vpn_json_close(js, '}');
	vpn_json_close(js, ']');
}

static void
put_peer(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	if (alarm->peer.len == 0)
		return;
	vpn_json_open(js, "evidences", '[');
	vpn_json_open(js, NULL, '{');
	vpn_ocsf_endpoint(js, "dst_endpoint", vpn_is_ip(alarm->peer), alarm->peer,
	    (struct vpn_text){NULL, 0});
	vpn_json_close(js, '}');
	vpn_json_close(js, ']');
}

static void
put_observables(struct vpn_json *js, const struct vpn_alarm *alarm)
{
	vpn_json_open(js, "observables", '[');
	vpn_ocsf_observable(js, VPN_OCSF_HOSTNAME, "device.hostname", alarm->device);
	if (vpn_is_ip(alarm->local))
		vpn_ocsf_observable(js, VPN_OCSF_IP, "device.ip", alarm->local);
	if (vpn_is_ip(alarm->peer))
		vpn_ocsf_observable(
		    js, VPN_OCSF_IP, "evidences[0].dst_endpoint.ip", alarm->peer);
	vpn_json_close(js, ']');
}

static void
put_remediation(const struct vpn_render *render, struct vpn_json *js,
    const struct vpn_code *code, struct vpn_text runbook)
{
	if (code == NULL)
		return;
	vpn_json_members(js, render->codes[code->index].enrichments);
	vpn_json_open(js, "remediation", '{');
	vpn_json_members(js, render->codes[code->index].remediation);
	if (runbook.len > 0) {
		vpn_json_open(js, "references", '[');
		vpn_json_text(js, NULL, runbook);
		vpn_json_close(js, ']');
	}
	vpn_json_close(js, '}');
}

void
vpn_page_finding(const struct vpn_render *render, struct vpn_json *js,
    const struct vpn_alarm *alarm, const struct vpn_page *page)
{
	struct vpn_text none = {NULL, 0};

	vpn_ocsf_members(js, "\"category_uid\":2,\"category_name\":\"Findings\"");
	vpn_ocsf_members(js, "\"class_uid\":2004,\"class_name\":\"" CLASS "\"");
	vpn_ocsf_members(js, steps[alarm->step].activity);
	vpn_json_bool(js, "is_alert", steps[alarm->step].alert);
	vpn_ocsf_members(js, severity(alarm));
	vpn_ocsf_members(js, steps[alarm->step].status);
	vpn_json_some(js, "status_code", page->code);
	vpn_json_some(js, "status_detail", vpn_page_ending(alarm));
	put_times(js, alarm);
	vpn_json_text(js, "message", page->summary);
	put_metadata(js, alarm, page);
	put_info(render, js, alarm, page);
	vpn_ocsf_device(
	    js, alarm->device, vpn_is_ip(alarm->local) ? alarm->local : none, none);
	put_resource(js, alarm);
	put_peer(js, alarm);
	put_observables(js, alarm);
	put_remediation(render, js, vpn_page_code(alarm), alarm->runbook);
	vpn_json_open(js, "unmapped", '{');
	vpn_page_own(render, js, alarm, page);
	vpn_json_close(js, '}');
}

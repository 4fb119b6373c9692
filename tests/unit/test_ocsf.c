/* SPDX-License-Identifier: Apache-2.0 */
#define FORMAT VPN_FORMAT_OCSF
#include "rendered.h"

#include "vpn/page.h"

#define STOP "<188>Nov 23 2026 16:59:00+08:00 HQ IPSEC/4/IPSECTUNNELSTOP:OID 1 "
#define START "<188>Nov 23 2026 16:59:00+08:00 HQ IPSEC/4/IPSECTUNNELSTART:OID 1 "

/* One line, and what its event has. */
#define LINE_TEST(name, text, ...)                                    \
	static void test_##name(void **state)                         \
	{                                                             \
		static const struct member members[] = {__VA_ARGS__}; \
		struct vpn_line ln = unit_line(text);                 \
                                                                      \
		ln.ip = VPN_TEXT("192.0.2.1");                        \
		check(state, &ln, members, COUNT(members));           \
	}

/* clang-format off */
LINE_TEST(disconnect,
    STOP "The IPSec tunnel is deleted. (Ifindex=6, SeqNum=1,TunnelIndex=7, "
    "DstIP=203.0.113.9, RemotePort=4500, SrcIP=198.51.100.3, FlowInfo=a, b=c, "
    "OfflineReason=dpd timeout, InterfaceName=GigabitEthernet1/0/1)",
    {"class_uid", "4014"}, {"category_uid", "4"}, {"type_uid", "401402"},
    {"type_name", "Tunnel Activity: Close"},
    {"activity_id", "2"}, {"activity_name", "Close"},
    {"severity_id", "4"}, {"severity", "High"},
    {"status_id", "99"}, {"status", "Abnormal"},
    {"status_code", "dpd_timeout"}, {"status_detail", "dpd timeout"},
    {"time", "1795424340000"}, {"timezone_offset", "480"},
    {"message", "HQ: IPsec tunnel to 203.0.113.9 went down: Peer stopped answering (DPD)"},
    {"metadata.version", "1.8.0"}, {"metadata.event_code", "IPSECTUNNELSTOP"},
    {"metadata.correlation_uid", "HQ/6/1/203.0.113.9"},
    {"metadata.original_time", "Nov 23 2026 16:59:00+08:00"},
    {"metadata.logged_time", "1795424400000"},
    {"metadata.log_source", "192.0.2.1"}, {"metadata.is_truncated", NULL},
    {"metadata.product.name", "Huawei"}, {"metadata.product.vendor_name", "Huawei"},
    {"metadata.loggers.0.product.name", "omipsec"},
    {"device.hostname", "HQ"}, {"device.ip", "198.51.100.3"}, {"device.type_id", "0"},
    {"connection_info.direction_id", "0"}, {"src_endpoint", NULL},
    {"dst_endpoint.ip", "203.0.113.9"}, {"dst_endpoint.port", "4500"},
    {"protocol_name", "IPSec"}, {"tunnel_interface", NULL},
    {"session.uid", "7"}, {"user", NULL}, {"count", NULL},
    {"observables.0.value", "HQ"}, {"observables.1.value", "198.51.100.3"},
    {"observables.2.name", "dst_endpoint.ip"},
    {"observables.3.name", "metadata.log_source"}, {"observables.4", NULL},
    {"enrichments.0.value", "dpd_timeout"},
    {"enrichments.0.provider", "huawei-cloud-vpn 2025-02-05"},
    {"enrichments.0.short_desc", "Peer stopped answering (DPD)"},
    {"enrichments.0.data.fix.0.kind", "check"},
    {"unmapped.event.severity", "4"}, {"unmapped.log.syslog.priority", "188"},
    {"unmapped.omipsec.class", "disconnect"}, {"unmapped.omipsec.effect", "down"},
    {"unmapped.omipsec.tunnel.flow", "a, b=c"}, {"unmapped.omipsec.fix", NULL})

LINE_TEST(negotiation,
    "IPSEC/4/IPSECNEGOFAIL:X (Reason=version mismatch, ReasonCode=5, "
    "PeerAddress=xx.xx.xx.xx, PeerPort=65536)",
    {"type_uid", "401401"}, {"activity_name", "Open"},
    {"severity_id", "3"}, {"status_id", "2"}, {"status", "Failure"},
    {"status_code", "version_mismatch"}, {"time", "1795424400000"},
    {"timezone_offset", NULL}, {"metadata.original_time", NULL},
    {"device.hostname", "collector-saw"}, {"device.ip", NULL},
    {"dst_endpoint.name", "xx.xx.xx.xx"}, {"dst_endpoint.ip", NULL},
    {"dst_endpoint.port", NULL}, {"observables.2", NULL}, {"session", NULL},
    {"unmapped.log", NULL},
    {"unmapped.error.code", "5"})

LINE_TEST(noise, "IPSEC/4/IPSECNEGOFAIL:X (Reason=malformed message)",
    {"severity_id", "2"}, {"severity", "Low"}, {"status_id", "2"},
    {"dst_endpoint", NULL}, {"connection_info.direction", "Unknown"})

LINE_TEST(responder,
    START "X (DstIP=203.0.113.9, RemotePort=500, SrcIP=198.51.100.3, "
    "InterfaceName=Tunnel1, Role=Responder)",
    {"type_uid", "401401"}, {"severity_id", "1"}, {"status_id", "1"},
    {"status", "Success"}, {"status_code", NULL}, {"status_detail", NULL},
    {"enrichments", NULL}, {"connection_info.direction_id", "1"},
    {"connection_info.direction", "Inbound"},
    {"src_endpoint.ip", "203.0.113.9"}, {"src_endpoint.port", "500"},
    {"dst_endpoint.ip", "198.51.100.3"}, {"dst_endpoint.port", NULL},
    {"device.ip", "198.51.100.3"}, {"observables.2.name", "src_endpoint.ip"},
    {"tunnel_interface.name", "Tunnel1"}, {"tunnel_interface.type_id", "4"})

LINE_TEST(initiator,
    START "X (DstIP=203.0.113.9, SrcIP=198.51.100.3, Role=Initiator)",
    {"connection_info.direction_id", "2"}, {"connection_info.direction", "Outbound"},
    {"src_endpoint.ip", "198.51.100.3"}, {"dst_endpoint.ip", "203.0.113.9"})

LINE_TEST(rekey, STOP "X (DstIP=203.0.113.9, OfflineReason=phase2 sa replace)",
    {"type_uid", "401403"}, {"activity_name", "Renew"}, {"severity_id", "1"},
    {"status_id", "1"}, {"status_code", "phase2_sa_replace"})

LINE_TEST(standby,
    STOP "X (DstIP=203.0.113.9, OfflineReason=receive backup delete info)",
    {"type_uid", "401402"}, {"severity_id", "1"}, {"status_id", "1"})

LINE_TEST(admin, STOP "X (DstIP=203.0.113.9, OfflineReason=manual offline)",
    {"type_uid", "401402"}, {"severity_id", "2"}, {"status", "Success"})

LINE_TEST(peer_request, STOP "X (DstIP=203.0.113.9, OfflineReason=peer request)",
    {"type_uid", "401402"}, {"severity_id", "4"}, {"status_id", "0"},
    {"status", "Unknown"})

LINE_TEST(unaffected,
    "*Jul 16 10:11:50 GMT: %CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has "
    "invalid spi for destaddr=10.185.32.222, prot=50, spi=0xEFA48265(4020535909), "
    "srcaddr=192.168.34.1",
    {"type_uid", "401499"}, {"type_name", "Tunnel Activity: Other"},
    {"activity_id", "99"}, {"activity_name", "Unaffected"}, {"status_id", "1"},
    {"metadata.product.name", "IOS"}, {"metadata.product.vendor_name", "Cisco"})

LINE_TEST(unknown, STOP "X (DstIP=203.0.113.9, OfflineReason=brand \"new\")",
    {"status_code", "unknown_reason"}, {"status_detail", "brand \"new\""},
    {"status_id", "99"}, {"enrichments.0.provider", "omipsec"})

LINE_TEST(client,
    "<36>1 2021-07-03T22:40:38.477134-05:00 pfSense.example.com openvpn 68813 - - "
    "user 'bob' could not authenticate.",
    {"type_uid", "401401"}, {"protocol_name", "openvpn"}, {"severity_id", "2"},
    {"user.name", "bob"}, {"observables.2.name", "user.name"},
    {"metadata.original_time", "2021-07-03T22:40:38.477134-05:00"})
/* clang-format on */

/* What was cut off the line is told. */
static void
test_truncated(void **state)
{
	static const struct member members[] = {
	    {"metadata.is_truncated", "true"},
	    {"raw_data_size", "65536"},
	    {"unmapped.omipsec.original_bytes", "65536"},
	};
	struct vpn_line ln = unit_line("");
	char *raw = malloc(64 * 1024);

	ln.raw = (struct vpn_text){
	    raw, hostile_line(raw, 64 * 1024, 'x', "IPSEC/4/IPSECNEGOFAIL:X ", ")")};
	check(state, &ln, members, COUNT(members));
	free(raw);
}

/* Of several failures of one cause, the ones that were not told. */
static void
test_count(void **state)
{
	struct vpn_render *render =
	    vpn_render_new(*state, VPN_FORMAT_OCSF, VPN_LANGUAGE_EN, NULL);
	struct vpn_line ln = unit_line("IPSEC/4/IPSECNEGOFAIL:X (Reason=dpd timeout)");
	struct fjson_object *root;
	struct vpn_event ev;

	assert_true(vpn_recognise(*state, &ln, &ev));
	ev.repeated = 6;
	root = parse(vpn_render_event(render, &ev, out, sizeof(out)));
	assert_string_equal(get(root, "count"), "7");
	fjson_object_put(root);
	vpn_render_free(render);
}

/* Texts for people are in the language, the wide ones of both a line each. */
static void
test_languages(void **state)
{
	static const char *const paths[] = {
	    "enrichments.0.desc", "enrichments.0.data.fix_text"};
	struct vpn_line ln = unit_line("IPSEC/4/IPSECNEGOFAIL:X (Reason=dpd timeout)");
	const struct vpn_code *code =
	    vpn_rules_by_reason(*state, VPN_TEXT("dpd timeout"));

	for (int lang = VPN_LANGUAGE_EN; lang <= VPN_LANGUAGE_BOTH; lang++) {
		struct fjson_object *root =
		    parse(render(state, &ln, (enum vpn_language)lang));
		const struct vpn_prose *texts[] = {
		    &code->explanation, &code->steps[0].own};

		for (size_t i = 0; i < COUNT(paths); i++) {
			const char *text = get(root, paths[i]);

			assert_int_equal(strstr(text, texts[i]->in[VPN_EN].at) != NULL,
			    lang != VPN_LANGUAGE_ZH);
			assert_int_equal(strstr(text, texts[i]->in[VPN_ZH].at) != NULL,
			    lang != VPN_LANGUAGE_EN);
		}
		fjson_object_put(root);
	}
}

static struct fjson_object *
finding(void **state, const struct vpn_alarm *alarm)
{
	struct vpn_render *render =
	    vpn_render_new(*state, VPN_FORMAT_OCSF, VPN_LANGUAGE_EN, NULL);
	static char buf[VPN_PAGE_MAX];
	struct vpn_page page;

	assert_true(vpn_page_write(render, alarm, &page, buf, sizeof(buf)));
	vpn_render_free(render);
	memcpy(out, page.record.at, page.record.len);
	return parse(page.record.len);
}

/* An outage from its beginning to its end is one finding in two records. */
static void
test_finding(void **state)
{
	static const struct member opened[] = {
	    {"class_uid", "2004"},
	    {"type_uid", "200401"},
	    {"is_alert", "true"},
	    {"severity", "High"},
	    {"status", "New"},
	    {"status_code", "dpd_timeout"},
	    {"status_detail", NULL},
	    {"time", "1795424460000"},
	    {"start_time", "1795424400000"},
	    {"end_time", NULL},
	    {"metadata.product.name", "omipsec"},
	    {"metadata.correlation_uid", "HQ/1"},
	    {"finding_info.uid_alt", "omipsec/IPsecTunnelDown/a~b"},
	    {"finding_info.analytic.name", "IPsecTunnelDown"},
	    {"resources.0.uid", "a~b"},
	    {"evidences.0.dst_endpoint.ip", "203.0.113.7"},
	    {"device.hostname", "HQ"},
	    {"remediation.references.0", "https://example.net/7"},
	    {"unmapped.omipsec.alarm.severity", "critical"},
	};
	static const struct member over[] = {
	    {"type_uid", "200403"},
	    {"is_alert", "false"},
	    {"severity", "High"},
	    {"status", "Resolved"},
	    {"status_detail", "recovered"},
	    {"time", "1795424520000"},
	    {"duration", "120000"},
	    {"resources.0.type", "tunnel"},
	};
	struct vpn_alarm alarm = {.kind = VPN_ALARM_DOWN,
	    .subject = VPN_TEXT("a~b"),
	    .tunnel = VPN_TEXT("HQ/1"),
	    .device = VPN_TEXT("HQ"),
	    .peer = VPN_TEXT("203.0.113.7"),
	    .runbook = VPN_TEXT("https://example.net/7"),
	    .reason = vpn_rules_by_reason(*state, VPN_TEXT("dpd timeout")),
	    .start_ms = UNIT_NOW,
	    .opened_ms = UNIT_NOW + 60000};
	const char *uid = "finding_info.uid";
	struct fjson_object *first = finding(state, &alarm), *last;

	alarm.step = VPN_ALARM_RESOLVED;
	alarm.ending = VPN_ENDING_RECOVERED;
	alarm.end_ms = UNIT_NOW + 120000;
	last = finding(state, &alarm);
	assert_string_equal(get(first, uid), get(last, uid));
	assert_string_not_equal(get(first, "metadata.uid"), get(last, "metadata.uid"));
	has("opened", first, opened, COUNT(opened));
	has("over", last, over, COUNT(over));
}

/* More than a tunnel is broad. */
static void
test_gateway(void **state)
{
	static const struct member members[] = {
	    {"severity", "Critical"},
	    {"activity_name", "Update"},
	    {"resources.0.type", "gateway"},
	    {"status_code", NULL},
	    {"remediation", NULL},
	    {"evidences", NULL},
	    {"device", NULL},
	};
	struct vpn_alarm alarm = {.kind = VPN_ALARM_GATEWAY,
	    .step = VPN_ALARM_REMINDED,
	    .subject = VPN_TEXT("HQ")};

	has("gateway", finding(state, &alarm), members, COUNT(members));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_disconnect),
	    cmocka_unit_test(test_negotiation),
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_responder),
	    cmocka_unit_test(test_initiator),
	    cmocka_unit_test(test_rekey),
	    cmocka_unit_test(test_standby),
	    cmocka_unit_test(test_admin),
	    cmocka_unit_test(test_peer_request),
	    cmocka_unit_test(test_unaffected),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_client),
	    cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_count),
	    cmocka_unit_test(test_languages),
	    cmocka_unit_test(test_finding),
	    cmocka_unit_test(test_gateway),
	    RENDERED_TESTS,
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

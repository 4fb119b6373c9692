/* SPDX-License-Identifier: Apache-2.0 */
#include "vpn/runbook.h"

#define FORMAT VPN_FORMAT_ECS
#include "rendered.h"

static void
test_disconnect(void **state)
{
	static const struct member members[] = {
	    {"@timestamp", "2026-11-23T08:59:00.000Z"},
	    {"event.created", "2026-11-23T09:00:00.000Z"},
	    {"message",
		"HQ: IPsec tunnel to 203.0.113.9 went down: Peer stopped answering "
		"(DPD)"},
	    {"event.kind", "event"},
	    {"event.code", "dpd_timeout"},
	    {"event.reason", "dpd timeout"},
	    {"event.outcome", "failure"},
	    {"event.severity", "4"},
	    {"event.timezone", "+08:00"},
	    {"observer.vendor", "Huawei"},
	    {"observer.hostname", "HQ"},
	    {"source.ip", "198.51.100.3"},
	    {"source.address", "198.51.100.3"},
	    {"source.port", NULL},
	    {"destination.ip", "203.0.113.9"},
	    {"destination.port", "4500"},
	    {"network.type", "ipsec"},
	    {"log.syslog.priority", "188"},
	    {"log.syslog.facility.code", "23"},
	    {"log.syslog.severity.code", "4"},
	    {"rule.id", "dpd_timeout"},
	    {"rule.ruleset", "huawei-cloud-vpn"},
	    {"error.code", NULL},
	    {"user.name", NULL},
	    {"omipsec.schema", "1"},
	    {"omipsec.class", "disconnect"},
	    {"omipsec.tunnel.id", "HQ/6/1/203.0.113.9"},
	    {"omipsec.tunnel.peer.ip", "203.0.113.9"},
	    {"omipsec.tunnel.index", "7"},
	    {"omipsec.tunnel.flow", "a, b=c"},
	    {"omipsec.vendor.message", "tunnel_deleted"},
	    {"omipsec.vendor.message_id", "IPSECTUNNELSTOP"},
	    {"omipsec.effect", "down"},
	    {"omipsec.original_bytes", NULL},
	    {"omipsec.input.line", "7"},
	};
	struct vpn_line ln = unit_line(
	    "<188>Nov 23 2026 16:59:00+08:00 HQ "
	    "IPSEC/4/IPSECTUNNELSTOP:OID 1 The IPSec tunnel is deleted. (Ifindex=6, "
	    "SeqNum=1,TunnelIndex=7, DstIP=203.0.113.9, RemotePort=4500, "
	    "SrcIP=198.51.100.3, FlowInfo=a, b=c, OfflineReason=dpd timeout)");

	ln.number = 7;
	check(state, &ln, members, COUNT(members));
}

static void
test_negotiation(void **state)
{
	static const struct member members[] = {
	    {"event.action", "ipsec-negotiation-failed"},
	    {"event.outcome", "failure"},
	    {"event.code", "version_mismatch"},
	    {"error.code", "5"},
	    {"destination.address", "xx.xx.xx.xx"},
	    {"destination.ip", NULL},
	    {"destination.port", NULL},
	    {"source", NULL},
	    {"log", NULL},
	    {"event.timezone", NULL},
	    {"@timestamp", "2026-11-23T09:00:00.000Z"},
	    {"observer.hostname", "collector-saw"},
	};
	struct vpn_line ln =
	    unit_line("IPSEC/4/IPSECNEGOFAIL:X (Reason=version mismatch, "
		      "ReasonCode=5, PeerAddress=xx.xx.xx.xx, PeerPort=65536)");

	check(state, &ln, members, COUNT(members));
}

static void
test_established(void **state)
{
	static const struct member members[] = {
	    {"event.action", "ipsec-tunnel-up"},
	    {"event.outcome", "success"},
	    {"event.code", NULL},
	    {"rule", NULL},
	    {"omipsec.class", "established"},
	    {"omipsec.tunnel.role", "responder"},
	    {"omipsec.fix", NULL},
	    {"omipsec.explanation", NULL},
	};
	struct vpn_line ln =
	    unit_line("Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECTUNNELSTART:X "
		      "(DstIP=203.0.113.9, Role=Responder)");

	check(state, &ln, members, COUNT(members));
}

static void
test_unknown(void **state)
{
	static const struct member members[] = {
	    {"event.code", "unknown_reason"},
	    {"event.reason", "brand \"new\""},
	    {"omipsec.class", "disconnect"},
	};
	struct vpn_line ln =
	    unit_line("Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECTUNNELSTOP:X "
		      "(DstIP=203.0.113.9, OfflineReason=brand \"new\")");

	check(state, &ln, members, COUNT(members));
	assert_non_null(strstr(out, "(\\\"brand \\\"new\\\"\\\")"));
}

static void
test_original_is_cut(void **state)
{
	char *raw = malloc(3 * VPN_ORIGINAL_MAX);
	struct vpn_line ln = unit_line("");
	struct fjson_object *root;
	char bytes[16];

	for (size_t n = VPN_ORIGINAL_MAX - 1; n <= VPN_ORIGINAL_MAX + 1; n++) {
		memset(raw, 'x', n);
		memcpy(raw, "IPSEC/4/IPSECNEGOFAIL:", 22);
		ln.raw = (struct vpn_text){raw, n};
		root = parse(render(state, &ln, VPN_LANGUAGE_EN));
		assert_int_equal(strlen(get(root, "event.original")),
		    n < VPN_ORIGINAL_MAX ? n : VPN_ORIGINAL_MAX);
		snprintf(bytes, sizeof(bytes), "%zu", n);
		if (n > VPN_ORIGINAL_MAX)
			assert_string_equal(get(root, "omipsec.original_bytes"), bytes);
		else
			assert_null(get(root, "omipsec.original_bytes"));
		fjson_object_put(root);
	}
	free(raw);
}

/* The address of the code's page; slug and variant make its name. */
static void
test_reference(void **state)
{
	struct vpn_render *render = vpn_render_new(
	    *state, FORMAT, VPN_LANGUAGE_EN, "https://wiki.example/vpn/");
	struct vpn_line ln =
	    unit_line("<188>Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECNEGOFAIL:X "
		      "(Reason=dpd timeout, PeerAddress=203.0.113.9)");
	struct fjson_object *root;
	char page[VPN_RUNBOOK_MAX];
	struct vpn_event ev;

	assert_true(vpn_recognise(*state, &ln, &ev));
	root = parse(vpn_render_event(render, &ev, out, sizeof(out)));
	assert_string_equal(
	    get(root, "rule.reference"), "https://wiki.example/vpn/dpd_timeout.html");
	fjson_object_put(root);
	vpn_render_free(render);
	vpn_runbook_page(vpn_rules_by_slug(*state, VPN_TEXT("authentication_fail"),
			     VPN_TEXT("no_key")),
	    page);
	assert_string_equal(page, "authentication_fail-no_key.html");
	check(state, &ln, &(struct member){"rule.reference", NULL}, 1);
}

/* Keys "en" and "zh" below value, and what the texts are written in. */
static void
count(struct fjson_object *value, int *en, int *zh)
{
	if (fjson_object_is_type(value, fjson_type_array))
		for (int i = 0; i < fjson_object_array_length(value); i++)
			count(fjson_object_array_get_idx(value, i), en, zh);
	if (!fjson_object_is_type(value, fjson_type_object))
		return;
	struct fjson_object_iterator it = fjson_object_iter_begin(value);
	struct fjson_object_iterator end = fjson_object_iter_end(value);

	for (; !fjson_object_iter_equal(&it, &end); fjson_object_iter_next(&it)) {
		*en += strcmp(fjson_object_iter_peek_name(&it), "en") == 0;
		*zh += strcmp(fjson_object_iter_peek_name(&it), "zh") == 0;
		count(fjson_object_iter_peek_value(&it), en, zh);
	}
}

/* Is there a Chinese character (U+4E00 to U+9FFF)? */
static bool
has_chinese(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0xe4 && (unsigned char)*text <= 0xe9)
			return true;
	return false;
}

static void
test_languages(void **state)
{
	struct vpn_line ln = unit_line("IPSEC/4/IPSECNEGOFAIL:X (Reason=dpd timeout)");
	const struct vpn_code *code =
	    vpn_rules_by_reason(*state, VPN_TEXT("dpd timeout"));

	for (int lang = VPN_LANGUAGE_EN; lang <= VPN_LANGUAGE_BOTH; lang++) {
		size_t len = render(state, &ln, (enum vpn_language)lang);
		struct fjson_object *root = parse(len);
		bool want_en = lang != VPN_LANGUAGE_ZH,
		     want_zh = lang != VPN_LANGUAGE_EN;
		const char *fix = get(root, "omipsec.fix_text");
		int en = 0, zh = 0;

		count(root, &en, &zh);
		assert_true(want_en ? en > 10 : en == 0);
		assert_true(want_zh ? zh > 10 : zh == 0);
		if (lang == VPN_LANGUAGE_BOTH)
			assert_int_equal(en, zh);
		out[len] = '\0';
		assert_int_equal(has_chinese(out), want_zh);
		assert_int_equal(
		    has_chinese(get(root, "message")), lang == VPN_LANGUAGE_ZH);
		for (size_t i = 0; i < code->nsteps; i++) {
			const struct vpn_prose *own = &code->steps[i].own;

			assert_int_equal(
			    strstr(fix, own->in[VPN_EN].at) != NULL, want_en);
			assert_int_equal(
			    strstr(fix, own->in[VPN_ZH].at) != NULL, want_zh);
		}
		fjson_object_put(root);
	}
}

static void
test_sentence(void **state)
{
	struct vpn_line ln =
	    unit_line("h\x01\x7f\n IPSEC/4/IPSECTUNNELSTOP:X (DstIP=a\x02"
		      "b, OfflineReason=peer request)");
	struct vpn_event ev;
	char buf[256], all[256];
	size_t len;

	assert_true(vpn_recognise(*state, &ln, &ev));
	len = vpn_sentence(&ev, VPN_EN, all, sizeof(all));
	assert_true(len > 20 && len < sizeof(all));
	for (size_t i = 0; i < len; i++)
		assert_in_range((unsigned char)all[i], 0x20, 0x7e);
	for (size_t cap = 0; cap < len; cap++) {
		memset(buf, '#', sizeof(buf));
		assert_int_equal(vpn_sentence(&ev, VPN_EN, buf, cap), cap);
		assert_memory_equal(buf, all, cap);
		assert_int_equal(buf[cap], '#');
	}
	len = vpn_sentence(&ev, VPN_ZH, all, sizeof(all) - 1);
	all[len] = '\0';
	assert_true(has_chinese(all));
	vpn_render_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_disconnect),
	    cmocka_unit_test(test_negotiation),
	    cmocka_unit_test(test_established),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_original_is_cut),
	    cmocka_unit_test(test_reference),
	    cmocka_unit_test(test_languages),
	    cmocka_unit_test(test_sentence),
	    RENDERED_TESTS,
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

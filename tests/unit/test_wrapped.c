/* SPDX-License-Identifier: Apache-2.0
 * Lines in JSON: Huawei Cloud's API answer, charon's own log. */
#include "unit.h"

#define LINE(reason)                                                       \
	"2026-11-23T08:59:00.7+00:00 host-10-0-0-1 ipsec_ike[30085]: "     \
	"[198.51.100.20] IPSec tunnel negotiation fails. (IfIndex=[207], " \
	"PolicyName=[], "                                                  \
	"SeqNum=[0], PeerAddress=[203.0.113.7], PeerPort=[500], Reason=[" reason "])"
#define LOG(reason) "{\"time\":1735024112,\"raw_message\":\"" LINE(reason) "\"}"

struct heard {
	const struct vpn_rules *rules;
	int lines, events;
	char codes[256], device[64], tunnel[VPN_TUNNEL_ID_MAX];
};

static void
hear(const struct vpn_line *ln, void *arg)
{
	struct heard *heard = arg;
	struct vpn_event ev;

	heard->lines++;
	assert_non_null(ln->raw.at);
	if (!vpn_recognise(heard->rules, ln, &ev))
		return;
	heard->events++;
	strncat(heard->codes, ev.code->slug.at, ev.code->slug.len);
	strcat(heard->codes, " ");
	snprintf(heard->device, sizeof(heard->device), "%.*s", (int)ev.device.len,
	    ev.device.at);
	strcpy(heard->tunnel, ev.tunnel);
}

static int
ask(void **state, struct vpn_text answer, struct heard *heard)
{
	struct vpn_line like = unit_line("");

	*heard = (struct heard){.rules = *state};
	return vpn_wrapped_each(answer, &like, hear, heard);
}

static void
test_answer(void **state)
{
	struct heard heard;

	assert_int_equal(
	    ask(state,
		VPN_TEXT("{\"logs\":[" LOG("version mismatch") "," LOG(
		    "dpd timeout") "],\"total_count\":2,\"request_id\":\"x\"}"),
		&heard),
	    2);
	assert_int_equal(heard.events, 2);
	assert_string_equal(heard.codes, "version_mismatch dpd_timeout ");
	assert_string_equal(heard.device, "host-10-0-0-1");
}

/* The connection stands for the device: the host is only a node. */
static void
test_connection(void **state)
{
	struct heard heard;

	assert_int_equal(
	    ask(state,
		VPN_TEXT("{\"vpn_connection_id\":\"c0ffee\",\"logs\":[" LOG(
		    "dpd timeout") "]}"),
		&heard),
	    1);
	assert_string_equal(heard.device, "c0ffee");
	assert_string_equal(heard.tunnel, "c0ffee/207/0/203.0.113.7");
	assert_int_equal(
	    ask(state,
		VPN_TEXT("{\"logs\":[" LOG("dpd timeout") "],\"vpn_connection_id\":7}"),
		&heard),
	    1);
	assert_string_equal(heard.device, "host-10-0-0-1");
}

/* Without one, whatever the caller calls it. */
static void
device(const struct vpn_line *ln, void *arg)
{
	*(struct vpn_text *)arg = ln->device;
}

static void
test_device(void **state)
{
	struct vpn_line like = unit_line("");
	struct vpn_text got = {NULL, 0};

	(void)state;
	like.device = VPN_TEXT("site-7");
	assert_int_equal(
	    vpn_wrapped_each(
		VPN_TEXT("{\"logs\":[" LOG("dpd timeout") "]}"), &like, device, &got),
	    1);
	unit_same("device", "device", got, "site-7");
}

static void
test_no_lines(void **state)
{
	struct heard heard;

	assert_int_equal(ask(state, VPN_TEXT("{\"logs\":[]}"), &heard), 0);
	assert_int_equal(heard.lines, 0);
}

static void
test_refused(void **state)
{
	static const struct vpn_text wrong[] = {
	    VPN_TEXT(""),
	    VPN_TEXT("{"),
	    VPN_TEXT("}"),
	    VPN_TEXT("{}"),
	    VPN_TEXT("[]"),
	    VPN_TEXT("null"),
	    VPN_TEXT("7"),
	    VPN_TEXT("\"logs\""),
	    VPN_TEXT("{\"logs\":"),
	    VPN_TEXT("{\"logs\":[}"),
	    VPN_TEXT("{\"logs\":[{]}"),
	    VPN_TEXT("{\"logs\":null}"),
	    VPN_TEXT("{\"logs\":{}}"),
	    VPN_TEXT("{\"logs\":\"x\"}"),
	    VPN_TEXT("{\"logs\":7}"),
	    VPN_TEXT("{\"log\":[]}"),
	    VPN_TEXT("{\"error_code\":\"VPN.0001\"}"),
	    VPN_TEXT("{\"logs\":[" LOG("dpd timeout")),
	    VPN_TEXT("{\0\"logs\":[]}"),
	    VPN_TEXT("{\"logs\":[\"\xff\xfe\0"),
	    VPN_TEXT(LINE("dpd timeout")),
	};
	struct heard heard;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		unit_number(wrong[i].at, "answer",
		    ask(state, unit_guard(wrong[i]), &heard), -1);
		assert_int_equal(heard.lines, 0);
	}
}

/* A log of another shape is an empty line: its number still counts. */
static void
test_wrong_types(void **state)
{
	struct heard heard;

	assert_int_equal(
	    ask(state,
		VPN_TEXT(
		    "{\"logs\":[7,null,[],\"x\",{},{\"time\":1},"
		    "{\"raw_message\":7},{\"raw_message\":null},{\"raw_message\":{}},"
		    "{\"raw_message\":\"\"}," LOG("dpd timeout") "]}"),
		&heard),
	    11);
	assert_int_equal(heard.lines, 11);
	assert_int_equal(heard.events, 1);
	assert_string_equal(heard.codes, "dpd_timeout ");
}

/* Escapes, a NUL among them, arrive as bytes. */
static void
nul(const struct vpn_line *ln, void *arg)
{
	*(bool *)arg = vpn_text_same(ln->raw, VPN_TEXT("a\0b\"\xe9\x9a\xa7"));
	assert_int_equal(ln->received_ms, UNIT_NOW);
	assert_true(vpn_text_same(ln->ip, VPN_TEXT("192.0.2.9")));
}

static void
test_escapes(void **state)
{
	struct vpn_line like = unit_line("");
	bool same = false;

	(void)state;
	assert_int_equal(
	    vpn_wrapped_each(
		VPN_TEXT("{\"logs\":[{\"raw_message\":\"a\\u0000b\\\"\\u96a7\"}]}"),
		&like, nul, &same),
	    1);
	assert_true(same);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answer),
	    cmocka_unit_test(test_connection),
	    cmocka_unit_test(test_device),
	    cmocka_unit_test(test_no_lines),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_wrong_types),
	    cmocka_unit_test(test_escapes),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <iconv.h>
#include <libfastjson/json.h>
#include <libfastjson/json_tokener.h>

#include "vpn/render.h"

#define SLACK 64 /* bytes by which the writer may ask for more than it fills */

static char out[VPN_EVENT_MAX];

/* iconv is strict: no overlong form, no surrogate. */
static bool
is_utf8(char *text, size_t len)
{
	iconv_t cd = iconv_open("UCS-4LE", "UTF-8");
	char sink[8192];
	bool good = true;

	assert_true(cd != (iconv_t)-1);
	while (good && len > 0) {
		char *to = sink;
		size_t left = sizeof(sink);

		good =
		    iconv(cd, &text, &len, &to, &left) != (size_t)-1 || errno == E2BIG;
	}
	iconv_close(cd);
	return good;
}

static struct fjson_object *
parse(size_t len)
{
	struct fjson_tokener *tokener = fjson_tokener_new();
	struct fjson_object *root;

	for (size_t i = 0; i < len; i++)
		assert_true((unsigned char)out[i] >= 0x20);
	assert_true(is_utf8(out, len));
	fjson_tokener_set_flags(tokener, FJSON_TOKENER_STRICT);
	root = fjson_tokener_parse_ex(tokener, out, (int)len);
	fjson_tokener_free(tokener);
	if (root == NULL)
		fail_msg("not JSON: %.*s", (int)(len < 2000 ? len : 2000), out);
	return root;
}

/* Member "a.b.c" as text; of a list, its JSON. */
static const char *
get(struct fjson_object *root, const char *path)
{
	char name[64];
	struct fjson_object *value = root;

	while (value && *path) {
		size_t n = strcspn(path, ".");
		struct fjson_object *next = NULL;

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		fjson_object_object_get_ex(value, name, &next);
		value = next;
		path += n + (path[n] == '.');
	}
	return value ? fjson_object_get_string(value) : NULL;
}

static size_t
render(void **state, const struct vpn_line *ln, enum vpn_language language)
{
	struct vpn_render *render = vpn_render_new(*state, VPN_FORMAT_ECS, language);
	struct vpn_event ev;
	size_t len;

	assert_non_null(render);
	if (!vpn_recognise(*state, ln, &ev))
		fail_msg("nothing in: %.*s", (int)ln->raw.len, ln->raw.at);
	len = vpn_render_event(render, &ev, out, sizeof(out));
	vpn_render_free(render);
	assert_true(len > 0 && len <= sizeof(out));
	return len;
}

struct member {
	const char *path, *value; /* NULL: absent */
};

static void
check(void **state, const struct vpn_line *ln, const struct member *members, size_t n)
{
	struct fjson_object *root = parse(render(state, ln, VPN_LANGUAGE_EN));

	for (size_t i = 0; i < n; i++) {
		const char *got = get(root, members[i].path);

		if ((got == NULL) != (members[i].value == NULL) ||
		    (got && strcmp(got, members[i].value) != 0))
			fail_msg("%s\n  %s: %s instead of %s", ln->raw.at,
			    members[i].path, got ? got : "absent",
			    members[i].value ? members[i].value : "absent");
	}
	fjson_object_put(root);
}

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

/* Too small is 0, and nothing behind the buffer is written. */
static void
test_small(void **state)
{
	struct vpn_render *render =
	    vpn_render_new(*state, VPN_FORMAT_ECS, VPN_LANGUAGE_BOTH);
	struct vpn_line ln =
	    unit_line("<188>Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECNEGOFAIL:X "
		      "(Reason=dpd timeout, ReasonCode=5, PeerAddress=203.0.113.9, "
		      "PeerPort=500)");
	struct vpn_event ev;
	size_t need;

	assert_true(vpn_recognise(*state, &ln, &ev));
	need = vpn_render_event(render, &ev, out, sizeof(out));
	assert_int_equal(vpn_render_event(render, &ev, out, need + SLACK), need);
	for (size_t cap = 0; cap < need; cap++) {
		memset(
		    out, '#', sizeof(out) < need + SLACK ? sizeof(out) : need + SLACK);
		if (vpn_render_event(render, &ev, out, cap) != 0)
			fail_msg("%zu bytes are called enough", cap);
		for (size_t i = cap; i < cap + SLACK; i++)
			assert_int_equal(out[i], '#');
	}
	vpn_render_free(render);
}

static size_t
hostile_line(char *raw, size_t size, int byte, const char *head, const char *tail)
{
	memset(raw, byte, size);
	memcpy(raw, head, strlen(head));
	memcpy(raw + size - strlen(tail), tail, strlen(tail));
	return size;
}

static void
test_hostile(void **state)
{
	static const char *const heads[] = {
	    "<188>Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECTUNNELSTOP:X",
	    "<188>Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECTUNNELSTOP:X (OfflineReason=",
	    "<188>Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECTUNNELSTOP:X (Reason=a, DstIP=",
	};
	const size_t size = 64 * 1024;
	char *raw = malloc(size);

	for (int byte = 0; byte < 256; byte++)
		for (size_t i = 0; i < COUNT(heads); i++) {
			struct vpn_line ln = unit_line("");

			ln.raw.len = hostile_line(raw, size, byte, heads[i], ")");
			ln.raw.at = raw;
			fjson_object_put(parse(render(state, &ln, VPN_LANGUAGE_BOTH)));
		}
	free(raw);
}

/* Every field as long and as costly as can be, with every code's texts. */
static void
test_worst(void **state)
{
	const struct vpn_vendor *vendor = unit_vendor(*state, "huawei");
	struct vpn_render *render =
	    vpn_render_new(*state, VPN_FORMAT_ECS, VPN_LANGUAGE_BOTH);
	char *raw = calloc(1, 64 * 1024), bytes[601];
	struct vpn_line ln = unit_line("");
	struct vpn_event ev;
	size_t most = 0;
	char *at = raw + sprintf(raw, "IPSEC/4/IPSECNEGOFAIL:X (Reason=x");

	memset(bytes, 1, sizeof(bytes) - 1);
	bytes[sizeof(bytes) - 1] = '\0';
	for (size_t i = 0; i < vendor->nkeys; i++)
		at += sprintf(at, ", %s=%s", vendor->keys[i].name.at, bytes);
	ln.raw = vpn_text(raw);
	ln.host = ln.device = vpn_text(bytes);
	assert_true(vpn_recognise(*state, &ln, &ev));
	for (size_t i = 0; i < vpn_rules_codes(*state); i++) {
		size_t len;

		ev.code = ev.policy = vpn_rules_code(*state, i);
		len = vpn_render_event(render, &ev, out, sizeof(out));
		assert_true(len > 0);
		most = len > most ? len : most;
	}
	print_message("largest event: %zu of %d bytes\n", most, VPN_EVENT_MAX);
	free(raw);
	vpn_render_free(render);
}

/* However long a name the collector hands over. */
static void
test_long_host(void **state)
{
	struct vpn_line ln =
	    unit_line("<188>IPSEC/4/IPSECNEGOFAIL:X (Reason=dpd timeout)");

	ln.host = ln.ip = ln.device = unit_fill(1, 64 * 1024);
	fjson_object_put(parse(render(state, &ln, VPN_LANGUAGE_BOTH)));
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
	    cmocka_unit_test(test_small),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_worst),
	    cmocka_unit_test(test_long_host),
	    cmocka_unit_test(test_languages),
	    cmocka_unit_test(test_sentence),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 * Tests that are the same in each format: who includes this defines FORMAT. */
#ifndef RENDERED_H
#define RENDERED_H

#include "unit.h"

#include <errno.h>
#include <iconv.h>
#include <libfastjson/json.h>
#include <libfastjson/json_tokener.h>

#include "vpn/render.h"

#define SLACK 64 /* bytes by which the writer may ask for more than it fills */

#define RENDER_BOTH(rules) vpn_render_new(rules, FORMAT, VPN_LANGUAGE_BOTH, NULL)

static char out[VPN_EVENT_MAX];

/* iconv is strict: no overlong form, no surrogate. */
static bool
is_utf8(char *text, size_t len)
{
	iconv_t cd = iconv_open("UCS-4LE", "UTF-8");
	bool good = cd != (iconv_t)-1;

	while (good && len > 0) {
		char sink[8192], *to = sink;
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

/* Member "a.0.c" as text; of a list, its JSON. */
static const char *
get(struct fjson_object *root, const char *path)
{
	char name[64];
	struct fjson_object *value = root;

	while (value && *path) {
		size_t n = strcspn(path, ".");
		struct fjson_object *next = NULL;

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		if (fjson_object_is_type(value, fjson_type_array))
			next = fjson_object_array_get_idx(value, atoi(name));
		else
			fjson_object_object_get_ex(value, name, &next);
		value = next;
		path += n + (path[n] == '.');
	}
	return value ? fjson_object_get_string(value) : NULL;
}

static size_t
render(void **state, const struct vpn_line *ln, enum vpn_language language)
{
	struct vpn_render *render = vpn_render_new(*state, FORMAT, language, NULL);
	struct vpn_event ev;
	size_t len;

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
has(const char *row, struct fjson_object *root, const struct member *members, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = get(root, members[i].path);

		if ((got == NULL) != (members[i].value == NULL) ||
		    (got && strcmp(got, members[i].value) != 0))
			fail_msg("%s\n  %s: %s instead of %s", row, members[i].path,
			    got ? got : "absent",
			    members[i].value ? members[i].value : "absent");
	}
	fjson_object_put(root);
}

static void
check(void **state, const struct vpn_line *ln, const struct member *members, size_t n)
{
	has(ln->raw.at, parse(render(state, ln, VPN_LANGUAGE_EN)), members, n);
}

/* Too small is 0, and nothing behind the buffer is written. */
static void
test_small(void **state)
{
	struct vpn_render *render = RENDER_BOTH(*state);
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
		memset(out, '#', need + SLACK);
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
	struct vpn_render *render = RENDER_BOTH(*state);
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
		ev.code = ev.policy = vpn_rules_code(*state, i);
		size_t len = vpn_render_event(render, &ev, out, sizeof(out));

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

#define RENDERED_TESTS                                                \
	cmocka_unit_test(test_small), cmocka_unit_test(test_hostile), \
	    cmocka_unit_test(test_worst), cmocka_unit_test(test_long_host)

#endif

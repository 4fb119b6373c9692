/* SPDX-License-Identifier: Apache-2.0
 * An alert whose every text a stranger wrote: what of it reaches a pager. */
#include "unit.h"

#include <libfastjson/json.h>
#include <libfastjson/json_tokener.h>

#include "core/chars.h"
#include "vpn/page.h"

#define NAME_MAX_LEN 255 /* bytes of a name that the engine keeps */
#define LINE_MAX_LEN 512

static char buf[VPN_PAGE_MAX];

/* Escape sequences of terminals, marks of direction, templates, markup, quotes. */
static const char *const attacks[] = {
    "\x1b[2J\x1b]52;c;eA==\x07",
    "\xc2\x9b"
    "2J\xc2\x9d"
    "0;x\xc2\x9c",
    "\xe2\x80\xaegnp.exe\xe2\x81\xa6\xe2\x80\x8f",
    "\x9b\xff\xc0\xaf\xed\xa0\x80",
    "a\r\nb\x7f\x08\xe2\x80\xa8",
    "{{ .Labels }} {{ template \"x\" }} ${x} %s%n",
    "\"},\"severity\":\"critical\",\"x\":{\"",
    "</script><script>alert(1)</script>'><img src=x onerror=y>",
    "\\u202e\\\"\\",
};

static struct vpn_text
fill(char *to, const char *attack, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = attack[i % strlen(attack)];
	return (struct vpn_text){to, len};
}

static void
is_shown_safely(const char *what, struct vpn_text text, bool lines)
{
	for (size_t n; text.len > 0; text.at += n, text.len -= n) {
		n = vpn_char_len(text);
		if (n == 0 || (vpn_char_unsafe(text) && !(lines && *text.at == '\n')))
			fail_msg("%s: byte 0x%02x reaches a pager", what,
			    (unsigned char)*text.at);
	}
}

/* Every string of the object, once it is read. */
static void
strings_are_safe(const char *what, struct vpn_text json, size_t members)
{
	struct fjson_tokener *tokener = fjson_tokener_new();
	struct fjson_object *root;
	struct fjson_object_iterator it, end;
	size_t n = 0;

	fjson_tokener_set_flags(tokener, FJSON_TOKENER_STRICT);
	root = fjson_tokener_parse_ex(tokener, json.at, (int)json.len);
	fjson_tokener_free(tokener);
	if (root == NULL)
		fail_msg("%s is not JSON: %.*s", what, (int)json.len, json.at);
	it = fjson_object_iter_begin(root);
	end = fjson_object_iter_end(root);
	for (; !fjson_object_iter_equal(&it, &end); fjson_object_iter_next(&it), n++) {
		struct fjson_object *value = fjson_object_iter_peek_value(&it);

		is_shown_safely(fjson_object_iter_peek_name(&it),
		    (struct vpn_text){fjson_object_get_string(value),
			(size_t)fjson_object_get_string_len(value)},
		    true);
	}
	if (members > 0)
		unit_number(what, "members", (int64_t)n, (int64_t)members);
	fjson_object_put(root);
}

static void
write_page(
    const struct vpn_render *render, enum vpn_alarm_kind kind, const char *attack)
{
	static char names[13][NAME_MAX_LEN], lines[2][LINE_MAX_LEN];
	struct vpn_alarm alarm = {.kind = kind,
	    .start_ms = UNIT_NOW,
	    .opened_ms = UNIT_NOW,
	    .ntop = VPN_TOP_PEERS};
	struct vpn_text *const texts[] = {&alarm.subject, &alarm.tunnel, &alarm.device,
	    &alarm.local, &alarm.peer, &alarm.interface, &alarm.connection,
	    &alarm.moved_to, &alarm.top[0].peer, &alarm.top[1].peer, &alarm.top[2].peer,
	    &alarm.top[3].peer, &alarm.top[4].peer};
	struct vpn_page page;

	for (size_t i = 0; i < COUNT(texts); i++)
		*texts[i] = fill(names[i], attack, NAME_MAX_LEN);
	for (size_t i = 0; i < 2; i++)
		alarm.lines[i] = fill(lines[i], attack, LINE_MAX_LEN);
	assert_true(vpn_page_write(render, &alarm, &page, buf, sizeof(buf)));
	is_shown_safely("summary", page.summary, false);
	is_shown_safely("source", page.source, false);
	is_shown_safely("key", page.key, false);
	assert_true(page.key.len <= NAME_MAX_LEN);
	/* alertname, severity, and what it is about */
	strings_are_safe("labels", page.labels, 3);
	strings_are_safe("annotations", page.annotations, 0);
	strings_are_safe("record", page.record, 0);
}

static void
test_what_a_pager_shows(void **state)
{
	struct vpn_render *render =
	    vpn_render_new(*state, VPN_FORMAT_ECS, VPN_LANGUAGE_BOTH, NULL);

	for (size_t i = 0; i < COUNT(attacks); i++)
		for (int kind = VPN_ALARM_DOWN; kind < VPN_ALARM_COUNT; kind++)
			write_page(render, (enum vpn_alarm_kind)kind, attacks[i]);
	vpn_render_free(render);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_a_pager_shows),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

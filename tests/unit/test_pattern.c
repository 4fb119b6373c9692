/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "core/pattern.h"

#define NONE VPN_FIELD_COUNT

struct row {
	const char *pattern, *text;
	long matched; /* -1: does not */
	enum vpn_field field;
	const char *value;
};

static const struct row rows[] = {
    /* literals */
    {"AUTH_FAILED", "AUTH_FAILED", 11, NONE, NULL},
    {"AUTH_FAILED", "AUTH_FAILED,CRV1", 11, NONE, NULL},
    {"AUTH_FAILED", "AUTH_FAILE", -1, NONE, NULL},
    {"AUTH_FAILED", "auth_failed", -1, NONE, NULL},
    {"AUTH_FAILED", "", -1, NONE, NULL},
    {"100%% of %peer:ip%", "100% of 203.0.113.9", 19, VPN_PEER, "203.0.113.9"},
    {"%%%peer:ip%%%", "%203.0.113.9%", 13, VPN_PEER, "203.0.113.9"},
    {"%%", "%", 1, NONE, NULL},
    {"%%%%", "%%", 2, NONE, NULL},
    /* ip */
    {"to %peer:ip%", "to 203.0.113.9", 14, VPN_PEER, "203.0.113.9"},
    {"to %peer:ip% x", "to 2001:db8::7 x", 16, VPN_PEER, "2001:db8::7"},
    {"[%peer:ip%]:%peer_port:number%", "[2001:db8::7]:500", 17, VPN_PEER,
	"2001:db8::7"},
    {"%peer:ip%:%peer_port:number% ", "203.0.113.9:443 x", 16, VPN_PEER_PORT, "443"},
    {"%peer:ip%:%peer_port:number% ", "2001:db8::7:443 x", 16, VPN_PEER, "2001:db8::7"},
    {"%peer:ip%:%peer_port:number% ", "203.0.113.9 x", -1, NONE, NULL},
    {"%peer:ip%", "xx.xx.xx.xx", -1, NONE, NULL},
    {"%peer:ip%", "256.0.0.1", -1, NONE, NULL},
    {"%peer:ip%", "", -1, NONE, NULL},
    /* address: masked ones too */
    {"[%local:address%] ", "[xx.xx.xx.xx] IPSec", 14, VPN_LOCAL, "xx.xx.xx.xx"},
    {"[%local:address%] ", "[198.51.100.20] IPSec", 16, VPN_LOCAL, "198.51.100.20"},
    {"[%local:address%] ", "[info] IPSec", -1, NONE, NULL},
    {"[%local:address%] ", "[] IPSec", -1, NONE, NULL},
    {"[AF_INET] %peer:address%:%-:word% f", "[AF_INET] *.*.*.*:**** f", 24, VPN_PEER,
	"*.*.*.*"},
    /* number */
    {"port %peer_port:number%!", "port 4500!", 10, VPN_PEER_PORT, "4500"},
    {"port %peer_port:number%!", "port !", -1, NONE, NULL},
    {"port %peer_port:number%!", "port -1!", -1, NONE, NULL},
    {"port %peer_port:number%", "port 4500x", 9, VPN_PEER_PORT, "4500"},
    /* word: to a blank, or the literal */
    {"user %user:word% in", "user bob in", 11, VPN_USER, "bob"},
    {"user %user:word% in", "user bob\tin", -1, NONE, NULL},
    {"user %user:word%", "user bob", 8, VPN_USER, "bob"},
    {"user %user:word%", "user bob in", 8, VPN_USER, "bob"},
    {"user %user:word%", "user ", -1, NONE, NULL},
    {"%user:word%/%peer:ip%", "bob/203.0.113.9", 15, VPN_USER, "bob"},
    {"%user:word%/%peer:ip%", "/203.0.113.9", -1, NONE, NULL},
    {"%user:word%/%peer:ip%", "bo b/203.0.113.9", -1, NONE, NULL},
    {"%-:word%ed%peer:rest%", "failed now", 10, VPN_PEER, " now"},
    /* text: to the literal, or all */
    {"[%user:text%]: end", "[a b, c]: end", 13, VPN_USER, "a b, c"},
    {"[%user:text%]: end", "[]: end", 7, VPN_USER, ""},
    {"[%user:text%]: end", "[a b", -1, NONE, NULL},
    {"[%user:text%]x", "[a]b]x", 6, VPN_USER, "a]b"},
    {"in %detail:text%", "in all of this", 14, VPN_DETAIL, "all of this"},
    /* rest */
    {"file %detail:rest%", "file [[INLINE]] (no)", 20, VPN_DETAIL, "[[INLINE]] (no)"},
    {"file %detail:rest%", "file ", 5, VPN_DETAIL, ""},
    /* not kept */
    {"%-:text%Name:X%detail:rest%", "Fatal Name:X y", 14, VPN_DETAIL, " y"},
    /* the last of two holes of one field is kept */
    {"%peer:ip% %peer:ip%", "192.0.2.1 192.0.2.2", 19, VPN_PEER, "192.0.2.2"},
    /* no hole at all */
    {"", "anything", 0, NONE, NULL},
};

static const struct {
	const char *pattern, *wrong;
} mistakes[] = {
    {"to %peer:ip", "not closed"},
    {"%", "not closed"},
    {"100%", "not closed"},
    {"%%%", "not closed"},
    {"%peer%", "%field:type%"},
    {"% of %", "%field:type%"},
    {"%nobody:ip%", "field that does not exist"},
    {"%:ip%", "field that does not exist"},
    {"%Peer:ip%", "field that does not exist"},
    {"%peer:nope%", "type of a hole"},
    {"%peer:%", "type of a hole"},
    {"%peer:IP%", "type of a hole"},
    {"%peer:ip:x%", "type of a hole"},
    {"%-:%", "type of a hole"},
    {"ok %peer:ip% then %user%", "%field:type%"},
};

/* An arena lives in rules. */
static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct vpn_rules));
	return *state ? 0 : -1;
}

static struct vpn_pattern
compiled(void **state, const char *text)
{
	struct vpn_rules *rules = *state;
	struct vpn_pattern pattern = {.whole = false};
	const char *wrong =
	    vpn_pattern_compile(&pattern, &rules->arena, unit_guard(vpn_text(text)));

	if (wrong)
		fail_msg("%s\n  %s", text, wrong);
	return pattern;
}

static void
test_match(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct vpn_pattern pattern = compiled(state, row->pattern);
		struct vpn_text fields[VPN_FIELD_COUNT] = {{NULL, 0}};
		struct vpn_text text = unit_guard(vpn_text(row->text));

		unit_number(row->pattern, row->text,
		    vpn_pattern_match(&pattern, text, fields), row->matched);
		if (row->field == NONE)
			continue;
		unit_same(row->pattern, row->text, fields[row->field], row->value);
		assert_non_null(fields[row->field].at);
	}
}

static void
test_kept(void **state)
{
	struct vpn_pattern pattern = compiled(state, "%-:ip% %-:word% %-:rest%");
	struct vpn_text fields[VPN_FIELD_COUNT] = {{NULL, 0}};

	assert_int_equal(
	    vpn_pattern_match(&pattern, VPN_TEXT("192.0.2.1 a b"), fields), 13);
	for (size_t i = 0; i < VPN_FIELD_COUNT; i++)
		assert_null(fields[i].at);
}

static void
test_mistakes(void **state)
{
	struct vpn_rules *rules = *state;
	struct vpn_pattern pattern;

	for (size_t i = 0; i < COUNT(mistakes); i++) {
		const char *wrong = vpn_pattern_compile(
		    &pattern, &rules->arena, unit_guard(vpn_text(mistakes[i].pattern)));

		if (wrong == NULL || strstr(wrong, mistakes[i].wrong) == NULL)
			fail_msg("%s\n  says '%s' instead of '%s'", mistakes[i].pattern,
			    wrong ? wrong : "nothing", mistakes[i].wrong);
	}
}

/* Any text, cut anywhere, is matched within its bounds. */
static void
test_bounds(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vpn_pattern pattern = compiled(state, rows[i].pattern);
		struct vpn_text fields[VPN_FIELD_COUNT];

		for (size_t n = 0; n <= strlen(rows[i].text); n++)
			assert_true(vpn_pattern_match(&pattern,
					unit_guard((struct vpn_text){rows[i].text, n}),
					fields) <= (long)n);
		for (int byte = 0; byte < 256; byte++)
			assert_true(
			    vpn_pattern_match(&pattern,
				unit_fill((unsigned char)byte, 999), fields) <= 999);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_kept),
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, setup, unit_teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "core/json.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */
#define CANARY '#'

static char buffer[4096];

static struct vpn_text
escaped(struct vpn_text text)
{
	struct vpn_json js = {buffer, buffer + sizeof(buffer), false, false};

	vpn_json_escape(&js, unit_guard(text));
	assert_false(js.full);
	return (struct vpn_text){buffer, (size_t)(js.at - buffer)};
}

/* What one byte alone has to become. */
static void
expected(int byte, char out[8])
{
	if (byte == '"' || byte == '\\')
		sprintf(out, "\\%c", byte);
	else if (byte < 0x20 || byte == 0x7f)
		sprintf(out, "\\u%04x", (unsigned)byte);
	else if (byte < 0x80)
		sprintf(out, "%c", byte);
	else
		strcpy(out, BAD);
}

static void
test_bytes(void **state)
{
	char c, want[8];

	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		c = (char)byte;
		expected(byte, want);
		unit_same("byte", want, escaped((struct vpn_text){&c, 1}), want);
	}
}

/* At every place of a longer text, too. */
static void
test_places(void **state)
{
	char text[40], want[64], one[8];

	(void)state;
	for (int byte = 0; byte < 256; byte++)
		for (size_t n = 1; n < sizeof(text); n += 3)
			for (size_t i = 0; i < n; i++) {
				memset(text, 'x', n);
				text[i] = (char)byte;
				expected(byte, one);
				memset(want, 'x', sizeof(want));
				memcpy(want + i, one, strlen(one));
				want[n - 1 + strlen(one)] = '\0';
				unit_same("place", one,
				    escaped((struct vpn_text){text, n}), want);
			}
}

static void
test_utf8(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    /* whole characters, at the edges of each length */
	    {"\xc2\xa0", "\xc2\xa0"},
	    {"\xdf\xbf", "\xdf\xbf"},
	    {"\xe0\xa0\x80", "\xe0\xa0\x80"},
	    {"\xef\xbf\xbf", "\xef\xbf\xbf"},
	    {"\xed\x9f\xbf", "\xed\x9f\xbf"},
	    {"\xee\x80\x80", "\xee\x80\x80"},
	    {"\xf0\x90\x80\x80", "\xf0\x90\x80\x80"},
	    {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
	    {"\xe9\x9a\xa7\xe9\x81\x93", "\xe9\x9a\xa7\xe9\x81\x93"},
	    {"a\xe9\x9a\xa7z", "a\xe9\x9a\xa7z"},
	    /* overlong */
	    {"\xc0\xaf", BAD BAD},
	    {"\xc0\x80", BAD BAD},
	    {"\xc1\xbf", BAD BAD},
	    {"\xe0\x80\xaf", BAD BAD BAD},
	    {"\xe0\x9f\xbf", BAD BAD BAD},
	    {"\xf0\x80\x80\xaf", BAD BAD BAD BAD},
	    {"\xf0\x8f\xbf\xbf", BAD BAD BAD BAD},
	    /* surrogates; past the last character */
	    {"\xed\xa0\x80", BAD BAD BAD},
	    {"\xed\xbf\xbf", BAD BAD BAD},
	    {"\xed\xa0\xbd\xed\xb8\x80", BAD BAD BAD BAD BAD BAD},
	    {"\xf4\x90\x80\x80", BAD BAD BAD BAD},
	    {"\xf5\x80\x80\x80", BAD BAD BAD BAD},
	    {"\xf8\x88\x80\x80\x80", BAD BAD BAD BAD BAD},
	    /* cut, or without a start */
	    {"\xc2", BAD},
	    {"\xe9\x9a", BAD BAD},
	    {"\xf0\x9f\x98", BAD BAD BAD},
	    {"\xe9", BAD},
	    {"\xe9\x9a.", BAD BAD "."},
	    {"\xc2\"", BAD "\\\""},
	    {"\xf0\x9f\x98x", BAD BAD BAD "x"},
	    {"\x80", BAD},
	    {"\xbf\xbf", BAD BAD},
	    {"\xc2\xc2\xa0", BAD "\xc2\xa0"},
	    {"\xe9\xe9\x9a\xa7", BAD "\xe9\x9a\xa7"},
	    /* other encodings: GBK, Latin-1, UTF-16's mark */
	    {"\xcb\xed\xb5\xc0", BAD BAD BAD BAD},
	    {"caf\xe9", "caf" BAD},
	    {"\xff\xfe"
	     "a",
		BAD BAD "a"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		unit_same("utf8", rows[i].want, escaped(vpn_text(rows[i].text)),
		    rows[i].want);
}

/* What commands a terminal, or turns what follows, is spelled out. */
static void
test_unsafe(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"\xc2\x80", "\\u0080"},
	    {"\xc2\x9b"
	     "2J",
		"\\u009b2J"},
	    {"\xc2\x9f", "\\u009f"},
	    {"\xd8\x9c", "\\u061c"},
	    {"\xe2\x80\x8e\xe2\x80\x8f", "\\u200e\\u200f"},
	    {"\xe2\x80\xa8\xe2\x80\xae", "\\u2028\\u202e"},
	    {"\xe2\x81\xa6\xe2\x81\xa9", "\\u2066\\u2069"},
	    {"\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x80\xa7\xe2\x80\xaf"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		unit_same("unsafe", rows[i].want, escaped(vpn_text(rows[i].text)),
		    rows[i].want);
}

static bool
is_unsafe(unsigned c)
{
	return c < 0xa0 || c == 0x61c || c == 0x200e || c == 0x200f ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Every character that may be shown stands for itself; every other value does not. */
static void
test_all_characters(void **state)
{
	(void)state;
	for (unsigned c = 0x80; c < 0x120000; c += c < 0x3000 ? 1 : 7) {
		char text[4];
		size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		bool real = c < 0x110000 && (c < 0xd800 || c > 0xdfff) && !is_unsafe(c);
		struct vpn_text got;

		for (size_t i = n - 1; i > 0; i--)
			text[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
		text[0] = (char)((n == 2          ? 0xc0
					 : n == 3 ? 0xe0
						  : 0xf0) |
		    c >> 6 * (n - 1));
		got = escaped((struct vpn_text){text, n});
		if (vpn_text_same(got, (struct vpn_text){text, n}) != real)
			fail_msg("U+%04X is treated wrongly", c);
	}
}

static void
sample(struct vpn_json *js)
{
	vpn_json_open(js, NULL, '{');
	vpn_json_text(js, "text", VPN_TEXT("a\"b\\c\x01\xff\xe9\x9a\xa7"));
	vpn_json_some(js, "none", (struct vpn_text){NULL, 0});
	vpn_json_some(js, "some", VPN_TEXT("x"));
	vpn_json_number(js, "zero", 0);
	vpn_json_number(js, "least", INT64_MIN);
	vpn_json_number(js, "most", INT64_MAX);
	vpn_json_null(js, "null");
	vpn_json_open(js, "list", '[');
	vpn_json_text(js, NULL, VPN_TEXT("1"));
	vpn_json_open(js, NULL, '{');
	vpn_json_close(js, '}');
	vpn_json_number(js, NULL, -7);
	vpn_json_close(js, ']');
	vpn_json_quote(js, "parts");
	vpn_json_escape(js, VPN_TEXT("a\n"));
	vpn_json_escape(js, VPN_TEXT("b"));
	vpn_json_raw(js, VPN_TEXT("\""));
	vpn_json_open(js, "empty", '[');
	vpn_json_close(js, ']');
	vpn_json_close(js, '}');
}

static const char sampled[] =
    "{\"text\":\"a\\\"b\\\\c\\u0001" BAD "\xe9\x9a\xa7\",\"some\":\"x\",\"zero\":0,"
    "\"least\":-9223372036854775808,\"most\":9223372036854775807,\"null\":null,"
    "\"list\":[\"1\",{},-7],\"parts\":\"a\\u000ab\",\"empty\":[]}";

static void
test_members(void **state)
{
	struct vpn_json js = {buffer, buffer + sizeof(buffer), false, false};

	(void)state;
	sample(&js);
	assert_false(js.full);
	unit_same("sample", "json", (struct vpn_text){buffer, (size_t)(js.at - buffer)},
	    sampled);
}

/* At every size that is too small: full, and not a byte past the end. */
static void
test_small(void **state)
{
	(void)state;
	for (size_t cap = 0; cap < sizeof(sampled) - 1; cap++) {
		struct vpn_json js = {buffer, buffer + cap, false, false};

		memset(buffer, CANARY, sizeof(buffer));
		sample(&js);
		if (!js.full)
			fail_msg("%zu bytes are called enough", cap);
		assert_true(js.at >= buffer && js.at <= buffer + cap);
		for (size_t i = cap; i < sizeof(sampled) + 64; i++)
			assert_int_equal(buffer[i], CANARY);
	}
}

static void
test_small_text(void **state)
{
	static const struct vpn_text texts[] = {
	    VPN_TEXT("abcdefghijklmnopqrst"),
	    VPN_TEXT("\"\"\"\"\"\""),
	    VPN_TEXT("\x01\x02\x03"),
	    VPN_TEXT("\xff\xff\xff"),
	    VPN_TEXT("\xe9\x9a\xa7\xe9\x81\x93"),
	    VPN_TEXT("abcdefg\x7fhij"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		size_t need = escaped(texts[i]).len;

		for (size_t cap = 0; cap <= need; cap++) {
			struct vpn_json js = {buffer, buffer + cap, false, false};

			memset(buffer, CANARY, sizeof(buffer));
			vpn_json_escape(&js, texts[i]);
			assert_int_equal(js.full, cap < need);
			for (size_t j = cap; j < cap + 64; j++)
				assert_int_equal(buffer[j], CANARY);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_unsafe),
	    cmocka_unit_test(test_all_characters),
	    cmocka_unit_test(test_members),
	    cmocka_unit_test(test_small),
	    cmocka_unit_test(test_small_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

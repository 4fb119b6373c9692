/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "core/address.h"

static const struct {
	struct vpn_text text;
	bool ip, address;
} rows[] = {
    {VPN_TEXT("203.0.113.9"), true, true},
    {VPN_TEXT("0.0.0.0"), true, true},
    {VPN_TEXT("255.255.255.255"), true, true},
    {VPN_TEXT("::"), true, true},
    {VPN_TEXT("::1"), true, true},
    {VPN_TEXT("2001:db8::1"), true, true},
    {VPN_TEXT("2001:DB8:0:1:2:3:4:5"), true, true},
    {VPN_TEXT("::ffff:203.0.113.9"), true, true},
    {VPN_TEXT("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"), true, true},
    /* as public samples mask them */
    {VPN_TEXT("xx.xx.xx.xx"), false, true},
    {VPN_TEXT("x.x.x.x"), false, true},
    {VPN_TEXT("10.*.*.*"), false, true},
    {VPN_TEXT("*.*.*.*"), false, true},
    {VPN_TEXT("2001:db8:xx::x"), false, true},
    {VPN_TEXT("256.1.1.1"), false, true},
    {VPN_TEXT("1.2.3"), false, true},
    {VPN_TEXT("1:2:3:4:5:6:7:8:9"), false, true},
    /* neither */
    {VPN_TEXT(""), false, false},
    {VPN_TEXT("1"), false, false},
    {VPN_TEXT("."), false, false},
    {VPN_TEXT("1.2"), false, false},
    {VPN_TEXT("12345"), false, false},
    {VPN_TEXT("abc"), false, false},
    {VPN_TEXT("vpn.example.net"), false, false},
    {VPN_TEXT("203.0.113.9 "), false, false},
    {VPN_TEXT(" 203.0.113.9"), false, false},
    {VPN_TEXT("203.0.113.9/32"), false, false},
    {VPN_TEXT("203.0.113.9\0"), false, false},
    {VPN_TEXT("203.0.113.9\0x"), false, false},
    {VPN_TEXT("\0\0\0"), false, false},
    {VPN_TEXT("fe80::1%eth0"), false, false},
    {VPN_TEXT("[2001:db8::1]"), false, false},
    {VPN_TEXT("203.0.113.\xff"), false, false},
    {VPN_TEXT("0000:0000:0000:0000:0000:0000:0000:0000:0000:0"), false, false},
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vpn_text text = unit_guard(rows[i].text);

		unit_number(rows[i].text.at, "ip", vpn_is_ip(text), rows[i].ip);
		unit_number(
		    rows[i].text.at, "address", vpn_is_address(text), rows[i].address);
	}
	assert_false(vpn_is_ip((struct vpn_text){NULL, 0}));
	assert_false(vpn_is_address((struct vpn_text){NULL, 0}));
}

static void
test_long(void **state)
{
	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		struct vpn_text text = unit_fill((unsigned char)byte, 64 * 1024);

		assert_false(vpn_is_ip(text));
		assert_false(vpn_is_address(text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

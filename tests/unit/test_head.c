/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "core/front.h"

struct row {
	const char *raw;
	int pri;
	const char *word, *tag, *time, *host, *body;
};

static const struct row rows[] = {
    /* VRP, with and without its mark; all the times */
    {"<188>Nov  2 2026 05:13:29+08:00 HQ-USG6000 IPSEC/4/IPSECNEGOFAIL:OID 1.3 IPSec",
	188, "IPSEC", "IPSEC/4/IPSECNEGOFAIL", "Nov  2 2026 05:13:29+08:00",
	"HQ-USG6000", "OID 1.3 IPSec"},
    {"<189>Mar 26 2022 17:06:48+03:00 DST FW_1.a "
     "%%01IPSEC/5/IPSEC_TUNNEL_TEARED_DOWN(l)"
     "[7]:An IPSec",
	189, "IPSEC", "IPSEC/5/IPSEC_TUNNEL_TEARED_DOWN(l)[7]",
	"Mar 26 2022 17:06:48+03:00 DST", "FW_1.a", "An IPSec"},
    {"Jul 26 2018 09:09:33 AR1 %%01IPSEC-VPN/4/A(l)[123][Slot=1/1]:text", -1,
	"IPSEC-VPN", "IPSEC-VPN/4/A(l)[123][Slot=1/1]", "Jul 26 2018 09:09:33", "AR1",
	"text"},
    {"Jul 26 2018 09:09:33 AR1 %%01IKE/4/A(l)[Slot=1,Vcpu=0]: text", -1, "IKE",
	"IKE/4/A(l)[Slot=1,Vcpu=0]", "Jul 26 2018 09:09:33", "AR1", "text"},
    {"2018-7-23 01:00:34.270.1 AC6805 %%01IKE/4/X(s):t", -1, "IKE", "IKE/4/X(s)",
	"2018-7-23 01:00:34.270.1", "AC6805", "t"},
    {"<188>2026/11/5 20:52:56 AC6805-1 IPSEC-VPN/4/IPSECTUNNELSTART:OID", 188,
	"IPSEC-VPN", "IPSEC-VPN/4/IPSECTUNNELSTART", "2026/11/5 20:52:56", "AC6805-1",
	"OID"},
    {"#Jun  6 2023 13:53:05 USG IPSTRAP/4/THREATTRAP:OID", -1, "IPSTRAP",
	"IPSTRAP/4/THREATTRAP", "Jun  6 2023 13:53:05", "USG", "OID"},
    {"<188>Nov  2 2026 05:13:29 AR %%01IPSEC/4/hwIPSecNegoFail(t):CID=0x80-OID=1;IPSec",
	188, "IPSEC", "IPSEC/4/hwIPSecNegoFail(t)", "Nov  2 2026 05:13:29", "AR",
	"CID=0x80-OID=1;IPSec"},
    /* a flag set apart; the mark printed apart; a quoted host */
    {"Nov  2 2026 05:13:29 AC %%01UM/4/hwAllocUserIPFailAlarm (t):OID", -1, "UM",
	"UM/4/hwAllocUserIPFailAlarm (t)", "Nov  2 2026 05:13:29", "AC", "OID"},
    {"Nov  2 2026 05:13:29 AC %% 01 IPSEC/4/X(l):t", -1, "IPSEC", "IPSEC/4/X(l)",
	"Nov  2 2026 05:13:29", "AC", "t"},
    {"<190>Nov  2 2026 05:13:29 \"HUAWEI\" %%01IPSEC/4/X(l):t", 190, "IPSEC",
	"IPSEC/4/X(l)", "Nov  2 2026 05:13:29", "HUAWEI", "t"},
    /* H3C's look-alikes open with another word */
    {"<188>Nov  2 05:13:29 2026 H3C %%10IPSEC/4/IPSECNEGOFAIL: t", 188, "%%10IPSEC",
	"%%10IPSEC/4/IPSECNEGOFAIL", "Nov  2 05:13:29", "H3C", "t"},
    {"Nov  2 05:13:29 2026 H3C 10IPSEC/4/IPSECNEGOFAIL: t", -1, "10IPSEC",
	"10IPSEC/4/IPSECNEGOFAIL", "Nov  2 05:13:29", "H3C", "t"},
    /* a relay's header before the device's own: the last one speaks */
    {"Sep  9 11:56:41 10.123.169.1 2020-09-09 10:05:11 FW-OUT-01 %%01SHELL/5/X(s)[1]:t",
	-1, "SHELL", "SHELL/5/X(s)[1]", "2020-09-09 10:05:11", "FW-OUT-01", "t"},
    {"<13>Sep  9 11:56:41 relay Nov  2 2026 05:13:29 IPSEC/4/X:t", 13, "IPSEC",
	"IPSEC/4/X", "Nov  2 2026 05:13:29", "", "t"},
    /* names and addresses with colons */
    {"<188>Nov  2 2026 05:13:29 2001:db8::1 IPSEC/4/X:t", 188, "IPSEC", "IPSEC/4/X",
	"Nov  2 2026 05:13:29", "2001:db8::1", "t"},
    {"Nov  2 05:13:29 2001:db8:0:1:2:3:4:5 IPSEC/4/X:t", -1, "IPSEC", "IPSEC/4/X",
	"Nov  2 05:13:29", "2001:db8:0:1:2:3:4:5", "t"},
    {"Nov  2 05:13:29 dead:beef::1 sshd[1]: t", -1, "sshd", "sshd[1]",
	"Nov  2 05:13:29", "dead:beef::1", "t"},
    {"Nov  2 05:13:29 fe80::1 sshd: t", -1, "sshd", "sshd", "Nov  2 05:13:29",
	"fe80::1", "t"},
    {"Nov  2 05:13:29 ::1 sshd: t", -1, "sshd", "sshd", "Nov  2 05:13:29", "::1", "t"},
    {"Nov  2 05:13:29 192.0.2.1:514 sshd: t", -1, "sshd", "sshd", "Nov  2 05:13:29",
	"192.0.2.1:514", "t"},
    /* programs */
    {"2024-12-24T07:08:32.730275+00:00 host-10-0-0-1 ipsec_ike[30085]: [x] IPSec", -1,
	"ipsec_ike", "ipsec_ike[30085]", "2024-12-24T07:08:32.730275+00:00",
	"host-10-0-0-1", "[x] IPSec"},
    {"May 30 12:19:29 xxx ovpn-server[658]: xxx:42272 SENT", -1, "ovpn-server",
	"ovpn-server[658]", "May 30 12:19:29", "xxx", "xxx:42272 SENT"},
    {"ipsec_ike[1]: t", -1, "ipsec_ike", "ipsec_ike[1]", "", "", "t"},
    {"<30>May 30 12:19:29 gw sudo: #011 a : b", 30, "sudo", "sudo", "May 30 12:19:29",
	"gw", "a : b"},
    /* RFC 5424 */
    {"<189>1 2026-11-01T03:00:00.1Z FW1 ipsec_ike 30085 - - text: x", 189, "ipsec_ike",
	"ipsec_ike", "2026-11-01T03:00:00.1Z", "FW1", "text: x"},
    {"<189>1 2026-11-01T03:00:00Z FW1 ipsec_ike - ID47 [e@1 a=\"b\\]c: d\"][x@2 "
     "y=\"z\"] t",
	189, "ipsec_ike", "ipsec_ike", "2026-11-01T03:00:00Z", "FW1", "t"},
    {"<189>1 2026-11-01T03:00:00Z relay - - - - Nov  2 2026 05:13:29 HQ IPSEC/4/X:t",
	189, "IPSEC", "IPSEC/4/X", "Nov  2 2026 05:13:29", "HQ", "t"},
    {"<189>1 2026-11-01T03:00:00Z relay - - - [e@1 a=\"b\"] Nov  2 2026 05:13:29 HQ "
     "%%01IKE/4/X(l):t",
	189, "IKE", "IKE/4/X(l)", "Nov  2 2026 05:13:29", "HQ", "t"},
    {"<189>1 - FW1 ipsec_ike 1 - - t", 189, "ipsec_ike", "ipsec_ike", "", "FW1", "t"},
    /* a version without a priority is none */
    {"1 2026-11-01T03:00:00Z FW1 ipsec_ike 1 - - t", -1, "", "", "", "",
	"1 2026-11-01T03:00:00Z FW1 ipsec_ike 1 - - t"},
    /* no tag */
    {"Connection failed to establish within given time", -1, "", "", "", "",
	"Connection failed to establish within given time"},
    {"<13>Nov  2 05:13:29 host no colon here", 13, "", "", "", "",
	"Nov  2 05:13:29 host no colon here"},
    {"", -1, "", "", "", "", ""},
    {" ", -1, "", "", "", "", ""},
    {":", -1, "", "", "", "", ""},
    {"<", -1, "", "", "", "", "<"},
    {"<>", -1, "", "", "", "", "<>"},
    {"<1", -1, "", "", "", "", "<1"},
    {"<13", -1, "", "", "", "", "<13"},
    {"<13>", 13, "", "", "", "", ""},
    {"<0>", 0, "", "", "", "", ""},
    {"<191>x", 191, "", "", "", "", "x"},
    {"<192>x", -1, "", "", "", "", "<192>x"},
    {"<999>", -1, "", "", "", "", "<999>"},
    {"<0013>x", -1, "", "", "", "", "<0013>x"},
    {"<1a>x", -1, "", "", "", "", "<1a>x"},
    {"<189>1 ", 189, "", "", "", "", "1 "},
};

static void
check(const struct row *row)
{
	struct vpn_text raw = unit_guard(vpn_text(row->raw));
	struct vpn_head head;
	struct vpn_front front;

	vpn_head_find(raw, &head);
	unit_number(row->raw, "pri", head.pri, row->pri);
	unit_same(row->raw, "word", vpn_head_word(&head), row->word);
	unit_same(row->raw, "tag", head.tag, row->tag);
	unit_same(row->raw, "body", vpn_head_body(&head, raw), row->body);
	vpn_front_read(head.front, &front);
	unit_same(row->raw, "time", front.stamp.text, row->time);
	unit_same(row->raw, "host", front.host, row->host);
}

static void
test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i]);
}

/* RFC 5424: "-" stands for a name that is not known. */
static void
test_nil_host(void **state)
{
	static const struct row row = {
	    "<189>1 2026-11-01T03:00:00Z - ipsec_ike 1 - - t", 189, "ipsec_ike",
	    "ipsec_ike", "2026-11-01T03:00:00Z", "", "t"};

	(void)state;
	check(&row);
}

/* RFC 5424: UTF-8 text begins with a byte order mark. */
static void
test_byte_order_mark(void **state)
{
	static const struct row row = {"<189>1 2026-11-01T03:00:00Z FW1 openvpn 1 - - "
				       "\xef\xbb\xbf"
				       "AUTH_FAILED",
	    189, "openvpn", "openvpn", "2026-11-01T03:00:00Z", "FW1", "AUTH_FAILED"};

	(void)state;
	check(&row);
}

/* Two colons are an address only where the rest is one. */
static void
test_double_colon(void **state)
{
	static const struct row row = {"Nov  2 2026 05:13:29 HQ IPSEC/4/X:: t", -1,
	    "IPSEC", "IPSEC/4/X", "Nov  2 2026 05:13:29", "HQ", ": t"};

	(void)state;
	check(&row);
}

/* Whatever is found lies in the line. */
static void
check_inside(struct vpn_text raw)
{
	struct vpn_head head;
	struct vpn_stamp stamp;
	struct vpn_front front;
	struct vpn_text body;

	vpn_head_find(raw, &head);
	body = vpn_head_body(&head, raw);
	assert_true(unit_inside(raw, head.front));
	assert_true(unit_inside(raw, head.tag));
	assert_true(unit_inside(raw, body));
	assert_true(unit_inside(head.tag, vpn_head_word(&head)));
	vpn_front_read(head.front, &front);
	assert_true(unit_inside(head.front, front.stamp.text));
	assert_true(unit_inside(head.front, front.host));
	vpn_head_bare(&body, &stamp);
	assert_true(unit_inside(raw, body));
}

static void
test_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; n <= strlen(rows[i].raw); n++)
			check_inside(unit_guard((struct vpn_text){rows[i].raw, n}));
}

static void
test_one_byte(void **state)
{
	(void)state;
	for (int byte = 0; byte < 256; byte++)
		check_inside(unit_fill((unsigned char)byte, 64 * 1024));
}

/* The tag of a header full of bytes of one kind is too late to be one. */
static void
test_late_tag(void **state)
{
	struct vpn_head head;
	char raw[1024];

	(void)state;
	memset(raw, 'a', sizeof(raw));
	raw[900] = ' ';
	memcpy(raw + 901, "IPSEC/4/X:", 10);
	vpn_head_find((struct vpn_text){raw, sizeof(raw)}, &head);
	assert_int_equal(head.tag.len, 0);
}

static void
test_nul(void **state)
{
	static const char raw[] = "<13>\0\0 host\0 tag\0[1]:\0 body\0";
	struct vpn_head head;

	(void)state;
	check_inside(unit_guard((struct vpn_text){raw, sizeof(raw)}));
	vpn_head_find((struct vpn_text){raw, sizeof(raw)}, &head);
	assert_int_equal(head.pri, 13);
	assert_true(vpn_text_same(head.tag, VPN_TEXT("tag\0[1]")));
	assert_true(vpn_text_same(vpn_head_word(&head), VPN_TEXT("tag\0")));
	vpn_head_find((struct vpn_text){NULL, 0}, &head);
	assert_int_equal(head.tag.len, 0);
}

static void
test_bare(void **state)
{
	struct vpn_text body = VPN_TEXT("2018-11-07 00:03:43 us=340080 AUTH: Received");
	struct vpn_stamp stamp;

	(void)state;
	vpn_head_bare(&body, &stamp);
	unit_same("bare", "body", body, "AUTH: Received");
	unit_same("bare", "time", stamp.text, "2018-11-07 00:03:43 us=340080");
	vpn_head_bare(&body, &stamp);
	unit_same("bare", "body", body, "AUTH: Received");
	assert_int_equal(stamp.text.len, 0);
}

static void
test_trim(void **state)
{
	static const struct {
		const char *text, *start, *end;
	} cases[] = {
	    {"", "", ""},
	    {" \t", "", ""},
	    {" a ", "a ", " a"},
	    {"#011 #011a", "a", "#011 #011a"},
	    {"#01", "#01", "#01"},
	    {"a#015", "a#015", "a"},
	    {"a)#015#012", "a)#015#012", "a)"},
	    {"a #015 \r\n", "a #015 \r\n", "a"},
	    {"#015", "#015", ""},
	    {"a#000", "a#000", "a"},
	    {"a#040", "a#040", "a#040"},
	    {"a#01x", "a#01x", "a#01x"},
	    {"015", "015", "015"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vpn_text text = unit_guard(vpn_text(cases[i].text));

		unit_same(cases[i].text, "start", vpn_trim_start(text), cases[i].start);
		unit_same(cases[i].text, "end", vpn_trim_end(text), cases[i].end);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_nil_host),
	    cmocka_unit_test(test_byte_order_mark),
	    cmocka_unit_test(test_double_colon),
	    cmocka_unit_test(test_prefixes),
	    cmocka_unit_test(test_one_byte),
	    cmocka_unit_test(test_late_tag),
	    cmocka_unit_test(test_nul),
	    cmocka_unit_test(test_bare),
	    cmocka_unit_test(test_trim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

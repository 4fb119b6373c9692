/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "core/pairs.h"

#define ABSENT NULL

struct row {
	const char *list;
	enum vpn_field field;
	const char *value; /* ABSENT: no such key */
};

static const struct row rows[] = {
    /* plain and bracketed */
    {"PeerAddress=203.0.113.9, PeerPort=500", VPN_PEER, "203.0.113.9"},
    {"PeerAddress=203.0.113.9, PeerPort=500", VPN_PEER_PORT, "500"},
    {"IfIndex=[207], PolicyName=[], Reason=[version mismatch]", VPN_IF_INDEX, "207"},
    {"IfIndex=[207], PolicyName=[], Reason=[version mismatch]", VPN_REASON,
	"version mismatch"},
    {"PeerAddress=[2001:db8::7], PeerPort=[500]", VPN_PEER, "2001:db8::7"},
    {"Reason=[a], X=[b]", VPN_REASON, "a"},
    {"Reason=[a", VPN_REASON, "[a"},
    {"Reason=a]", VPN_REASON, "a]"},
    {"Reason=[[a]]", VPN_REASON, "[a]"},
    {"Reason=[", VPN_REASON, "["},
    /* empty */
    {"PolicyName=[], SeqNum=[0]", VPN_POLICY, ""},
    {"PolicyName=, SeqNum=0", VPN_POLICY, ""},
    {"PolicyName=, SeqNum=0", VPN_SEQUENCE, "0"},
    {"SeqNum=0, PolicyName=", VPN_POLICY, ""},
    {"SeqNum=0, PolicyName", VPN_POLICY, ABSENT},
    {"", VPN_REASON, ABSENT},
    {"Reason", VPN_REASON, ABSENT},
    {"=x, Reason=a", VPN_REASON, "a"},
    {", , Reason=a", VPN_REASON, "a"},
    /* blanks */
    {"Ifindex=6, SeqNum=1,TunnelIndex=33554432, RuleNum=5", VPN_TUNNEL_INDEX,
	"33554432"},
    {"Ifindex=6, SeqNum=1,TunnelIndex=33554432, RuleNum=5", VPN_SEQUENCE, "1"},
    {"  Reason= a ,  SeqNum=1", VPN_REASON, "a"},
    {"Reason=a, #011SeqNum=1", VPN_SEQUENCE, "1"},
    {"Reason =a", VPN_REASON, ABSENT},
    /* case of keys, not of values */
    {"IFINDEX=6", VPN_IF_INDEX, "6"},
    {"ifindex=6", VPN_IF_INDEX, "6"},
    {"Ifindex=6", VPN_IF_INDEX, "6"},
    {"REASON=Phase1 X", VPN_REASON, "Phase1 X"},
    /* keys nobody knows are left out, and end a value */
    {"CpuID=0, Reason=a, SlotID=11", VPN_REASON, "a"},
    {"Foo=1, Bar=[2], Reason=a", VPN_REASON, "a"},
    {"Reason=a, b=c", VPN_REASON, "a"},
    {"Reason=a, b c=d", VPN_REASON, "a, b c=d"},
    {"Reason=a, b, SeqNum=3", VPN_REASON, "a, b"},
    {"Reason=a, b, SeqNum=3", VPN_SEQUENCE, "3"},
    {"Reason=a=b, SeqNum=3", VPN_REASON, "a=b"},
    /* look-alikes of Reason */
    {"FailedReason=a, SubReason=b, CloseReason=c", VPN_REASON, ABSENT},
    {"FailedReason=a, Reason=b", VPN_REASON, "b"},
    {"SubReason=a, Reason=b", VPN_REASON, "b"},
    {"Reasons=a", VPN_REASON, ABSENT},
    {"Reaso=a", VPN_REASON, ABSENT},
    {"x Reason=a", VPN_REASON, ABSENT},
    {"Foo=Reason=a", VPN_REASON, ABSENT},
    /* doubled: the first one wins, empty as it may be */
    {"Reason=a, Reason=b", VPN_REASON, "a"},
    {"Reason=[a], REASON=[b]", VPN_REASON, "a"},
    {"Reason=, Reason=b", VPN_REASON, ""},
    {"PeerAddress=192.0.2.1, DstIP=192.0.2.2", VPN_PEER, "192.0.2.1"},
    {"OfflineReason=a, Reason=b", VPN_REASON, "a"},
    /* a wide value holds commas and "="; only a key of the vendor's ends it */
    {"FlowInfo=Source:10.1.0.0-10.1.0.255, Destination:10.2.0.0, Port:0, "
     "OfflineReason=dpd timeout",
	VPN_FLOW, "Source:10.1.0.0-10.1.0.255, Destination:10.2.0.0, Port:0"},
    {"FlowInfo=a, Source=1, Dest=2,c, OfflineReason=dpd timeout, X=1", VPN_FLOW,
	"a, Source=1, Dest=2,c"},
    {"FlowInfo=a, Source=1, Dest=2,c, OfflineReason=dpd timeout, X=1", VPN_REASON,
	"dpd timeout"},
    {"FlowInfo=a, b, c", VPN_FLOW, "a, b, c"},
    {"FlowInfo=[a, b=1], State=Backup", VPN_FLOW, "a, b=1"},
    {"FlowInfo=[a, b=1], State=Backup", VPN_UNIT_STATE, "Backup"},
    {"FlowInfo=, Reason=x", VPN_FLOW, ""},
};

/* The whole line: what may stand behind the list. */
static const struct {
	const char *end, *reason;
} tails[] = {
    {")", "dpd timeout"},
    {").", "dpd timeout"},
    {") ", "dpd timeout"},
    {")#015", "dpd timeout"},
    {").#015", "dpd timeout"},
    {")\r\n", "dpd timeout"},
    {")#015#012", "dpd timeout"},
    {") and so on", "dpd timeout"},
    {" )", "dpd timeout"},
    /* cut: whatever is there */
    {"", "dpd timeout"},
    {".", "dpd timeout"},
    {" (retry, X=", "dpd timeout (retry"},
    {" (retry), X=1", "dpd timeout (retry)"},
    /* a value with brackets of its own */
    {"])", "dpd timeout]"},
    {"))", "dpd timeout)"},
    {" (retry))", "dpd timeout (retry)"},
};

static void
test_rows(void **state)
{
	const struct vpn_vendor *vendor = unit_vendor(*state, "huawei");

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vpn_text fields[VPN_FIELD_COUNT] = {{NULL, 0}};
		struct vpn_text got;

		vpn_pairs_read(vendor, unit_guard(vpn_text(rows[i].list)), fields);
		got = fields[rows[i].field];
		unit_same(rows[i].list, "value", got, rows[i].value);
		unit_number(
		    rows[i].list, "is there", got.at != NULL, rows[i].value != ABSENT);
	}
}

static void
test_tails(void **state)
{
	char raw[256] = "";
	struct vpn_line ln = unit_line(raw);
	struct vpn_event ev;

	for (size_t i = 0; i < COUNT(tails); i++) {
		snprintf(raw, sizeof(raw),
		    "Nov  2 2026 05:13:29 HQ IPSEC/4/IPSECTUNNELSTOP:"
		    "The IPSec tunnel is deleted. (DstIP=203.0.113.9, Reason=dpd "
		    "timeout%s",
		    tails[i].end);
		ln.raw = unit_guard(vpn_text(raw));
		assert_true(vpn_recognise(*state, &ln, &ev));
		unit_same(raw, "reason", ev.field[VPN_REASON], tails[i].reason);
	}
}

static void
test_keys(void **state)
{
	const struct vpn_vendor *vendor = unit_vendor(*state, "huawei");

	assert_non_null(vpn_pairs_key(vendor, VPN_TEXT("PEERADDRESS")));
	assert_int_equal(
	    vpn_pairs_key(vendor, VPN_TEXT("offlinereason"))->field, VPN_REASON);
	assert_true(vpn_pairs_key(vendor, VPN_TEXT("FlowInfo"))->wide);
	assert_null(vpn_pairs_key(vendor, VPN_TEXT("")));
	assert_null(vpn_pairs_key(vendor, VPN_TEXT("peer")));
	assert_null(vpn_pairs_key(vendor, VPN_TEXT("reason\0")));
	for (size_t n = 1; n < 200; n++)
		assert_null(vpn_pairs_key(vendor, unit_fill('a', n)));
}

/* Any list, cut anywhere or of one byte, is read within its bounds and ends. */
static void
test_bounds(void **state)
{
	const struct vpn_vendor *vendor = unit_vendor(*state, "huawei");
	struct vpn_text fields[VPN_FIELD_COUNT], list;

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; n <= strlen(rows[i].list); n++) {
			memset(fields, 0, sizeof(fields));
			list = unit_guard((struct vpn_text){rows[i].list, n});
			vpn_pairs_read(vendor, list, fields);
			for (size_t j = 0; j < VPN_FIELD_COUNT; j++)
				assert_true(unit_inside(list, fields[j]));
		}
	for (int byte = 0; byte < 256; byte++) {
		memset(fields, 0, sizeof(fields));
		vpn_pairs_read(
		    vendor, unit_fill((unsigned char)byte, 64 * 1024), fields);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_tails),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#define FAIL(time, fields)                                                           \
	"<188>" time " HQ-1 IPSEC/4/IPSECNEGOFAIL:OID 1.3 IPSec tunnel negotiation " \
	"fails. (Ifindex=6, SeqNum=10, Reason=" fields ")"
#define BODY                                                                           \
	"IPSEC/4/IPSECTUNNELSTOP:The IPSec tunnel is deleted. (Ifindex=6, SeqNum=10, " \
	"DstIP=203.0.113.9, OfflineReason=dpd timeout)"

static struct vpn_event
event(void **state, const struct vpn_line *ln)
{
	struct vpn_event ev;

	if (!vpn_recognise(*state, ln, &ev))
		fail_msg("not recognised: %.*s", (int)ln->raw.len, ln->raw.at);
	assert_true(ev.tunnel_len < VPN_TUNNEL_ID_MAX);
	assert_int_equal(strlen(ev.tunnel), ev.tunnel_len);
	for (size_t i = 0; i < ev.tunnel_len; i++)
		assert_in_range(ev.tunnel[i], '!', '~');
	return ev;
}

static struct vpn_event
event_of(void **state, const char *raw)
{
	struct vpn_line ln = unit_line(raw);
	struct vpn_event ev = event(state, &ln);

	ev.line = NULL;
	return ev;
}

/* What is said of one tunnel has its id. */
static void
test_one_tunnel(void **state)
{
	static const char *const lines[] = {
	    FAIL("Nov  2 2026 05:13:29",
		"version mismatch, ReasonCode=5, "
		"PeerAddress=203.0.113.9, PeerPort=500, VsysName=public, ConnID=1"),
	    FAIL("2026-11-03 05:13:29",
		"dpd timeout, PeerAddress=203.0.113.9, "
		"PeerPort=4500, VsysName=public, InterfaceName=GE0, ConnID=2"),
	    "Nov  1 2026 00:00:00 HQ-1 IPSEC/4/IPSECTUNNELSTOP:The IPSec tunnel is "
	    "deleted. (Ifindex=6, SeqNum=10,TunnelIndex=33554432, RuleNum=5, "
	    "DstIP=203.0.113.9, RemotePort=4500, SrcIP=198.51.100.3, "
	    "FlowInfo=a, b=c, OfflineReason=dpd timeout, SlotID=11)",
	    "Nov  1 2026 00:00:00 HQ-1 IPSEC/4/IPSECTUNNELSTART:The IPSec tunnel is "
	    "established. (Ifindex=6, SeqNum=10,TunnelIndex=33554999, RuleNum=7, "
	    "DstIP=203.0.113.9, RemotePort=500, SrcIP=198.51.100.3, Role=Initiator)",
	    "<189>Nov  1 2026 00:00:00 HQ-1 "
	    "%%01IPSEC/5/IPSEC_TUNNEL_TEARED_DOWN(l)[7]:An "
	    "IPSec tunnel is teared down. (PolicyName=map1, IfIndex=6, SeqNum=10, "
	    "SrcIP=198.51.100.3, DstIP=203.0.113.9, InboundSPI=319, "
	    "OfflineReason=phase1 hard expiry, State=Normal)",
	};

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct vpn_event ev = event_of(state, lines[i]);

		unit_same(
		    lines[i], "tunnel", vpn_text(ev.tunnel), "HQ-1/6/10/203.0.113.9");
	}
}

static void
test_other_tunnels(void **state)
{
	static const struct {
		const char *raw, *tunnel;
	} rows[] = {
	    {"Nov  1 2026 00:00:00 HQ-2 IPSEC/4/X:Y (IfIndex=6, SeqNum=10, "
	     "DstIP=203.0.113.9, Reason=a)",
		"HQ-2/6/10/203.0.113.9"},
	    {"Nov  1 2026 00:00:00 HQ-1 IPSEC/4/X:Y (IfIndex=6, SeqNum=11, "
	     "DstIP=203.0.113.9, Reason=a)",
		"HQ-1/6/11/203.0.113.9"},
	    {"Nov  1 2026 00:00:00 HQ-1 IPSEC/4/X:Y (DstIP=2001:db8::7, Reason=a)",
		"HQ-1/-/-/2001:db8::7"},
	    {"Nov  1 2026 00:00:00 HQ-1 IPSEC/4/IPSECNEGOFAIL:Y (SeqNum=[], Reason=a)",
		"HQ-1/-/-/-"},
	    /* escapes: nothing can forge a slash */
	    {"Nov  1 2026 00:00:00 H/Q%1~ IPSEC/4/X:Y (DstIP=a b, Reason=a)",
		"H%2fQ%251%7e/-/-/a%20b"},
	    {"Nov  1 2026 00:00:00 \xe6\x9d\xad IPSEC/4/X:Y (DstIP=\x01\xff, Reason=a)",
		"%e6%9d%ad/-/-/%01%ff"},
	    /* no name in the line: the collector's idea of it */
	    {"IPSEC/4/IPSECNEGOFAIL:Y (SeqNum=1, Reason=a)", "collector-saw/-/1/-"},
	    /* a client's */
	    {"Nov 23 09:00:00 vpn openvpn[1]: bob/203.0.113.9:1194 TLS Error: TLS "
	     "handshake failed",
		"vpn/-/bob/203.0.113.9"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vpn_event ev = event_of(state, rows[i].raw);

		unit_same(rows[i].raw, "tunnel", vpn_text(ev.tunnel), rows[i].tunnel);
	}
}

/* Who the line is of: said by the fetcher, the line, the collector, the wire. */
static void
test_device(void **state)
{
	struct vpn_line ln = unit_line("IPSEC/4/IPSECNEGOFAIL:Y (SeqNum=1, Reason=a)");

	unit_same("host", "device", event(state, &ln).device, "collector-saw");
	ln.host = (struct vpn_text){NULL, 0};
	unit_same("ip", "device", event(state, &ln).device, "192.0.2.9");
	ln.ip = ln.host;
	unit_same("none", "device", event(state, &ln).device, "");
	unit_same("none", "tunnel", vpn_text(event(state, &ln).tunnel), "-/-/1/-");
	ln = unit_line("Nov  1 2026 00:00:00 HQ-1 " BODY);
	unit_same("line", "device", event(state, &ln).device, "HQ-1");
	ln.device = VPN_TEXT("connection-7");
	unit_same("device", "device", event(state, &ln).device, "connection-7");
}

/* A copy over another way has the same event id. */
static void
test_copies(void **state)
{
	static const char *const copies[] = {
	    "<188>Nov  2 2026 05:13:29 HQ-1 " BODY,
	    "<190>Nov  2 2026 05:13:29 HQ-1 " BODY,
	    "Nov  2 2026 05:13:29 HQ-1 " BODY "#015",
	    "Nov  2 2026 05:13:29 HQ-1 " BODY "\r\n",
	    "Nov  2 2026 05:13:29 \"HQ-1\" " BODY " ",
	    "Nov  2 2026 05:13:29 HQ-1 %%01" BODY,
	    "<13>Nov  2 05:13:30 10.123.169.1 Nov  2 2026 05:13:29 HQ-1 " BODY,
	    "<189>1 2026-11-02T05:13:30Z relay - - - - Nov  2 2026 05:13:29 HQ-1 " BODY,
	    /* what relays make of the time, and a PRI of the device's own */
	    "<188>Nov  2 05:13:29 HQ-1 " BODY,
	    "<188>2026-11-02T05:13:29+08:00 HQ-1 " BODY,
	    "<188>2026-11-02 05: 13:29 HQ-1 " BODY,
	    "<188>Nov  2 05:13:30 relay <188>Nov  2 2026 05:13:29 HQ-1 " BODY,
	};
	struct vpn_event first = event_of(state, copies[0]);

	for (size_t i = 1; i < COUNT(copies); i++) {
		struct vpn_event ev = event_of(state, copies[i]);

		if (memcmp(ev.id, first.id, sizeof(ev.id)) != 0)
			fail_msg("another event id: %s", copies[i]);
	}
}

static void
test_others(void **state)
{
	static const char *const others[] = {
	    "Nov  2 2026 05:13:29 HQ-1 " BODY,
	    "Nov  2 2026 05:13:30 HQ-1 " BODY,
	    "Nov  2 2026 05:13:29 HQ-2 " BODY,
	    "Nov  2 2026 05:13:29 HQ-1 " BODY ".",
	    "Nov  3 2026 05:13:29 HQ-1 " BODY,
	    "HQ-1 " BODY,
	    "Nov  2 2026 05:13:29 " BODY,
	};
	struct vpn_event ev[COUNT(others)];

	for (size_t i = 0; i < COUNT(others); i++) {
		ev[i] = event_of(state, others[i]);
		for (size_t j = 0; j < i; j++)
			if (memcmp(ev[i].id, ev[j].id, sizeof(ev[i].id)) == 0)
				fail_msg("one event id:\n%s\n%s", others[j], others[i]);
	}
}

/* Reception counts only where the line has no time. */
static void
test_reception(void **state)
{
	struct vpn_line dated = unit_line("Nov  2 2026 05:13:29 HQ-1 " BODY);
	struct vpn_line undated = unit_line("HQ-1 " BODY);
	struct vpn_event a = event(state, &dated), b = event(state, &undated), c;

	dated.received_ms += 5000;
	undated.received_ms += 5000;
	c = event(state, &dated);
	assert_memory_equal(a.id, c.id, sizeof(a.id));
	c = event(state, &undated);
	assert_memory_not_equal(b.id, c.id, sizeof(b.id));
}

/* An overlong id stays within bounds, and apart from its neighbours. */
static void
test_overlong(void **state)
{
	static const unsigned char fill[] = {'a', '/', 0xff};
	char raw[2048] = "", last[VPN_TUNNEL_ID_MAX];

	for (size_t f = 0; f < COUNT(fill); f++)
		for (size_t n = 60; n <= 500; n++) {
			struct vpn_line ln = unit_line(raw);
			struct vpn_event ev;
			int len = snprintf(raw, sizeof(raw),
			    "Nov  2 2026 05:13:29 HQ-1 IPSEC/4/X:Y (DstIP=");

			memset(raw + len, fill[f], n);
			strcpy(raw + len + n, ", Reason=a)");
			ln.raw = vpn_text(raw);
			ev = event(state, &ln);
			if (n > 60)
				assert_string_not_equal(ev.tunnel, last);
			strcpy(last, ev.tunnel);
			raw[len + n - 1] = 'b';
			ev = event(state, &ln);
			assert_string_not_equal(ev.tunnel, last);
		}
}

static void
test_overlong_device(void **state)
{
	char device[512], last[VPN_TUNNEL_ID_MAX] = "";
	struct vpn_line ln = unit_line("Nov  2 2026 05:13:29 HQ-1 " BODY);

	for (size_t n = 100; n <= sizeof(device); n++) {
		struct vpn_event ev;

		memset(device, 'd', sizeof(device));
		ln.device = (struct vpn_text){device, n};
		ev = event(state, &ln);
		assert_string_not_equal(ev.tunnel, last);
		strcpy(last, ev.tunnel);
		device[n - 1] = 'e';
		ev = event(state, &ln);
		assert_string_not_equal(ev.tunnel, last);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_tunnel),
	    cmocka_unit_test(test_other_tunnels),
	    cmocka_unit_test(test_device),
	    cmocka_unit_test(test_copies),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_reception),
	    cmocka_unit_test(test_overlong),
	    cmocka_unit_test(test_overlong_device),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

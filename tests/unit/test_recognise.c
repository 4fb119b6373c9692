/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "vpn/render.h"

#define FAIL(fields)                                                          \
	"Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECNEGOFAIL:OID 1.3 IPSec tunnel " \
	"negotiation fails. (" fields ")"
#define STOP(fields)                                                         \
	"Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECTUNNELSTOP:OID 1.3 The IPSec " \
	"tunnel is deleted. (" fields ")"
#define CLOUD(text) "2026-11-23T08:59:00.7+00:00 host-10-0-0-1 ipsec_ike[30085]: " text

#define N VPN_CLASS_NEGOTIATION
#define D VPN_CLASS_DISCONNECT
#define E VPN_CLASS_ESTABLISHED
#define C VPN_CLASS_CLIENT

struct row {
	const char *raw;
	enum vpn_class class;
	const char *code; /* "" for an established tunnel */
	bool unknown;
	const char *message, *id;
};

static const struct row rows[] = {
    /* by the name, whatever the sentence says */
    {FAIL("Reason=version mismatch, ReasonCode=5"), N, "version_mismatch", false,
	"negotiation_failed", "IPSECNEGOFAIL"},
    {"<188>Nov 23 2026 08:59:00 HQ %%01IPSEC/4/IPSECNEGOFAIL(l)[1]:(Reason=dpd "
     "timeout)",
	D, "dpd_timeout", false, "negotiation_failed", "IPSECNEGOFAIL"},
    {"Nov 23 2026 08:59:00 HQ IPSEC-VPN/4/IPSECTUNNELSTOP:gone (OfflineReason=dpd "
     "timeout)",
	D, "dpd_timeout", false, "tunnel_deleted", "IPSECTUNNELSTOP"},
    {"Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECTUNNELSTART:up (DstIP=192.0.2.1)", E, "",
	false, "tunnel_established", "IPSECTUNNELSTART"},
    /* by the sentence, in any case */
    {"Nov 23 2026 08:59:00 HQ IPSEC/4/NEW_NAME:IPsec TUNNEL negotiation fails. "
     "(Reason=cookie mismatch)",
	N, "cookie_mismatch", false, "negotiation_failed", "NEW_NAME"},
    {"Nov 23 2026 08:59:00 HQ IKE/4/NEW:OID 1 The IPSec tunnel is established. "
     "(Role=x)",
	E, "", false, "tunnel_established", "NEW"},
    {CLOUD(
	 "[198.51.100.20] IPSec tunnel negotiation fails. (Reason=[version mismatch])"),
	N, "version_mismatch", false, "negotiation_failed", ""},
    {CLOUD("[info] IPSec tunnel negotiation fails. (Reason=[version mismatch])"), N,
	"version_mismatch", false, "negotiation_failed", ""},
    {CLOUD("The IPSec tunnel is established. (PeerAddress=[203.0.113.7])"), E, "",
	false, "tunnel_established", ""},
    /* by what it carries */
    {"Nov 23 2026 08:59:00 HQ %%01IKE/4/IKE_X(l):Vsys public:Y. "
     "(PeerAddress=192.0.2.1, "
     "Reason=invalid cookie)",
	N, "invalid_cookie", false, "reason_given", "IKE_X"},
    {CLOUD("offline (PeerAddress=[203.0.113.7], OfflineReason=[peer request])"), D,
	"peer_request", false, "reason_given", ""},
    /* as rsyslog relays them: the tag cut at 32 bytes, or its name lost */
    {"<188>Nov 23 08:59:00 HQ %%01IPSEC-VPN/4/IPSECTUNNELSTOP( OID 1.3 The IPSec "
     "tunnel "
     "is deleted. (DstIP=192.0.2.1, FlowInfo=Source:10.1.0.0, OfflineReason=dpd "
     "timeout)",
	D, "dpd_timeout", false, "tunnel_deleted", "IPSECTUNNELSTOP"},
    {"<188>1 2026-11-23T08:59:00Z HQ %%01IPSEC - - - OID 1.3 IPSec tunnel negotiation "
     "fails. (Reason=version mismatch)",
	N, "version_mismatch", false, "negotiation_failed", ""},
    {"<188>1 2026-11-23T08:59:00Z HQ %%01IPSEC/4/IPSECNEGOFAIL(l)[3] - - - X "
     "(Reason=version mismatch)",
	N, "version_mismatch", false, "negotiation_failed", "IPSECNEGOFAIL"},
    /* a forged field inside a bracketed value is part of that value */
    {CLOUD("IPSec tunnel negotiation fails. (PolicyName=[a, Reason=[dpd timeout]], "
	   "Reason=[version mismatch])"),
	N, "version_mismatch", false, "negotiation_failed", ""},
    /* words in any case and punctuation; the guide's slips; details */
    {FAIL("Reason=PHASE1  Proposal-Mismatch"), N, "phase1_proposal_mismatch", false,
	"negotiation_failed", "IPSECNEGOFAIL"},
    {FAIL("Reason=flow confict"), N, "flow_conflict", false, "negotiation_failed",
	"IPSECNEGOFAIL"},
    {FAIL("Reason=flow conflict"), N, "flow_conflict", false, "negotiation_failed",
	"IPSECNEGOFAIL"},
    {FAIL("Reason=ikev2 not support sm in ipsec proposal ikev2"), N,
	"ikev2_not_support_sm_in_ipsec_proposal", false, "negotiation_failed",
	"IPSECNEGOFAIL"},
    {STOP("OfflineReason=dpd-timeout"), D, "dpd_timeout", false, "tunnel_deleted",
	"IPSECTUNNELSTOP"},
    /* the text wins over the number; the number where the text is unknown */
    {FAIL("Reason=version mismatch, ReasonCode=1"), N, "version_mismatch", false,
	"negotiation_failed", "IPSECNEGOFAIL"},
    {FAIL("Reason=brand new reason, ReasonCode=5"), N, "version_mismatch", false,
	"negotiation_failed", "IPSECNEGOFAIL"},
    {FAIL("Reason=, ReasonCode=15"), N, "authentication_fail", false,
	"negotiation_failed", "IPSECNEGOFAIL"},
    {FAIL("ReasonCode=[15]"), N, "authentication_fail", false, "negotiation_failed",
	"IPSECNEGOFAIL"},
    /* unknown, and still an event */
    {FAIL("Reason=brand new reason, ReasonCode=99"), N, "unknown_reason", true,
	"negotiation_failed", "IPSECNEGOFAIL"},
    {FAIL("Reason=brand new reason"), N, "unknown_reason", true, "negotiation_failed",
	"IPSECNEGOFAIL"},
    {FAIL(""), N, "unknown_reason", true, "negotiation_failed", "IPSECNEGOFAIL"},
    {STOP("OfflineReason=brand new reason"), D, "unknown_reason", true,
	"tunnel_deleted", "IPSECTUNNELSTOP"},
    {STOP("OfflineReason=\xff\xfe"), D, "unknown_reason", true, "tunnel_deleted",
	"IPSECTUNNELSTOP"},
    {"Nov 23 2026 08:59:00 HQ IKE/4/X:Y (PeerAddress=192.0.2.1, Reason=brand new)", D,
	"unknown_reason", true, "reason_given", "X"},
    /* a known code's class decides only where the rules let it */
    {FAIL("Reason=dpd timeout"), D, "dpd_timeout", false, "negotiation_failed",
	"IPSECNEGOFAIL"},
    {STOP("OfflineReason=version mismatch"), D, "version_mismatch", false,
	"tunnel_deleted", "IPSECTUNNELSTOP"},
    /* clients */
    {"Connection failed to establish within given time", C, "client_connection_timeout",
	false, "connection_timeout", ""},
    {"<29>Nov 23 08:59:00 pc openvpn[1]: TLS Error: TLS handshake failed", C,
	"tls_handshake_failed", false, "tls_handshake_failed", ""},
    {"Nov 23 08:59:00 pc ovpn-office[1]: AUTH: Received control message: AUTH_FAILED",
	C, "auth_failed", false, "auth_failed_received", ""},
    {"<29>1 2026-11-23T08:59:00Z pc openvpn 1 - - AUTH_FAILED", C, "auth_failed", false,
	"auth_failed_connect", ""},
};

static const char *const nothing[] = {
    "",
    "Nov 23 2026 08:59:00 HQ IFNET/4/IF_STATE:Interface down (Reason=dpd timeout)",
    /* a quoted command, a URL, a forged body */
    "Nov 23 2026 08:59:00 HQ %%01SHELL/5/CMDRECORD(s)[1]:Recorded command. (Command="
    "\"%%01IPSEC/4/IPSECNEGOFAIL(l): IPSec tunnel negotiation fails. "
    "(PeerAddress=192.0.2.1, Reason=dpd timeout)\")",
    "Nov 23 08:59:00 gw sudo: bob : COMMAND=/bin/echo IPSEC/4/IPSECNEGOFAIL:IPSec "
    "tunnel "
    "negotiation fails. (PeerAddress=192.0.2.1, Reason=dpd timeout)",
    "Nov 23 08:59:00 gw nginx[1]: GET /?q=ipsec_ike[1]:%20IPSec tunnel negotiation "
    "fails. "
    "(PeerAddress=192.0.2.1, Reason=dpd timeout)",
    "Nov 23 08:59:00 gw ipsec_ikex[1]: IPSec tunnel negotiation fails. (Reason=a)",
    "Nov 23 08:59:00 gw xipsec_ike[1]: IPSec tunnel negotiation fails. (Reason=a)",
    "Nov 23 08:59:00 gw IPSEC_IKE[1]: IPSec tunnel negotiation fails. (Reason=a)",
    /* an alarm that has ended */
    "<188>Nov 23 2026 08:59:00 HQ %%01IPSEC/4/hwIPSecNegoFail_clear(l):CID=0x8;IPSec "
    "tunnel negotiation fails. (Reason=version mismatch)",
    "<188>Nov 23 2026 08:59:00 HQ %%01IPSEC/4/hwIPSecNegoFail(l):CID=0x8-clearType="
    "service_resume;IPSec tunnel negotiation fails. (Reason=version mismatch)",
    /* H3C */
    "<188>Nov 23 2026 08:59:00 HQ %%10 IPSEC/4/IPSECNEGOFAIL(l):X (Reason=dpd timeout)",
    "<188>Nov 23 2026 08:59:00 HQ %% 10 IPSEC/4/IPSECNEGOFAIL(l):X (Reason=dpd "
    "timeout)",
    "<188>Nov 23 08:59:00 2026 H3C %%10IPSEC/4/IPSECNEGOFAIL: IPSec tunnel negotiation "
    "fails. (PeerAddress=192.0.2.1, Reason=dpd timeout)",
    "Nov 23 08:59:00 2026 H3C 10IPSEC/4/IPSECNEGOFAIL: IPSec tunnel negotiation fails. "
    "(PeerAddress=192.0.2.1, Reason=dpd timeout)",
    /* no VRP header */
    "Nov 23 2026 08:59:00 HQ IPSEC: IPSec tunnel negotiation fails. (Reason=a)",
    "Nov 23 2026 08:59:00 HQ IPSEC/8/X:IPSec tunnel negotiation fails. (Reason=a)",
    "Nov 23 2026 08:59:00 HQ IPSEC/X/X:IPSec tunnel negotiation fails. (Reason=a)",
    "Nov 23 2026 08:59:00 HQ IPSEC/44/X:IPSec tunnel negotiation fails. (Reason=a)",
    "Nov 23 2026 08:59:00 HQ IPSEC/4/:IPSec tunnel negotiation fails. (Reason=a)",
    "Nov 23 2026 08:59:00 HQ IPSECX/4/IPSECNEGOFAIL:IPSec tunnel negotiation fails.",
    "Nov 23 2026 08:59:00 HQ ipsec_ike/4/X:IPSec tunnel negotiation fails. (Reason=a)",
    /* ours, and no failure: no name, no sentence, no reason with a peer */
    "Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECPOLICYADD:OID 1 A policy is added. "
    "(SeqNum=1)",
    "Nov 23 2026 08:59:00 HQ IKE/4/X:Y. (Reason=dpd timeout)",
    "Nov 23 2026 08:59:00 HQ IKE/4/X:Y. (PeerAddress=192.0.2.1, FailedReason=dpd "
    "timeout)",
    "Nov 23 2026 08:59:00 HQ IKE/4/X:Y. (PeerAddress=192.0.2.1, Reason=)",
    CLOUD("starting"),
    CLOUD("IPSec tunnel negotiation fails. Is what people ask about."),
    "Nov 23 08:59:00 pc openvpn[1]: AUTH: Received control message: "
    "AUTH_FAILED,CRV1:R:x",
    "Nov 23 08:59:00 pc openvpn[1]: TLS: soft reset",
    "Nov 23 08:59:00 pc app[1]: TLS Error: TLS handshake failed",
    "<13>Connection failed to establish within given time",
    "Cannot load everything",
};

static void
check(void **state, const struct row *row)
{
	struct vpn_line ln = unit_line(row->raw);
	struct vpn_event ev;

	ln.raw = unit_guard(ln.raw);
	if (!vpn_recognise(*state, &ln, &ev))
		fail_msg("nothing in: %s", row->raw);
	unit_number(row->raw, "class", ev.class, row->class);
	unit_same(row->raw, "code", ev.code ? ev.code->slug : VPN_TEXT(""), row->code);
	unit_number(row->raw, "unknown", ev.unknown, row->unknown);
	unit_same(row->raw, "message", ev.message->id, row->message);
	unit_same(row->raw, "message id", ev.message_id, row->id);
	assert_ptr_equal(ev.line, &ln);
	assert_true(unit_inside(ln.raw, ev.field[VPN_REASON]));
}

static void
test_rows(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		check(state, &rows[i]);
}

static void
test_nothing(void **state)
{
	struct vpn_event ev;

	for (size_t i = 0; i < COUNT(nothing); i++) {
		struct vpn_line ln = unit_line(nothing[i]);

		if (vpn_recognise(*state, &ln, &ev))
			fail_msg("an event in: %s", nothing[i]);
	}
}

static void
test_unknown_keeps_words(void **state)
{
	struct vpn_line ln = unit_line(FAIL("Reason=brand New reason, ReasonCode=99"));
	struct vpn_event ev;

	assert_true(vpn_recognise(*state, &ln, &ev));
	unit_same("unknown", "reason", ev.field[VPN_REASON], "brand New reason");
	unit_same("unknown", "number", ev.field[VPN_REASON_CODE], "99");
}

/* Every example in the rules says what it is there for. */
static void
check_example(
    void **state, const struct vpn_message *message, const struct vpn_example *ex)
{
	struct vpn_line ln = unit_line("");
	struct vpn_event ev;

	ln.raw = unit_guard(ex->line);
	if (!vpn_recognise(*state, &ln, &ev))
		fail_msg("nothing in: %.*s", (int)ex->line.len, ex->line.at);
	assert_ptr_equal(ev.message, message);
	if (ex->slug.len > 0)
		assert_true(vpn_text_same(ev.code->slug, ex->slug));
	if (ex->peer.len > 0)
		assert_true(vpn_text_same(ev.field[VPN_PEER], ex->peer));
	if (ex->local.len > 0)
		assert_true(vpn_text_same(ev.field[VPN_LOCAL], ex->local));
	for (size_t n = 0; n < ex->line.len; n++) {
		ln.raw = unit_guard((struct vpn_text){ex->line.at, n});
		vpn_recognise(*state, &ln, &ev);
	}
}

static void
test_examples(void **state)
{
	for (size_t i = 0; i < vpn_rules_vendors(*state); i++) {
		const struct vpn_vendor *vendor = vpn_rules_vendor(*state, i);

		for (size_t j = 0; j < vendor->nmessages; j++)
			for (size_t k = 0; k < vendor->messages[j].nexamples; k++)
				check_example(state, &vendor->messages[j],
				    &vendor->messages[j].examples[k]);
	}
}

/* A standby unit repeats what the active one said: the reason stays, nobody is
 * paged for it. */
static void
test_copy(void **state)
{
	static const struct {
		const char *raw;
		enum vpn_effect effect;
		enum vpn_alert alert;
	} cases[] = {
	    {STOP("DstIP=192.0.2.1, OfflineReason=dpd timeout, State=Normal"),
		VPN_EFFECT_DOWN, VPN_ALERT_PAGE},
	    {STOP("DstIP=192.0.2.1, OfflineReason=dpd timeout, State=Backup"),
		VPN_EFFECT_COPY, VPN_ALERT_NEVER},
	    {STOP("DstIP=192.0.2.1, OfflineReason=brand new, State=Backup"),
		VPN_EFFECT_COPY, VPN_ALERT_NEVER},
	};
	char said[256];
	struct vpn_event ev;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vpn_line ln = unit_line(cases[i].raw);
		bool copy = cases[i].effect == VPN_EFFECT_COPY;

		assert_true(vpn_recognise(*state, &ln, &ev));
		assert_int_equal(ev.policy->effect, cases[i].effect);
		assert_int_equal(ev.policy->alert, cases[i].alert);
		said[vpn_sentence(&ev, VPN_EN, said, sizeof(said) - 1)] = '\0';
		assert_int_equal(strstr(said, "is not affected") != NULL, copy);
	}
}

static void
test_pri(void **state)
{
	static const struct {
		const char *raw;
		int collector, pri, severity;
	} cases[] = {
	    {"<188>Nov 23 2026 08:59:00 HQ IPSEC/5/IPSECNEGOFAIL:X (Reason=a)", 13, 188,
		5},
	    {"Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECNEGOFAIL:X (Reason=a)", 13, 13, 4},
	    {CLOUD("IPSec tunnel negotiation fails. (Reason=[a])"), 30, 30, 6},
	    {CLOUD("IPSec tunnel negotiation fails. (Reason=[a])"), -1, -1, -1},
	};
	struct vpn_event ev;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vpn_line ln = unit_line(cases[i].raw);

		ln.pri = cases[i].collector;
		assert_true(vpn_recognise(*state, &ln, &ev));
		unit_number(cases[i].raw, "pri", ev.pri, cases[i].pri);
		unit_number(cases[i].raw, "severity", ev.severity, cases[i].severity);
	}
}

static void
test_time(void **state)
{
	static const struct {
		const char *time;
		int64_t off, skew; /* of event time from UNIT_NOW; minutes */
		enum vpn_zone zone;
		int minutes;
	} cases[] = {
	    {"Nov 23 2026 08:59:00+00:00", -1, 1, VPN_ZONE_LINE, 0},
	    {"Nov 23 2026 16:59:00+08:00", -1, 1, VPN_ZONE_LINE, 480},
	    {"Nov 23 2026 16:59:00", -1, 1, VPN_ZONE_COLLECTOR, 480},
	    {"Nov 22 2026 17:00:00", -1440, 1440, VPN_ZONE_COLLECTOR, 480},
	    {"Nov 24 2026 17:00:00", 1440, -1440, VPN_ZONE_COLLECTOR, 480},
	    /* more than a day off: no usable clock */
	    {"Nov 22 2026 16:59:00", 0, 1441, VPN_ZONE_COLLECTOR, 480},
	    {"Nov 24 2026 17:01:00", 0, -1441, VPN_ZONE_COLLECTOR, 480},
	    {"", 0, 0, VPN_ZONE_NONE, 0},
	};
	char raw[128] = "";
	struct vpn_event ev;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vpn_line ln = unit_line("");

		snprintf(raw, sizeof(raw), "%s HQ IPSEC/4/IPSECNEGOFAIL:X (Reason=a)",
		    cases[i].time);
		ln.raw = vpn_text(raw);
		ln.zone_minutes = 480;
		assert_true(vpn_recognise(*state, &ln, &ev));
		unit_number(raw, "time", ev.time_ms, UNIT_NOW + cases[i].off * 60000);
		unit_number(raw, "skew", ev.skew_ms, cases[i].skew * 60000);
		unit_number(raw, "zone", ev.zone, cases[i].zone);
		unit_number(raw, "minutes", ev.zone_minutes, cases[i].minutes);
		unit_same(raw, "device time", ev.device_time, cases[i].time);
	}
}

/* What lay in a file is as old as it says. */
static void
test_archived(void **state)
{
	struct vpn_line ln = unit_line("Jul 26 2018 09:09:33 HQ "
				       "IPSEC/4/IPSECNEGOFAIL:X (Reason=a)");
	struct vpn_event ev;

	assert_true(vpn_recognise(*state, &ln, &ev));
	assert_int_equal(ev.time_ms, UNIT_NOW);
	ln.archived = true;
	assert_true(vpn_recognise(*state, &ln, &ev));
	assert_int_equal(ev.time_ms, INT64_C(1532596173000));
}

/* Any one byte, for 64 KiB, behind every header there is. */
static void
test_hostile(void **state)
{
	static const char *const heads[] = {
	    "",
	    "<188>",
	    "<188>Nov 23 2026 08:59:00 HQ IPSEC/4/IPSECNEGOFAIL:",
	    "IPSEC/4/X:(Reason=",
	    CLOUD(""),
	    CLOUD("["),
	    "openvpn[1]: ",
	    "TCP: connect to ",
	    "<1>1 - - - - - ",
	    "<1>1 - - openvpn - - [",
	    "Openvpn event >> {",
	};
	char *raw = malloc(64 * 1024);
	struct vpn_event ev;

	assert_non_null(raw);
	for (size_t i = 0; i < COUNT(heads); i++)
		for (int byte = 0; byte < 256; byte++) {
			struct vpn_line ln = unit_line("");

			memset(raw, byte, 64 * 1024);
			memcpy(raw, heads[i], strlen(heads[i]));
			ln.raw = unit_guard((struct vpn_text){raw, 64 * 1024});
			vpn_recognise(*state, &ln, &ev);
		}
	free(raw);
}

static void
test_absent(void **state)
{
	struct vpn_line ln = {.pri = -1};
	struct vpn_event ev;

	assert_false(vpn_recognise(*state, &ln, &ev));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_unknown_keeps_words),
	    cmocka_unit_test(test_examples),
	    cmocka_unit_test(test_copy),
	    cmocka_unit_test(test_pri),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_archived),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_absent),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

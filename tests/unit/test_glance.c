/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "core/glance.h"

/* Of nobody in the rules, by a glance, behind every header that relays write. */
static const char *const others[] = {
    "<86>Nov 23 10:00:00 web1 sshd[87]: Failed password for root",
    "<86>Nov 23 10:00:00 charon-gw sshd[87]: Failed password for root",
    "<86>Nov 23 10:00:00 sshd[87]: Failed password for root",
    "<30>Nov 23 10:00:00 web1 systemd: Started something",
    "<30>Nov 23 10:00:00 systemd: Started something",
    "Nov 23 10:00:00 web1 daemon.notice named[7]: client 1.2.3.4: query",
    "<4>Nov 23 10:00:01 10.0.0.1 Nov 23 10:00:01 fw7 named[7]: client 1.2.3.4: query",
    "2026-11-23T10:00:09.100000+00:00 web1 nginx[912]: 203.0.113.9 - - GET",
    "<134>1 2026-11-23T10:00:03.104729+00:00 lb1 haproxy 1234 - - text",
    "<134>1 2026-11-23T10:00:03.104729+00:00 lb1 - - - - four names are no header",
    "sshd[87]: Failed password for root from 10.0.0.1",
    "kernel: [388186.840315] device eth0 entered promiscuous mode",
    "Failed password for root from 10.0.0.1",
    "{\"time\":\"2026-11-23T10:00:00Z\",\"msg\":\"charon: 07[IKE]\"}",
    "<189>Nov 23 2026 10:00:01 HQ %%01POLICY/6/POLICYPERMIT(l):vsys=public",
    "<189>Nov 23 2026 10:00:01 HQ %LINK-3-UPDOWN: Interface Gi0/0, changed state",
    "date=2026-11-23 time=10:00:00 devname=\"F\" type=\"traffic\" subtype=\"forward\"",
};

/* What has to be looked at. */
static const char *const maybe[] = {
    "<30>Nov 23 10:00:00 gw charon[87]: 07[IKE] text",
    "<30>Nov 23 10:00:00 charon: 07[IKE] text",
    "<30>Nov 23 10:00:00 gw charon 07[IKE] text",
    "Nov 23 10:00:00 gw daemon.notice pluto[7]: text",
    "Nov 23 10:00:00 relay Nov 23 10:00:00 gw pluto[7]: text",
    "Nov 23 10:00:00 relay gw sshd: Nov 23 10:00:00 %ASA-5-713119: text",
    "<134>1 2026-11-23T10:00:03Z gw charon 1234 - - text",
    "<134>1 2026-11-23T10:00:03Z gw - - - - charon 07[IKE] text",
    "openvpn[7]: text",
    "ovpn-client2[7]: text",
    "TCP: connect to [AF_INET]192.0.2.1:443 failed: text",
    "client1/192.0.2.1:1194 AUTH and three more words",
    "<189>Nov 23 2026 10:00:01 HQ %%01IPSEC/4/IPSECTUNNELSTOP(l):text",
    "<189>Nov 23 2026 10:00:01 HQ %%01IPSEC/4/CUT_OFF text",
    "Nov 23 2026 10:00:01 HQ %% 01 IPSEC/4/IPSECTUNNELSTOP(l): text",
    "<189>Nov 23 2026 10:00:01 HQ IPSEC/4/IPSECTUNNELSTOP(l):text",
    "%ASA-5-713119: text",
    "one two three IPSEC/4/hwIPSecTunnelStop (t): text",
    "one two three IPSEC/4/QUOTED\"NAME(l): text",
    "date=2026-11-23 time=10:00:00 devname=\"F\" type=\"event\" subtype=\"vpn\"",
    "",
    "<13>",
    "Nov 23 10:00:00 web1 sshd:",
};

static bool
is_other(const struct vpn_rules *rules, struct vpn_text line)
{
	return vpn_glance_is_other(rules, unit_guard(line));
}

static void
test_others(void **state)
{
	for (size_t i = 0; i < COUNT(others); i++)
		if (!is_other(*state, vpn_text(others[i])))
			fail_msg("not told at a glance: %s", others[i]);
}

static void
test_maybe(void **state)
{
	for (size_t i = 0; i < COUNT(maybe); i++)
		if (is_other(*state, vpn_text(maybe[i])))
			fail_msg("overlooked: %s", maybe[i]);
}

/* Wherever a line is cut, nothing behind its end is read. */
static void
test_cut(void **state)
{
	for (size_t i = 0; i < COUNT(maybe); i++)
		for (size_t len = 0; len < strlen(maybe[i]); len++)
			is_other(*state, (struct vpn_text){maybe[i], len});
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_maybe),
	    cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

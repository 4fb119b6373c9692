/* SPDX-License-Identifier: Apache-2.0
 * The guide's own list of codes, walked: each is there, once, and explained.
 * The table is the guide's Table 1-1, the numbers are those that Huawei
 * documents for IPSECNEGOFAIL; neither is taken from rules/. */
#include "unit.h"

#define N VPN_CLASS_NEGOTIATION
#define D VPN_CLASS_DISCONNECT
#define C VPN_CLASS_CLIENT
#define NO_NUMBER 0

static const struct code {
	enum vpn_class class;
	const char *name;
	int number;
} codes[] = {
    {N, "phase1 proposal mismatch", 1},
    {N, "phase2 proposal or pfs mismatch", 2},
    {N, "responder dh mismatch", 6},
    {N, "initiator dh mismatch", 7},
    {N, "encapsulation mode mismatch", 3},
    {N, "flow or peer mismatch", 4},
    {N, "version mismatch", 5},
    {N, "peer address mismatch", 12},
    {N, "config ID mismatch", 13},
    {N, "exchange mode mismatch", 32},
    {N, "authentication fail", 15},
    {N, "construct local ID fail", 14},
    {N, "rekey no find old sa", 16},
    {N, "rekey fail", 17},
    {N, "first packet limited", 18},
    {N, "unsupported version", 26},
    {N, "malformed message", 30},
    {N, "malformed payload", 28},
    {N, "critical drop", 34},
    {N, "cookie mismatch", 31},
    {N, "invalid cookie", 21},
    {N, "invalid length", 24},
    {N, "unknown exchange type", 33},
    {N, "uncritical drop", 35},
    {N, "route limit", 36},
    {N, "ip assigned fail", 10},
    {N, "eap authentication timeout", NO_NUMBER},
    {N, "eap authentication fail", NO_NUMBER},
    {N, "xauth authentication fail", NO_NUMBER},
    {N, "xauth authentication timeout", NO_NUMBER},
    {N, "license or specification limited", NO_NUMBER},
    {N, "local address mismatch", 39},
    {N, "dynamic peers number reaches limitation", 42},
    {N, "ipsec tunnel number reaches limitation", 41},
    {N, "netmask mismatch", 48},
    {N, "flow confict", 46}, /* the guide's spelling */
    {N, "proposal mismatch or use sm in ikev2", 45},
    {N, "ikev2 not support sm in ipsec proposal ikev2", 47},
    {N, "no policy applied on interface", 49},
    {N, "nat detection fail", 40},
    {N, "fragment packet limit", 50},
    {N, "fragment packet reassemble timeout", 51},
    {D, "dpd timeout", NO_NUMBER},
    {D, "peer request", NO_NUMBER},
    {D, "config modify or manual offline", NO_NUMBER},
    {D, "phase1 hard expiry", NO_NUMBER},
    {D, "phase2 hard expiry", NO_NUMBER},
    {D, "heartbeat timeout", NO_NUMBER},
    {D, "re-auth timeout", NO_NUMBER},
    {D, "aaa cut user", NO_NUMBER},
    {D, "ip address syn failed", NO_NUMBER},
    {D, "hard expiry triggered by port mismatch", NO_NUMBER},
    {D, "kick old sa with same flow", NO_NUMBER},
    {D, "cpu table updated", NO_NUMBER},
    {D, "flow overlap", NO_NUMBER},
    {D, "spi conflict", NO_NUMBER},
    {D, "phase1 sa replace", NO_NUMBER},
    {D, "phase2 sa replace", NO_NUMBER},
    {D, "nhrp notify", NO_NUMBER},
    {D, "receive backup delete info", NO_NUMBER},
    {D, "eap delete old sa", NO_NUMBER},
    {D, "receive invalid spi notify", NO_NUMBER},
    {D, "dns resolution status change", NO_NUMBER},
    {D, "ikev1 phase1-phase2 sa dependent offline", NO_NUMBER},
    {D, "exchange timeout", NO_NUMBER},
    {D, "hash gene adjusted", NO_NUMBER},
};

/* Numbers of reasons that the guide lacks. */
static const struct code further[] = {
    {N, "none of user's interface is selected", 43},
    {N, "in disconnect state", 44},
    {N, "form cert payload fail", 52},
    {N, "max transmit reached", 53},
    {N, "no valid local cert", 54},
};

/* Chapter 3: 3.1.1 to 3.1.9. */
static const struct {
	const char *slug, *variant, *section;
} clients[] = {
    {"client_connection_timeout", "", "3.1.1"},
    {"cannot_load_ca_certificate", "", "3.1.2"},
    {"asn1_wrong_tag", "", "3.1.3"},
    {"certificate_verify_failed", "", "3.1.4"},
    {"tls_handshake_failed", "", "3.1.5"},
    {"unrecognized_option", "disable_dco", "3.1.6"},
    {"tcp_connect_failed", "", "3.1.7"},
    {"auth_failed", "", "3.1.8"},
    {"auth_failed", "connect", "3.1.9"},
};

/* What a code does to the state, and who is told. */
struct policy {
	enum vpn_role role;
	enum vpn_effect effect;
	int hold;
	enum vpn_alert alert;
};

static const struct policy fault = {VPN_ROLE_FAULT, VPN_EFFECT_NONE, 0, VPN_ALERT_WARN},
			   noise = {VPN_ROLE_NOISE, VPN_EFFECT_NONE, 0, VPN_ALERT_INFO},
			   full = {VPN_ROLE_CAPACITY, VPN_EFFECT_NONE, 0,
			       VPN_ALERT_WARN},
			   user = {VPN_ROLE_USER, VPN_EFFECT_NONE, 0, VPN_ALERT_INFO},
			   down = {VPN_ROLE_NONE, VPN_EFFECT_DOWN, 60, VPN_ALERT_PAGE},
			   returns = {VPN_ROLE_NONE, VPN_EFFECT_DOWN, 300,
			       VPN_ALERT_PAGE},
			   idle = {VPN_ROLE_NONE, VPN_EFFECT_IDLE, 0, VPN_ALERT_INFO},
			   stopped = {VPN_ROLE_NONE, VPN_EFFECT_ADMIN_DOWN, 0,
			       VPN_ALERT_INFO},
			   left = {VPN_ROLE_NONE, VPN_EFFECT_USER, 0, VPN_ALERT_INFO},
			   alive = {VPN_ROLE_NONE, VPN_EFFECT_NONE, 0, VPN_ALERT_NEVER},
			   stray = {VPN_ROLE_NONE, VPN_EFFECT_NONE, 0, VPN_ALERT_INFO};

/* What other vendors report beyond the guide; a variant has its own policy. */
static const struct {
	const char *slug, *variant;
	enum vpn_class class;
	const struct policy *policy;
} vendors[] = {
    {"peer_cert_verify_fail", "", N, &fault},
    {"authentication_fail", "no_key", N, &fault},
    {"malformed_message", "wrong_key", N, &fault},
    {"malformed_payload", "wrong_key", N, &fault},
    {"exchange_timeout", "negotiation", N, &fault},
    {"phase1_proposal_mismatch", "hash", N, &fault},
    {"phase1_proposal_mismatch", "notify", N, &fault},
    {"phase2_proposal_or_pfs_mismatch", "notify", N, &fault},
    {"authentication_fail", "refused", N, &fault},
    {"authentication_fail", "no_key_at_peer", N, &fault},
    {"authentication_fail", "certificate_expired", N, &fault},
    {"peer_cert_verify_fail", "refused", N, &fault},
    {"rekey_fail", "no_answer", N, &fault},
    {"dns_resolution_status_change", "unresolved", N, &fault},
    {"malformed_message", "unread", N, &noise},
    {"sa_install_fail", "", N, &fault},
    {"no_reason_given", "negotiation", N, &fault},
    {"rekey_fail", "refused", N, &noise},
    {"system_resource_low", "", N, &full},
    {"no_reason_given", "", D, &down},
    {"ping_timeout", "", D, &down},
    {"connection_reset", "", D, &down},
    {"disconnect_track_nqa_bfd_vrrp", "tunnel_monitor", D, &down},
    {"nhrp_notify", "hub", D, &down},
    {"nhrp_notify", "spoke", D, &down},
    {"receive_invalid_spi_notify", "packet", D, &stray},
    {"peer_request", "openvpn", D, &returns},
    {"idle_timeout", "", D, &idle},
    {"session_time_limit", "", D, &idle},
    {"service_stop", "", D, &stopped},
    {"peer_request", "ike_sa_deleted", D, &stopped},
    {"connection_reset", "session", D, &left},
    {"client_exit", "", D, &left},
    {"session_replaced", "", D, &left},
    {"peer_address_switch", "mobike", D, &alive},
    {"tls_auth_mismatch", "", C, &noise},
    {"tls_key_negotiation_timeout", "", C, &user},
    {"private_key_mismatch", "", C, &user},
    {"client_connection_timeout", "server_poll", C, &user},
    {"certificate_verify_failed", "client_cert", C, &user},
};

static const char *const symptoms[] = {
    "1.1", "1.2", "1.3", "2.1", "2.2", "3.2.1", "3.2.2"};

static bool
same_name(struct vpn_text a, const char *b)
{
	return vpn_text_same(a, vpn_text(b));
}

static void
explained(const struct vpn_code *code)
{
	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		assert_true(code->why.in[lang].len > 0);
		assert_true(code->explanation.in[lang].len > 20);
		for (size_t i = 0; i < code->nsteps; i++)
			assert_true(code->steps[i].own.in[lang].len > 10);
		for (size_t i = 0; i < code->ncauses; i++)
			assert_true(code->causes[i].in[lang].len > 5);
	}
	if (code->nsteps < 2 || code->ncauses < 1)
		fail_msg("%.*s: %zu steps, %zu causes", (int)code->slug.len,
		    code->slug.at, code->nsteps, code->ncauses);
}

static void
test_counts(void **state)
{
	size_t n[VPN_CLASS_COUNT] = {0};

	for (size_t i = 0; i < vpn_rules_codes(*state); i++)
		if (same_name(vpn_rules_code(*state, i)->origin, "guide"))
			n[vpn_rules_code(*state, i)->class]++;
	assert_int_equal(COUNT(codes), 42 + 24);
	assert_int_equal(n[VPN_CLASS_NEGOTIATION], 42);
	assert_int_equal(n[VPN_CLASS_DISCONNECT], 24);
	assert_int_equal(n[VPN_CLASS_CLIENT], COUNT(clients));
	assert_int_equal(n[VPN_CLASS_SYMPTOM], COUNT(symptoms));
	assert_int_equal(n[VPN_CLASS_ESTABLISHED], 0);
}

static void
test_table(void **state)
{
	for (size_t i = 0; i < COUNT(codes); i++) {
		const struct vpn_code *found = NULL;
		size_t n = 0;

		for (size_t j = 0; j < vpn_rules_codes(*state); j++)
			if (same_name(vpn_rules_code(*state, j)->name, codes[i].name)) {
				found = vpn_rules_code(*state, j);
				n++;
			}
		unit_number(codes[i].name, "entries", (int64_t)n, 1);
		unit_number(codes[i].name, "class", found->class, codes[i].class);
		unit_same(codes[i].name, "origin", found->origin, "guide");
		unit_same(codes[i].name, "guide", found->guide, "1.1");
		assert_ptr_equal(
		    vpn_rules_by_reason(*state, vpn_text(codes[i].name)), found);
		assert_ptr_equal(vpn_rules_by_reason(*state, found->slug), found);
		assert_ptr_equal(
		    vpn_rules_by_slug(*state, found->slug, (struct vpn_text){NULL, 0}),
		    found);
		explained(found);
	}
}

static const char *
name_of(int number)
{
	for (size_t i = 0; i < COUNT(codes); i++)
		if (codes[i].number == number)
			return codes[i].name;
	for (size_t i = 0; i < COUNT(further); i++)
		if (further[i].number == number)
			return further[i].name;
	return NULL;
}

/* No number more, and none less, than is documented. */
static void
test_numbers(void **state)
{
	for (int number = 1; number < 200; number++) {
		const struct vpn_code *code;
		char digits[8];

		snprintf(digits, sizeof(digits), "%d", number);
		code = vpn_rules_by_number(*state, vpn_text(digits));
		unit_same("ReasonCode", digits, code ? code->name : VPN_TEXT(""),
		    name_of(number) ? name_of(number) : "");
	}
	for (size_t i = 0; i < COUNT(codes); i++)
		unit_number(codes[i].name, "numbers",
		    (int64_t)vpn_rules_by_reason(*state, vpn_text(codes[i].name))
			->nnumbers,
		    codes[i].number != NO_NUMBER);
	assert_null(vpn_rules_by_number(*state, VPN_TEXT("01")));
	assert_null(vpn_rules_by_number(*state, VPN_TEXT("")));
}

static void
test_clients(void **state)
{
	for (size_t i = 0; i < COUNT(clients); i++) {
		const struct vpn_code *code = vpn_rules_by_slug(
		    *state, vpn_text(clients[i].slug), vpn_text(clients[i].variant));

		if (code == NULL)
			fail_msg("no %s/%s", clients[i].slug, clients[i].variant);
		unit_number(clients[i].slug, "class", code->class, C);
		unit_same(clients[i].slug, "guide", code->guide, clients[i].section);
		unit_same(clients[i].slug, "origin", code->origin, "guide");
		explained(code);
	}
}

static void
test_vendors(void **state)
{
	for (size_t i = 0; i < COUNT(vendors); i++) {
		const char *slug = vendors[i].slug;
		const struct policy *policy = vendors[i].policy;
		const struct vpn_code *code = vpn_rules_by_slug(
		    *state, vpn_text(slug), vpn_text(vendors[i].variant));

		if (code == NULL)
			fail_msg("no %s/%s", slug, vendors[i].variant);
		unit_number(slug, "class", code->class, vendors[i].class);
		unit_number(slug, "role", code->role, policy->role);
		unit_number(slug, "effect", code->effect, policy->effect);
		unit_number(slug, "hold", code->hold, policy->hold);
		unit_number(slug, "alert", code->alert, policy->alert);
		unit_same(slug, "guide", code->guide, "");
		if (code->nsteps < 3)
			fail_msg("%s: %zu steps", slug, code->nsteps);
		explained(code);
	}
}

static void
test_symptoms(void **state)
{
	for (size_t i = 0; i < COUNT(symptoms); i++) {
		size_t n = 0;

		for (size_t j = 0; j < vpn_rules_codes(*state); j++) {
			const struct vpn_code *code = vpn_rules_code(*state, j);

			if (code->class != VPN_CLASS_SYMPTOM ||
			    !same_name(code->guide, symptoms[i]))
				continue;
			n++;
			explained(code);
			assert_null(vpn_rules_by_reason(*state, code->name));
			assert_null(vpn_rules_by_reason(*state, code->slug));
			assert_ptr_equal(vpn_rules_by_slug(*state, code->slug,
					     (struct vpn_text){NULL, 0}),
			    code);
		}
		unit_number(symptoms[i], "entries", (int64_t)n, 1);
	}
}

static bool
is_used(const struct vpn_rules *rules, const struct vpn_check *check)
{
	for (size_t i = 0; i < vpn_rules_codes(rules); i++)
		for (size_t j = 0; j < vpn_rules_code(rules, i)->nsteps; j++)
			if (vpn_rules_code(rules, i)->steps[j].check == check)
				return true;
	return false;
}

static void
test_checks(void **state)
{
	for (size_t i = 0; i < vpn_rules_checks(*state); i++) {
		const struct vpn_check *check = vpn_rules_check(*state, i);

		if (!is_used(*state, check))
			fail_msg("no code uses %.*s", (int)check->id.len, check->id.at);
		for (size_t j = 0; j < i; j++)
			assert_false(
			    vpn_text_same(vpn_rules_check(*state, j)->id, check->id));
		assert_true(check->id.len > 1 + check->section.len);
		assert_memory_equal(
		    check->id.at + 1, check->section.at, check->section.len);
	}
}

static int
compare(const void *a, const void *b)
{
	const struct vpn_text *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->at, y->at, n);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void
unique(struct vpn_text *texts, size_t n)
{
	qsort(texts, n, sizeof(*texts), compare);
	for (size_t i = 1; i < n; i++)
		if (vpn_text_same(texts[i - 1], texts[i]))
			fail_msg(
			    "stands there twice: %.*s", (int)texts[i].len, texts[i].at);
}

static void
test_unique(void **state)
{
	struct vpn_text *texts = calloc(16 * vpn_rules_codes(*state), sizeof(*texts));

	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		size_t n = 0;

		for (size_t i = 0; i < vpn_rules_codes(*state); i++)
			texts[n++] = vpn_rules_code(*state, i)->explanation.in[lang];
		unique(texts, n);
		n = 0;
		for (size_t i = 0; i < vpn_rules_codes(*state); i++)
			texts[n++] = vpn_rules_code(*state, i)->why.in[lang];
		unique(texts, n);
		n = 0;
		for (size_t i = 0; i < vpn_rules_codes(*state); i++) {
			const struct vpn_code *code = vpn_rules_code(*state, i);

			assert_true(code->nsteps <= 16);
			for (size_t j = 0; j < code->nsteps; j++)
				texts[n++] = code->steps[j].own.in[lang];
		}
		unique(texts, n);
	}
	free(texts);
}

/* The slug is the name, folded; the guide's two slips are mended. A variant has
 * its case for a name, and the slug of a code that is there without it. */
static void
test_slugs(void **state)
{
	static const struct {
		const char *name, *slug;
	} mended[] = {
	    {"flow confict", "flow_conflict"},
	    {"ikev2 not support sm in ipsec proposal ikev2",
		"ikev2_not_support_sm_in_ipsec_proposal"},
	};

	for (size_t i = 0; i < vpn_rules_codes(*state); i++) {
		const struct vpn_code *code = vpn_rules_code(*state, i);
		const char *want = NULL;
		char slug[256];

		if (code->variant.len > 0)
			assert_non_null(vpn_rules_by_slug(
			    *state, code->slug, (struct vpn_text){NULL, 0}));
		if (code->variant.len > 0 || (code->class != N && code->class != D))
			continue;
		slug[vpn_slug(code->name, slug, sizeof(slug) - 1)] = '\0';
		for (size_t j = 0; j < COUNT(mended); j++)
			if (same_name(code->name, mended[j].name))
				want = mended[j].slug;
		unit_same(slug, "slug", code->slug, want ? want : slug);
		if (code->parent.len > 0 &&
		    !vpn_rules_by_slug(
			*state, code->parent, (struct vpn_text){NULL, 0}))
			fail_msg("%s: no code is its parent", slug);
	}
}

static void
test_slug(void **state)
{
	static const struct {
		const char *words, *slug;
	} rows[] = {
	    {"DPD Timeout", "dpd_timeout"},
	    {"  re-auth__ timeout. ", "re_auth_timeout"},
	    {"disconnect track nqa/bfd/vrrp", "disconnect_track_nqa_bfd_vrrp"},
	    {"none of user's", "none_of_user_s"},
	    {"", ""},
	    {"-_ ", ""},
	    {"a", "a"},
	    {"\xe9\x9a\xa7"
	     "a\xff",
		"a"},
	    {"IKEv1 Phase1-Phase2", "ikev1_phase1_phase2"},
	};
	char slug[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vpn_text words = unit_guard(vpn_text(rows[i].words));

		unit_same(rows[i].words, "slug",
		    (struct vpn_text){slug, vpn_slug(words, slug, sizeof(slug))},
		    rows[i].slug);
		for (size_t cap = 0; cap < 32; cap++) {
			memset(slug, '#', sizeof(slug));
			assert_true(vpn_slug(words, slug, cap) <= cap);
			assert_int_equal(slug[cap], '#');
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_clients),
	    cmocka_unit_test(test_vendors),
	    cmocka_unit_test(test_symptoms),
	    cmocka_unit_test(test_checks),
	    cmocka_unit_test(test_unique),
	    cmocka_unit_test(test_slugs),
	    cmocka_unit_test(test_slug),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

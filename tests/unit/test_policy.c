/* SPDX-License-Identifier: Apache-2.0
 * The overrides: what they say about whom, and mistakes with their places. */
#include "unit.h"

#include <time.h>
#include <unistd.h>

#include "core/policy.h"

#define SAMPLE SOURCE_DIR "/packaging/samples/overrides.yaml"
#define MANY 10000

/* The text as a file; err tells what is wrong with it. */
static struct vpn_policy *
load_bytes(const struct vpn_rules *rules, struct vpn_text text, char *path, char *err,
    size_t cap)
{
	struct vpn_policy *policy;
	int fd;

	strcpy(path, "/tmp/omipsec-policy-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.at, text.len), (ssize_t)text.len);
	close(fd);
	policy = vpn_policy_load(path, rules, err, cap);
	unlink(path);
	return policy;
}

static struct vpn_policy *
load(const struct vpn_rules *rules, const char *text)
{
	char path[64], err[1024] = "";
	struct vpn_policy *policy =
	    load_bytes(rules, vpn_text(text), path, err, sizeof(err));

	if (policy == NULL)
		fail_msg("%s", err);
	return policy;
}

struct mistake {
	const char *text;
	int row, column; /* column 0: any */
	const char *says;
};

/* Of one entry whose match is right, in line 1 from column 45. */
#define ENTRY "tunnels: [{match: {peer: 203.0.113.7}, "
#define MATCH "tunnels: [{match: {"
#define MUTE ENTRY "mute: {"
#define LONG64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LONG256 LONG64 LONG64 LONG64 LONG64
#define LONG1024 LONG256 LONG256 LONG256 LONG256

static const struct mistake mistakes[] = {
    /* the file */
    {"", 1, 1, "the file is empty"},
    {"# nothing\n", 1, 1, "the file is empty"},
    {"[]\n", 1, 1, "expected 'key: value' lines"},
    {"tunnels: [\n", 2, 0, "not valid YAML"},
    {"{}\n---\n{}\n", 3, 1, "one YAML document"},
    {"tunnel: []\n", 1, 1, "unknown key 'tunnel'"},
    {"tunnels: []\ntunnels: []\n", 2, 1, "'tunnels' stands here twice"},
    {"tunnels:\n", 1, 0, "expected a list"},
    {"tunnels: {match: {peer: 203.0.113.7}}\n", 1, 10, "expected a list"},
    {"tunnels: [x]\n", 1, 11, "expected 'key: value' lines"},
    /* match */
    {"tunnels:\n  - page: false\n", 2, 5, "'match' is missing"},
    {"tunnels:\n  - match: {}\n", 2, 12, "name at least one of device, peer"},
    {"tunnels:\n  - match: HQ\n", 2, 12, "expected 'key: value' lines"},
    {MATCH "device: HQ, host: x}}]\n", 1, 32, "unknown key 'host'"},
    {MATCH "device: }}]\n", 1, 0, "expected a text"},
    {MATCH "device: 'H*Q'}}]\n", 1, 28, "a '*' stands at the end"},
    {MATCH "device: 'HQ**'}}]\n", 1, 28, "a '*' stands at the end"},
    {MATCH "device: " LONG256 "}}]\n", 1, 28, "a name has at most 255 bytes"},
    {MATCH "device: \"H\\x1bQ\"}}]\n", 1, 28, "a control character is hidden"},
    {MATCH "tunnel: '*/7'}}]\n", 1, 28, "a '*' stands at the end"},
    {MATCH "code: dpd-timeout}}]\n", 1, 26, "no code is called 'dpd-timeout'"},
    {MATCH "code: 'dpd*'}}]\n", 1, 26, "no code is called 'dpd*'"},
    {MATCH "code: auth_failed/connect}}]\n", 1, 26, "no code is called"},
    {MATCH "peer: 203.0.113.300}}]\n", 1, 26, "'203.0.113.300' is neither"},
    {MATCH "peer: 203.0.113}}]\n", 1, 26, "neither an address nor a network"},
    {MATCH "peer: 203.0.113.7/24}}]\n", 1, 26, "no bits beyond its length"},
    {MATCH "peer: 203.0.113.0/33}}]\n", 1, 26, "neither"},
    {MATCH "peer: 203.0.113.0/}}]\n", 1, 26, "neither"},
    {MATCH "peer: 203.0.113.0/-1}}]\n", 1, 26, "neither"},
    {MATCH "peer: 203.0.113.0/0024}}]\n", 1, 26, "neither"},
    {MATCH "peer: 203.0.113.0/24/8}}]\n", 1, 26, "neither"},
    {MATCH "peer: /24}}]\n", 1, 26, "neither"},
    {MATCH "peer: '2001:db8::1/32'}}]\n", 1, 26, "no bits beyond its length"},
    {MATCH "peer: '2001:db8::/129'}}]\n", 1, 26, "neither"},
    {MATCH "peer: '2001:db8:::1'}}]\n", 1, 26, "neither"},
    {MATCH "peer: branch.example}}]\n", 1, 26, "neither"},
    {MATCH "peer: [203.0.113.7]}}]\n", 1, 26, "expected a text"},
    /* what is said */
    {ENTRY "pages: false}]\n", 1, 40, "unknown key 'pages'"},
    {ENTRY "page: no}]\n", 1, 46, "expected true or false"},
    {ENTRY "dynamic: 1}]\n", 1, 49, "expected true or false"},
    {ENTRY "decommissioned: soon}]\n", 1, 56, "expected true or false"},
    {ENTRY "mode: always}]\n", 1, 46, "is not one of: auto, always_on, on_demand"},
    {ENTRY "hold: -1}]\n", 1, 46, "expected a number from 0 to 86400"},
    {ENTRY "hold: 86401}]\n", 1, 46, "expected a number from 0 to 86400"},
    {ENTRY "hold: 2m}]\n", 1, 46, "expected a number from 0 to 86400"},
    {ENTRY "hold: 99999999999999999999}]\n", 1, 46, "expected a number from 0"},
    {ENTRY "hold: }]\n", 1, 0, "expected a number"},
    {ENTRY "name: ''}]\n", 1, 46, "expected a text"},
    {ENTRY "name: [a]}]\n", 1, 46, "expected a text"},
    {ENTRY "name: \"a\\nb\"}]\n", 1, 46, "a control character is hidden"},
    {ENTRY "name: \"a\\0b\"}]\n", 1, 46, "a control character is hidden"},
    {ENTRY "name: \"a\\x7f\"}]\n", 1, 46, "a control character is hidden"},
    {ENTRY "name: \"a\\x9bm\"}]\n", 1, 46, "a control character is hidden"},
    {ENTRY "name: a\xe2\x80\xae"
	   "b}]\n",
	1, 46, "a control character is hidden"},
    {ENTRY "owner: \"\\t\"}]\n", 1, 47, "a control character is hidden"},
    {ENTRY "site: \"\\e[2J\"}]\n", 1, 46, "a control character is hidden"},
    {ENTRY "name: " LONG1024 "x}]\n", 1, 46, "a text has at most 1024 bytes"},
    {ENTRY "runbook: wiki.example/vpn}]\n", 1, 49, "https:// or http://"},
    {ENTRY "runbook: 'javascript:x'}]\n", 1, 49, "https:// or http://"},
    {ENTRY "runbook: file:///etc/passwd}]\n", 1, 49, "https:// or http://"},
    {ENTRY "runbook: https://}]\n", 1, 49, "https:// or http://"},
    {ENTRY "runbook: https:///x}]\n", 1, 49, "https:// or http://"},
    {ENTRY "runbook: https://a b}]\n", 1, 49, "without blanks"},
    {ENTRY "runbook: 'https://a/<x>'}]\n", 1, 49, "without blanks and quotes"},
    {ENTRY "runbook: https://b\xc3\xbc"
	   "ro.example}]\n",
	1, 49, "in ASCII"},
    {ENTRY "runbook: \"https://a\\r\\nX: y\"}]\n", 1, 49, "a control character"},
    /* mute */
    {MUTE "}}]\n", 1, 46, "'until' is missing"},
    {MUTE "from: 2026-11-24T01:00:00Z}}]\n", 1, 46, "'until' is missing"},
    {MUTE "until: 2026-11-24T01:00:00Z, to: x}}]\n", 1, 76, "unknown key 'to'"},
    {MUTE "until: 2026-11-24T01:00:00}}]\n", 1, 54, "expected a time with its offset"},
    {MUTE "until: 2026-11-24}}]\n", 1, 54, "expected a time with its offset"},
    {MUTE "until: tomorrow}}]\n", 1, 54, "expected a time with its offset"},
    {MUTE "until: '2026-11-24T01:00:00+08:00 DST'}}]\n", 1, 54, "expected a time"},
    {MUTE "until: '2026-11-24T01:00:00Z '}}]\n", 1, 54, "expected a time"},
    {MUTE "until: '2026-11-24T01:00:00+8'}}]\n", 1, 54, "expected a time"},
    {MUTE "until: 'Nov 24 2026 01:00:00+08:00'}}]\n", 1, 54, "there is no time"},
    {MUTE "until: 2026/11/24T01:00:00Z}}]\n", 1, 54, "there is no time"},
    {MUTE "until: 2026-02-29T01:00:00Z}}]\n", 1, 54, "there is no time '2026-02-29"},
    {MUTE "until: 2026-13-01T01:00:00Z}}]\n", 1, 54, "expected a time"},
    {MUTE "until: 2026-11-24T24:00:00Z}}]\n", 1, 54, "expected a time"},
    {MUTE "until: 2026-11-24T01:00:60Z}}]\n", 1, 54, "there is no time"},
    {MUTE "from: 2026-11-24T01:00:00Z, until: 2026-11-24T08:59:59+08:00}}]\n", 1, 46,
	"'until' must come after 'from'"},
    {MUTE "from: 2026-11-24T01:00:00Z, until: 2026-11-24T01:00:00Z}}]\n", 1, 46,
	"'until' must come after 'from'"},
    /* clusters */
    {"clusters: [{name: HQ}]\n", 1, 12, "'members' is missing"},
    {"clusters: [{members: [A]}]\n", 1, 12, "'name' is missing"},
    {"clusters: [{name: HQ, members: []}]\n", 1, 32, "at least one member"},
    {"clusters: [{name: HQ, members: A}]\n", 1, 32, "expected a list"},
    {"clusters: [{name: HQ, members: ['A*']}]\n", 1, 33, "'*' has no meaning here"},
    {"clusters: [{name: 'HQ*', members: [A]}]\n", 1, 19, "'*' has no meaning here"},
    {"clusters: [{name: \"\\b\", members: [A]}]\n", 1, 19, "control character"},
    {"clusters:\n - {name: HQ, members: [FW1, fw1]}\n", 2, 30,
	"the member 'fw1' is there twice"},
    {"clusters:\n - {name: A, members: [FW1]}\n - {name: B, members: [FW2, FW1]}\n", 3,
	29, "the member 'fw1' is there twice"},
    {"clusters:\n - {name: A, members: [FW1]}\n - {name: a, members: [FW2]}\n", 3, 11,
	"the cluster 'a' is there twice"},
    {"clusters:\n - {name: A, members: [FW1]}\n - {name: B, members: [A]}\n", 2, 4,
	"the cluster 'A' is a member of 'B'"},
    /* gateways */
    {"gateways: [{device: A}]\n", 1, 12, "'addresses' is missing"},
    {"gateways: [{addresses: [192.0.2.1]}]\n", 1, 12, "'device' is missing"},
    {"gateways: [{device: A, addresses: []}]\n", 1, 35, "at least one address"},
    {"gateways: [{device: A, addresses: 192.0.2.1}]\n", 1, 35, "expected a list"},
    {"gateways: [{device: A, addresses: [192.0.2.0/24]}]\n", 1, 36,
	"'192.0.2.0/24' is not an address"},
    {"gateways: [{device: A, addresses: [192.0.2.1, x.example]}]\n", 1, 47,
	"'x.example' is not an address"},
    {"gateways:\n - {device: A, addresses: [192.0.2.1]}\n"
     " - {device: B, addresses: [192.0.2.2, 192.0.2.1]}\n",
	3, 39, "the address '192.0.2.1' is there twice"},
    {"gateways: [{device: A, addresses: ['2001:db8::1', '2001:DB8:0::1']}]\n", 1, 51,
	"the address '2001:db8::1' is there twice"},
    {"gateways:\n - {device: A, addresses: [192.0.2.1]}\n"
     " - {device: a, addresses: [192.0.2.2]}\n",
	3, 13, "the gateway 'a' is there twice"},
    /* silence */
    {"silence: [{device: A}]\n", 1, 11, "'after' is missing"},
    {"silence: [{after: 900}]\n", 1, 11, "'device' is missing"},
    {"silence: [{device: 'A-*', after: 900}]\n", 1, 20, "'*' has no meaning here"},
    {"silence: [{device: A, after: 0}]\n", 1, 30, "a number from 1 to 604800"},
    {"silence: [{device: A, after: 604801}]\n", 1, 30, "a number from 1 to 604800"},
    {"silence: [{device: A, after: 9, name: x}]\n", 1, 33, "unknown key 'name'"},
    {"silence: [{device: A, after: 9, runbook: ftp://x}]\n", 1, 42, "https:// or"},
    {"silence:\n - {device: A, after: 9}\n - {device: a, after: 9}\n", 3, 13,
	"the device 'a' is there twice"},
};

static void
check_mistake(
    const struct vpn_rules *rules, const struct mistake *wrong, struct vpn_text text)
{
	char path[64], err[2048] = "", place[128];
	struct vpn_policy *policy = load_bytes(rules, text, path, err, sizeof(err));
	int n;

	if (policy) {
		vpn_policy_free(policy);
		fail_msg("nothing is said of '%s'", wrong->text);
	}
	n = snprintf(place, sizeof(place), "%s:%d:", path, wrong->row);
	if (wrong->column)
		snprintf(place + n, sizeof(place) - (size_t)n, "%d: ", wrong->column);
	if (strncmp(err, place, strlen(place)) != 0 || !strstr(err, wrong->says))
		fail_msg("%s  '%s'\n  instead of '%s ... %s'", wrong->text, err, place,
		    wrong->says);
}

static void
test_mistakes(void **state)
{
	for (size_t i = 0; i < COUNT(mistakes); i++)
		check_mistake(*state, &mistakes[i], vpn_text(mistakes[i].text));
}

static void
test_not_utf8(void **state)
{
	static const struct mistake wrong = {
	    ENTRY "name: \xff}]\n", 1, 0, "not valid YAML"};

	check_mistake(*state, &wrong, vpn_text(wrong.text));
}

/* A sentence that is too long for err is cut, and ends. */
static void
test_short_err(void **state)
{
	char path[64], err[64];

	for (size_t cap = 1; cap < sizeof(err); cap++) {
		memset(err, '#', sizeof(err));
		assert_null(load_bytes(*state, VPN_TEXT("x: y\n"), path, err, cap));
		assert_true(strlen(err) < cap);
	}
}

static void
test_no_file(void **state)
{
	char err[256];

	assert_null(vpn_policy_load("/nonexistent/o.yaml", *state, err, sizeof(err)));
	unit_same("no file", "err", vpn_text(err),
	    "/nonexistent/o.yaml: cannot be read: No such file or directory");
}

static struct vpn_ruling
rule(const struct vpn_policy *policy, const char *device, const char *peer,
    const char *tunnel, const struct vpn_code *code)
{
	struct vpn_whom whom = {
	    vpn_text(device), vpn_text(peer), vpn_text(tunnel), code};
	struct vpn_ruling ruling;

	memset(&ruling, 0xff, sizeof(ruling));
	vpn_policy_rule(policy, &whom, &ruling);
	return ruling;
}

static void
check_unsaid(const struct vpn_policy *policy)
{
	struct vpn_ruling said = rule(policy, "HQ", "203.0.113.7", "HQ/1", NULL);

	assert_false(said.named);
	assert_int_equal(said.page, VPN_UNSAID);
	assert_int_equal(said.dynamic, VPN_UNSAID);
	assert_false(said.decommissioned);
	assert_int_equal(said.mode, VPN_MODE_AUTO);
	assert_int_equal(said.hold, -1);
	assert_int_equal(said.mute_until_ms, 0);
	assert_int_equal(said.name.len + said.owner.len + said.site.len, 0);
	assert_int_equal(said.runbook.len, 0);
}

/* Without overrides, and with a file that says nothing. */
static void
test_none(void **state)
{
	static const char *const files[] = {
	    NULL, "{}\n", "tunnels: []\nclusters: []\ngateways: []\nsilence: []\n"};

	for (size_t i = 0; i < COUNT(files); i++) {
		struct vpn_policy *policy = files[i] ? load(*state, files[i]) : NULL;

		check_unsaid(policy);
		unit_same(
		    "none", "device", vpn_policy_device(policy, VPN_TEXT("HQ")), "HQ");
		unit_same("none", "address",
		    vpn_policy_address(policy, VPN_TEXT("HQ"), VPN_TEXT("192.0.2.1")),
		    "192.0.2.1");
		assert_int_equal(vpn_policy_address(
				     policy, VPN_TEXT("HQ"), (struct vpn_text){NULL, 0})
				     .len,
		    0);
		assert_int_equal(vpn_policy_silences(policy), 0);
		assert_int_equal(vpn_policy_heard(policy, VPN_TEXT("HQ")), -1);
		vpn_policy_free(policy);
	}
}

static void
test_every_key(void **state)
{
	struct vpn_policy *policy = load(*state,
	    "tunnels:\n"
	    "  - match: {device: HQ, peer: 203.0.113.7, tunnel: \"HQ/6\", code: "
	    "dpd_timeout}\n"
	    "    page: false\n    hold: 120\n    mode: on_demand\n    dynamic: true\n"
	    "    decommissioned: true\n"
	    "    mute: {from: \"2026-11-24T01:00:00+08:00\", until: "
	    "2026-11-23T20:30:00.5Z}\n"
	    "    name: \"\xe6\x9f\x8f\xe6\x9e\x97 - HQ\"\n    owner: net-team\n"
	    "    site: Berlin\n    runbook: https://wiki.example/vpn/berlin?a=b#c\n");
	const struct vpn_code *code =
	    vpn_rules_by_slug(*state, VPN_TEXT("dpd_timeout"), VPN_TEXT(""));
	const struct vpn_code *other =
	    vpn_rules_by_slug(*state, VPN_TEXT("peer_request"), VPN_TEXT(""));
	struct vpn_ruling said = rule(policy, "HQ", "203.0.113.7", "HQ/6", code);

	assert_true(said.named);
	assert_int_equal(said.page, VPN_NO);
	assert_int_equal(said.hold, 120);
	assert_int_equal(said.mode, VPN_MODE_ON_DEMAND);
	assert_int_equal(said.dynamic, VPN_YES);
	assert_true(said.decommissioned);
	unit_number("mute", "from", said.mute_from_ms, INT64_C(1795453200000));
	unit_number("mute", "until", said.mute_until_ms, INT64_C(1795465800500));
	unit_same("text", "name", said.name, "\xe6\x9f\x8f\xe6\x9e\x97 - HQ");
	unit_same("text", "owner", said.owner, "net-team");
	unit_same("text", "site", said.site, "Berlin");
	unit_same(
	    "text", "runbook", said.runbook, "https://wiki.example/vpn/berlin?a=b#c");
	/* Each of the four must fit. */
	assert_false(rule(policy, "HQ2", "203.0.113.7", "HQ/6", code).named);
	assert_false(rule(policy, "HQ", "203.0.113.8", "HQ/6", code).named);
	assert_false(rule(policy, "HQ", "203.0.113.7", "HQ/7", code).named);
	assert_false(rule(policy, "HQ", "203.0.113.7", "HQ/6", other).named);
	assert_false(rule(policy, "HQ", "203.0.113.7", "HQ/6", NULL).named);
	vpn_policy_free(policy);
}

/* One `match`, asked for one whom: does it fit, and is the peer named? */
static const struct {
	const char *match, *device, *peer, *tunnel;
	bool fits, named;
} matches[] = {
    {"device: hq-fw1", "HQ-FW1", NULL, NULL, true, false},
    {"device: HQ-FW1", "hq-fw1", "203.0.113.7", "x", true, false},
    {"device: HQ-FW1", "HQ-FW11", NULL, NULL, false, false},
    {"device: HQ-FW1", "HQ-FW", NULL, NULL, false, false},
    {"device: HQ-FW1", NULL, NULL, NULL, false, false},
    {"device: Hq", "HQ-FW1", NULL, NULL, true, false},
    {"device: HQ", "HQ", NULL, NULL, true, false},
    {"device: HQ-FW2", "HQ-FW1", NULL, NULL, false, false},
    {"device: 'hq-*'", "HQ-FW1", NULL, NULL, true, false},
    {"device: 'HQ-*'", "hq-", NULL, NULL, true, false},
    {"device: 'HQ-*'", "HQ", NULL, NULL, false, false},
    {"device: 'H*'", "edge7", NULL, NULL, true, false}, /* of the cluster Hong */
    {"device: '*'", "any", NULL, NULL, true, false},
    {"device: '*'", NULL, NULL, NULL, false, false},
    {"device: '2001:DB8::0'", "2001:db8:0::", NULL, NULL, true, false},
    {"peer: 203.0.113.7", "HQ", "203.0.113.7", NULL, true, true},
    {"peer: 203.0.113.7", "HQ", "203.0.113.70", NULL, false, false},
    {"peer: 203.0.113.7", "HQ", NULL, NULL, false, false},
    {"peer: 203.0.113.7/32", "HQ", "203.0.113.7", NULL, true, true},
    {"peer: 203.0.113.0/24", "HQ", "203.0.113.255", NULL, true, false},
    {"peer: 203.0.113.0/24", "HQ", "203.0.114.0", NULL, false, false},
    {"peer: 203.0.113.0/24", "HQ", "branch.example", NULL, false, false},
    {"peer: 203.0.113.0/24", "HQ", NULL, NULL, false, false},
    {"peer: 203.0.113.0/24", "HQ", "cb00:7100::", NULL, false, false},
    {"peer: 203.0.113.8/30", "HQ", "203.0.113.11", NULL, true, false},
    {"peer: 203.0.113.8/30", "HQ", "203.0.113.12", NULL, false, false},
    {"peer: 203.0.113.8/31", "HQ", "203.0.113.10", NULL, false, false},
    {"peer: 0.0.0.0/0", "HQ", "203.0.113.7", NULL, true, false},
    {"peer: 0.0.0.0/0", "HQ", "2001:db8::1", NULL, false, false},
    {"peer: 128.0.0.0/1", "HQ", "203.0.113.7", NULL, true, false},
    {"peer: 128.0.0.0/1", "HQ", "127.255.255.255", NULL, false, false},
    {"peer: '203.0.113.*'", "HQ", "203.0.113.7", NULL, true, false},
    {"peer: '203.0.113.*'", "HQ", "203.0.11.3", NULL, false, false},
    {"peer: 'Branch*'", "HQ", "branch.example", NULL, true, false},
    {"peer: '*'", "HQ", "203.0.113.7", NULL, true, false},
    {"peer: '2001:DB8:0:0::7'", "HQ", "2001:db8::7", NULL, true, true},
    {"peer: '2001:db8::7'", "HQ", "2001:0DB8::0007", NULL, true, true},
    {"peer: '2001:db8::7/128'", "HQ", "2001:db8:0::7", NULL, true, true},
    {"peer: '2001:db8::/32'", "HQ", "2001:DB8:ffff::1", NULL, true, false},
    {"peer: '2001:db8::/32'", "HQ", "2001:db9::1", NULL, false, false},
    {"peer: '2001:db8:8000::/33'", "HQ", "2001:db8:8000::1", NULL, true, false},
    {"peer: '2001:db8:8000::/33'", "HQ", "2001:db8:7fff::1", NULL, false, false},
    {"peer: '::/0'", "HQ", "2001:db8::1", NULL, true, false},
    {"peer: '::/0'", "HQ", "203.0.113.7", NULL, false, false},
    {"peer: '2001:DB8:*'", "HQ", "2001:0db8::9", NULL, true, false},
    {"tunnel: HQ/6/10/203.0.113.7", NULL, NULL, "HQ/6/10/203.0.113.7", true, true},
    {"tunnel: HQ/6/10/203.0.113.7", "HQ", "203.0.113.7", NULL, false, false},
    {"tunnel: 'HQ/6/*'", NULL, NULL, "HQ/6/10/203.0.113.7", true, false},
    {"tunnel: 'HQ/6/*'", NULL, NULL, "HQ/60/10/203.0.113.7", false, false},
    {"tunnel: 'HQ/*', peer: 203.0.113.7", NULL, "203.0.113.7", "HQ/6", true, true},
    {"tunnel: 'HQ/*', peer: 203.0.113.7", NULL, "203.0.113.7", "LAB/6", false, false},
    {"tunnel: HQ/6, device: 'L*'", "HQ", NULL, "HQ/6", false, false},
    {"tunnel: HQ/6, peer: 203.0.113.0/24", "HQ", "203.0.113.9", "HQ/6", true, true},
    {"tunnel: HQ/6, peer: 203.0.113.0/24", "HQ", "203.0.112.9", "HQ/6", false, false},
};

static void
test_match(void **state)
{
	char text[512];

	for (size_t i = 0; i < COUNT(matches); i++) {
		struct vpn_policy *policy;
		struct vpn_ruling said;

		snprintf(text, sizeof(text),
		    "tunnels: [{match: {%s}, hold: 7}]\nclusters: [{name: HQ, members: "
		    "[HQ-FW1]}, {name: Hong, members: [EDGE7]}]\n",
		    matches[i].match);
		policy = load(*state, text);
		said = rule(policy, matches[i].device, matches[i].peer,
		    matches[i].tunnel, NULL);
		unit_number(text, "hold", said.hold, matches[i].fits ? 7 : -1);
		unit_number(text, "named", said.named, matches[i].named);
		vpn_policy_free(policy);
	}
}

/* A later entry overrides, key by key, wherever it is kept. */
static void
test_merge(void **state)
{
	struct vpn_policy *policy = load(*state,
	    "tunnels:\n"
	    "  - {match: {tunnel: HQ/6}, hold: 1, page: false, name: first, owner: a}\n"
	    "  - {match: {peer: 203.0.113.0/24}, hold: 2, decommissioned: true}\n"
	    "  - {match: {peer: 203.0.113.7}, mode: on_demand, owner: b}\n"
	    "  - {match: {device: HQ}, mode: always_on, dynamic: true}\n"
	    "  - {match: {device: PAIR}, name: of the pair, mute: {until: "
	    "2026-11-24T01:00:00Z}}\n"
	    "  - {match: {peer: 203.0.113.7}, hold: 3, dynamic: false}\n"
	    "  - {match: {device: '*'}, site: X, decommissioned: false}\n"
	    "  - {match: {tunnel: HQ/6}, page: true, runbook: 'http://a'}\n"
	    "  - {match: {peer: 203.0.113.8}, hold: 9, site: Y}\n"
	    "clusters: [{name: Pair, members: [hq]}]\n");
	struct vpn_ruling said = rule(policy, "HQ", "203.0.113.7", "HQ/6", NULL);

	assert_true(said.named);
	assert_int_equal(said.hold, 3);
	assert_int_equal(said.page, VPN_YES);
	assert_int_equal(said.mode, VPN_MODE_ALWAYS_ON);
	assert_int_equal(said.dynamic, VPN_NO);
	assert_false(said.decommissioned);
	unit_number("merge", "from", said.mute_from_ms, 0);
	unit_number("merge", "until", said.mute_until_ms, INT64_C(1795482000000));
	unit_same("merge", "name", said.name, "of the pair");
	unit_same("merge", "owner", said.owner, "b");
	unit_same("merge", "site", said.site, "X");
	unit_same("merge", "runbook", said.runbook, "http://a");
	said = rule(policy, "other", "203.0.113.9", "other/1", NULL);
	assert_false(said.named);
	assert_int_equal(said.hold, 2);
	assert_int_equal(said.mode, VPN_MODE_AUTO);
	vpn_policy_free(policy);
}

/* A window replaces the one before it as a whole. */
static void
test_mute_merge(void **state)
{
	struct vpn_policy *policy = load(*state,
	    "tunnels:\n"
	    "  - {match: {device: A}, mute: {from: 2026-11-24T01:00:00Z, until: "
	    "2026-11-24T02:00:00-03:30}}\n"
	    "  - {match: {device: 'A*'}, mute: {until: 2026-12-01T00:00:00Z}}\n");
	struct vpn_ruling said = rule(policy, "A", NULL, NULL, NULL);

	unit_number("mute", "from", said.mute_from_ms, 0);
	unit_number("mute", "until", said.mute_until_ms, INT64_C(1796083200000));
	vpn_policy_free(policy);
}

static void
test_clusters(void **state)
{
	struct vpn_policy *policy = load(*state,
	    "clusters:\n  - {name: HQ, members: [HQ-FW1, hq-fw2, HQ]}\n"
	    "  - {name: Lab Pair, members: [192.0.2.1, '2001:DB8::1']}\n");
	static const char *const devices[][2] = {{"HQ-FW1", "HQ"}, {"hq-fw1", "HQ"},
	    {"HQ-FW2", "HQ"}, {"hq", "HQ"}, {"HQ-FW3", "HQ-FW3"},
	    {"192.0.2.1", "Lab Pair"}, {"2001:db8:0::1", "Lab Pair"}, {"", ""}};

	for (size_t i = 0; i < COUNT(devices); i++)
		unit_same(devices[i][0], "cluster",
		    vpn_policy_device(policy, unit_guard(vpn_text(devices[i][0]))),
		    devices[i][1]);
	assert_int_equal(vpn_policy_device(policy, unit_fill('a', 70000)).len, 70000);
	assert_null(vpn_policy_device(policy, (struct vpn_text){NULL, 0}).at);
	vpn_policy_free(policy);
}

static void
test_gateways(void **state)
{
	struct vpn_policy *policy = load(*state,
	    "gateways:\n"
	    "  - {device: HQ, addresses: [198.51.100.1, 192.0.2.7, '2001:DB8::7']}\n"
	    "  - {device: HQ-FW3, addresses: ['2001:db8::3', 192.0.2.3]}\n"
	    "  - {device: B, addresses: [192.0.2.9]}\n"
	    "clusters:\n  - {name: hq, members: [HQ-FW1, HQ-FW3]}\n");
	static const struct {
		const char *device, *address, *want;
	} rows[] = {
	    {"HQ-FW1", "192.0.2.7", "198.51.100.1"},
	    {"HQ-FW1", "198.51.100.1", "198.51.100.1"},
	    {"B", "192.0.2.7", "198.51.100.1"}, /* an address says enough */
	    {"B", "2001:0db8::7", "198.51.100.1"},
	    {"B", "192.0.2.3", "2001:db8::3"},
	    {"B", "192.0.2.70", "192.0.2.70"},
	    {"B", "2001:DB8::70", "2001:DB8::70"},
	    {"HQ", "", "198.51.100.1"},
	    {"hq-fw1", "", "198.51.100.1"}, /* its cluster's */
	    {"HQ-FW3", "", "2001:db8::3"},  /* its own */
	    {"b", "", "192.0.2.9"},
	    {"C", "", ""},
	    {"", "", ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		unit_same(rows[i].device, rows[i].address,
		    vpn_policy_address(policy, vpn_text(rows[i].device),
			unit_guard(vpn_text(rows[i].address))),
		    rows[i].want);
	vpn_policy_free(policy);
}

static void
test_silence(void **state)
{
	struct vpn_policy *policy = load(*state,
	    "silence:\n"
	    "  - {device: HQ-FW1, after: 900, owner: net, site: HQ, runbook: "
	    "'https://a'}\n"
	    "  - {device: '2001:DB8::0:1', after: 1}\n");
	const struct vpn_silence *first;

	assert_int_equal(vpn_policy_silences(policy), 2);
	first = vpn_policy_silence(policy, 0);
	unit_same("silence", "device", first->device, "HQ-FW1");
	unit_same("silence", "owner", first->owner, "net");
	unit_same("silence", "site", first->site, "HQ");
	unit_same("silence", "runbook", first->runbook, "https://a");
	assert_int_equal(first->after, 900);
	assert_int_equal(vpn_policy_silence(policy, 1)->after, 1);
	assert_int_equal(vpn_policy_silence(policy, 1)->owner.len, 0);
	assert_int_equal(vpn_policy_heard(policy, VPN_TEXT("hq-fw1")), 0);
	assert_int_equal(vpn_policy_heard(policy, VPN_TEXT("2001:db8::1")), 1);
	assert_int_equal(vpn_policy_heard(policy, VPN_TEXT("HQ-FW")), -1);
	assert_int_equal(vpn_policy_heard(policy, VPN_TEXT("")), -1);
	assert_int_equal(vpn_policy_heard(policy, unit_fill('a', 300)), -1);
	vpn_policy_free(policy);
}

/* Texts of whom that no name has: of any length, of any byte. */
static void
test_hostile(void **state)
{
	struct vpn_policy *policy = load(*state,
	    "tunnels: [{match: {device: 'a*', peer: '*', tunnel: '*'}, hold: 5}, "
	    "{match: {peer: 10.0.0.0/8}, hold: 6}]\n");

	for (size_t len = 0; len < 600; len++) {
		struct vpn_text text = unit_fill('a', len);
		struct vpn_whom whom = {text, text, text, NULL};
		struct vpn_ruling said;

		vpn_policy_rule(policy, &whom, &said);
		unit_number("hostile", "hold", said.hold,
		    len > 0 && len <= VPN_NAME_MAX ? 5 : -1);
		text = unit_guard((struct vpn_text){"10.0.0.1\0", len < 9 ? len : 9});
		whom.peer = text;
		vpn_policy_rule(policy, &whom, &said);
	}
	vpn_policy_free(policy);
}

/* A file of MANY exact tunnels and as many exact peers. */
static char *
many(size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	assert_non_null(out);
	fputs("tunnels:\n - {match: {device: '*'}, owner: all}\n", out);
	for (int i = 0; i < MANY; i++)
		fprintf(out,
		    " - {match: {peer: 10.1.%d.%d}, hold: %d}\n"
		    " - {match: {tunnel: HQ/%d/1/10.1.%d.%d}, name: n%d}\n",
		    i / 256, i % 256, i, i, i / 256, i % 256, i);
	fclose(out);
	return text;
}

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* A ruling must not look at all of them: 20 us is far above what it takes, and
 * far below what a walk takes. */
static void
test_many(void **state)
{
	char peer[32], tunnel[64], name[16], path[64], err[256] = "";
	size_t len;
	char *text = many(&len);
	struct vpn_policy *policy =
	    load_bytes(*state, (struct vpn_text){text, len}, path, err, sizeof(err));
	int64_t spent;

	free(text);
	assert_string_equal(err, "");
	spent = now_ns();
	for (int i = 0; i < MANY; i++) {
		struct vpn_ruling said;

		snprintf(peer, sizeof(peer), "10.1.%d.%d", i / 256, i % 256);
		snprintf(tunnel, sizeof(tunnel), "HQ/%d/1/%s", i, peer);
		snprintf(name, sizeof(name), "n%d", i);
		said = rule(policy, "HQ", peer, tunnel, NULL);
		assert_int_equal(said.hold, i);
		unit_same(tunnel, "name", said.name, name);
		unit_same(tunnel, "owner", said.owner, "all");
	}
	spent = now_ns() - spent;
	assert_true(spent < MANY * INT64_C(20000));
	vpn_policy_free(policy);
}

static void
test_sample(void **state)
{
	char err[1024] = "";
	struct vpn_policy *policy = vpn_policy_load(SAMPLE, *state, err, sizeof(err));
	struct vpn_ruling said;

	if (policy == NULL)
		fail_msg("%s", err);
	said = rule(policy, "HQ-FW1", "203.0.113.7", "HQ-FW1/6/10/203.0.113.7", NULL);
	unit_same("sample", "owner", said.owner, "net-team");
	unit_same("sample", "name", said.name, "Berlin - HQ");
	assert_int_equal(said.hold, 120);
	assert_int_equal(said.mode, VPN_MODE_ALWAYS_ON);
	assert_int_equal(vpn_policy_silences(policy), 1);
	vpn_policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_not_utf8),
	    cmocka_unit_test(test_short_err),
	    cmocka_unit_test(test_no_file),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_every_key),
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_merge),
	    cmocka_unit_test(test_mute_merge),
	    cmocka_unit_test(test_clusters),
	    cmocka_unit_test(test_gateways),
	    cmocka_unit_test(test_silence),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_sample),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

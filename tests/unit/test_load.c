/* SPDX-License-Identifier: Apache-2.0
 * Mistakes in the rules: each is refused, with its place. */
#include "unit.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#define GUIDE "guide.yaml"
#define HUAWEI "vendors/huawei.yaml"
#define OPENVPN "vendors/openvpn.yaml"
#define PATH_SIZE 512

/* A copy of the rules in which the first "find" of a file is "change"; or the
 * whole file, where find is NULL; or no file, where change is NULL too. */
struct mistake {
	const char *file, *find, *change;
	int row, column; /* of the complaint, from the row of find; column 0: any */
	const char *says;
};

static const struct mistake placed[] = {
    /* keys */
    {GUIDE, "    phase: ike\n", "    phases: ike\n", 0, 5, "unknown key 'phases'"},
    {GUIDE, "    phase: ike\n", "    phase: ike\n    phase: ike\n", 1, 5,
	"'phase' stands here twice"},
    {GUIDE, "    origin: guide\n", "", -2, 5, "'origin' is missing"},
    {GUIDE, "    edition: enterprise\n", "", -2, 5, "'edition' is missing"},
    {GUIDE, "guide:\n  id:", "guide:\n  name:", 1, 3, "unknown key 'name'"},
    {GUIDE, "codes:\n", "code:\n", 0, 1, "unknown key 'code'"},
    {HUAWEI, "  recovery: true\n", "  recover: true\n", 0, 3, "unknown key 'recover'"},
    {HUAWEI, "  recovery: true\n", "", -3, 3, "'recovery' is missing"},
    {HUAWEI, "tunnel: [", "tunnels: [", 0, 1, "unknown key 'tunnels'"},
    {HUAWEI, "    text: IPSec tunnel is deleted.\n", "    text: a\n    text: b\n", 1, 5,
	"'text' stands here twice"},
    {HUAWEI, "    class: disconnect\n", "", -1, 5, "'class' is missing"},
    {HUAWEI, "key: PeerPort, field", "key: PeerPort, fields", 0, 0,
	"unknown key 'fields'"},
    /* values */
    {GUIDE, "    class: negotiation\n", "    class: negotiated\n", 0, 12,
	"'negotiated' is not one of: negotiation, disconnect"},
    {GUIDE, "    role: fault\n", "    role: [fault]\n", 0, 11,
	"is not one of: none, fault"},
    {GUIDE, "    alert: warn\n", "    alert: Warn\n", 0, 12,
	"'Warn' is not one of: page"},
    {GUIDE, "    end: both\n", "    end: {}\n", 0, 10, "is not one of: both, local"},
    {GUIDE, "        kind: check\n", "        kind: think\n", 0, 15,
	"'think' is not one of"},
    {GUIDE, "    name: dpd timeout\n", "    name:\n", 0, 0, "expected a text"},
    {GUIDE, "    name: dpd timeout\n", "    name: [a]\n", 0, 11, "expected a text"},
    {GUIDE, "    numbers: [1]\n", "    numbers: [one]\n", 0, 15,
	"expected a number from"},
    {GUIDE, "    numbers: [1]\n", "    numbers: [-1]\n", 0, 15,
	"expected a number from"},
    {GUIDE, "    numbers: [1]\n", "    numbers: 1\n", 0, 14, "expected a list"},
    {GUIDE, "    hold: 60\n", "    hold: 1000001\n", 0, 11, "expected a number from"},
    {GUIDE, "    hold: 60\n", "    hold: 60s\n", 0, 11, "expected a number from"},
    {GUIDE, "    short: {en: \"IKE", "    short: {fr: \"IKE", 0, 13,
	"unknown key 'fr'"},
    {GUIDE, "    short: {en: \"IKE", "    short: {en: \"\", x: \"IKE", 0, 17,
	"expected a text"},
    {GUIDE, "codes:\n", "codes: none\nx:\n", 0, 8, "expected a list"},
    {HUAWEI, "field: peer_port}", "field: port}", 0, 0,
	"'port' is not one of: peer, peer_port"},
    {HUAWEI, "wide: true", "wide: yes", 0, 0, "expected true or false"},
    {HUAWEI, "PeerAddress,", "PeerAddressOfTheOtherEndOfTheTunnel,", 0, 0,
	"at most 32 bytes"},
    {HUAWEI, "tunnel: [if_index", "tunnel: [interfaces", 0, 10,
	"'interfaces' is not one of"},
    {HUAWEI, "needs: [reason, peer]", "needs: [reasons, peer]", 0, 13,
	"'reasons' is not one of"},
    /* codes and checks */
    {GUIDE, "  - slug: phase2_proposal_or_pfs_mismatch\n",
	"  - slug: phase1_proposal_mismatch\n", 0, 5,
	"the code 'phase1_proposal_mismatch' is there twice"},
    {GUIDE, "      - check: G1.1.ike-policy\n", "      - check: G1.1.nope\n", 0, 16,
	"no check has the id 'G1.1.nope'"},
    {GUIDE, "        guide: null\n", "        guide: \"1.1\"\n", 0, 16,
	"a step's guide is null"},
    {GUIDE, "    hold: 60\n", "", -8, 5, "hold goes with effect down"},
    {GUIDE, "    effect: none\n", "    effect: none\n    hold: 5\n", -9, 5,
	"hold goes with effect down"},
    {GUIDE, "    class: negotiation\n", "    class: established\n", -3, 5,
	"a code's class is a failure or a symptom"},
    {GUIDE, "    phase: ike\n", "", -4, 5, "needs phase, alert and alert_why"},
    {OPENVPN, "    code: tls_handshake_failed\n", "    code: tls_handshake\n", 0, 11,
	"no code is called 'tls_handshake'"},
    {OPENVPN, "unrecognized_option/disable_dco", "unrecognized_option/disable", 0, 11,
	"no code is called 'unrecognized_option/disable'"},
    {GUIDE, "    numbers: [2]\n", "    numbers: [1]\n", -6, 5,
	"ReasonCode '1' is there twice"},
    {GUIDE, "    numbers: [7]\n", "    numbers: [7, 7]\n", -6, 5, "ReasonCode '7'"},
    {GUIDE, "    name: dpd timeout\n", "    name: Version--Mismatch\n", -1, 5,
	"the reason 'version_mismatch' is there twice"},
    {GUIDE, "    parent: phase1_proposal_mismatch\n", "    parent: nobody\n", -5, 5,
	"'nobody'"},
    {GUIDE, "    also: [\"flow conflict\"]", "    also: [\"\xe5\x86\xb2\"]", -7, 5,
	"has no letter or digit"},
    {"codes-zz.yaml", NULL,
	"codes:\n  - {slug: zz, name: DPD-timeout, origin: zz, class: "
	"client, phase: x, alert: info, alert_why: {en: a, zh: b}, short: {en: c, zh: "
	"d}, "
	"explanation: {en: e, zh: f}, causes: [], fix: []}\n",
	1, 5, "the reason 'dpd_timeout' is there twice"},
    /* patterns */
    {OPENVPN, "TLS handshake failed\"\n", "TLS handshake failed %peer:ip\"\n", 0, 9,
	"a hole is not closed"},
    {OPENVPN, "%peer:ip%:%peer_port:number% ", "%peer:ipv4%:%peer_port:number% ", 0, 5,
	"the type of a hole is"},
    {HUAWEI, "[%local:address%] ", "[%locale:address%] ", 0, 5,
	"a field that does not exist"},
    {OPENVPN, "  - \"%-:word%:", "  - \"%word%:", 0, 5, "a hole is written"},
    /* whose lines are they? */
    {OPENVPN, "programs: [openvpn,", "programs: [openvpn, ipsec_ike,", 0, 21,
	"'ipsec_ike' is there twice"},
    {OPENVPN, "programs: [openvpn,", "programs: [openvpn, openvpn,", 0, 21,
	"'openvpn'"},
    {OPENVPN, "programs: [openvpn,", "programs: [\"o-*\", openvpn,", 0, 12,
	"at least 3 bytes stand before a '*'"},
    {OPENVPN, "openers: [OpenSSL,", "openers: [OpenSSL, IKE,", 0, 20,
	"'IKE' is there twice"},
    /* messages */
    {HUAWEI, "    needs: [reason, peer]\n", "", -3, 5,
	"'reason_given' needs one of names, where, text, patterns, needs"},
    {OPENVPN, "    examples:\n", "    examples: []\n    bar:\n", 1, 5,
	"unknown key 'bar'"},
    /* YAML */
    {GUIDE, "  version: \"2025-02-05\"\n", "  version: @x\n", 0, 12, "not valid YAML"},
    {HUAWEI, "modules: [IPSEC,", "modules: [IPSEC, @,", 0, 0, "not valid YAML"},
    {HUAWEI, "\nkeys:\n", "\n\tkeys:\n", 1, 0, "not valid YAML"},
    /* files as a whole */
    {GUIDE, NULL, "", 0, 1, "the file is empty"},
    {GUIDE, NULL, "# only this\n", 0, 1, "the file is empty"},
    {HUAWEI, NULL, "", 0, 1, "the file is empty"},
    {HUAWEI, NULL, "[]\n", 0, 1, "expected 'key: value' lines"},
    {HUAWEI, NULL, "huawei\n", 0, 1, "expected 'key: value' lines"},
    {"vendors/zz.yaml", NULL, "vendor: {id: zz}\n", 0, 9, "'name' is missing"},
    {GUIDE, "  - slug: unknown_reason\n", "  - slug: ../unknown_reason\n", 0, 5,
	"'../unknown_reason' is no code"},
    {"codes-zz.yaml", NULL, "codes:\n  - slug: dpd_timeout\n", 1, 5,
	"'name' is missing"},
    {"codes-zz.yaml", NULL,
	"guide: {id: b, version: c, title: {en: d, zh: e}}\ncodes: []\n", 0, 8,
	"only one file has these"},
    {"vendors/zz.yaml", NULL,
	"vendor: {id: zz, name: ZZ, recovery: false}\ntunnel: [peer]\n"
	"messages: []\n---\nnothing: of this\n",
	4, 1, "one YAML document"},
    {"codes-zz.yaml", NULL, "checks: []\ncodes: []\n", 0, 9, "only one file has these"},
};

static const struct mistake not_utf8 = {
    OPENVPN, "vendor:\n", "vendor: \xff\xfe\n", 0, 0, "not valid YAML"};

/* What a file as a whole lacks, or has twice: the sentence names file and word. */
static const struct mistake named[] = {
    {GUIDE, "  - slug: unknown_reason\n", "  - slug: unknown_reasons\n", 0, 0,
	"'unknown_reason'"},
    {HUAWEI, "key: PeerPort,", "key: peeraddress,", 0, 0, "'peeraddress'"},
    {HUAWEI, "names: [IPSECTUNNELSTOP, hwIPSecTunnelStateDown]",
	"names: [IPSECTUNNELSTART]", 0, 0, "'IPSECTUNNELSTART'"},
    {GUIDE, NULL, NULL, 0, 0, "cannot be read: No such file"},
};

static char *
slurp(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = calloc(1, 1024 * 1024);
	size_t n;

	assert_non_null(in);
	assert_non_null(text);
	n = fread(text, 1, 1024 * 1024 - 1, in);
	assert_true(n < 1024 * 1024 - 1);
	fclose(in);
	return text;
}

static void
spill(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Every file of the rules that fits; each(path of it below the folder). */
static void
each_file(const char *dir, void (*each)(const char *from, const char *name, void *),
    void *arg)
{
	static const char *const patterns[] = {"*.yaml", "vendors/*.yaml"};

	for (size_t i = 0; i < COUNT(patterns); i++) {
		char path[PATH_SIZE];
		glob_t found = {0};

		snprintf(path, sizeof(path), "%s/%s", dir, patterns[i]);
		glob(path, 0, NULL, &found);
		for (size_t j = 0; j < found.gl_pathc; j++)
			each(found.gl_pathv[j], found.gl_pathv[j] + strlen(dir) + 1,
			    arg);
		globfree(&found);
	}
}

static void
copy_file(const char *from, const char *name, void *dir)
{
	char path[PATH_SIZE], *text = slurp(from);

	snprintf(path, sizeof(path), "%s/%s", (char *)dir, name);
	spill(path, text);
	free(text);
}

static void
remove_file(const char *from, const char *name, void *unused)
{
	(void)name, (void)unused;
	unlink(from);
}

/* A copy of the rules: setup and teardown of every test. */
static int
folder_new(void **state)
{
	static char dir[PATH_SIZE];
	char path[PATH_SIZE + 16];

	strcpy(dir, "/tmp/omipsec-load-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/vendors", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	each_file(RULES_DIR, copy_file, dir);
	*state = dir;
	return 0;
}

static int
folder_free(void **state)
{
	char path[PATH_SIZE + 16];

	each_file(*state, remove_file, NULL);
	snprintf(path, sizeof(path), "%s/vendors", (char *)*state);
	rmdir(path);
	return rmdir(*state);
}

/* The text with the change; the row where it begins. */
static char *
changed(const struct mistake *wrong, const char *text, int *row)
{
	const char *at = wrong->find ? strstr(text, wrong->find) : text;
	size_t rest = wrong->find ? strlen(wrong->find) : strlen(text);
	char *result = NULL;

	if (at == NULL)
		fail_msg("%s has no '%s' any more", wrong->file, wrong->find);
	*row = 1;
	for (const char *p = text; p < at; p++)
		*row += *p == '\n';
	assert_true(asprintf(&result, "%.*s%s%s", (int)(at - text), text, wrong->change,
			at + rest) >= 0);
	return result;
}

/* Make the mistake, load, undo it. err tells what was said. */
static void
commit(const char *dir, const struct mistake *wrong, int *row, char *err, size_t cap)
{
	char path[PATH_SIZE], *text = NULL, *result;
	struct vpn_rules *rules;
	bool loaded;

	snprintf(path, sizeof(path), "%s/%s", dir, wrong->file);
	if (access(path, F_OK) == 0)
		text = slurp(path);
	unlink(path);
	if (wrong->change) {
		result = changed(wrong, text ? text : "", row);
		spill(path, result);
		free(result);
	}
	rules = vpn_rules_load(dir, err, cap);
	loaded = rules != NULL;
	vpn_rules_free(rules);
	unlink(path);
	if (text)
		spill(path, text);
	free(text);
	if (loaded)
		fail_msg("%s: nothing is said of '%s'", wrong->file, wrong->change);
}

static void
check_placed(void **state, const struct mistake *wrong)
{
	char err[1024], place[PATH_SIZE + 64];
	int row = 0, n;

	commit(*state, wrong, &row, err, sizeof(err));
	n = snprintf(place, sizeof(place), "%s/%s:%d:", (char *)*state, wrong->file,
	    row + wrong->row);
	if (wrong->column)
		snprintf(place + n, sizeof(place) - (size_t)n, "%d: ", wrong->column);
	if (strncmp(err, place, strlen(place)) != 0 || !strstr(err, wrong->says))
		fail_msg("'%s'\n  instead of '%s ... %s'", err, place, wrong->says);
}

static void
test_placed(void **state)
{
	for (size_t i = 0; i < COUNT(placed); i++)
		check_placed(state, &placed[i]);
}

static void
test_not_utf8(void **state)
{
	check_placed(state, &not_utf8);
}

static void
test_named(void **state)
{
	char err[1024], path[PATH_SIZE];
	int row;

	for (size_t i = 0; i < COUNT(named); i++) {
		commit(*state, &named[i], &row, err, sizeof(err));
		snprintf(path, sizeof(path), "%s/%s:", (char *)*state, named[i].file);
		if (strncmp(err, path, strlen(path)) != 0 ||
		    !strstr(err, named[i].says))
			fail_msg("'%s'\n  does not say %s", err, named[i].says);
	}
}

static void
test_no_vendors(void **state)
{
	char err[1024] = "", path[PATH_SIZE + 16];

	snprintf(path, sizeof(path), "%s/vendors", (char *)*state);
	each_file(path, remove_file, NULL);
	assert_null(vpn_rules_load(*state, err, sizeof(err)));
	assert_non_null(strstr(err, path));
	assert_int_equal(rmdir(path), 0);
	strcpy(err, "");
	assert_null(vpn_rules_load(*state, err, sizeof(err)));
	assert_non_null(strstr(err, path));
}

static void
test_no_folder(void **state)
{
	char err[1024] = "";

	(void)state;
	assert_null(vpn_rules_load("/nonexistent/rules", err, sizeof(err)));
	assert_non_null(strstr(err, "/nonexistent/rules/guide.yaml: cannot be read"));
}

/* A sentence that is too long for err is cut, and ends. */
static void
test_short_err(void **state)
{
	char err[64];
	int row;

	for (size_t cap = 1; cap < 40; cap++) {
		memset(err, '#', sizeof(err));
		commit(*state, &placed[0], &row, err, cap);
		assert_true(strlen(err) < cap);
		assert_int_equal(err[cap], '#');
	}
}

/* A folder's name may hold what a pattern would not take literally. */
static void
test_folder_name(void **state)
{
	char path[PATH_SIZE + 16], err[1024] = "";
	struct vpn_rules *rules;

	snprintf(path, sizeof(path), "%s[1]", (char *)*state);
	assert_int_equal(rename(*state, path), 0);
	rules = vpn_rules_load(path, err, sizeof(err));
	assert_int_equal(rename(path, *state), 0);
	if (rules == NULL)
		fail_msg("%s", err);
	vpn_rules_free(rules);
}

/* An editor's lock, a Mac's shadow, a copy: none is a rule file. */
static void
test_other_files(void **state)
{
	static const char *const names[] = {".#huawei.yaml", "._huawei.yaml",
	    "huawei.yaml~", "huawei.yaml.bak", "huawei.yml", "README"};
	char path[PATH_SIZE + 32], err[1024] = "";
	struct vpn_rules *rules;

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/vendors/%s", (char *)*state, names[i]);
		spill(path, "\001 not a rule file");
		rules = vpn_rules_load(*state, err, sizeof(err));
		unlink(path);
		if (rules == NULL)
			fail_msg("%s", err);
		vpn_rules_free(rules);
	}
}

static void
test_good(void **state)
{
	char err[1024] = "";
	struct vpn_rules *rules = vpn_rules_load(*state, err, sizeof(err));

	if (rules == NULL)
		fail_msg("%s", err);
	assert_string_equal(err, "");
	assert_true(vpn_rules_vendors(rules) >= 2);
	assert_non_null(unit_vendor(rules, "huawei"));
	assert_non_null(unit_vendor(rules, "openvpn"));
	assert_non_null(strstr(unit_vendor(rules, "huawei")->file.at, HUAWEI));
	unit_same("guide", "id", vpn_rules_guide(rules)->id, "huawei-cloud-vpn");
	vpn_rules_free(rules);
	vpn_rules_free(NULL);
}

/* One file more is a vendor more, or a code more. */
static void
test_one_file(void **state)
{
	static const char *const lines[] = {
	    "Nov 23 08:59:00 gw zzd[1]: peer 192.0.2.1 left us",
	    "Nov 23 08:59:00 gw zzd: peer 192.0.2.1 left us",
	    "Nov 23 08:59:00 gw zz-7[1]: peer 192.0.2.1 left us",
	    "Nov 23 08:59:00 gw z[1]: peer 192.0.2.1 left us",
	    "Nov 23 08:59:00 gw z: peer 192.0.2.1 left us",
	};
	char path[PATH_SIZE + 32], err[1024] = "";
	struct vpn_rules *rules;
	struct vpn_event ev;

	snprintf(path, sizeof(path), "%s/codes-zz.yaml", (char *)*state);
	spill(path,
	    "codes:\n  - {slug: zz_left, name: zz left, origin: zz, class: disconnect, "
	    "phase: ike, effect: none, alert: info, alert_why: {en: a, zh: b}, "
	    "short: {en: c, zh: d}, explanation: {en: e, zh: f}, causes: [], fix: "
	    "[]}\n");
	snprintf(path, sizeof(path), "%s/vendors/zz.yaml", (char *)*state);
	spill(path,
	    "vendor: {id: zz, name: ZZ, recovery: false}\nprograms: [zzd, zz-*, z]\n"
	    "tunnel: [peer]\nmessages:\n  - id: left\n    class: disconnect\n"
	    "    code: zz_left\n    patterns: [\"peer %peer:ip% left us\"]\n"
	    "    examples: [{line: x}]\n");
	rules = vpn_rules_load(*state, err, sizeof(err));
	if (rules == NULL)
		fail_msg("%s", err);
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct vpn_line ln = unit_line(lines[i]);

		if (!vpn_recognise(rules, &ln, &ev))
			fail_msg("nothing in: %s", lines[i]);
		unit_same("zz", "code", ev.code->slug, "zz_left");
		unit_same("zz", "tunnel", vpn_text(ev.tunnel), "gw/192.0.2.1");
	}
	vpn_rules_free(rules);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, folder_new, folder_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_placed),
	    TEST(test_not_utf8),
	    TEST(test_named),
	    TEST(test_no_vendors),
	    TEST(test_no_folder),
	    TEST(test_short_err),
	    TEST(test_folder_name),
	    TEST(test_other_files),
	    TEST(test_good),
	    TEST(test_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

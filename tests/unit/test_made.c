/* SPDX-License-Identifier: Apache-2.0
 * Events that were made earlier: what comes back of every line's event, what it does
 * to its tunnel, and what is refused. */
#include <glob.h>

#include "core/own.h"
#include "load/made.h"
#include "unit.h"
#include "vpn/join.h"
#include "vpn/render.h"

#define LINES SOURCE_DIR "/tests/lines/*.log"
#define SCENARIOS SOURCE_DIR "/tests/scenarios/*.log"

#define HOUR_MS INT64_C(3600000)

/* Two engines: one hears the lines, the other what was made of them. */
struct twins {
	const struct vpn_rules *rules;
	struct vpn_render *render, *ocsf;
	struct vpn_join *join;
	struct vpn_engine *engine[2];
	struct vpn_now now;
	const struct vpn_event *ev; /* of the line */
	char json[VPN_EVENT_MAX];
	int alarms[2], events;
};

static void
take(const struct vpn_alarm *alarm, void *arg)
{
	(void)alarm;
	++*(int *)arg;
}

static struct vpn_engine *
new_engine(const struct vpn_rules *rules, int *alarms)
{
	struct vpn_engine_conf conf;
	struct vpn_engine *eng;

	vpn_engine_defaults(&conf);
	conf.alarm = take;
	conf.arg = alarms;
	eng = vpn_engine_new(&conf);
	vpn_engine_use(eng, rules, NULL);
	return eng;
}

static void
same_text(const char *row, const char *what, struct vpn_text got, struct vpn_text want)
{
	if (!vpn_text_same(got, want))
		fail_msg("%s\n  %s: '%.*s' instead of '%.*s'", row, what, (int)got.len,
		    got.at ? got.at : "", (int)want.len, want.at ? want.at : "");
}

/* Invalid UTF-8 becomes U+FFFD on the way. */
static bool
is_ascii(struct vpn_text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] > '~')
			return false;
	return true;
}

static void
same_fields(const char *row, const struct vpn_event *got, const struct vpn_event *want)
{
	static const enum vpn_field others[] = {
	    VPN_PEER, VPN_LOCAL, VPN_REASON, VPN_REASON_CODE, VPN_USER, VPN_DETAIL};

	for (size_t i = 0; i < VPN_ATTRIBUTES; i++)
		if (is_ascii(want->field[vpn_attributes[i].field]))
			same_text(row, vpn_attributes[i].key,
			    got->field[vpn_attributes[i].field],
			    want->field[vpn_attributes[i].field]);
	for (size_t i = 0; i < COUNT(others); i++)
		if (is_ascii(want->field[others[i]]))
			same_text(row, "field", got->field[others[i]],
			    want->field[others[i]]);
}

static void
same_event(const char *row, const struct vpn_event *got, const struct vpn_event *want)
{
	unit_number(row, "class", got->class, want->class);
	assert_ptr_equal(got->code, want->code);
	assert_ptr_equal(got->policy, want->policy);
	assert_ptr_equal(got->vendor, want->vendor);
	assert_ptr_equal(got->message, want->message);
	unit_number(row, "unknown", got->unknown, want->unknown);
	unit_number(row, "repeat", got->repeat, want->repeat);
	unit_number(row, "peer_is_ip", got->peer_is_ip, want->peer_is_ip);
	unit_number(row, "local_is_ip", got->local_is_ip, want->local_is_ip);
	unit_number(row, "line_is_ip", got->line_is_ip, want->line_is_ip);
	unit_number(row, "time", got->time_ms, want->time_ms);
	unit_number(
	    row, "zone", got->zone == VPN_ZONE_NONE, want->zone == VPN_ZONE_NONE);
	unit_number(row, "received", got->line->received_ms, want->line->received_ms);
	assert_memory_equal(got->id, want->id, sizeof(got->id));
	assert_string_equal(got->tunnel, want->tunnel);
	if (is_ascii(want->device))
		same_text(row, "device", got->device, want->device);
	if (is_ascii(want->line->raw))
		same_text(row, "raw", got->line->raw, want->line->raw);
	same_fields(row, got, want);
}

/* What is rendered from the event is what is rendered from the line, but for the time
 * as the device wrote it: ECS has no place for that. */
static void
same_ocsf(const struct twins *twins, struct vpn_event *got)
{
	static char out[2][VPN_EVENT_MAX];
	const struct vpn_event *events[] = {got, twins->ev};
	size_t len[2];

	got->device_time = twins->ev->device_time;
	for (size_t i = 0; i < 2; i++)
		len[i] =
		    vpn_render_event(twins->ocsf, events[i], out[i], sizeof(out[i]));
	same_text(twins->json, "OCSF", (struct vpn_text){out[0], len[0]},
	    (struct vpn_text){out[1], len[1]});
}

static void
compare(struct vpn_made *made, void *arg)
{
	struct twins *twins = arg;
	struct vpn_turn turn[2];

	twins->events++;
	same_event(twins->json, &made->event, twins->ev);
	same_ocsf(twins, &made->event);
	vpn_engine_event(twins->engine[0], twins->ev, twins->now, &turn[0]);
	vpn_engine_event(twins->engine[1], &made->event, twins->now, &turn[1]);
	assert_memory_equal(&turn[0].state, &turn[1].state, sizeof(turn[0].state));
	unit_number(twins->json, "tracked", turn[1].tracked, turn[0].tracked);
	unit_number(twins->json, "changed", turn[1].changed, turn[0].changed);
	unit_number(twins->json, "previous", turn[1].previous, turn[0].previous);
}

static void
hear(struct twins *twins, char *text, size_t len)
{
	struct vpn_line ln = {.raw = {text, len},
	    .host = VPN_TEXT("collector-saw"),
	    .ip = VPN_TEXT("192.0.2.1"),
	    .pri = -1,
	    .number = twins->events % 2 ? 7 : 0,
	    .received_ms = twins->now.wall_ms,
	    .archived = true};
	struct vpn_event ev;
	char err[200] = "";
	size_t n;

	/* Cut as the event's original is. */
	if (len > VPN_ORIGINAL_MAX || !vpn_recognise(twins->rules, &ln, &ev))
		return;
	if (vpn_join_wants(&ev) &&
	    vpn_join_line(twins->join, &ev) == VPN_JOINED_NOTHING)
		return;
	if (ev.time_ms > twins->now.wall_ms) {
		int64_t passed = ev.time_ms - twins->now.wall_ms;

		/* Years lie between some lines. */
		twins->now.mono_ms += passed < HOUR_MS ? passed : HOUR_MS;
		twins->now.wall_ms = ev.time_ms;
	}
	ln.received_ms = twins->now.wall_ms;
	if (ev.zone == VPN_ZONE_NONE)
		ev.time_ms = ln.received_ms;
	else
		ev.skew_ms = ln.received_ms - ev.time_ms;
	for (size_t i = 0; i < 2; i++)
		vpn_engine_tick(twins->engine[i], twins->now);
	n = vpn_render_event(twins->render, &ev, twins->json, sizeof(twins->json) - 1);
	twins->json[n] = '\0';
	twins->ev = &ev;
	if (vpn_made_each(twins->rules, (struct vpn_text){twins->json, n}, compare,
		twins, err, sizeof(err)) != 1)
		fail_msg("%s\n  %s", twins->json, err);
}

static void
hear_file(struct twins *twins, const char *path)
{
	FILE *file = fopen(path, "r");
	size_t cap = 0;
	char *line = NULL;
	ssize_t n;

	assert_non_null(file);
	while ((n = getline(&line, &cap, file)) > 0)
		hear(twins, line, (size_t)n - (line[n - 1] == '\n'));
	free(line);
	fclose(file);
}

static void
play(struct twins *twins, const char *path)
{
	twins->join = vpn_join_new();
	twins->now = (struct vpn_now){0, 1000000};
	for (size_t i = 0; i < 2; i++) {
		twins->alarms[i] = 0;
		twins->engine[i] = new_engine(twins->rules, &twins->alarms[i]);
	}
	hear_file(twins, path);
	twins->now.wall_ms += HOUR_MS;
	twins->now.mono_ms += HOUR_MS;
	for (size_t i = 0; i < 2; i++) {
		vpn_engine_tick(twins->engine[i], twins->now);
		vpn_engine_free(twins->engine[i]);
	}
	unit_number(path, "alarms", twins->alarms[1], twins->alarms[0]);
	vpn_join_free(twins->join);
}

static void
test_every_line(void **state)
{
	struct twins *twins = calloc(1, sizeof(*twins));
	glob_t files = {0};

	assert_non_null(twins);
	twins->rules = *state;
	twins->render = vpn_render_new(*state, VPN_FORMAT_ECS, VPN_LANGUAGE_BOTH, NULL);
	twins->ocsf = vpn_render_new(*state, VPN_FORMAT_OCSF, VPN_LANGUAGE_BOTH, NULL);
	glob(LINES, 0, NULL, &files);
	glob(SCENARIOS, GLOB_APPEND, NULL, &files);
	assert_true(files.gl_pathc > 50);
	for (size_t i = 0; i < files.gl_pathc; i++)
		play(twins, files.gl_pathv[i]);
	assert_true(twins->events > 400);
	globfree(&files);
	vpn_render_free(twins->render);
	vpn_render_free(twins->ocsf);
	free(twins);
}

#define ID "\"id\":\"0123456789abcdef0123456789abcdef\""
#define CREATED "\"created\":\"2026-11-23T09:00:00.000Z\""
#define EVENT "\"event\":{" ID "," CREATED ",\"code\":\"dpd_timeout\"}"
#define TIME "\"@timestamp\":\"2026-11-23T08:59:59.000Z\""
#define VENDOR "\"vendor\":{\"id\":\"huawei\",\"message\":\"m\"}"
#define TUNNEL "\"tunnel\":{\"id\":\"HQ/9/1/203.0.113.7\"}"
#define OWN(rest) "\"omipsec\":{\"schema\":1,\"class\":\"disconnect\"," rest "}"
#define GOOD "{" TIME "," EVENT "," OWN(VENDOR "," TUNNEL) "}"

static const struct {
	const char *json, *says;
} mistakes[] = {
    {"", "no JSON"},
    {"hello", "no JSON"},
    {"{", "no JSON, or only a part"},
    {GOOD "{}", "no JSON"},
    {"[]", "omipsec.schema is missing"},
    {"{}", "omipsec.schema is missing"},
    {"{\"class_uid\":4014,\"unmapped\":{\"omipsec\":{\"schema\":1}}}",
	"it is OCSF, and input=\"event\" reads ECS"},
    {"{\"omipsec\":{\"schema\":\"1\"}}", "omipsec.schema is missing"},
    {"{\"omipsec\":{\"schema\":2}}", "omipsec.schema is 2, and this version knows 1"},
    {"{\"omipsec\":{\"schema\":1}}", "@timestamp is missing"},
    {"{\"@timestamp\":\"2026-11-23 09:00:00\"," EVENT "," OWN(VENDOR "," TUNNEL) "}",
	"@timestamp is missing or no time"},
    {"{" TIME ",\"event\":{" ID "}," OWN(VENDOR "," TUNNEL) "}", "event.created"},
    {"{" TIME ",\"event\":{" CREATED "}," OWN(VENDOR "," TUNNEL) "}", "event.id"},
    {"{" TIME ",\"event\":{\"id\":\"0123456789ABCDEF0123456789abcdef\"," CREATED
     "}," OWN(VENDOR "," TUNNEL) "}",
	"event.id is missing or not 32 hex digits"},
    {"{" TIME "," EVENT ",\"omipsec\":{\"schema\":1,\"class\":\"symptom\"}}",
	"omipsec.class"},
    {"{" TIME "," EVENT ",\"omipsec\":{\"schema\":1,\"class\":7}}", "omipsec.class"},
    {"{" TIME "," EVENT "," OWN("\"vendor\":{\"id\":\"acme\"}," TUNNEL) "}",
	"omipsec.vendor.id is no vendor of these rules"},
    {"{" TIME "," EVENT "," OWN(VENDOR) "}", "omipsec.tunnel.id is missing"},
    {"{" TIME "," EVENT "," OWN(VENDOR ",\"tunnel\":{\"id\":\"a b\"}") "}",
	"omipsec.tunnel.id is missing or no tunnel's"},
    {"{" TIME "," EVENT "," OWN(VENDOR ",\"tunnel\":{\"id\":\"\\u0000\"}") "}",
	"omipsec.tunnel.id"},
};

static void
count(struct vpn_made *made, void *arg)
{
	(void)made;
	++*(int *)arg;
}

static void
test_mistakes(void **state)
{
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		char err[200] = "";
		int n = 0;

		if (vpn_made_each(*state, unit_guard(vpn_text(mistakes[i].json)), count,
			&n, err, sizeof(err)) != -1 ||
		    n != 0 || !strstr(err, mistakes[i].says))
			fail_msg("%s\n  says '%s', not '%s'", mistakes[i].json, err,
			    mistakes[i].says);
	}
}

/* Whatever is cut off of an event, it is refused and nothing is read beyond it. */
static void
test_every_cut(void **state)
{
	struct vpn_text good = VPN_TEXT(GOOD);
	char err[200];
	int n = 0;

	assert_int_equal(
	    vpn_made_each(*state, unit_guard(good), count, &n, err, sizeof(err)), 1);
	for (good.len--; good.len > 0; good.len--)
		assert_int_equal(vpn_made_each(*state, unit_guard(good), count, &n, err,
				     sizeof(err)),
		    -1);
	assert_int_equal(n, 1);
}

static void
read_one(void **state, const char *json, void (*look)(struct vpn_made *, void *))
{
	char err[200] = "";

	if (vpn_made_each(*state, vpn_text(json), look, NULL, err, sizeof(err)) != 1)
		fail_msg("%s: %s", json, err);
}

static void
is_unknown(struct vpn_made *made, void *arg)
{
	const struct vpn_event *ev = &made->event;

	(void)arg;
	assert_true(ev->unknown);
	unit_same("unknown code", "code", ev->code->slug, "unknown_reason");
	assert_false(ev->message->stateless);
	assert_int_equal(ev->policy->effect, VPN_EFFECT_DOWN);
}

/* Rules elsewhere may be newer: silence would be worse than a vague word. */
static void
test_newer_rules(void **state)
{
	read_one(state,
	    "{" TIME ",\"event\":{" ID "," CREATED
	    ",\"code\":\"quantum_decay\"}," OWN(VENDOR "," TUNNEL) "}",
	    is_unknown);
}

static void
has_no_ip(struct vpn_made *made, void *arg)
{
	(void)arg;
	assert_false(made->event.peer_is_ip);
	assert_false(made->event.local_is_ip);
	unit_same("masked", "local", made->event.field[VPN_LOCAL], "198.51.100.xx");
}

static void
has_all(struct vpn_made *made, void *arg)
{
	const struct vpn_event *ev = &made->event;

	(void)arg;
	unit_number("state", "tracked", ev->turn->tracked, true);
	unit_number("state", "state", ev->turn->state, VPN_STATE_DOWN);
	unit_number("state", "previous", ev->turn->previous, VPN_STATE_UP);
	unit_number("state", "changed", ev->turn->changed, true);
	unit_number("bytes", "bytes", (int64_t)ev->line->bytes, 9000);
	unit_number("repeated", "repeated", ev->repeated, 6);
	unit_number("zone", "zone", ev->zone_minutes, -210);
}

/* What only few events have. */
static void
test_rare(void **state)
{
	read_one(state,
	    "{" TIME ",\"event\":{" ID "," CREATED ",\"timezone\":\"-03:30\"}," OWN(
		VENDOR ",\"original_bytes\":9000,\"repeated\":6,"
		       "\"tunnel\":{\"id\":\"a/1\",\"state\":\"down\","
		       "\"previous_state\":\"up\",\"changed\":true}") "}",
	    has_all);
}

/* What is no address does not become one. */
static void
test_foreign_address(void **state)
{
	read_one(state,
	    "{" TIME "," EVENT "," OWN(
		VENDOR ",\"tunnel\":{\"id\":\"a/1\",\"peer\":{\"ip\":\"not an ip\"},"
		       "\"local\":{\"ip\":{},\"address\":\"198.51.100.xx\"}}") "}",
	    has_no_ip);
}

static void
test_alert_is_skipped(void **state)
{
	char err[200];
	int n = 0;

	assert_int_equal(vpn_made_each(*state,
			     VPN_TEXT("{\"event\":{\"kind\":\"alert\"},"
				      "\"omipsec\":{\"schema\":1}}"),
			     count, &n, err, sizeof(err)),
	    0);
	assert_int_equal(n, 0);
}

static void
keep_json(struct vpn_made *made, void *arg)
{
	struct vpn_turn turn = {.tracked = true,
	    .changed = true,
	    .state = VPN_STATE_DOWN,
	    .previous = VPN_STATE_UP};

	assert_null(memmem(made->json.at, made->json.len, "\"more\"", 6));
	assert_true(vpn_made_turn(made, &turn));
	strncat(arg, made->json.at, made->json.len);
	strcat(arg, "\n");
}

static void
test_more(void **state)
{
	char all[4000] = "", err[200] = "";
	struct vpn_text json = VPN_TEXT("{" TIME "," EVENT "," OWN(
	    VENDOR "," TUNNEL) ",\"more\":[" GOOD "," GOOD "]}");

	assert_int_equal(
	    vpn_made_each(*state, json, keep_json, all, err, sizeof(err)), 3);
	for (const char *at = all; *at; at = strchr(at, '\n') + 1)
		assert_non_null(strstr(at,
		    "\"state\":\"down\",\"previous_state\":\"up\",\"changed\":true"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_line),
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_every_cut),
	    cmocka_unit_test(test_newer_rules),
	    cmocka_unit_test(test_rare),
	    cmocka_unit_test(test_foreign_address),
	    cmocka_unit_test(test_alert_is_skipped),
	    cmocka_unit_test(test_more),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

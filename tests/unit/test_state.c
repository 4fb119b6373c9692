/* SPDX-License-Identifier: Apache-2.0
 * A walk over the whole table of transitions: each state of a tunnel, brought
 * about by lines, with each thing that its lines can say; and who is paged. And what
 * is heard long after it was received. */
#include <time.h>
#include <unistd.h>

#include "unit.h"
#include "vpn/engine.h"

#define BASE_MS INT64_C(1795000000000)
#define HOLD_S 60
#define INPUTS 6

/* Named, so that its failures count before it was ever up; no user's, so that a
 * session that ends leaves its row behind. */
static const char overrides[] =
    "tunnels: [{match: {peer: 203.0.113.7}, dynamic: false}]\n";

static const struct input {
	const char *name;
	const char *reason; /* of a STOP; NULL: see below */
} inputs[INPUTS] = {{"up", NULL}, {"down", "dpd timeout"},
    {"admin", "config modify or manual offline"}, {"idle", "phase2 hard expiry"},
    {"user", "aaa cut user"}, {"failed", NULL}};

enum { UP, DOWN, ADMIN, IDLE, USER, FAILED };

#define S(state) VPN_STATE_##state

static const enum vpn_state expected[VPN_STATE_COUNT][INPUTS] = {
    [S(UNKNOWN)] = {S(UP), S(DOWN), S(ADMIN), S(IDLE), S(ENDED), S(UNKNOWN)},
    [S(UP)] = {S(UP), S(DOWN), S(ADMIN), S(IDLE), S(ENDED), S(UP)},
    [S(DOWN)] = {S(UP), S(DOWN), S(DOWN), S(DOWN), S(DOWN), S(DOWN)},
    [S(ADMIN)] = {S(UP), S(ADMIN), S(ADMIN), S(ADMIN), S(ADMIN), S(DOWN)},
    [S(IDLE)] = {S(UP), S(DOWN), S(ADMIN), S(IDLE), S(ENDED), S(DOWN)},
    [S(ENDED)] = {S(UP), S(ENDED), S(ENDED), S(ENDED), S(ENDED), S(ENDED)},
};

/* What brings a tunnel into each state. */
static const struct {
	size_t n;
	int input[2];
} ways[VPN_STATE_COUNT] = {[S(UNKNOWN)] = {0, {0}},
    [S(UP)] = {1, {UP}},
    [S(DOWN)] = {2, {UP, DOWN}},
    [S(ADMIN)] = {2, {UP, ADMIN}},
    [S(IDLE)] = {2, {UP, IDLE}},
    [S(ENDED)] = {2, {UP, USER}}};

struct walk {
	const struct vpn_rules *rules;
	struct vpn_engine *engine;
	struct vpn_now now;
	unsigned serial;
	int lag_s; /* between a line's reception and now */
	int open;
	enum vpn_state moved; /* to where, as it was told last */
};

static void
take(const struct vpn_alarm *alarm, void *arg)
{
	struct walk *walk = arg;

	walk->open += alarm->step == VPN_ALARM_OPENED;
	walk->open -= alarm->step == VPN_ALARM_RESOLVED;
}

static void
note(const struct vpn_move *move, void *arg)
{
	((struct walk *)arg)->moved = move->state;
}

static void
run_for(struct walk *walk, int seconds)
{
	walk->now.wall_ms += seconds * INT64_C(1000);
	walk->now.mono_ms += seconds * INT64_C(1000);
	vpn_engine_tick(walk->engine, walk->now);
}

static struct vpn_turn
hear(struct walk *walk, const char *name, const char *rest)
{
	int64_t received_ms = walk->now.wall_ms - walk->lag_s * INT64_C(1000);
	time_t s = (time_t)(received_ms / 1000);
	char stamp[40], text[600];
	struct vpn_line ln = {.pri = -1, .received_ms = received_ms};
	struct vpn_turn turn;
	struct vpn_event ev;
	struct tm tm;

	strftime(stamp, sizeof(stamp), "%b %d %Y %H:%M:%S+00:00", gmtime_r(&s, &tm));
	snprintf(text, sizeof(text), "<188>%s HQ %%%%01IPSEC/4/%s(l)[%u]:OID 1 %s",
	    stamp, name, ++walk->serial, rest);
	ln.raw = vpn_text(text);
	assert_true(vpn_recognise(walk->rules, &ln, &ev));
	vpn_engine_event(walk->engine, &ev, walk->now, &turn);
	run_for(walk, 2);
	return turn;
}

/* Lines that name no child SA speak of all of them. */
static struct vpn_turn
say(struct walk *walk, int input)
{
	static const char ends[] = "DstIP=203.0.113.7, SrcIP=198.51.100.1";
	struct vpn_turn turn;
	char rest[300];

	if (input == UP) {
		snprintf(rest, sizeof(rest),
		    "The IPSec tunnel is established. (Ifindex=9, SeqNum=1, %s)", ends);
		return hear(walk, "IPSECTUNNELSTART", rest);
	}
	if (input != FAILED) {
		snprintf(rest, sizeof(rest),
		    "The IPSec tunnel is deleted. (Ifindex=9, SeqNum=1, %s, "
		    "OfflineReason=%s)",
		    ends, inputs[input].reason);
		return hear(walk, "IPSECTUNNELSTOP", rest);
	}
	/* So many that one taken down on purpose is missed. */
	for (int i = 0; i < 3; i++)
		turn = hear(walk, "IPSECNEGOFAIL",
		    "IPSec tunnel negotiation fails. (Ifindex=9, SeqNum=1, "
		    "Reason=authentication fail, ReasonCode=3, "
		    "PeerAddress=203.0.113.7, PeerPort=500)");
	return turn;
}

static void
check(struct walk *walk, enum vpn_state from, int input)
{
	enum vpn_state to = expected[from][input];
	struct vpn_turn turn;

	for (size_t i = 0; i < ways[from].n; i++)
		say(walk, ways[from].input[i]);
	turn = say(walk, input);
	/* One of the failures is the one that counts. */
	if (turn.state != to || !turn.tracked ||
	    (input != FAILED && turn.previous != from) ||
	    (input != FAILED && turn.changed != (from != to)))
		fail_msg("state %d, %s: %d to %d, changed %d; expected %d", (int)from,
		    inputs[input].name, (int)turn.previous, (int)turn.state,
		    turn.changed, (int)to);
	if (walk->moved != to || turn.subject.len == 0)
		fail_msg("state %d, %s: told that it is %d", (int)from,
		    inputs[input].name, (int)walk->moved);
	run_for(walk, HOLD_S + 2);
	if (walk->open != (to == VPN_STATE_DOWN))
		fail_msg("state %d, %s: %d alerts are open", (int)from,
		    inputs[input].name, walk->open);
}

static struct vpn_policy *
load_overrides(const struct vpn_rules *rules)
{
	char path[] = "/tmp/omipsec-state-XXXXXX", err[500];
	struct vpn_policy *policy;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(
	    write(fd, overrides, sizeof(overrides) - 1), sizeof(overrides) - 1);
	close(fd);
	policy = vpn_policy_load(path, rules, err, sizeof(err));
	unlink(path);
	assert_non_null(policy);
	return policy;
}

static void
begin(struct walk *walk, const struct vpn_rules *rules, const struct vpn_policy *policy,
    size_t max_tunnels)
{
	struct vpn_engine_conf conf;

	*walk = (struct walk){.rules = rules, .now = {BASE_MS, 1000000}};
	vpn_engine_defaults(&conf);
	conf.alarm = take;
	conf.moved = note;
	if (max_tunnels > 0)
		conf.max_tunnels = max_tunnels;
	conf.arg = walk;
	walk->engine = vpn_engine_new(&conf);
	vpn_engine_use(walk->engine, rules, policy);
}

static void
test_every_transition(void **state)
{
	struct vpn_policy *policy = load_overrides(*state);
	struct walk walk;

	for (int from = 0; from < VPN_STATE_COUNT; from++) {
		for (int input = 0; input < INPUTS; input++) {
			begin(&walk, *state, policy, 0);
			check(&walk, (enum vpn_state)from, input);
			vpn_engine_free(walk.engine);
		}
	}
	vpn_policy_free(policy);
}

/* Another tunnel's life, to hear something. */
static void
hear_other(struct walk *walk)
{
	hear(walk, "IPSECTUNNELSTART",
	    "The IPSec tunnel is established. (Ifindex=9, SeqNum=2, "
	    "DstIP=203.0.113.8, SrcIP=198.51.100.1)");
}

/* A backlog is read: what it tells of is older and older news, then newer. */
static void
test_nothing_opens_while_lagging(void **state)
{
	struct walk walk;

	begin(&walk, *state, NULL, 0);
	walk.lag_s = 3600;
	say(&walk, UP);
	say(&walk, DOWN);
	for (; walk.lag_s > HOLD_S; walk.lag_s -= 120) {
		hear_other(&walk);
		assert_int_equal(walk.open, 0);
	}
	walk.lag_s = 0;
	hear_other(&walk);
	run_for(&walk, HOLD_S);
	assert_int_equal(walk.open, 1);
	vpn_engine_free(walk.engine);
}

/* It came up again in the backlog: nobody needs to know. */
static void
test_what_healed_in_a_backlog_is_not_told(void **state)
{
	struct walk walk;

	begin(&walk, *state, NULL, 0);
	walk.lag_s = 3600;
	say(&walk, UP);
	say(&walk, DOWN);
	for (; walk.lag_s > 600; walk.lag_s -= 60)
		hear_other(&walk);
	say(&walk, UP);
	walk.lag_s = 0;
	hear_other(&walk);
	run_for(&walk, 10 * HOLD_S);
	assert_int_equal(walk.open, 0);
	vpn_engine_free(walk.engine);
}

/* A collector whose clock is wrong keeps nobody from being told. */
static void
test_a_wrong_clock_is_no_backlog(void **state)
{
	struct walk walk;

	begin(&walk, *state, NULL, 0);
	walk.lag_s = 600;
	say(&walk, UP);
	say(&walk, DOWN);
	for (int i = 0; i < 60; i++)
		hear_other(&walk);
	assert_int_equal(walk.open, 1);
	vpn_engine_free(walk.engine);
}

/* A backlog of one partition is read, and another has none: what healed in it is not
 * told. */
static void
test_fresh_news_end_no_backlog(void **state)
{
	struct walk walk;

	begin(&walk, *state, NULL, 0);
	walk.lag_s = 6000;
	say(&walk, UP);
	say(&walk, DOWN);
	for (int lag_s = 6000; lag_s > HOLD_S; lag_s -= 60) {
		walk.lag_s = lag_s;
		hear_other(&walk);
		walk.lag_s = 0;
		hear_other(&walk);
		hear_other(&walk);
		assert_int_equal(walk.open, 0);
	}
	say(&walk, UP);
	run_for(&walk, 2 * HOLD_S);
	assert_int_equal(walk.open, 0);
	vpn_engine_free(walk.engine);
}

/* One of two collectors has a wrong clock: that is no backlog for ever. */
static void
test_fresh_news_show_a_wrong_clock(void **state)
{
	struct walk walk;

	begin(&walk, *state, NULL, 0);
	say(&walk, UP);
	say(&walk, DOWN);
	for (int i = 0; i < 12 * HOLD_S && walk.open == 0; i++) {
		walk.lag_s = i % 3 ? 0 : 600;
		hear_other(&walk);
	}
	assert_int_equal(walk.open, 1);
	vpn_engine_free(walk.engine);
}

static bool
is_doubted(const struct walk *walk)
{
	return vpn_engine_doubts(walk->engine, vpn_text("198.51.100.1~203.0.113.7"));
}

/* It is back and only waits for holdUp, or the news are old. */
static void
test_what_may_have_changed_is_doubted(void **state)
{
	struct walk walk;

	begin(&walk, *state, NULL, 0);
	say(&walk, UP);
	say(&walk, DOWN);
	assert_true(is_doubted(&walk));
	run_for(&walk, HOLD_S);
	assert_int_equal(walk.open, 1);
	assert_false(is_doubted(&walk));
	walk.lag_s = 3600;
	hear_other(&walk);
	assert_true(is_doubted(&walk));
	walk.lag_s = 0;
	run_for(&walk, HOLD_S);
	assert_false(is_doubted(&walk));
	say(&walk, UP);
	assert_true(is_doubted(&walk));
	run_for(&walk, HOLD_S);
	assert_int_equal(walk.open, 0);
	assert_false(is_doubted(&walk));
	vpn_engine_free(walk.engine);
}

/* There is no room for it under its new subject but its own. */
static void
test_a_tunnel_makes_no_room_for_itself(void **state)
{
	struct walk walk;

	begin(&walk, *state, NULL, 2);
	hear(&walk, "IPSECTUNNELSTART",
	    "The IPSec tunnel is established. (Ifindex=9, SeqNum=1, "
	    "DstIP=203.0.113.7)");
	hear_other(&walk);
	say(&walk, UP);
	assert_int_equal(vpn_engine_counts(walk.engine)->evicted, 1);
	say(&walk, DOWN);
	run_for(&walk, HOLD_S);
	assert_int_equal(walk.open, 1);
	vpn_engine_free(walk.engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_transition),
	    cmocka_unit_test(test_nothing_opens_while_lagging),
	    cmocka_unit_test(test_what_healed_in_a_backlog_is_not_told),
	    cmocka_unit_test(test_a_wrong_clock_is_no_backlog),
	    cmocka_unit_test(test_fresh_news_end_no_backlog),
	    cmocka_unit_test(test_fresh_news_show_a_wrong_clock),
	    cmocka_unit_test(test_what_may_have_changed_is_doubted),
	    cmocka_unit_test(test_a_tunnel_makes_no_room_for_itself),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 * Random histories of tunnels, played against the engine and held against what
 * really happened in them. The world below knows when a tunnel was up; the
 * lines that it writes come late, twice and out of order; rsyslogd restarts.
 *
 *	two      never two open alerts for one tunnel, and what is resolved was open
 *	missed   no tunnel stays down past its hold without an alert over it
 *	false    no tunnel is told to be down that was up all the time
 *	benign   what is benign alone opens nothing
 *	endless  every alert ends when the tunnels are back
 *	restart  the same alerts are open after a restart
 *	changed  a transition is told once, a doubled line says the same again
 *
 * OMIPSEC_SEED=N plays history N alone and prints it. */
#include <inttypes.h>
#include <time.h>

#include "unit.h"
#include "vpn/engine.h"

#if defined(__SANITIZE_ADDRESS__)
#define HISTORIES 5000
#else
#define HISTORIES 100000
#endif
#define PAIRS 9
#define FLOWS 3
#define LINES 600
#define ITEMS 200
#define OPEN 64
#define BASE_MS INT64_C(1795000000000)
#define BASE_S 1000
#define DELAY_S 20
#define HOLD_S 60
#define LONG_S 300 /* the slowest reason's hold; five holds of a flapping tunnel */
#define SLACK_S (DELAY_S + 35)

static struct vpn_rules *rules;

static struct world {
	uint64_t random, seed;
	struct vpn_engine *engine;
	struct vpn_now now;
	size_t npairs, nflows, nlines, nopen, nitems, gateways;
	bool benign, both, many, loud;
	unsigned next_index, serial, opened;
	struct {
		bool up, outage; /* down for a reason that has to be told */
		int64_t since_s;
		unsigned index[FLOWS], restarts; /* restarts since then */
	} pair[PAIRS];
	struct {
		int64_t at_s; /* delivery */
		char text[700];
	} line[LINES];
	struct {
		char subject[128];
		enum vpn_alarm_kind kind;
		int64_t start_ms;
	} open[OPEN];
	struct {
		char key[160], data[4096];
		size_t key_len, len;
	} item[ITEMS];
} world;

static unsigned
dice(struct world *w, unsigned n)
{
	w->random =
	    w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(w->random >> 33) % n;
}

static int64_t
now_s(const struct world *w)
{
	return w->now.mono_ms / 1000;
}

#define CLAIM(good, ...)                                                       \
	do {                                                                   \
		if (!(good)) {                                                 \
			print_error("OMIPSEC_SEED=%" PRIu64 ": ", world.seed); \
			print_error(__VA_ARGS__);                              \
			print_error("\n");                                     \
			fail();                                                \
		}                                                              \
	} while (0)

static size_t
find_open(const struct world *w, const char *subject, enum vpn_alarm_kind kind)
{
	size_t i = 0;

	while (i < w->nopen &&
	    (strcmp(w->open[i].subject, subject) != 0 ||
		(kind >= VPN_ALARM_GATEWAY && w->open[i].kind != kind) ||
		(kind < VPN_ALARM_GATEWAY && w->open[i].kind >= VPN_ALARM_GATEWAY)))
		i++;
	return i;
}

static void
take(const struct vpn_alarm *alarm, void *arg)
{
	struct world *w = arg;
	char subject[128];
	size_t i;

	if (alarm->step == VPN_ALARM_CLEARED || alarm->step == VPN_ALARM_REMINDED)
		return;
	snprintf(subject, sizeof(subject), "%.*s", (int)alarm->subject.len,
	    alarm->subject.at);
	if (w->loud)
		printf("%6" PRId64 " *** step %d kind %d %s\n", now_s(w) - BASE_S,
		    (int)alarm->step, (int)alarm->kind, subject);
	i = find_open(w, subject, alarm->kind);
	if (alarm->step == VPN_ALARM_OPENED) {
		CLAIM(i == w->nopen, "two: %s has two open alerts", subject);
		assert_true(w->nopen < OPEN);
		strcpy(w->open[i].subject, subject);
		w->open[i].kind = alarm->kind;
		w->open[i].start_ms = alarm->start_ms;
		w->nopen++;
		w->opened += alarm->kind < VPN_ALARM_GATEWAY;
		w->gateways += alarm->kind == VPN_ALARM_GATEWAY;
		return;
	}
	CLAIM(i < w->nopen && w->open[i].kind == alarm->kind &&
		w->open[i].start_ms == alarm->start_ms,
	    "two: %s is resolved and was not open so", subject);
	w->gateways -= alarm->kind == VPN_ALARM_GATEWAY;
	w->open[i] = w->open[--w->nopen];
}

static void
new_engine(struct world *w, bool restarted)
{
	struct vpn_engine_conf conf;

	vpn_engine_defaults(&conf);
	conf.alarm = take;
	conf.arg = w;
	conf.started_ms = restarted ? w->now.mono_ms : 0;
	w->engine = vpn_engine_new(&conf);
	vpn_engine_use(w->engine, rules, NULL);
}

static void
keep(struct vpn_text key, struct vpn_text data, void *arg)
{
	struct world *w = arg;
	size_t i = 0;

	while (i < w->nitems &&
	    (w->item[i].key_len != key.len ||
		memcmp(w->item[i].key, key.at, key.len) != 0))
		i++;
	if (data.at == NULL) {
		if (i < w->nitems)
			w->item[i] = w->item[--w->nitems];
		return;
	}
	assert_true(i < ITEMS && key.len <= sizeof(w->item[i].key) &&
	    data.len <= sizeof(w->item[i].data));
	memcpy(w->item[i].key, key.at, key.len);
	memcpy(w->item[i].data, data.at, data.len);
	w->item[i].key_len = key.len;
	w->item[i].len = data.len;
	w->nitems += i == w->nitems;
}

/* kill -9 right after a batch, and a start. */
static void
restart(struct world *w)
{
	uint64_t firing = vpn_engine_counts(w->engine)->firing;

	vpn_engine_save(w->engine, keep, w);
	vpn_engine_free(w->engine);
	new_engine(w, true);
	if (w->loud)
		printf("%6" PRId64 " *** restart\n", now_s(w) - BASE_S);
	for (size_t i = 0; i < w->nitems; i++)
		CLAIM(vpn_engine_restore(w->engine,
			  (struct vpn_text){w->item[i].key, w->item[i].key_len},
			  (struct vpn_text){w->item[i].data, w->item[i].len}, w->now),
		    "restart: an item is not taken back");
	CLAIM(vpn_engine_counts(w->engine)->firing == firing && firing == w->nopen,
	    "restart: %" PRIu64 " alerts were open, %" PRIu64 " are", firing,
	    vpn_engine_counts(w->engine)->firing);
	for (size_t i = 0; i < w->npairs; i++)
		w->pair[i].restarts++;
}

static void
hear(struct world *w, const char *text)
{
	struct vpn_line ln = {
	    .raw = vpn_text(text), .pri = -1, .received_ms = w->now.wall_ms};
	struct vpn_turn turn, again;
	struct vpn_event ev;

	assert_true(vpn_recognise(rules, &ln, &ev));
	vpn_engine_event(w->engine, &ev, w->now, &turn);
	if (w->loud)
		printf("%6" PRId64 " %d>%d %s\n", now_s(w) - BASE_S, (int)turn.previous,
		    (int)turn.state, text);
	CLAIM(
	    !turn.changed || turn.state != turn.previous, "changed: to the same state");
	if (dice(w, 8) > 0)
		return;
	vpn_engine_event(w->engine, &ev, w->now, &again);
	CLAIM(again.changed == turn.changed && again.state == turn.state,
	    "changed: a doubled line says something else: %s", text);
}

/* Deliver what is due, second by second, up to then. */
static void
run_to(struct world *w, int64_t at_s)
{
	while (now_s(w) < at_s) {
		w->now.mono_ms += 1000;
		w->now.wall_ms += 1000;
		for (size_t i = 0; i < w->nlines;) {
			if (w->line[i].at_s > now_s(w)) {
				i++;
				continue;
			}
			hear(w, w->line[i].text);
			w->line[i] = w->line[--w->nlines];
		}
		vpn_engine_tick(w->engine, w->now);
	}
}

static void
run_for(struct world *w, unsigned seconds)
{
	run_to(w, now_s(w) + seconds);
}

/* As the device stamps it now; it arrives late and twice now and then. */
static void
say(struct world *w, const char *device, const char *rest)
{
	time_t s = (time_t)(w->now.wall_ms / 1000);
	char stamp[40];
	struct tm tm;

	strftime(stamp, sizeof(stamp), "%b %d %Y %H:%M:%S+00:00", gmtime_r(&s, &tm));
	for (unsigned copies = dice(w, 10) ? 1 : 2; copies > 0; copies--) {
		assert_true(w->nlines < LINES);
		w->line[w->nlines].at_s =
		    now_s(w) + (dice(w, 8) ? 0 : dice(w, DELAY_S));
		snprintf(w->line[w->nlines].text, sizeof(w->line[0].text),
		    "<188>%s %s %%%%01IPSEC/4/%s", stamp, device, rest);
		w->nlines++;
	}
}

/* One line about a child SA, from one end or from both. */
static void
tell_child(
    struct world *w, size_t i, size_t flow, bool up, unsigned index, const char *reason)
{
	char hub[] = "198.51.100.1", spoke[20], rest[600], device[20];

	snprintf(spoke, sizeof(spoke), "203.0.113.%zu", i + 1);
	for (int end = 0; end < (w->both ? 2 : 1); end++) {
		snprintf(device, sizeof(device), end ? "BR%zu" : "HQ", i);
		snprintf(rest, sizeof(rest),
		    "%s(l)[%u]:OID 1.3.6.1.4.1.2011.6.122.26.6.%d The IPSec tunnel is "
		    "%s. (Ifindex=9, SeqNum=%zu,TunnelIndex=%u, RuleNum=%zu, DstIP=%s, "
		    "InsideIP=0.0.0.0, SrcIP=%s, FlowInfo=f%zu-%zu%s%s, "
		    "InterfaceName=GE0/0/%zu)",
		    up ? "IPSECTUNNELSTART" : "IPSECTUNNELSTOP", w->serial++,
		    up ? 1 : 2, up ? "established" : "deleted", i,
		    index + (end ? 5000u : 0), flow, end ? hub : spoke,
		    end ? spoke : hub, i, flow, up ? "" : ", OfflineReason=", reason,
		    i % 2);
		say(w, device, rest);
	}
}

static void
child_up(struct world *w, size_t i, size_t flow)
{
	w->pair[i].index[flow] = ++w->next_index;
	tell_child(w, i, flow, true, w->pair[i].index[flow], "");
}

static void
fail_negotiation(struct world *w, size_t i, const char *reason)
{
	char rest[400];

	snprintf(rest, sizeof(rest),
	    "IPSECNEGOFAIL(t)[%u]:OID 1.3.6.1.4.1.2011.6.122.26.6.14 IPSec tunnel "
	    "negotiation fails. (Ifindex=9, SeqNum=%zu, Reason=%s, ReasonCode=3, "
	    "PeerAddress=203.0.113.%zu, PeerPort=500)",
	    w->serial++, i, reason, i + 1);
	say(w, "HQ", rest);
}

static void
bring_up(struct world *w, size_t i)
{
	if (w->pair[i].up)
		return;
	for (size_t flow = 0; flow < w->nflows; flow++)
		child_up(w, i, flow);
	w->pair[i].up = true;
	w->pair[i].since_s = now_s(w);
}

static void
take_down(struct world *w, size_t i, const char *reason, bool outage)
{
	char rest[400];

	if (!w->pair[i].up)
		return;
	for (size_t flow = 0; flow < w->nflows; flow++)
		tell_child(w, i, flow, false, w->pair[i].index[flow], reason);
	if (outage && dice(w, 2) == 0) {
		snprintf(rest, sizeof(rest),
		    "IPSEC_TUNNEL_TEARED_DOWN(l)[%u]:An IPSec tunnel is teared down. "
		    "(PolicyName=m, IfIndex=9, SeqNum=%zu, RuleNum=0, "
		    "SrcIP=198.51.100.1, DstIP=203.0.113.%zu, InboundSPI=%u, "
		    "OfflineReason=%s, State=Normal)",
		    w->serial++, i, i + 1, 100000 + w->next_index, reason);
		say(w, "HQ", rest);
	}
	w->pair[i].up = false;
	w->pair[i].outage = outage;
	w->pair[i].restarts = 0;
	w->pair[i].since_s = now_s(w);
}

static void
rekey(struct world *w, size_t i)
{
	static const char *const reasons[] = {
	    "phase2 sa replace", "phase1 hard expiry", "phase1 sa replace"};
	size_t flow = dice(w, (unsigned)w->nflows);
	unsigned old = w->pair[i].index[flow];

	if (!w->pair[i].up)
		return;
	child_up(w, i, flow);
	if (dice(w, 2))
		run_for(w, 1 + dice(w, 10));
	tell_child(w, i, flow, false, old, reasons[dice(w, w->benign ? 1 : 3)]);
}

/* Failing negotiation is told whatever the state, so it only counts as told. */
static bool
is_told(const struct world *w, size_t i, enum vpn_alarm_kind also)
{
	char subject[50];
	size_t at;

	snprintf(subject, sizeof(subject), "198.51.100.1~203.0.113.%zu", i + 1);
	at = find_open(w, subject, VPN_ALARM_DOWN);
	return w->gateways > 0 ||
	    (at < w->nopen &&
		(w->open[at].kind == VPN_ALARM_DOWN || w->open[at].kind == also));
}

/* Whoever has been down for longer than anything may hold it back is told of;
 * who has been up for as long is not. */
static void
judge(struct world *w)
{
	for (size_t i = 0; i < w->npairs; i++) {
		int64_t for_s = now_s(w) - w->pair[i].since_s;
		int64_t held_s =
		    LONG_S + SLACK_S + (int64_t)w->pair[i].restarts * (HOLD_S + 2);

		if (!w->pair[i].up && w->pair[i].outage && for_s > held_s)
			CLAIM(is_told(w, i, VPN_ALARM_FAILING),
			    "missed: pair %zu, down for %" PRId64 " s", i, for_s);
		if (w->pair[i].up && for_s > HOLD_S + SLACK_S && w->gateways == 0)
			CLAIM(!is_told(w, i, VPN_ALARM_DOWN),
			    "false: pair %zu, up for %" PRId64 " s", i, for_s);
	}
}

static void
step_benign(struct world *w, size_t i)
{
	static const char *const reasons[] = {
	    "config modify or manual offline", "phase2 hard expiry", "nhrp notify"};
	unsigned which = dice(w, 4);

	if (which == 3)
		rekey(w, i);
	else
		take_down(w, i, reasons[which], false);
}

static void
step_outage(struct world *w, size_t i)
{
	static const char *const down[] = {"dpd timeout", "heartbeat timeout",
	    "phase1 hard expiry", "peer request", "spi conflict", "who knows"};
	static const char *const failures[] = {
	    "authentication fail", "version mismatch", "invalid length", "route limit"};

	if (dice(w, 4) == 0)
		fail_negotiation(w, i, failures[dice(w, 4)]);
	else if (w->many && dice(w, 3) == 0)
		for (size_t j = 0; j < w->npairs; j++)
			take_down(w, j, down[0], true);
	else
		take_down(w, i, down[dice(w, 6)], true);
}

static void
step(struct world *w)
{
	size_t i = dice(w, (unsigned)w->npairs);
	unsigned which = dice(w, 8);

	if (which < 2)
		bring_up(w, i);
	else if (which < 3)
		rekey(w, i);
	else if (which < 4)
		step_benign(w, i);
	else if (!w->benign)
		step_outage(w, i);
}

static void
begin(struct world *w, uint64_t seed)
{
	memset(w, 0, offsetof(struct world, line));
	w->seed = seed;
	w->loud = getenv("OMIPSEC_SEED") != NULL;
	w->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	w->now = (struct vpn_now){BASE_MS, BASE_S * 1000};
	w->benign = dice(w, 4) == 0;
	w->both = dice(w, 3) == 0;
	w->many = dice(w, 8) == 0;
	w->npairs = w->many ? PAIRS : 1 + dice(w, 4);
	w->nflows = 1 + dice(w, FLOWS);
	new_engine(w, false);
	for (size_t i = 0; i < w->npairs; i++)
		bring_up(w, i);
	run_for(w, 2);
}

/* Everything is up again, and a while passes. */
static void
end(struct world *w)
{
	for (size_t i = 0; i < w->npairs; i++) {
		bring_up(w, i);
		rekey(w, i);
	}
	run_for(w, 700 + DELAY_S);
	judge(w);
	for (size_t i = 0; i < w->nopen; i++)
		CLAIM(w->open[i].kind > VPN_ALARM_GATEWAY, "endless: %s is still open",
		    w->open[i].subject);
	vpn_engine_free(w->engine);
}

static void
history(uint64_t seed)
{
	static const unsigned gaps[] = {1, 5, 30, 120, 400};
	struct world *w = &world;

	begin(w, seed);
	for (unsigned n = 4 + dice(w, 12); n > 0; n--) {
		step(w);
		run_for(w, 1 + dice(w, gaps[dice(w, COUNT(gaps))]));
		if (dice(w, 12) == 0)
			restart(w);
		judge(w);
	}
	CLAIM(!w->benign || w->opened == 0, "benign: %u alerts", w->opened);
	end(w);
}

static void
test_histories(void **state)
{
	const char *seed = getenv("OMIPSEC_SEED");

	(void)state;
	for (uint64_t i = 1; seed == NULL && i <= HISTORIES; i++)
		history(i);
	if (seed)
		history(strtoull(seed, NULL, 10));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_histories)};
	char err[500];
	int failed;

	rules = vpn_rules_load(RULES_DIR, err, sizeof(err));
	if (rules == NULL) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	vpn_rules_free(rules);
	return failed;
}

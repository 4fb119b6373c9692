/* SPDX-License-Identifier: Apache-2.0
 * Too much at once: alerts of which so many are told singly and one for the rest, and
 * tunnels that share what they are known by. */
#include <time.h>

#include "unit.h"
#include "vpn/engine.h"

#define BASE_MS INT64_C(1795000000000)
#define ROOM 3
#define TUNNELS 10
#define HUB 100
#define PAIR 200
#define SAVED 200

struct crowd {
	const struct vpn_rules *rules;
	struct vpn_engine *engine;
	struct vpn_now now;
	unsigned serial, opened[VPN_ALARM_COUNT], resolved[VPN_ALARM_COUNT];
	struct vpn_alarm told; /* the last that was about a crowd */
	struct {
		char key[300], data[8192];
		struct vpn_text text[2];
	} saved[SAVED];
	size_t nsaved;
};

static void
take(const struct vpn_alarm *alarm, void *arg)
{
	struct crowd *crowd = arg;

	crowd->opened[alarm->kind] += alarm->step == VPN_ALARM_OPENED;
	crowd->resolved[alarm->kind] += alarm->step == VPN_ALARM_RESOLVED;
	if (alarm->kind == VPN_ALARM_CROWD)
		crowd->told = *alarm;
}

static void
use_engine(struct crowd *crowd, size_t room)
{
	struct vpn_engine_conf conf;

	vpn_engine_defaults(&conf);
	conf.max_alarms = room;
	conf.alarm = take;
	conf.arg = crowd;
	crowd->engine = vpn_engine_new(&conf);
	vpn_engine_use(crowd->engine, crowd->rules, NULL);
}

static struct crowd *
begin(void **state, size_t room)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	assert_non_null(crowd);
	crowd->rules = *state;
	crowd->now = (struct vpn_now){BASE_MS, 1000000};
	use_engine(crowd, room);
	return crowd;
}

static void
end(struct crowd *crowd)
{
	vpn_engine_free(crowd->engine);
	free(crowd);
}

static void
run_for(struct crowd *crowd, int seconds)
{
	crowd->now.wall_ms += seconds * INT64_C(1000);
	crowd->now.mono_ms += seconds * INT64_C(1000);
	vpn_engine_tick(crowd->engine, crowd->now);
}

/* Of tunnel n, which shares neither device nor address with another; from HUB on all
 * have one peer, from PAIR on one pair of gateways. */
static void
hear(struct crowd *crowd, const char *name, unsigned n, const char *rest)
{
	time_t s = (time_t)(crowd->now.wall_ms / 1000);
	char stamp[40], text[600];
	struct vpn_line ln = {.pri = -1, .received_ms = crowd->now.wall_ms};
	struct vpn_turn turn;
	struct vpn_event ev;
	struct tm tm;

	strftime(stamp, sizeof(stamp), "%b %d %Y %H:%M:%S+00:00", gmtime_r(&s, &tm));
	snprintf(text, sizeof(text),
	    "<188>%s GW%u %%%%01IPSEC/4/%s(l)[%u]:X (Ifindex=%u, SeqNum=1, "
	    "DstIP=203.0.113.%u, SrcIP=198.51.100.%u, %s)",
	    stamp, n, name, ++crowd->serial, n, n < HUB ? n : HUB, n < PAIR ? n : PAIR,
	    rest);
	ln.raw = vpn_text(text);
	assert_true(vpn_recognise(crowd->rules, &ln, &ev));
	vpn_engine_event(crowd->engine, &ev, crowd->now, &turn);
}

static void
all_down(struct crowd *crowd)
{
	for (unsigned n = 0; n < TUNNELS; n++)
		hear(crowd, "IPSECTUNNELSTOP", n, "OfflineReason=dpd timeout");
	run_for(crowd, 65);
}

static void
up(struct crowd *crowd, unsigned n)
{
	hear(crowd, "IPSECTUNNELSTART", n, "Role=Initiator");
}

/* Alarms that were opened and closed: of tunnels that are down, and of the crowd. */
static void
expect(const struct crowd *crowd, const char *when, const unsigned want[4])
{
	unit_number(when, "down", crowd->opened[VPN_ALARM_DOWN], want[0]);
	unit_number(when, "up again", crowd->resolved[VPN_ALARM_DOWN], want[1]);
	unit_number(when, "crowd", crowd->opened[VPN_ALARM_CROWD], want[2]);
	unit_number(when, "no crowd", crowd->resolved[VPN_ALARM_CROWD], want[3]);
}

static void
count_waiting(const struct vpn_standing *it, void *arg)
{
	*(unsigned *)arg +=
	    it->withheld && strcmp(it->withheld, "too many alerts") == 0;
}

static void
test_one_for_the_rest(void **state)
{
	struct crowd *crowd = begin(state, ROOM);
	unsigned waiting = 0;

	all_down(crowd);
	expect(crowd, "all are down", (unsigned[]){ROOM, 0, 1, 0});
	unit_number("all are down", "told", crowd->told.down, TUNNELS - ROOM);
	unit_number("all are down", "room", crowd->told.members, ROOM);
	unit_number(
	    "all are down", "severity", crowd->told.severity, VPN_SEVERITY_CRITICAL);
	unit_number("all are down", "overflowed",
	    (int64_t)vpn_engine_counts(crowd->engine)->overflowed, TUNNELS - ROOM);
	vpn_engine_each(crowd->engine, count_waiting, &waiting);
	unit_number("all are down", "waiting", waiting, TUNNELS - ROOM);
	end(crowd);
}

/* Whoever is still down takes the room of whoever is back; nobody is forgotten. */
static void
test_room_is_used(void **state)
{
	struct crowd *crowd = begin(state, ROOM);

	all_down(crowd);
	for (unsigned n = TUNNELS; n-- > 0;) {
		up(crowd, n);
		run_for(crowd, 130);
	}
	run_for(crowd, 130);
	assert_true(crowd->opened[VPN_ALARM_DOWN] > ROOM);
	assert_int_equal(
	    crowd->opened[VPN_ALARM_DOWN], crowd->resolved[VPN_ALARM_DOWN]);
	assert_int_equal(crowd->opened[VPN_ALARM_CROWD], 1);
	assert_int_equal(crowd->resolved[VPN_ALARM_CROWD], 1);
	unit_number("all are back", "firing",
	    (int64_t)vpn_engine_counts(crowd->engine)->firing, 0);
	end(crowd);
}

/* What is open stays open, and no one more is, whoever comes first after a start. */
static void
keep(struct vpn_text key, struct vpn_text data, void *arg)
{
	struct crowd *crowd = arg;
	size_t n = crowd->nsaved++;

	assert_true(n < SAVED && key.len <= sizeof(crowd->saved[n].key) &&
	    data.len <= sizeof(crowd->saved[n].data));
	memcpy(crowd->saved[n].key, key.at, key.len);
	memcpy(crowd->saved[n].data, data.at, data.len);
	crowd->saved[n].text[0] = (struct vpn_text){crowd->saved[n].key, key.len};
	crowd->saved[n].text[1] = (struct vpn_text){crowd->saved[n].data, data.len};
}

static void
test_outlives_a_start(void **state)
{
	struct crowd *crowd = begin(state, ROOM);

	all_down(crowd);
	vpn_engine_save(crowd->engine, keep, crowd);
	vpn_engine_free(crowd->engine);
	use_engine(crowd, ROOM);
	for (size_t i = 0; i < crowd->nsaved; i++)
		assert_true(vpn_engine_restore(crowd->engine, crowd->saved[i].text[0],
		    crowd->saved[i].text[1], crowd->now));
	run_for(crowd, 300);
	expect(crowd, "after a start", (unsigned[]){ROOM, 0, 1, 0});
	for (unsigned n = 0; n < TUNNELS; n++)
		up(crowd, n);
	run_for(crowd, 300);
	expect(crowd, "all are back", (unsigned[]){ROOM, ROOM, 1, 1});
	end(crowd);
}

/* Strangers at many devices do not keep a page from anybody. */
static void
test_warnings_take_no_room(void **state)
{
	struct crowd *crowd = begin(state, ROOM);

	for (unsigned i = 0; i < 11; i++)
		for (unsigned n = 0; n < TUNNELS; n++)
			hear(crowd, "IPSECNEGOFAIL", n, "Reason=version mismatch");
	run_for(crowd, 1);
	unit_number("strangers", "alerts", crowd->opened[VPN_ALARM_UNKNOWN], ROOM);
	unit_number(
	    "strangers", "severity", crowd->told.severity, VPN_SEVERITY_WARNING);
	hear(crowd, "IPSECTUNNELSTOP", 0, "OfflineReason=dpd timeout");
	run_for(crowd, 65);
	expect(crowd, "a tunnel beside them", (unsigned[]){1, 0, 1, 0});
	end(crowd);
}

/* A gateway that finds no room is asked again like any other; its tunnels are the
 * crowd's until then. */
static void
test_gateway_finds_room(void **state)
{
	struct crowd *crowd = begin(state, 1);

	hear(crowd, "IPSECTUNNELSTOP", 0, "OfflineReason=dpd timeout");
	run_for(crowd, 65);
	for (unsigned n = 1; n < TUNNELS; n++)
		hear(crowd, "IPSECTUNNELSTOP", HUB + n, "OfflineReason=dpd timeout");
	run_for(crowd, 120);
	unit_number("no room", "gateways", crowd->opened[VPN_ALARM_GATEWAY], 0);
	unit_number("no room", "crowd", crowd->opened[VPN_ALARM_CROWD], 1);
	unit_number("no room", "told", crowd->told.down, TUNNELS - 1);
	up(crowd, 0);
	run_for(crowd, 120);
	unit_number("room", "gateways", crowd->opened[VPN_ALARM_GATEWAY], 1);
	expect(crowd, "room", (unsigned[]){1, 1, 1, 0});
	end(crowd);
}

static void
count_links(const struct vpn_standing *it, void *arg)
{
	(void)it;
	++*(unsigned *)arg;
}

/* What claims to be one pair's is one alert, up to where looking at all of it for
 * each line would take too long. */
static void
test_one_pair_is_not_everything(void **state)
{
	struct crowd *crowd = begin(state, 0);
	unsigned links = 0;

	for (unsigned n = 0; n < 256; n++)
		hear(crowd, "IPSECTUNNELSTOP", PAIR + n, "OfflineReason=dpd timeout");
	vpn_engine_each(crowd->engine, count_links, &links);
	unit_number("256 tunnels", "alerts", links, 1);
	for (unsigned n = 256; n < 300; n++)
		hear(crowd, "IPSECTUNNELSTOP", PAIR + n, "OfflineReason=dpd timeout");
	links = 0;
	vpn_engine_each(crowd->engine, count_links, &links);
	unit_number("300 tunnels", "alerts", links, 1 + 44);
	end(crowd);
}

static void
test_records_have_no_bound(void **state)
{
	struct crowd *crowd = begin(state, 0);

	all_down(crowd);
	expect(crowd, "without a bound", (unsigned[]){TUNNELS, 0, 0, 0});
	end(crowd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_for_the_rest),
	    cmocka_unit_test(test_room_is_used),
	    cmocka_unit_test(test_outlives_a_start),
	    cmocka_unit_test(test_warnings_take_no_room),
	    cmocka_unit_test(test_gateway_finds_room),
	    cmocka_unit_test(test_one_pair_is_not_everything),
	    cmocka_unit_test(test_records_have_no_bound),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 * Lines that belong together: who an IKE SA is between, what is only said again,
 * what must never be joined. */
#include <malloc.h>
#include <pthread.h>
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* libasan's; Debian's gcc has no header for it. */
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

#include "unit.h"
#include "vpn/join.h"

#define WORKERS 4
#define ROUNDS 2000

/* The line is heard so many seconds after the test's start. */
static enum vpn_joined
hear_at(const struct vpn_rules *rules, struct vpn_join *join, const char *text,
    int at_s, struct vpn_line *ln, struct vpn_event *ev)
{
	*ln = unit_line(text);
	ln->received_ms += at_s * INT64_C(1000);
	if (!vpn_recognise(rules, ln, ev))
		fail_msg("nothing in: %s", text);
	return vpn_join_wants(ev) ? vpn_join_line(join, ev) : VPN_JOINED_EVENT;
}

/* What a line must be, and what its event must have; NULL: nothing. */
struct step {
	int at_s;
	const char *text;
	enum vpn_joined joined;
	const char *code, *peer, *local, *connection;
	const char *context; /* begins so */
};

#define NET(host, uid, peer, local)                          \
	"<30>Nov 27 11:20:18 " host " charon: 14[NET] <" uid \
	"> received packet: from " peer "[500] to " local "[500] (280 bytes)"
#define IKE(host, uid, text) \
	"<30>Nov 27 11:20:18 " host " charon: 14[IKE] <" uid "> " text

static void
play(void **state, const char *name, const struct step *steps, size_t n)
{
	struct vpn_join *join = vpn_join_new();

	for (size_t i = 0; i < n; i++) {
		const struct step *step = &steps[i];
		struct vpn_event ev;
		struct vpn_line ln;

		if (hear_at(*state, join, step->text, step->at_s, &ln, &ev) !=
		    step->joined)
			fail_msg("%s, step %zu: %s", name, i, step->text);
		if (step->joined == VPN_JOINED_NOTHING)
			continue;
		unit_same(step->text, "code",
		    ev.code ? ev.code->slug : (struct vpn_text){NULL, 0},
		    step->code ? step->code : "");
		unit_same(step->text, "peer", ev.field[VPN_PEER],
		    step->peer ? step->peer : "");
		unit_same(step->text, "local", ev.field[VPN_LOCAL],
		    step->local ? step->local : "");
		unit_same(step->text, "connection", ev.field[VPN_CONNECTION],
		    step->connection ? step->connection : "");
		ev.context.len = step->context ? strlen(step->context) : ev.context.len;
		unit_same(step->text, "context", ev.context,
		    step->context ? step->context : "");
	}
	vpn_join_free(join);
}

#define PLAY(name, steps) play(state, name, steps, COUNT(steps))
#define EVENT VPN_JOINED_EVENT
#define REPEAT VPN_JOINED_REPEAT
#define NOTHING VPN_JOINED_NOTHING

/* Three IKE SAs whose lines come between one another. */
static void
test_interleaved(void **state)
{
	static const struct step steps[] = {
	    {0, NET("gw", "1", "203.0.113.1", "198.51.100.1"), NOTHING, 0, 0, 0, 0, 0},
	    {0, NET("gw", "2", "203.0.113.2", "198.51.100.1"), NOTHING, 0, 0, 0, 0, 0},
	    {0, NET("gw", "hq|3", "203.0.113.3", "198.51.100.2"), NOTHING, 0, 0, 0, 0,
		0},
	    {1, IKE("gw", "2", "received proposals unacceptable"), EVENT,
		"phase1_proposal_mismatch", "203.0.113.2", "198.51.100.1", NULL,
		"<30>Nov 27 11:20:18 gw charon: 14[NET] <2> received packet"},
	    {2, IKE("gw", "hq|3", "received AUTHENTICATION_FAILED notify error"), EVENT,
		"authentication_fail", "203.0.113.3", "198.51.100.2", "hq",
		"<30>Nov 27 11:20:18 gw charon: 14[NET] <hq|3>"},
	    {3, IKE("gw", "1", "received proposals unacceptable"), EVENT,
		"phase1_proposal_mismatch", "203.0.113.1", "198.51.100.1", NULL,
		"<30>Nov 27 11:20:18 gw charon: 14[NET] <1>"},
	    /* of another host nothing is known */
	    {3, IKE("gw2", "1", "received proposals unacceptable"), EVENT,
		"phase1_proposal_mismatch", NULL, NULL, NULL, NULL},
	};

	PLAY("interleaved", steps);
}

/* The line that is shown beside an event is one that names what it brings. */
static void
test_context(void **state)
{
	static const struct step steps[] = {
	    {0, NET("gw", "1", "203.0.113.1", "198.51.100.1"), NOTHING, 0, 0, 0, 0, 0},
	    {0, IKE("gw", "1", "203.0.113.1 is initiating an IKE_SA"), NOTHING, 0, 0, 0,
		0, 0},
	    {1, IKE("gw", "1", "received proposals unacceptable"), EVENT,
		"phase1_proposal_mismatch", "203.0.113.1", "198.51.100.1", NULL,
		"<30>Nov 27 11:20:18 gw charon: 14[NET] <1> received packet"},
	    /* it has moved */
	    {2,
		IKE("gw", "1",
		    "remote endpoint changed from 203.0.113.1[4500] to "
		    "203.0.113.2[4500]"),
		NOTHING, 0, 0, 0, 0, 0},
	    {3, IKE("gw", "1", "no matching peer config found"), EVENT,
		"config_id_mismatch", "203.0.113.2", "198.51.100.1", NULL,
		"<30>Nov 27 11:20:18 gw charon: 14[IKE] <1> remote endpoint"},
	};

	PLAY("context", steps);
}

/* The daemon starts anew, and counts its IKE SAs from 1 again. */
static void
test_fresh(void **state)
{
	static const struct step steps[] = {
	    {0, NET("gw", "1", "203.0.113.1", "198.51.100.1"), NOTHING, 0, 0, 0, 0, 0},
	    {9, "<30>Nov 27 11:20:17 gw charon: 00[LIB] loaded plugins: aes sha1",
		NOTHING, 0, 0, 0, 0, 0},
	    {10, IKE("gw", "1", "received proposals unacceptable"), EVENT,
		"phase1_proposal_mismatch", NULL, NULL, NULL, NULL},
	    {11, NET("gw", "1", "203.0.113.9", "198.51.100.1"), NOTHING, 0, 0, 0, 0, 0},
	    {12, IKE("gw", "1", "no matching peer config found"), EVENT,
		"config_id_mismatch", "203.0.113.9", "198.51.100.1", NULL,
		"<30>Nov 27 11:20:18 gw charon: 14[NET] <1>"},
	};

	PLAY("fresh", steps);
}

/* Without numbers, the lines of one job are said by one thread in a row. */
static void
test_thread(void **state)
{
	static const struct step steps[] = {
	    {0,
		"<30>Nov 27 11:20:18 gw charon: 07[NET] received packet: from "
		"203.0.113.1[500] to 198.51.100.1[500] (280 bytes)",
		NOTHING, 0, 0, 0, 0, 0},
	    {0,
		"<30>Nov 27 11:20:18 gw charon: 08[NET] received packet: from "
		"203.0.113.2[500] to 198.51.100.1[500] (280 bytes)",
		NOTHING, 0, 0, 0, 0, 0},
	    {1,
		"<30>Nov 27 11:20:18 gw charon: 07[IKE] received proposals "
		"unacceptable",
		EVENT, "phase1_proposal_mismatch", "203.0.113.1", "198.51.100.1", NULL,
		"<30>Nov 27 11:20:18 gw charon: 07[NET]"},
	    /* too long ago */
	    {5,
		"<30>Nov 27 11:20:18 gw charon: 08[IKE] received proposals "
		"unacceptable",
		EVENT, "phase1_proposal_mismatch", NULL, NULL, NULL, NULL},
	};

	PLAY("thread", steps);
}

/* The journal's copy says nothing that the first does not. */
static void
test_copy(void **state)
{
	static const struct step steps[] = {
	    {0, NET("gw", "1", "203.0.113.1", "198.51.100.1"), NOTHING, 0, 0, 0, 0, 0},
	    {1,
		"<13>Nov 27 11:20:18 gw charon-systemd[130]: received proposals "
		"unacceptable",
		NOTHING, 0, 0, 0, 0, 0},
	    {1, IKE("gw", "1", "received proposals unacceptable"), EVENT,
		"phase1_proposal_mismatch", "203.0.113.1", "198.51.100.1", NULL,
		"<30>Nov 27 11:20:18 gw charon: 14[NET] <1>"},
	};

	PLAY("copy", steps);
}

/* Retransmits run out: of an IKE SA that is established, the peer is dead. */
static void
test_up(void **state)
{
	static const char gave_up[] =
	    IKE("gw", "hq|1", "giving up after 5 retransmits");
	static const struct step establishing[] = {
	    {0, NET("gw", "hq|1", "203.0.113.1", "198.51.100.1"), NOTHING, 0, 0, 0, 0,
		0},
	    {1, gave_up, EVENT, "exchange_timeout", "203.0.113.1", "198.51.100.1", "hq",
		"<30>"},
	};
	static const struct step established[] = {
	    {0,
		IKE("gw", "hq|1",
		    "IKE_SA hq[1] established between "
		    "198.51.100.1[a]...203.0.113.1[b]"),
		EVENT, NULL, "203.0.113.1", "198.51.100.1", "hq", NULL},
	    {1, gave_up, EVENT, "dpd_timeout", "203.0.113.1", "198.51.100.1", "hq",
		"<30>"},
	};

	PLAY("establishing", establishing);
	PLAY("established", established);
}

/* A thousand of one cause are one event a minute, with their number; what comes
 * again after an outage is told as before. */
static void
test_storm(void **state)
{
	struct vpn_join *join = vpn_join_new();
	struct vpn_event ev;
	struct vpn_line ln;
	unsigned told = 0, repeated = 0;
	uint8_t first[16], last[16] = {0};
	char text[300];

	for (int i = 0; i <= 3000; i += 3) {
		snprintf(text, sizeof(text),
		    "<30>Nov 27 11:%02d:%02d gw charon: 14[IKE] <hq|%d> received "
		    "AUTHENTICATION_FAILED notify error",
		    i / 60, i % 60, i + 1);
		if (hear_at(*state, join, text, i, &ln, &ev) == VPN_JOINED_REPEAT)
			continue;
		memcpy(told == 0 ? first : last, ev.id, sizeof(first));
		told++;
		repeated += ev.repeated;
		/* Once more, as when the broker was away. */
		assert_int_equal(
		    hear_at(*state, join, text, i, &ln, &ev), VPN_JOINED_EVENT);
	}
	unit_number("storm", "told", told, 3000 / 60 + 1);
	unit_number("storm", "told or counted", told + repeated, 1001);
	assert_memory_not_equal(first, last, sizeof(first));
	vpn_join_free(join);
}

/* Bytes; mallinfo2() knows nothing of the sanitizer's own heap. */
static size_t
heap_used(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return __sanitizer_get_current_allocated_bytes();
#else
	return mallinfo2().uordblks;
#endif
}

/* However many IKE SAs there are, it remembers so many. */
static void
test_bounded(void **state)
{
	struct vpn_join *join = vpn_join_new();
	size_t before = heap_used();
	struct vpn_event ev;
	struct vpn_line ln;
	char text[300];

	for (int i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text),
		    NET("gw", "%d", "203.0.113.1", "198.51.100.1"), i + 1);
		hear_at(*state, join, text, 0, &ln, &ev);
	}
	assert_in_range(heap_used() - before, 1, 20 * 1000 * 1000);
	vpn_join_free(join);
}

/* Workers that share what is known, each with connections of its own that come
 * between those of the others: every one gets its own peer, none another's. */
struct crowd {
	const struct vpn_rules *rules;
	struct vpn_join *join;
	pthread_mutex_t *lock;
	int number, wrong;
};

static enum vpn_joined
hear_locked(
    struct crowd *crowd, const char *text, struct vpn_line *ln, struct vpn_event *ev)
{
	enum vpn_joined joined;

	*ln = (struct vpn_line){
	    .raw = vpn_text(text), .pri = -1, .received_ms = UNIT_NOW};
	if (!vpn_recognise(crowd->rules, ln, ev))
		return VPN_JOINED_NOTHING;
	pthread_mutex_lock(crowd->lock);
	joined = vpn_join_line(crowd->join, ev);
	pthread_mutex_unlock(crowd->lock);
	return joined;
}

static void *
work(void *arg)
{
	struct crowd *crowd = arg;
	struct vpn_event ev;
	struct vpn_line ln;
	char text[300], peer[40];

	for (int i = 0; i < ROUNDS; i++) {
		int uid = i * WORKERS + crowd->number + 1;

		snprintf(peer, sizeof(peer), "10.%d.%d.%d", crowd->number, i / 250,
		    i % 250 + 1);
		snprintf(text, sizeof(text),
		    "<30>Nov 27 11:20:18 gw charon: 14[NET] <%d> received packet: from "
		    "%s[500] to 198.51.100.1[500] (280 bytes)",
		    uid, peer);
		hear_locked(crowd, text, &ln, &ev);
		snprintf(text, sizeof(text),
		    "<30>Nov 27 11:20:18 gw charon: 14[IKE] <%d> received proposals "
		    "unacceptable",
		    uid);
		crowd->wrong +=
		    hear_locked(crowd, text, &ln, &ev) != VPN_JOINED_EVENT ||
		    !vpn_text_same(ev.field[VPN_PEER], vpn_text(peer));
	}
	return NULL;
}

static void
test_workers(void **state)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct vpn_join *join = vpn_join_new();
	struct crowd crowd[WORKERS];
	pthread_t thread[WORKERS];

	for (int i = 0; i < WORKERS; i++) {
		crowd[i] = (struct crowd){*state, join, &lock, i, 0};
		assert_int_equal(pthread_create(&thread[i], NULL, work, &crowd[i]), 0);
	}
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(thread[i], NULL);
		unit_number("worker", "wrong", crowd[i].wrong, 0);
	}
	vpn_join_free(join);
}

/* A line without a reason beside one that has it, of the same cookies. */
static void
test_follow_up(void **state)
{
#define FORTI(logid, rest)                                                           \
	"<189>date=2026-11-23 time=08:59:00 devname=\"FGT1\" logid=\"" logid         \
	"\" type=\"event\" subtype=\"vpn\" level=\"error\" vd=\"root\" " rest        \
	" action=\"negotiate\" remip=203.0.113.2 locip=198.51.100.2 cookies=\"a/b\"" \
	" vpntunnel=\"HQ\" "
	static const struct step steps[] = {
	    {0,
		FORTI("0101037124",
		    "logdesc=\"IPsec phase 1 error\" msg=\"IPsec phase 1 "
		    "error\"") "status=\"negotiate_error\" reason=\"probable "
			       "pre-shared secret "
			       "mismatch\"",
		EVENT, "authentication_fail", "203.0.113.2", "198.51.100.2", "HQ",
		NULL},
	    {1,
		FORTI("0101037128",
		    "logdesc=\"Progress IPsec phase 1\" msg=\"progress IPsec "
		    "phase 1\"") "status=\"failure\" result=\"ERROR\"",
		NOTHING, 0, 0, 0, 0, NULL},
	    {30,
		FORTI("0101037128",
		    "logdesc=\"Progress IPsec phase 1\" msg=\"progress IPsec "
		    "phase 1\"") "status=\"failure\" result=\"ERROR\" ",
		EVENT, "no_reason_given", "203.0.113.2", "198.51.100.2", "HQ", NULL},
	};

	PLAY("follow-up", steps);
}

#define UP(uid, n, peer) \
	IKE("gw", uid, "IKE_SA " n " established between 198.51.100.1[a]..." peer "[b]")
#define DELETING(uid, n, peer) \
	IKE("gw", uid, "deleting IKE_SA " n " between 198.51.100.1[a]..." peer "[b]")
#define PEER "203.0.113.1"
#define LOCAL "198.51.100.1"
#define OFFLINE "config_modify_or_manual_offline"

/* Another IKE SA has taken over: nothing went away. */
static void
test_replaced(void **state)
{
	static const struct step steps[] = {
	    {0, UP("hq|1", "hq[1]", PEER), EVENT, NULL, PEER, LOCAL, "hq", NULL},
	    {3600,
		IKE("gw", "hq|1",
		    "IKE_SA hq[2] rekeyed between 198.51.100.1[a]...203.0.113.1[b]"),
		EVENT, NULL, PEER, LOCAL, "hq", NULL},
	    {3601, DELETING("hq|1", "hq[1]", PEER), REPEAT, OFFLINE, PEER, LOCAL, "hq",
		NULL},
	    /* the new one is no repeat of the old one */
	    {3605, IKE("gw", "hq|2", "received DELETE for IKE_SA hq[2]"), EVENT,
		"peer_request", PEER, LOCAL, "hq", "<30>"},
	    /* of another peer by the same configuration, and too long after */
	    {7000, UP("rw|3", "rw[3]", "203.0.113.3"), EVENT, NULL, "203.0.113.3",
		LOCAL, "rw", NULL},
	    {7001, UP("rw|4", "rw[4]", "203.0.113.4"), EVENT, NULL, "203.0.113.4",
		LOCAL, "rw", NULL},
	    {7002, DELETING("rw|3", "rw[3]", "203.0.113.3"), EVENT, OFFLINE,
		"203.0.113.3", LOCAL, "rw", NULL},
	    {7050, UP("rw|5", "rw[5]", "203.0.113.4"), EVENT, NULL, "203.0.113.4",
		LOCAL, "rw", NULL},
	    {7070, DELETING("rw|4", "rw[4]", "203.0.113.4"), EVENT, OFFLINE,
		"203.0.113.4", LOCAL, "rw", NULL},
	};

	PLAY("replaced", steps);
}

/* Two behind one address, of whom one comes as the other goes; then both go. */
static void
test_neighbours(void **state)
{
#define ADDRESS(uid, ip, user) \
	IKE("gw", uid, "assigning virtual IP " ip " to peer '" user "'")
	static const struct step steps[] = {
	    {0, UP("rw|1", "rw[1]", PEER), EVENT, NULL, PEER, LOCAL, "rw", NULL},
	    {0, ADDRESS("rw|1", "10.3.0.1", "alice"), NOTHING, 0, 0, 0, 0, 0},
	    {600, UP("rw|2", "rw[2]", PEER), EVENT, NULL, PEER, LOCAL, "rw", NULL},
	    {600, ADDRESS("rw|2", "10.3.0.2", "bob"), NOTHING, 0, 0, 0, 0, 0},
	    {601, IKE("gw", "rw|1", "received DELETE for IKE_SA rw[1]"), EVENT,
		"peer_request", PEER, LOCAL, "rw", "<30>"},
	    {602, IKE("gw", "rw|2", "received DELETE for IKE_SA rw[2]"), EVENT,
		"peer_request", PEER, LOCAL, "rw", "<30>"},
	};

	PLAY("neighbours", steps);
}

/* What was never up does not go away. */
static void
test_attempt(void **state)
{
	static const struct step steps[] = {
	    {0, NET("gw", "hq|1", PEER, LOCAL), NOTHING, 0, 0, 0, 0, 0},
	    {1,
		IKE("gw", "hq|1",
		    "no issuer certificate found for \"CN=gw-b.example\""),
		EVENT, "peer_cert_verify_fail", PEER, LOCAL, "hq", "<30>"},
	    {1, DELETING("hq|1", "hq[1]", PEER), NOTHING, 0, 0, 0, 0, 0},
	    {60, DELETING("hq|2", "hq[2]", PEER), EVENT, "peer_request", PEER, LOCAL,
		"hq", NULL},
	};

	PLAY("attempt", steps);
}

/* A command, and what it does; a command is no part of what its thread did before. */
static void
test_command(void **state)
{
#define COMMAND(text) "<30>Nov 27 11:20:18 gw charon: 14[CFG] vici terminate " text
	static const struct step steps[] = {
	    {0, UP("hq|1", "hq[1]", PEER), EVENT, NULL, PEER, LOCAL, "hq", NULL},
	    {1, COMMAND("CHILD_SA 'lan'"), EVENT, OFFLINE, NULL, NULL, "lan", NULL},
	    {20, COMMAND("IKE_SA 'hq'"), EVENT, OFFLINE, PEER, LOCAL, "hq", "<30>"},
	    {20, DELETING("hq|1", "hq[1]", PEER), REPEAT, OFFLINE, PEER, LOCAL, "hq",
		NULL},
	};

	PLAY("command", steps);
}

/* The old one goes before the new one comes, and that was said. */
static void
test_reauthenticated(void **state)
{
	static const struct step steps[] = {
	    {0, UP("hq|1", "hq[1]", PEER), EVENT, NULL, PEER, LOCAL, "hq", NULL},
	    {60, IKE("gw", "hq|1", "reauthenticating IKE_SA hq[1]"), NOTHING, 0, 0, 0,
		0, 0},
	    {60, DELETING("hq|1", "hq[1]", PEER), REPEAT, OFFLINE, PEER, LOCAL, "hq",
		NULL},
	    {61, UP("hq|2", "hq[2]", PEER), EVENT, NULL, PEER, LOCAL, "hq", NULL},
	    {62, DELETING("hq|2", "hq[2]", PEER), EVENT, OFFLINE, PEER, LOCAL, "hq",
		NULL},
	};

	PLAY("reauthenticated", steps);
}

/* A client names nobody: its process does. Users behind one address are told of
 * one by one. */
static void
test_clients(void **state)
{
#define CLIENT(pid, text) "<27>Nov 27 11:20:50 gw-a ovpn-client[" pid "]: " text
#define SERVER(text)                                                       \
	"<29>Nov 27 11:20:50 gw-b ovpn-server[7]: 203.0.113.1:40724 SENT " \
	"CONTROL " text
#define UNTRUSTED "OpenSSL: error:0A000086:SSL routines::certificate verify failed:"
	static const struct step client[] = {
	    {0, CLIENT("8", UNTRUSTED), EVENT, "certificate_verify_failed", NULL, NULL,
		NULL, NULL},
	    {0, CLIENT("8", "TLS Error: TLS handshake failed"), NOTHING, 0, 0, 0, 0, 0},
	    {3, CLIENT("8", UNTRUSTED " again"), REPEAT, "certificate_verify_failed",
		NULL, NULL, NULL, NULL},
	    {4, CLIENT("9", "TLS Error: TLS handshake failed"), EVENT,
		"tls_handshake_failed", NULL, NULL, NULL, NULL},
	    {4, CLIENT("9", UNTRUSTED), EVENT, "certificate_verify_failed", NULL, NULL,
		NULL, NULL},
	};
	static const struct step server[] = {
	    {0, SERVER("[alice]: 'AUTH_FAILED' (status=1)"), EVENT, "auth_failed", PEER,
		NULL, NULL, NULL},
	    {5, SERVER("[alice]: 'AUTH_FAILED' (status=2)"), REPEAT, "auth_failed",
		PEER, NULL, NULL, NULL},
	    {6, SERVER("[bob]: 'AUTH_FAILED' (status=1)"), EVENT, "auth_failed", PEER,
		NULL, NULL, NULL},
	};

	PLAY("client", client);
	PLAY("server", server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_interleaved),
	    cmocka_unit_test(test_context),
	    cmocka_unit_test(test_fresh),
	    cmocka_unit_test(test_thread),
	    cmocka_unit_test(test_copy),
	    cmocka_unit_test(test_up),
	    cmocka_unit_test(test_storm),
	    cmocka_unit_test(test_bounded),
	    cmocka_unit_test(test_workers),
	    cmocka_unit_test(test_follow_up),
	    cmocka_unit_test(test_replaced),
	    cmocka_unit_test(test_neighbours),
	    cmocka_unit_test(test_attempt),
	    cmocka_unit_test(test_command),
	    cmocka_unit_test(test_reauthenticated),
	    cmocka_unit_test(test_clients),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

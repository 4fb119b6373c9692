/* SPDX-License-Identifier: Apache-2.0
 * The state of every tunnel, and what of it deserves to be told. Pure: time is
 * an argument, memory is bounded, nothing is locked (its user does that). */
#ifndef VPN_ENGINE_H
#define VPN_ENGINE_H

#include "vpn/alarm.h"
#include "vpn/policy.h"

struct vpn_engine;

/* Holds run on mono_ms, which never jumps; what is told to people is wall_ms. */
struct vpn_now {
	int64_t wall_ms; /* Unix time */
	int64_t mono_ms; /* since whenever */
};

/* A tunnel's raw state: what its lines say, before any hold. */
enum vpn_state {
	VPN_STATE_UNKNOWN,
	VPN_STATE_UP,
	VPN_STATE_DOWN,
	VPN_STATE_ADMIN, /* taken down on purpose */
	VPN_STATE_IDLE,  /* its child SA expired unused */
	VPN_STATE_ENDED, /* a user's session that is over */
	VPN_STATE_COUNT
};

/* What an event did to its tunnel. */
struct vpn_turn {
	bool tracked; /* the tunnel is known, and the rest holds */
	bool changed; /* true once for each real transition */
	enum vpn_state state, previous;
	/* As in its alarms, until the next call; absent when it is not kept. */
	struct vpn_text subject;
};

/* A tunnel's raw state has changed, whatever brought that about. */
struct vpn_move {
	struct vpn_text subject; /* as in its alarms */
	struct vpn_text former;  /* the one that it had until now; mostly absent */
	enum vpn_state state;    /* UNKNOWN, ENDED: it may be not kept any more */
	int64_t when_ms;         /* Unix time */
	const struct vpn_code *reason; /* of the last drop; or NULL */
	bool session;                  /* a user's */
};

struct vpn_engine_conf {
	/* Seconds. hold_down is for codes with a hold of 60, others in proportion. */
	int hold_down, hold_up, gateway_hold, flap_window, max_age, max_firing;
	int flap_count;
	size_t max_tunnels;
	size_t max_alarms;  /* of one severity that are open at once; 0: no bound */
	int64_t started_ms; /* mono: no new alarm for a hold_down from here; 0: none */
	/* Called from event, tick, restore and forget; slices live until it returns.
	 * What belongs together (a replacement) comes in one such call. */
	void (*alarm)(const struct vpn_alarm *, void *arg);
	void (*warn)(const char *sentence, void *arg);     /* to the operator */
	void (*moved)(const struct vpn_move *, void *arg); /* NULL: nobody asks */
	void *arg;
};

/* hold_down 60, hold_up 60, gateway_hold 30, flaps 3 in 600, max_age 300,
 * max_firing 7 days, max_tunnels 100000, max_alarms 1000; alarms and warnings are
 * ignored. */
void vpn_engine_defaults(struct vpn_engine_conf *);

/* NULL when memory is out. */
struct vpn_engine *vpn_engine_new(const struct vpn_engine_conf *);
void vpn_engine_free(struct vpn_engine *);

/* Rules and overrides from now on; both must stay until the next call. */
void vpn_engine_use(
    struct vpn_engine *, const struct vpn_rules *, const struct vpn_policy *);

void vpn_engine_event(
    struct vpn_engine *, const struct vpn_event *, struct vpn_now, struct vpn_turn *);

/* A line, of whatever kind, came from that device of vpn_policy_silence. */
void vpn_engine_heard(struct vpn_engine *, size_t silence, struct vpn_now);

/* Once a second. What became due in between is done as of its own second. */
void vpn_engine_tick(struct vpn_engine *, struct vpn_now);

/* Close what is open about the tunnel (an id or an alarm's subject) and drop
 * it. False: it is not known. */
bool vpn_engine_forget(struct vpn_engine *, struct vpn_text, struct vpn_now);

/* May what was told of that tunnel or gateway be otherwise by now? Old news are
 * being read, or it has changed and is held. */
bool vpn_engine_doubts(const struct vpn_engine *, struct vpn_text subject);

/* What changed since the last save; data absent: the key is gone. */
typedef void vpn_engine_put(struct vpn_text key, struct vpn_text data, void *arg);
void vpn_engine_save(struct vpn_engine *, vpn_engine_put *, void *arg);

/* Everything counts as changed: the next save puts all that there is. */
void vpn_engine_touch(struct vpn_engine *);

/* One saved item, at the start. False: it is damaged, or written by a newer
 * version; nothing is changed then. */
bool vpn_engine_restore(
    struct vpn_engine *, struct vpn_text key, struct vpn_text data, struct vpn_now);

/* One tunnel as it stands, for people. Texts live until the next call. */
struct vpn_standing {
	enum vpn_state state;
	int64_t since_ms;       /* Unix time of the last transition */
	struct vpn_alarm alarm; /* kind NONE: nothing is open; else as opened */
	const char *withheld;   /* why a down is not paged ("mute"..), or NULL */
};
void vpn_engine_each(const struct vpn_engine *,
    void (*each)(const struct vpn_standing *, void *arg), void *arg);

struct vpn_engine_counts {
	uint64_t opened, resolved, reminded, suppressed;
	uint64_t late, duplicates, evicted, overflowed;
	uint64_t tunnels, down, firing; /* now */
};
const struct vpn_engine_counts *vpn_engine_counts(const struct vpn_engine *);

#endif

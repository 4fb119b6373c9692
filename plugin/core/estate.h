/* SPDX-License-Identifier: Apache-2.0
 * What the engine knows, for the files that are the engine.
 *
 * A link is what an alarm is about: a pair of gateways, or one end's tunnel as
 * long as the other address is not known. Its ends are what devices say: one
 * for each tunnel id, with the children (child SAs) that it has. A group counts
 * the ends of a device, an interface, a peer; a scope is an alarm that is about
 * more than a link. */
#ifndef CORE_ESTATE_H
#define CORE_ESTATE_H

#include "core/table.h"
#include "vpn/engine.h"

#define CHILDREN 8  /* stored of an end; more are counted */
#define DROPS 12    /* remembered of a link */
#define FAILURES 5  /* likewise */
#define CAUSES 4    /* different failures of a link */
#define TURNS 4     /* events whose outcome a link remembers */
#define LINE_MAX 512 /* bytes of a raw line that is kept for the page */

#define MINUTE 60
#define DAY (24 * 60 * MINUTE)
#define QUIET_S (30 * MINUTE)   /* after which silence closes what it may close */
#define CAUSE_S (10 * MINUTE)   /* how old a failure may be to explain a drop */

/* A child SA. Names are hashes; 0: the device did not say. */
struct child {
	uint32_t index, spi, flow;
	uint32_t up_s; /* device time */
	bool live;     /* false: the flow was lost while others live */
};

enum group_kind { GROUP_DEVICE, GROUP_INTERFACE, GROUP_PEER, GROUP_SLOT, GROUPS };

struct group {
	struct node node;
	uint32_t members, down; /* ends */
	uint32_t passers;       /* ends that were up once and have been gone a day */
	uint32_t full_s;        /* since when enough are down; 0: they are not */
	uint8_t kind;
	bool firing;
};

#define SKEWS 7

struct device {
	struct node node;
	struct vpn_text name;
	int32_t skew_s[SKEWS], offset_s; /* reception minus device time */
	uint32_t sampled_s, late_until_s, ends;
	uint8_t nskews;
	bool told, dirty;
	struct device *dirty_next;
};

enum end_text {
	END_ID,
	END_DEVICE, /* or its cluster */
	END_LOCAL,
	END_PEER,
	END_INTERFACE,
	END_CONNECTION,
	END_TEXTS
};

enum end_role { ROLE_UNSAID, ROLE_INITIATOR, ROLE_RESPONDER };

struct end {
	struct node by_id, by_kin, by_place;
	struct end *next; /* of the link */
	struct link *link;
	struct device *device; /* NULL: there was no room for it */
	struct group *group[GROUPS];
	uint8_t *text; /* a length byte and the bytes, of each end_text */
	uint64_t flow; /* the protected flow of the last child, hashed */
	int64_t up_ms, down_ms; /* device time of the last of each; 0: none */
	int64_t torn_ms;        /* of the last teardown */
	uint32_t torn_index;
	int16_t ahead; /* teardowns that named an index, less those with an SPI */
	uint16_t ups;
	uint8_t nchildren;
	uint8_t role;
	uint16_t more; /* children that are not stored */
	bool down, passer, recovers;
	struct child child[CHILDREN];
};

/* What a link waits for. */
enum due {
	DUE_HOLD,     /* down, to be confirmed */
	DUE_FAILING,  /* negotiation fails, to be confirmed */
	DUE_DEGRADED, /* flows are lost, to be confirmed */
	DUE_HEAL,     /* up, to be believed */
	DUE_FLAP,     /* no drop any more */
	DUE_QUIET,    /* nothing heard any more */
	DUE_REMIND,
	DUE_PASSER, /* gone for a day */
	DUES
};

enum withheld {
	WITHHELD_NOT,
	WITHHELD_PAGE,
	WITHHELD_MODE,
	WITHHELD_MUTE,
	WITHHELD_GATEWAY,
	WITHHELD_DYNAMIC,
	WITHHELD_COUNT
};

/* A link is in one list, in the order of eviction. */
enum list { LIST_FRESH, LIST_REST, LIST_UP, LIST_DOWN, LISTS };

struct link {
	struct node by_subject;
	struct link *prev, *next;           /* of the list */
	struct link *wheel_prev, *wheel_next;
	struct link *dirty_next;
	struct end *ends;
	struct vpn_text subject;
	char *line[2];
	int64_t since_ms, start_ms; /* wall: of the last transition, of the outage */
	int64_t alarm_ms, opened_ms; /* wall: since when it holds, when it was told */
	int64_t up_ms, down_ms;                /* wall, of the last of each */
	uint32_t due_s[DUES];                  /* mono; 0: not */
	uint32_t wheel_s;
	uint32_t drop_s[DROPS], fail_s[FAILURES]; /* wall */
	uint32_t streak_s, mark_s; /* wall: of failures; when it became idle, admin */
	struct {
		uint32_t last_s;
		uint16_t code, n;
		bool responder;
	} cause[CAUSES];
	struct {
		uint32_t id;
		uint8_t state, previous;
		bool changed;
	} turn[TURNS];
	uint16_t reason, failure, failures, streak, marked; /* codes; counts */
	uint16_t nfails;
	uint8_t ndrops, nturns, state, alarm, list, withheld;
	bool confirmed; /* down for its hold */
	bool late, dynamic, failing, counted, dirty, linked, queued;
};

/* An alarm about more than a link, or what may become one. */
struct scope {
	struct node node;
	struct scope *next, *dirty_next;
	struct vpn_text subject, device;
	int64_t start_ms, opened_ms;
	uint32_t window_s, count, last_s; /* mono */
	uint32_t close_s;                 /* mono; 0: nothing to wait for */
	uint32_t live, live_then;         /* sessions */
	uint32_t remind_s;
	uint16_t code;
	uint8_t kind;
	uint8_t group; /* enum group_kind, of a gateway */
	uint64_t group_hash;
	struct sketch *sketch; /* of unknown peers */
	bool open, dirty, gone;
};

/* A key that was saved and is no more. */
struct gone {
	struct gone *next;
	size_t len;
	char key[];
};

#define WHEEL 1024

struct vpn_engine {
	struct vpn_engine_conf conf;
	const struct vpn_rules *rules;
	const struct vpn_policy *policy;
	struct vpn_engine_counts counts;
	struct table links, ends, kin, places, groups, devices, scopes;
	struct {
		struct link *first, *last;
	} list[LISTS];
	struct link *wheel[WHEEL];
	struct link *dirty_links;
	struct device *dirty_devices;
	struct scope *dirty_scopes, *all_scopes;
	struct gone *gone;
	size_t nscopes;
	struct vpn_now now;
	uint32_t ticked_s; /* mono */
	uint32_t *heard_s; /* mono, of vpn_policy_silence */
	size_t nheard;
	struct {
		uint64_t slot; /* device, interface and sequence */
		uint32_t until_s;
	} moving[16]; /* peers that may come back with another address */
	struct code_name {
		char *text; /* slug, and "/variant" */
		const struct vpn_code *code;
	} *codes; /* the numbers that links and scopes keep */
	size_t ncodes;
	bool overflow_told;
};

/* codes.c */
uint16_t vpn_codes_number(struct vpn_engine *, const struct vpn_code *); /* 0: none */
uint16_t vpn_codes_find(struct vpn_engine *, struct vpn_text name);
struct vpn_text vpn_codes_name(const struct vpn_engine *, uint16_t);
const struct vpn_code *vpn_codes_code(const struct vpn_engine *, uint16_t);
void vpn_codes_use(struct vpn_engine *);
void vpn_codes_free(struct vpn_engine *);

/* links.c: to find, make and drop them. NULL: no memory, or no room. */
struct vpn_text vpn_end_text(const struct end *, enum end_text);
struct end *vpn_end_find(struct vpn_engine *, struct vpn_text id);
struct end *vpn_end_new(struct vpn_engine *, struct link *, uint8_t *text);
uint8_t *vpn_end_pack(const struct vpn_text part[END_TEXTS]);
void vpn_end_kin(struct vpn_engine *, struct end *, uint64_t hash);
void vpn_end_place(struct vpn_engine *, struct end *, uint64_t hash);
void vpn_end_move(struct vpn_engine *, struct end *, struct link *to);
struct link *vpn_link_find(struct vpn_engine *, struct vpn_text subject);
struct link *vpn_link_new(struct vpn_engine *, struct vpn_text subject);
void vpn_link_free(struct vpn_engine *, struct link *);
void vpn_link_list(struct vpn_engine *, struct link *); /* to where it belongs */
void vpn_link_dirty(struct vpn_engine *, struct link *);
void vpn_link_keep_line(struct link *, int which, struct vpn_text);
void vpn_engine_gone(struct vpn_engine *, char kind, struct vpn_text key);
void vpn_links_free(struct vpn_engine *);

/* wheel.c */
void vpn_wheel_set(struct vpn_engine *, struct link *, enum due, uint32_t due_s);
void vpn_wheel_remove(struct vpn_engine *, struct link *);
/* The links that are due at that second, one after the other; NULL: no more. */
struct link *vpn_wheel_next(struct vpn_engine *, uint32_t s);

/* child.c: false when nothing is known to live any more. */
enum child_result { CHILD_LIVES, CHILD_GONE, CHILD_IGNORED };
bool vpn_child_up(struct end *, const struct vpn_event *);
enum child_result vpn_child_down(struct end *, const struct vpn_event *);
unsigned vpn_child_lost(const struct end *); /* flows */
unsigned vpn_child_live(const struct end *);
bool vpn_child_named(const struct vpn_event *);

/* group.c */
void vpn_group_join(struct vpn_engine *, struct end *, struct vpn_text sequence);
void vpn_group_restore(
    struct vpn_engine *, struct end *, uint64_t slot, bool passer);
void vpn_group_leave(struct vpn_engine *, struct end *);
void vpn_group_count(struct vpn_engine *, struct link *); /* down, or not any more */
bool vpn_group_firing(const struct link *);
uint32_t vpn_group_wait(const struct vpn_engine *, const struct link *); /* until; 0 */
bool vpn_group_dynamic(const struct end *);
struct group *vpn_group_find(struct vpn_engine *, uint64_t hash);
unsigned vpn_group_enough(const struct group *);
void vpn_group_tick(struct vpn_engine *, uint32_t s);

/* device.c */
struct device *vpn_device_of(struct vpn_engine *, struct vpn_text name);
/* Learn its clock from the event; is the line late? */
bool vpn_device_hear(struct vpn_engine *, struct device *, const struct vpn_event *);
bool vpn_device_behind(const struct vpn_engine *, const struct device *);
void vpn_devices_free(struct vpn_engine *);

/* state.c */
enum input { IN_UP, IN_DOWN, IN_ADMIN, IN_IDLE, IN_USER, IN_FAILED, INPUTS };
void vpn_state_input(struct vpn_engine *, struct link *, enum input, int64_t time_ms,
    int hold_s);
void vpn_state_due(struct vpn_engine *, struct link *, uint32_t s);
void vpn_state_degraded(struct vpn_engine *, struct link *);
void vpn_state_again(struct vpn_engine *, struct link *); /* decide a withheld one */
void vpn_state_close(struct vpn_engine *, struct link *, enum vpn_ending, int64_t end_ms,
    struct vpn_text moved_to);
void vpn_state_rule(const struct vpn_engine *, const struct link *, uint16_t code,
    struct vpn_ruling *);

/* failure.c */
void vpn_failure(struct vpn_engine *, struct end *, const struct vpn_event *);
void vpn_failure_forget(struct link *); /* it is up */
uint16_t vpn_failure_cause(const struct link *, int64_t start_ms, unsigned *n);

/* scope.c */
struct scope *vpn_scope_of(struct vpn_engine *, enum vpn_alarm_kind,
    struct vpn_text subject, struct vpn_text device);
void vpn_scope_failure(struct vpn_engine *, const struct vpn_event *, bool known);
void vpn_scope_session(struct vpn_engine *, const struct end *, int change, bool drop);
void vpn_scope_tick(struct vpn_engine *, uint32_t s);
void vpn_scope_open(struct vpn_engine *, struct scope *, unsigned down, unsigned members);
void vpn_scope_close(struct vpn_engine *, struct scope *, enum vpn_ending);
void vpn_scope_dirty(struct vpn_engine *, struct scope *);
void vpn_scopes_free(struct vpn_engine *);

/* engine.c: from here on it is now. */
void vpn_engine_begin(struct vpn_engine *, struct vpn_now);

/* raise.c: tell an alarm. */
void vpn_raise_fill(
    const struct vpn_engine *, const struct link *, struct vpn_alarm *);
void vpn_raise(struct vpn_engine *, struct link *, enum vpn_alarm_kind,
    enum vpn_step_of_alarm, enum vpn_ending, int64_t end_ms, struct vpn_text moved_to);

static inline uint32_t
mono_s(const struct vpn_engine *eng)
{
	return (uint32_t)(eng->now.mono_ms / 1000);
}

/* The second at which so many will have passed. */
static inline uint32_t
after_s(const struct vpn_engine *eng, int seconds)
{
	return (uint32_t)((eng->now.mono_ms + 999) / 1000) + (uint32_t)seconds;
}

static inline uint32_t
wall_s(const struct vpn_engine *eng)
{
	return (uint32_t)(eng->now.wall_ms / 1000);
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * A link, its ends, and what they are members of. */
#ifndef CORE_LINK_H
#define CORE_LINK_H

#include "core/table.h"
#include "vpn/engine.h"

#define CHILDREN 8   /* stored of an end; more are counted */
#define ENDS_MAX 256 /* of a link; more have links of their own */
#define DROPS 12     /* remembered of a link */
#define FAILURES 5   /* likewise */
#define CAUSES 4     /* different failures of a link */
#define TORN 8       /* children that went last, of an end */
#define TURNS 4      /* events whose outcome a link remembers */
#define LINE_MAX 512 /* bytes of a raw line that is kept for the page */

#define MINUTE 60
#define DAY (24 * 60 * MINUTE)
#define QUIET_S (30 * MINUTE) /* after which silence closes what it may close */
#define CAUSE_S (10 * MINUTE) /* how old a failure may be to explain a drop */

/* A child SA. Names are hashes; 0: the device did not say. */
struct child {
	uint32_t index, spi;
	uint32_t up_s;      /* device time */
	uint32_t flow : 31; /* of which all are lost, when it is not live */
	uint32_t live : 1;
};

enum group_kind { GROUP_DEVICE, GROUP_INTERFACE, GROUP_PEER, GROUP_SLOT, GROUPS };

struct group {
	struct node node;
	uint32_t members, down; /* ends */
	uint32_t passers;       /* ends that were up once and have been gone a day */
	uint32_t full_s;        /* since when enough are down; 0: they are not */
	uint32_t rank;          /* gateway.c's, while it looks; 0 else */
	uint8_t kind;
	bool firing;
};

#define SKEWS 7

/* By how much somebody's clock is behind, learned from samples. */
struct clock {
	int32_t skew_s[SKEWS], offset_s;
	uint32_t sampled_s;
	uint8_t nskews;
};

struct device {
	struct node node;
	struct vpn_text name;
	struct clock clock; /* reception minus device time */
	uint32_t late_until_s, ends;
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
	uint8_t *text;          /* a length byte and the bytes, of each end_text */
	uint64_t flow;          /* the protected flow of the last child, hashed */
	int64_t up_ms, down_ms; /* device time of the last of each; 0: none */
	int64_t lost_ms;        /* of the last teardown that was an outage */
	int64_t torn_ms;        /* of the last teardown */
	uint32_t torn[TORN];    /* what went last: index, or SPI */
	uint16_t torn_code;     /* of the last that was an outage */
	int16_t ahead; /* teardowns that named an index, less those with an SPI */
	uint16_t ups;
	uint8_t nchildren;
	uint8_t role;
	uint16_t more; /* children that are not stored */
	bool down, passer, recovers;
	struct child child[CHILDREN];
	uint8_t own[]; /* where text is at first */
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
	WITHHELD_CROWD,
	WITHHELD_COUNT
};

/* A link is in one list, in the order of eviction; one that keeps failing counts
 * as down. */
enum list { LIST_FRESH, LIST_REST, LIST_UP, LIST_DOWN, LISTS };

struct link {
	struct node by_subject;
	struct link *prev, *next; /* of the list */
	struct link *wheel_prev, *wheel_next;
	struct link *dirty_prev, *dirty_next;
	struct end *ends;
	struct vpn_text subject;
	char *line[2];
	int64_t since_ms, start_ms;  /* wall: of the last transition, of the outage */
	int64_t alarm_ms, opened_ms; /* wall: since when it holds, when it was told */
	int64_t up_ms, down_ms;      /* wall, of the last of each */
	uint32_t due_s[DUES];        /* mono; 0: not */
	uint32_t wheel_s;
	uint32_t drop_s[DROPS], fail_s[FAILURES]; /* wall */
	uint32_t streak_s, mark_s; /* wall: of failures; when it became idle, admin */
	struct cause {
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
	uint16_t nfails, nends;
	uint8_t ndrops, nturns, state, alarm, list, withheld;
	bool confirmed; /* down for its hold */
	bool late, dynamic, failing, counted, dirty, linked, queued;
	char own[]; /* where subject is */
};

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What happened to every tunnel in a period: from log lines that were played, or from
 * the state file. */
#ifndef CLI_HISTORY_H
#define CLI_HISTORY_H

#include "core/catalog.h"
#include "core/table.h"
#include "vpn/engine.h"

struct outage {
	int64_t start_ms, end_ms;
	bool open;    /* it has not ended in the period */
	bool failing; /* told by an alarm alone: nobody said that it is down */
	const struct vpn_code *reason, *failure; /* of the drop, of the peer; or NULL */
};

/* From then on it was so. */
struct span {
	int64_t from_ms, to_ms;
	enum vpn_state state;
};

/* A line of the tunnel. */
struct said {
	int64_t ms;
	struct vpn_text raw;
	bool failure; /* of a negotiation */
};

struct tunnel {
	struct node node;
	struct vpn_text subject;
	struct vpn_text name, id, device, local, peer; /* may be empty */
	enum vpn_state state;                          /* at the end */
	bool session;
	unsigned drops; /* in 24 hours, as the state file has it */
	const char *withheld;
	struct span *spans, *flaps;
	struct outage *outages;
	struct said *said;
	size_t nspans, nflaps, noutages, nsaid;
	int64_t down_ms, known_ms, longest_ms;
	const struct vpn_code *cause; /* of its longest outage, or NULL */
};

struct reason {
	const struct vpn_code *code;
	size_t events, outages, tunnels;
	int64_t down_ms;
	struct vpn_text raw;       /* the first line that gave it */
	const struct tunnel *last; /* that was counted */
};

/* An alert. */
struct told {
	struct node node; /* while it is open */
	struct told *next;
	int64_t opened_ms, end_ms; /* end 0: it has not */
	enum vpn_alarm_kind kind;
	enum vpn_severity severity;
	struct vpn_text summary[VPN_LANG_COUNT];
};

struct history {
	int64_t from_ms, to_ms;
	struct tunnel **tunnels; /* the longest down first */
	struct reason *reasons;  /* the one with the most down time first */
	struct told *first_told, **last_told;
	size_t ntunnels; /* those of users are the last: */
	size_t shown;    /* without them */
	size_t nreasons, ntold, down, noutages;
	int64_t down_ms, known_ms, longest_ms;
	struct table by_subject, open;
	struct vpn_arena arena;
	bool starved; /* out of memory: not all is in it */
};

void history_init(struct history *, const struct vpn_rules *);
void history_free(struct history *);

/* For a log, in the order of time. */
void history_move(struct history *, const struct vpn_move *);
void history_alarm(struct history *, const struct vpn_alarm *);
void history_event(struct history *, const struct vpn_event *, const struct vpn_turn *);
/* What is known of a tunnel beside its lines, after a log. */
void history_name(struct history *, const struct vpn_standing *);
/* For a state file, instead of all that: since when it is as it is. */
void history_take(struct history *, const struct vpn_standing *);

/* Sum up, and put in order; what is after to_ms is no part of it. */
void history_end(struct history *, int64_t from_ms, int64_t to_ms);

/* What most explains it. */
const struct vpn_code *history_cause(const struct outage *);

#endif

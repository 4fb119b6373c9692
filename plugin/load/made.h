/* SPDX-License-Identifier: Apache-2.0
 * Events that were made earlier: by mmipsec, or by a collector whose events came
 * through Kafka. They are read back into what the engine takes, and no line is
 * parsed again. */
#ifndef LOAD_MADE_H
#define LOAD_MADE_H

#include "vpn/engine.h"

struct fjson_object;

struct vpn_made {
	struct vpn_line line;
	struct vpn_event event; /* without the texts of its code: rules have them */
	struct vpn_turn turn;   /* as its maker has it */
	struct vpn_text json;   /* as it came */
	struct fjson_object *tree;
};

/* The member of an event under which mmipsec puts the others of one message. */
#define VPN_MADE_MORE "more"

/* Calls each() for the event in json, and for each of its "more"; what it is given
 * lives until it returns. Records of alerts, which share a topic with events, are
 * skipped. A code that these rules do not know counts as an unknown reason. Returns
 * the number of events, or -1 with a sentence in err when json is no event of
 * omipsec's, or one that this version cannot read: each() got those before it. */
int vpn_made_each(const struct vpn_rules *, struct vpn_text json,
    void (*each)(struct vpn_made *, void *), void *arg, char *err, size_t cap);

/* Write into json what the event did to its tunnel. False: memory is out. */
bool vpn_made_turn(struct vpn_made *, const struct vpn_turn *);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * A batch of rsyslog's messages in, finished records out. */
#ifndef HARVEST_H
#define HARVEST_H

#include "joiner.h"
#include "knowledge.h"
#include "sink/refused.h"
#include "vpn/sink.h"
#include "watch/watch.h"

/* How an event is handed over that was made already, in a container of the message: a
 * template of rsyslog. */
#define HARVEST_SEPARATOR '\x1f'
#define HARVEST_MADE_TEMPLATE "\"%%inputname%%\x1f%%%s%%\""

/* Messages that carry this input name come from us. */
#define HARVEST_OURS "omipsec"

struct tally {
	uint64_t lines, unknown, repeated, malformed, events[VPN_CLASS_COUNT];
};

/* Reused from batch to batch: no allocation once it has grown. */
struct harvest {
	const struct knowledge *kn;
	struct joiner *joiner;
	struct watch *watch; /* NULL: tunnels are not tracked */
	bool silent;         /* events are tracked, and not rendered */
	bool echoes;         /* what only says something again is published too */
	int zone_minutes;
	struct vpn_refused *refused; /* takes malformed events; NULL: it has them */
	struct vpn_record *records;
	size_t n, cap;
	struct vpn_chunk *first, *chunk; /* what the records point into */
	struct tally tally;
	bool starved;  /* no memory, or no room for what is malformed: not complete */
	char why[200]; /* the last that is malformed is */
};

void harvest_begin(struct harvest *, const struct knowledge *, int zone_minutes);
/* What handover.h wrote, or the template made; it lives until then only. */
void harvest_line(struct harvest *, struct vpn_text);
void harvest_made(struct harvest *, struct vpn_text);
void harvest_free(struct harvest *);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * A batch of rsyslog's messages in, finished records out. */
#ifndef HARVEST_H
#define HARVEST_H

#include <pthread.h>

#include "knowledge.h"
#include "vpn/join.h"
#include "vpn/sink.h"
#include "watch/watch.h"

/* What a message is handed over as: a template of rsyslog, in whose string
 * HARVEST_SEPARATOR stands between the fields and the raw message is last. */
#define HARVEST_SEPARATOR '\x1f'
#define HARVEST_TEMPLATE                            \
	"\"%pri%\x1f"                               \
	"%timegenerated:::date-unixtimestamp%."     \
	"%timegenerated:::date-subseconds%\x1f"     \
	"%hostname:::drop-cc%\x1f%fromhost-ip%\x1f" \
	"%inputname%\x1f%rawmsg%\""

/* Messages that carry this input name come from us. */
#define HARVEST_OURS "omipsec"

struct tally {
	uint64_t lines, unknown, repeated, events[VPN_CLASS_COUNT];
};

/* What lines that belong together have told so far, for all workers of an action. */
struct joiner {
	pthread_mutex_t lock;
	struct vpn_join *join;
};

/* Reused from batch to batch: no allocation once it has grown. */
struct harvest {
	const struct knowledge *kn;
	struct joiner *joiner;
	struct watch *watch; /* NULL: tunnels are not tracked */
	bool silent;         /* events are tracked, and not rendered */
	int zone_minutes;
	struct vpn_record *records;
	size_t n, cap;
	struct chunk *first, *chunk; /* what the records point into */
	struct tally tally;
	bool starved; /* no memory: records are missing */
};

void harvest_begin(struct harvest *, const struct knowledge *, int zone_minutes);
void harvest_message(struct harvest *, struct vpn_text); /* lives until then only */
void harvest_free(struct harvest *);

#endif

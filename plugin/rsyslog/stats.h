/* SPDX-License-Identifier: Apache-2.0
 * What impstats shows of an action. */
#ifndef STATS_H
#define STATS_H

#include "harvest.h"
#include "params.h"

struct stats {
	_Atomic uint64_t lines, unknown, repeated, malformed, events[VPN_CLASS_COUNT];
	struct vpn_sink_counters sink;
	struct watch_counters watch;
	struct statsobj_s *object; /* rsyslog's */
};

struct statsobj_if_s; /* rsyslog's interface to them */

/* Announce to impstats. What goes wrong here harms nothing else. */
void stats_open(struct stats *, const struct params *, struct statsobj_if_s *);
void stats_add(struct stats *, const struct tally *);
void stats_close(struct stats *, struct statsobj_if_s *);

#endif

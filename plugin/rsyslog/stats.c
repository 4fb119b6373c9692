/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>

#include "rsyslog.h"
#include "obj.h"
#include "statsobj.h"

#include "stats.h"

struct counter {
	const char *name;
	size_t offset;
};

static const struct counter counters[] = {
    {"lines", offsetof(struct stats, lines)},
    {"events.negotiation", offsetof(struct stats, events[VPN_CLASS_NEGOTIATION])},
    {"events.disconnect", offsetof(struct stats, events[VPN_CLASS_DISCONNECT])},
    {"events.established", offsetof(struct stats, events[VPN_CLASS_ESTABLISHED])},
    {"events.client", offsetof(struct stats, events[VPN_CLASS_CLIENT])},
    {"unknown", offsetof(struct stats, unknown)},
    {"repeated", offsetof(struct stats, repeated)},
};

/* Of an action that has an output. */
static const struct counter put[] = {
    {"malformed", offsetof(struct stats, malformed)},
    {"delivered", offsetof(struct stats, sink.delivered)},
    {"refused", offsetof(struct stats, sink.refused)},
    {"retried", offsetof(struct stats, sink.retried)},
    {"waits", offsetof(struct stats, sink.waits)},
};

/* Of an action that tracks tunnels. They are set and not added to: a reset
 * would last for a second. */
static const struct counter tracked[] = {
    {"alerts.opened", offsetof(struct stats, watch.opened)},
    {"alerts.resolved", offsetof(struct stats, watch.resolved)},
    {"alerts.reminded", offsetof(struct stats, watch.reminded)},
    {"alerts.suppressed", offsetof(struct stats, watch.suppressed)},
    {"alerts.firing", offsetof(struct stats, watch.firing)},
    {"alerts.waiting", offsetof(struct stats, watch.waiting)},
    {"alerts.late", offsetof(struct stats, watch.late)},
    {"alerts.overflowed", offsetof(struct stats, watch.overflowed)},
    {"alerts.last_sent", offsetof(struct stats, watch.last_sent)},
    {"tunnels", offsetof(struct stats, watch.tunnels)},
    {"tunnels.down", offsetof(struct stats, watch.down)},
    {"tunnels.evicted", offsetof(struct stats, watch.evicted)},
    {"store.errors", offsetof(struct stats, watch.store_errors)},
};

_Static_assert(
    sizeof(_Atomic uint64_t) == sizeof(intctr_t), "rsyslog reads the counters");

static void
announce(struct stats *st, const struct counter *list, size_t n, int flag,
    struct statsobj_if_s *statsobj)
{
	for (size_t i = 0; i < n; i++)
		statsobj->AddCounter(st->object, (const uchar *)list[i].name,
		    ctrType_IntCtr, (int8_t)flag, (char *)st + list[i].offset);
}

void
stats_open(struct stats *st, const struct params *par, struct statsobj_if_s *statsobj)
{
	if (statsobj->Construct(&st->object) != RS_RET_OK)
		return;
	statsobj->SetName(
	    st->object, (uchar *)(par->stats_name ? par->stats_name : par->name));
	statsobj->SetOrigin(st->object, (uchar *)par->module);
	announce(st, counters, sizeof(counters) / sizeof(counters[0]),
	    CTR_FLAG_RESETTABLE, statsobj);
	if (par->ops)
		announce(st, put, sizeof(put) / sizeof(put[0]), CTR_FLAG_RESETTABLE,
		    statsobj);
	if (par->tracks)
		announce(st, tracked, sizeof(tracked) / sizeof(tracked[0]),
		    CTR_FLAG_NONE, statsobj);
	statsobj->ConstructFinalize(st->object);
}

void
stats_add(struct stats *st, const struct tally *tally)
{
	atomic_fetch_add(&st->lines, tally->lines);
	if (tally->unknown)
		atomic_fetch_add(&st->unknown, tally->unknown);
	if (tally->repeated)
		atomic_fetch_add(&st->repeated, tally->repeated);
	if (tally->malformed)
		atomic_fetch_add(&st->malformed, tally->malformed);
	for (size_t i = 0; i < VPN_CLASS_COUNT; i++)
		if (tally->events[i])
			atomic_fetch_add(&st->events[i], tally->events[i]);
}

void
stats_close(struct stats *st, struct statsobj_if_s *statsobj)
{
	if (st->object)
		statsobj->Destruct(&st->object);
}

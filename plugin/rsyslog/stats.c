/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>

#include "rsyslog.h"
#include "obj.h"
#include "statsobj.h"

#include "stats.h"

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
    {"lines", offsetof(struct stats, lines)},
    {"events.negotiation", offsetof(struct stats, events[VPN_CLASS_NEGOTIATION])},
    {"events.disconnect", offsetof(struct stats, events[VPN_CLASS_DISCONNECT])},
    {"events.established", offsetof(struct stats, events[VPN_CLASS_ESTABLISHED])},
    {"events.client", offsetof(struct stats, events[VPN_CLASS_CLIENT])},
    {"unknown", offsetof(struct stats, unknown)},
    {"delivered", offsetof(struct stats, sink.delivered)},
    {"refused", offsetof(struct stats, sink.refused)},
    {"retried", offsetof(struct stats, sink.retried)},
    {"waits", offsetof(struct stats, sink.waits)},
};

_Static_assert(
    sizeof(_Atomic uint64_t) == sizeof(intctr_t), "rsyslog reads the counters");

void
stats_open(struct stats *st, const char *name, struct statsobj_if_s *statsobj)
{
	if (statsobj->Construct(&st->object) != RS_RET_OK)
		return;
	statsobj->SetName(st->object, (uchar *)name);
	statsobj->SetOrigin(st->object, (uchar *)"omipsec");
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		statsobj->AddCounter(st->object, (const uchar *)counters[i].name,
		    ctrType_IntCtr, CTR_FLAG_RESETTABLE,
		    (char *)st + counters[i].offset);
	statsobj->ConstructFinalize(st->object);
}

void
stats_add(struct stats *st, const struct tally *tally)
{
	atomic_fetch_add(&st->lines, tally->lines);
	if (tally->unknown)
		atomic_fetch_add(&st->unknown, tally->unknown);
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

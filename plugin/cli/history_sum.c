/* SPDX-License-Identifier: Apache-2.0
 * What it all comes to. */
#include <stdlib.h>

#include "cli/history.h"

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
sum_known(const struct history *h, struct tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->nspans; i++) {
		const struct span *span = &tunnel->spans[i];
		int64_t to = least(span->to_ms, h->to_ms);

		if (span->state != VPN_STATE_UNKNOWN &&
		    span->state != VPN_STATE_ENDED && to > span->from_ms)
			tunnel->known_ms += to - span->from_ms;
	}
	if (tunnel->known_ms < tunnel->down_ms)
		tunnel->known_ms = tunnel->down_ms;
}

static void
count_reason(
    struct history *h, const struct tunnel *tunnel, const struct outage *outage)
{
	const struct vpn_code *code = history_cause(outage);
	struct reason *reason = code && h->reasons ? &h->reasons[code->index] : NULL;

	if (reason == NULL)
		return;
	reason->outages++;
	reason->down_ms += outage->end_ms - outage->start_ms;
	reason->tunnels += reason->last != tunnel;
	reason->last = tunnel;
	if (reason->raw.len == 0 && tunnel->nsaid > 0)
		reason->raw = tunnel->said[tunnel->nsaid - 1].raw;
}

/* Outages after the end of the period are left out. */
static void
sum_outages(struct history *h, struct tunnel *tunnel)
{
	size_t n = 0;

	for (size_t i = 0; i < tunnel->noutages; i++) {
		struct outage outage = tunnel->outages[i];
		int64_t ms;

		if (outage.start_ms > h->to_ms)
			continue;
		if (outage.open || outage.end_ms > h->to_ms) {
			outage.open = true;
			outage.end_ms = h->to_ms;
		}
		tunnel->outages[n++] = outage;
		ms = outage.end_ms - outage.start_ms;
		tunnel->down_ms += ms;
		if (ms >= tunnel->longest_ms) {
			tunnel->longest_ms = ms;
			tunnel->cause = history_cause(&outage);
		}
		count_reason(h, tunnel, &outage);
	}
	tunnel->noutages = n;
}

/* At the end of the period, whatever the silence after it brought. */
static void
find_state(const struct history *h, struct tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->nspans; i++)
		if (tunnel->spans[i].from_ms <= h->to_ms)
			tunnel->state = tunnel->spans[i].state;
}

static bool
is_down(const struct tunnel *tunnel)
{
	return tunnel->noutages > 0 && tunnel->outages[tunnel->noutages - 1].open;
}

static void
sum_tunnel(struct history *h, struct tunnel *tunnel)
{
	find_state(h, tunnel);
	sum_outages(h, tunnel);
	sum_known(h, tunnel);
	h->down += is_down(tunnel);
	h->noutages += tunnel->noutages;
	h->down_ms += tunnel->down_ms;
	h->known_ms += tunnel->known_ms;
	if (tunnel->longest_ms > h->longest_ms)
		h->longest_ms = tunnel->longest_ms;
}

/* Sessions of users are counted, and have no row: they go behind the tunnels. */
static size_t
part_sessions(struct history *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->ntunnels; i++) {
		struct tunnel *tunnel = h->tunnels[i];

		if (tunnel->session)
			continue;
		h->tunnels[i] = h->tunnels[n];
		h->tunnels[n++] = tunnel;
	}
	return n;
}

static int
order(int64_t a, int64_t b)
{
	return a == b ? 0 : a > b ? -1 : 1;
}

static int
by_down(const void *a, const void *b)
{
	const struct tunnel *x = *(struct tunnel *const *)a;
	const struct tunnel *y = *(struct tunnel *const *)b;
	int before = order(x->down_ms, y->down_ms);

	if (before == 0)
		before = order((int64_t)x->noutages, (int64_t)y->noutages);
	if (before == 0)
		before = order((int64_t)x->nsaid, (int64_t)y->nsaid);
	return before ? before : strcmp(x->subject.at, y->subject.at);
}

static int
by_weight(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;
	int before = order(x->down_ms, y->down_ms);

	if (before == 0)
		before = order((int64_t)x->events, (int64_t)y->events);
	return before ? before : x->code->index < y->code->index ? -1 : 1;
}

void
history_end(struct history *h, int64_t from_ms, int64_t to_ms)
{
	size_t n = 0;

	h->from_ms = from_ms;
	h->to_ms = to_ms;
	h->shown = part_sessions(h);
	for (size_t i = 0; i < h->shown; i++)
		sum_tunnel(h, h->tunnels[i]);
	if (h->shown > 0)
		qsort(h->tunnels, h->shown, sizeof(*h->tunnels), by_down);
	for (size_t i = 0; h->reasons && i < h->nreasons; i++)
		if (h->reasons[i].events + h->reasons[i].outages > 0)
			h->reasons[n++] = h->reasons[i];
	h->nreasons = n;
	if (n > 0)
		qsort(h->reasons, n, sizeof(*h->reasons), by_weight);
}

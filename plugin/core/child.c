/* SPDX-License-Identifier: Apache-2.0
 * The child SAs of an end: a line about one of them removes that one only, and
 * what came up in its place keeps the tunnel up (alerting rule 5). */
#include "core/estate.h"

#define REPLACED_S 120 /* the new one may come up that long before the old goes */
#define SAME_MS 5000   /* two lines about one teardown are that close together */

/* Names of an event's child SA; 0: not said. */
struct names {
	uint32_t index, spi, flow;
};

static uint32_t
name(struct vpn_text text)
{
	uint64_t hash = vpn_hash(1, text);

	return text.len == 0 ? 0 : ((uint32_t)(hash ^ hash >> 32) & INT32_MAX) | 1;
}

/* Where child SAs have no number, they are those of their IKE SA. */
static struct vpn_text
index_of(const struct vpn_event *ev)
{
	struct vpn_text index = ev->field[VPN_TUNNEL_INDEX];

	return index.len > 0 ? index : ev->field[VPN_SA];
}

static struct names
names_of(const struct vpn_event *ev)
{
	struct vpn_text flow = ev->field[VPN_RULE_NUMBER];

	return (struct names){.index = name(index_of(ev)),
	    .spi = name(ev->field[VPN_INBOUND_SPI]),
	    .flow = name(flow.len > 0 ? flow : ev->field[VPN_FLOW])};
}

bool
vpn_child_named(const struct vpn_event *ev)
{
	return index_of(ev).len > 0 || ev->field[VPN_INBOUND_SPI].len > 0;
}

static bool
is_one(const struct child *child, const struct names *it)
{
	return child->live &&
	    ((it->index && child->index == it->index) ||
		(it->spi && child->spi == it->spi));
}

static struct child *
find(struct end *end, const struct names *it)
{
	for (size_t i = 0; i < end->nchildren; i++)
		if (is_one(&end->child[i], it))
			return &end->child[i];
	return NULL;
}

static void
drop(struct end *end, struct child *child)
{
	*child = end->child[--end->nchildren];
}

unsigned
vpn_child_live(const struct end *end)
{
	unsigned n = end->more;

	for (size_t i = 0; i < end->nchildren; i++)
		n += end->child[i].live;
	return n;
}

unsigned
vpn_child_lost(const struct end *end)
{
	unsigned n = 0;

	for (size_t i = 0; i < end->nchildren; i++)
		n += !end->child[i].live;
	return n;
}

/* A flow that is up again is not lost any more. */
static void
find_flow(struct end *end, uint32_t flow)
{
	for (size_t i = 0; flow && i < end->nchildren;)
		if (!end->child[i].live && end->child[i].flow == flow)
			drop(end, &end->child[i]);
		else
			i++;
}

/* Its end was told of before its start. */
static bool
is_torn(const struct end *end, const struct names *it)
{
	for (size_t i = 0; i < TORN; i++)
		if (end->torn[i] && end->torn[i] == (it->index ? it->index : it->spi))
			return true;
	return false;
}

/* False: it is over already, or too old to have outlived the last teardown. */
bool
vpn_child_up(struct end *end, const struct vpn_event *ev)
{
	struct names it = names_of(ev);
	struct child *child = find(end, &it);

	if (ev->time_ms <= end->torn_ms && is_torn(end, &it))
		return false;
	if (vpn_child_live(end) == 0 && ev->time_ms < end->down_ms &&
	    (!vpn_child_named(ev) || ev->time_ms + REPLACED_S * 1000 < end->down_ms))
		return false;
	find_flow(end, it.flow);
	if (child == NULL && end->nchildren < CHILDREN) {
		child = &end->child[end->nchildren++];
		*child = (struct child){
		    .index = it.index, .spi = it.spi, .flow = it.flow, .live = 1};
	}
	if (child) {
		child->up_s = (uint32_t)(ev->time_ms / 1000);
		child->spi = it.spi ? it.spi : child->spi; /* rekeyed */
	} else if (end->more < UINT16_MAX) {
		end->more++;
	}
	if (ev->time_ms > end->up_ms)
		end->up_ms = ev->time_ms;
	end->ahead = 0;
	return true;
}

/* Is this the second line about a teardown, which names it the other way? */
static bool
is_second(struct end *end, const struct names *it, int64_t ms)
{
	int64_t apart = ms > end->torn_ms ? ms - end->torn_ms : end->torn_ms - ms;

	if (apart > SAME_MS)
		end->ahead = 0;
	if (it->index && end->ahead < 0)
		end->ahead++;
	else if (it->spi && !it->index && end->ahead > 0)
		end->ahead--;
	else
		return false;
	return true;
}

/* What it names will not come up again, whatever arrives late. */
static void
bury(struct end *end, const struct names *it)
{
	if (is_torn(end, it))
		return;
	memmove(end->torn + 1, end->torn, (TORN - 1) * sizeof(*end->torn));
	end->torn[0] = it->index ? it->index : it->spi;
}

static void
remember(struct end *end, const struct names *it, int64_t ms)
{
	if (ms > end->torn_ms)
		end->torn_ms = ms;
	if (it->index && end->ahead < INT16_MAX)
		end->ahead++;
	else if (it->spi && end->ahead > INT16_MIN)
		end->ahead--;
}

/* Whether the children have names of the kind that the event uses. */
static bool
is_comparable(const struct end *end, const struct names *it)
{
	for (size_t i = 0; i < end->nchildren; i++)
		if (end->child[i].live &&
		    ((it->index && end->child[i].index) ||
			(it->spi && end->child[i].spi)))
			return true;
	return false;
}

/* The one of that flow (0: any) that has been up for the longest time. */
static struct child *
oldest(struct end *end, uint32_t flow)
{
	struct child *found = NULL;

	for (size_t i = 0; i < end->nchildren; i++) {
		struct child *child = &end->child[i];

		if (child->live && (!flow || !child->flow || child->flow == flow) &&
		    (found == NULL || child->up_s < found->up_s))
			found = child;
	}
	return found;
}

static unsigned
live_of(const struct end *end, uint32_t flow)
{
	unsigned n = 0;

	for (size_t i = 0; i < end->nchildren; i++)
		n += end->child[i].live && end->child[i].flow == flow;
	return n;
}

static enum child_result
result(const struct end *end)
{
	return vpn_child_live(end) > 0 ? CHILD_LIVES : CHILD_GONE;
}

/* Remove it; a flow without another child is lost, if others live. */
static enum child_result
take(struct end *end, struct child *child, const struct vpn_event *ev)
{
	uint32_t flow = child->flow;

	drop(end, child);
	if (flow && live_of(end, flow) == 0 && vpn_child_live(end) > 0 &&
	    ev->policy->effect == VPN_EFFECT_DOWN && end->nchildren < CHILDREN)
		end->child[end->nchildren++] = (struct child){
		    .flow = flow, .up_s = (uint32_t)(ev->time_ms / 1000)};
	if (result(end) == CHILD_GONE)
		end->nchildren = 0;
	return result(end);
}

/* A child that nobody has told of: an old one, if something was put in its
 * place, or one of those that are counted only. */
static enum child_result
take_unknown(struct end *end, const struct names *it, const struct vpn_event *ev)
{
	struct child *child = oldest(end, it->flow);

	if (end->more > 0) {
		end->more--;
		return result(end);
	}
	if (child == NULL)
		return result(end);
	if (is_comparable(end, it) ||
	    child->up_s + REPLACED_S >= (uint32_t)(ev->time_ms / 1000))
		return CHILD_IGNORED;
	return take(end, child, ev);
}

/* A line that names none says that all are gone, of the flow if it names one. */
static enum child_result
take_all(struct end *end, const struct names *it, const struct vpn_event *ev)
{
	struct child *child;

	if (end->up_ms > 0 && ev->time_ms <= end->up_ms)
		return CHILD_IGNORED;
	if (!it->flow || live_of(end, it->flow) == 0) {
		end->nchildren = 0;
		end->more = 0;
		return CHILD_GONE;
	}
	while (live_of(end, it->flow) > 0 && (child = oldest(end, it->flow)))
		take(end, child, ev);
	return result(end);
}

enum child_result
vpn_child_down(struct end *end, const struct vpn_event *ev)
{
	struct names it = names_of(ev);
	struct child *child = find(end, &it);

	if (!it.index && !it.spi)
		return take_all(end, &it, ev);
	if (child && (int64_t)child->up_s > ev->time_ms / 1000)
		return CHILD_IGNORED; /* the index was used again since */
	if (child && it.index && it.spi && child->spi && child->spi != it.spi)
		return CHILD_IGNORED; /* of its IKE SA, but another has its place */
	bury(end, &it);
	if (is_second(end, &it, ev->time_ms) && child == NULL)
		return CHILD_IGNORED;
	remember(end, &it, ev->time_ms);
	if (child)
		return take(end, child, ev);
	if (ev->time_ms < end->up_ms && vpn_child_live(end) == 0)
		return CHILD_IGNORED;
	return take_unknown(end, &it, ev);
}

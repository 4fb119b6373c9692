/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/history.h"

#include <stdlib.h>

#include "cli/cli.h"
#include "core/page.h"

#define SUMMARY_MAX 512

const struct vpn_code *
history_cause(const struct outage *outage)
{
	return outage->failure ? outage->failure : outage->reason;
}

void
history_init(struct history *h, const struct vpn_rules *rules)
{
	size_t n = vpn_rules_codes(rules);

	*h = (struct history){.nreasons = n};
	h->last_told = &h->first_told;
	h->reasons = calloc(n + 1, sizeof(*h->reasons));
	h->starved = h->reasons == NULL;
	for (size_t i = 0; h->reasons && i < n; i++)
		h->reasons[i].code = vpn_rules_code(rules, i);
}

void
history_free(struct history *h)
{
	for (size_t i = 0; i < h->ntunnels; i++) {
		free(h->tunnels[i]->spans);
		free(h->tunnels[i]->flaps);
		free(h->tunnels[i]->outages);
		free(h->tunnels[i]->said);
	}
	free(h->tunnels);
	free(h->reasons);
	vpn_table_free(&h->by_subject);
	vpn_table_free(&h->open);
	vpn_arena_free(&h->arena);
}

/* Room for one more, zeroed; NULL when memory is out. */
#define ADD(h, list, n) add((h), (void **)&(list), &(n), sizeof(*(list)))

static void *
add(struct history *h, void **list, size_t *n, size_t size)
{
	void *grown = cli_grow(*list, *n, size);
	char *at;

	if (grown == NULL) {
		h->starved = true;
		return NULL;
	}
	*list = grown;
	at = (char *)grown + (*n)++ * size;
	memset(at, 0, size);
	return at;
}

static struct vpn_text
keep(struct history *h, struct vpn_text text)
{
	struct vpn_text own = {NULL, 0};

	if (text.len > 0)
		own = vpn_arena_text(&h->arena, text);
	h->starved |= text.len > 0 && own.at == NULL;
	return own;
}

static void
keep_first(struct history *h, struct vpn_text *to, struct vpn_text text)
{
	if (to->len == 0)
		*to = keep(h, text);
}

static struct tunnel *
find(const struct history *h, struct vpn_text subject)
{
	struct node *node = vpn_table_get(&h->by_subject, vpn_hash(0, subject));

	for (; node; node = vpn_table_more(node))
		if (vpn_text_same(HOLDER(struct tunnel, node, node)->subject, subject))
			return HOLDER(struct tunnel, node, node);
	return NULL;
}

static struct tunnel *
make(struct history *h, struct vpn_text subject)
{
	struct tunnel *tunnel = vpn_arena_take(&h->arena, sizeof(*tunnel)), **row;

	if (tunnel == NULL || (row = ADD(h, h->tunnels, h->ntunnels)) == NULL) {
		h->starved = true;
		return NULL;
	}
	*row = tunnel;
	tunnel->subject = keep(h, subject);
	h->starved |=
	    !vpn_table_put(&h->by_subject, &tunnel->node, vpn_hash(0, subject));
	return tunnel;
}

/* It has another subject now; what there was under that one goes on with it. */
static void
rename_tunnel(struct history *h, struct vpn_text former, struct vpn_text subject)
{
	struct tunnel *tunnel = find(h, former);

	if (tunnel == NULL || find(h, subject) != NULL)
		return;
	vpn_table_remove(&h->by_subject, &tunnel->node);
	tunnel->subject = keep(h, subject);
	h->starved |=
	    !vpn_table_put(&h->by_subject, &tunnel->node, vpn_hash(0, subject));
}

static struct outage *
open_outage(const struct tunnel *tunnel)
{
	struct outage *last =
	    tunnel->noutages ? &tunnel->outages[tunnel->noutages - 1] : NULL;

	return last && last->open ? last : NULL;
}

static void
begin_outage(struct history *h, struct tunnel *tunnel, const struct outage *outage)
{
	struct outage *open = open_outage(tunnel), *added;

	if (open) { /* it kept failing, and now it is also said to be down */
		open->failing = open->failing && outage->failing;
		open->reason = outage->reason ? outage->reason : open->reason;
		return;
	}
	added = ADD(h, tunnel->outages, tunnel->noutages);
	if (added)
		*added = *outage;
}

static void
end_outage(struct tunnel *tunnel, int64_t ms)
{
	struct outage *open = open_outage(tunnel);

	if (open == NULL)
		return;
	open->open = false;
	open->end_ms = ms > open->start_ms ? ms : open->start_ms;
	/* It was meant, as is known now. */
	if (open->end_ms == open->start_ms)
		tunnel->noutages--;
}

static void
add_span(struct history *h, struct tunnel *tunnel, int64_t ms, enum vpn_state state)
{
	struct span *last = tunnel->nspans ? &tunnel->spans[tunnel->nspans - 1] : NULL;

	if (last && last->from_ms >= ms) {
		last->state = state;
		return;
	}
	if (last)
		last->to_ms = ms;
	last = ADD(h, tunnel->spans, tunnel->nspans);
	if (last)
		*last = (struct span){ms, INT64_MAX, state};
}

void
history_move(struct history *h, const struct vpn_move *move)
{
	struct tunnel *tunnel;

	if (move->former.len > 0)
		rename_tunnel(h, move->former, move->subject);
	tunnel = find(h, move->subject);
	if (tunnel == NULL && move->state != VPN_STATE_UNKNOWN &&
	    move->state != VPN_STATE_ENDED)
		tunnel = make(h, move->subject);
	if (tunnel == NULL)
		return;
	tunnel->session = move->session;
	tunnel->state = move->state;
	if (move->state == VPN_STATE_DOWN)
		begin_outage(h, tunnel,
		    &(struct outage){.start_ms = move->when_ms,
			.open = true,
			.reason = move->reason});
	else
		end_outage(tunnel, move->when_ms);
	add_span(h, tunnel, move->when_ms, move->state);
}

static uint64_t
hash_of(const struct vpn_alarm *alarm)
{
	return vpn_hash(vpn_hash(0, vpn_alarm_name(alarm->kind)), alarm->subject);
}

static void
tell(struct history *h, const struct vpn_alarm *alarm)
{
	struct told *told = vpn_arena_take(&h->arena, sizeof(*told));
	char summary[SUMMARY_MAX];

	if (told == NULL) {
		h->starved = true;
		return;
	}
	told->opened_ms = alarm->opened_ms;
	told->kind = alarm->kind;
	told->severity = alarm->severity;
	for (int lang = 0; lang < VPN_LANG_COUNT; lang++) {
		size_t n = vpn_page_summary(
		    alarm, (enum vpn_lang)lang, summary, sizeof(summary));

		told->summary[lang] = keep(h, (struct vpn_text){summary, n});
	}
	h->starved |= !vpn_table_put(&h->open, &told->node, hash_of(alarm));
	*h->last_told = told;
	h->last_told = &told->next;
	h->ntold++;
}

static void
end_told(struct history *h, const struct vpn_alarm *alarm)
{
	struct node *node = vpn_table_get(&h->open, hash_of(alarm));

	if (node == NULL)
		return;
	vpn_table_remove(&h->open, node);
	HOLDER(struct told, node, node)->end_ms = alarm->told_ms;
}

/* What the alarm knows of its tunnel beyond the moves. */
static void
learn(struct history *h, struct tunnel *tunnel, const struct vpn_alarm *alarm)
{
	struct outage *open;

	if (alarm->kind == VPN_ALARM_FAILING)
		begin_outage(h, tunnel,
		    &(struct outage){
			.start_ms = alarm->start_ms, .open = true, .failing = true});
	open = open_outage(tunnel);
	if (open && alarm->failure &&
	    (alarm->kind == VPN_ALARM_DOWN || alarm->kind == VPN_ALARM_FAILING))
		open->failure = alarm->failure;
	if (alarm->kind == VPN_ALARM_FLAPPING) {
		struct span *flap = ADD(h, tunnel->flaps, tunnel->nflaps);

		if (flap)
			*flap =
			    (struct span){alarm->start_ms, INT64_MAX, VPN_STATE_DOWN};
	}
}

void
history_alarm(struct history *h, const struct vpn_alarm *alarm)
{
	struct tunnel *tunnel = NULL;

	if (alarm->kind < VPN_ALARM_GATEWAY)
		tunnel = find(h, alarm->subject);
	if (alarm->step == VPN_ALARM_OPENED) {
		if (tunnel == NULL && alarm->kind == VPN_ALARM_FAILING)
			tunnel = make(h, alarm->subject);
		tell(h, alarm);
		if (tunnel)
			learn(h, tunnel, alarm);
	} else if (alarm->step == VPN_ALARM_RESOLVED) {
		struct outage *open = tunnel ? open_outage(tunnel) : NULL;

		end_told(h, alarm);
		if (open && open->failing && alarm->ending != VPN_ENDING_REPLACED)
			end_outage(tunnel, alarm->end_ms);
		if (tunnel && alarm->kind == VPN_ALARM_FLAPPING && tunnel->nflaps > 0)
			tunnel->flaps[tunnel->nflaps - 1].to_ms = alarm->told_ms;
	}
}

static void
describe(struct history *h, struct tunnel *tunnel, struct vpn_text id,
    struct vpn_text device, struct vpn_text local, struct vpn_text peer)
{
	keep_first(h, &tunnel->id, id);
	keep_first(h, &tunnel->device, device);
	keep_first(h, &tunnel->local, local);
	keep_first(h, &tunnel->peer, peer);
}

void
history_event(
    struct history *h, const struct vpn_event *ev, const struct vpn_turn *turn)
{
	struct reason *reason =
	    ev->code && h->reasons ? &h->reasons[ev->code->index] : NULL;
	struct tunnel *tunnel = turn->subject.len > 0 ? find(h, turn->subject) : NULL;
	struct said *said;

	if (reason && reason->events++ == 0)
		reason->raw = ev->line->raw;
	if (tunnel == NULL)
		return;
	describe(h, tunnel, (struct vpn_text){ev->tunnel, ev->tunnel_len}, ev->device,
	    ev->field[VPN_LOCAL], ev->field[VPN_PEER]);
	said = ADD(h, tunnel->said, tunnel->nsaid);
	if (said)
		*said = (struct said){
		    ev->time_ms, ev->line->raw, ev->class == VPN_CLASS_NEGOTIATION};
}

void
history_name(struct history *h, const struct vpn_standing *it)
{
	const struct vpn_alarm *alarm = &it->alarm;
	struct tunnel *tunnel = find(h, alarm->subject);

	if (tunnel == NULL)
		return;
	keep_first(h, &tunnel->name, alarm->name);
	describe(h, tunnel, alarm->tunnel, alarm->device, alarm->local, alarm->peer);
}

static void
keep_lines(struct history *h, struct tunnel *tunnel, const struct vpn_alarm *alarm,
    int64_t since_ms)
{
	for (int i = 0; i < 2; i++) {
		struct said *said;

		if (alarm->lines[i].len == 0 ||
		    (said = ADD(h, tunnel->said, tunnel->nsaid)) == NULL)
			continue;
		*said = (struct said){since_ms, keep(h, alarm->lines[i]), i == 1};
	}
}

void
history_take(struct history *h, const struct vpn_standing *it)
{
	const struct vpn_alarm *alarm = &it->alarm;
	struct tunnel *tunnel = make(h, alarm->subject);

	if (tunnel == NULL)
		return;
	tunnel->state = it->state;
	tunnel->withheld = it->withheld;
	tunnel->drops = alarm->drops;
	add_span(h, tunnel, it->since_ms, it->state);
	if (it->state == VPN_STATE_DOWN)
		begin_outage(h, tunnel,
		    &(struct outage){.start_ms = it->since_ms,
			.open = true,
			.reason = alarm->reason});
	if (alarm->kind != VPN_ALARM_NONE) {
		tell(h, alarm);
		learn(h, tunnel, alarm);
	}
	keep_lines(h, tunnel, alarm, it->since_ms);
	history_name(h, it);
}

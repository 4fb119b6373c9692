/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "handover.h"
#include "harvest.h"
#include "load/load.h"
#include "load/made.h"
#include "vpn/chunk.h"
#include "vpn/recognise.h"

#define CHUNK_SIZE (8 * VPN_EVENT_MAX)
#define SOURCE_MAX 1024 /* bytes of a device's name in a header */

static const char *const types[VPN_CLASS_COUNT] = {
    [VPN_CLASS_NEGOTIATION] = "io.omipsec.negotiation.v1",
    [VPN_CLASS_DISCONNECT] = "io.omipsec.disconnect.v1",
    [VPN_CLASS_ESTABLISHED] = "io.omipsec.established.v1",
    [VPN_CLASS_CLIENT] = "io.omipsec.client.v1",
};

/* What a sink still holds is left to it. */
static void
take_back(struct harvest *har)
{
	struct vpn_chunk **at = &har->first, *chunk;

	while ((chunk = *at) != NULL) {
		if (vpn_chunk_shared(chunk)) {
			*at = chunk->next;
			vpn_chunk_leave(chunk);
		} else {
			chunk->used = 0;
			at = &chunk->next;
		}
	}
}

void
harvest_begin(struct harvest *har, const struct knowledge *kn, int zone_minutes)
{
	har->kn = kn;
	har->zone_minutes = zone_minutes;
	har->n = 0;
	har->tally = (struct tally){0};
	har->starved = false;
	take_back(har);
	har->chunk = har->first;
}

/* See to it that the chunk has need bytes left. */
static bool
has_room(struct harvest *har, size_t need)
{
	struct vpn_chunk **at = har->chunk ? &har->chunk->next : &har->first;

	if (har->chunk && har->chunk->size - har->chunk->used >= need)
		return true;
	if (!*at && !(*at = vpn_chunk_new(CHUNK_SIZE)))
		return false;
	har->chunk = *at;
	return true;
}

static struct vpn_record *
next_record(struct harvest *har)
{
	if (har->n == har->cap) {
		size_t cap = har->cap ? 2 * har->cap : 128;
		struct vpn_record *grown = realloc(har->records, cap * sizeof(*grown));

		if (!grown)
			return NULL;
		har->records = grown;
		har->cap = cap;
	}
	return &har->records[har->n];
}

static struct vpn_text
render(struct harvest *har, const struct vpn_event *ev)
{
	char *at = har->chunk->bytes + har->chunk->used;
	size_t len = vpn_render_event(har->kn->render, ev, at, VPN_EVENT_MAX);

	har->chunk->used += len;
	return (struct vpn_text){at, len};
}

/* json: as it is to be published; absent: to be rendered. */
static void
reap(struct harvest *har, const struct vpn_event *ev, struct vpn_text json)
{
	struct vpn_text key = {ev->tunnel, ev->tunnel_len}, source = ev->device;
	struct vpn_record *rec = next_record(har);

	if (!rec || !has_room(har, VPN_EVENT_MAX + VPN_TUNNEL_ID_MAX + SOURCE_MAX)) {
		har->starved = true;
		return;
	}
	if (source.len > SOURCE_MAX)
		source.len = SOURCE_MAX;
	*rec = (struct vpn_record){.type = vpn_text(types[ev->class]),
	    .value = json.at ? vpn_chunk_keep(har->chunk, json) : render(har, ev),
	    .key = vpn_chunk_keep(har->chunk, key),
	    .source = vpn_chunk_keep(har->chunk, source),
	    .chunk = har->chunk,
	    .time_ms = ev->time_ms,
	    .kind = ev->code ? (unsigned)ev->code->index + 1 : 0};
	memcpy(rec->id, ev->id, sizeof(rec->id));
	har->n++;
}

/* Is what came in what goes out? */
static bool
is_finished(const struct harvest *har, const struct vpn_made *made)
{
	return made && vpn_render_format(har->kn->render) == VPN_FORMAT_ECS;
}

/* made: where the event comes from, or NULL. */
static void
hand_on(struct harvest *har, struct vpn_event *ev, struct vpn_made *made,
    const struct vpn_turn *turn)
{
	/* What changes the tunnel's state is told even so. */
	if (ev->repeat && !turn->changed) {
		har->tally.repeated++;
		if (!har->echoes)
			return;
	}
	har->tally.events[ev->class]++;
	har->tally.unknown += ev->unknown;
	if (har->silent)
		return;
	if (!is_finished(har, made))
		reap(har, ev, (struct vpn_text){NULL, 0});
	else if (turn->tracked && !vpn_made_turn(made, turn))
		har->starved = true;
	else
		reap(har, ev, made->json);
}

/* An event, to those that want it. */
static void
take(struct harvest *har, struct vpn_event *ev, struct vpn_made *made)
{
	struct vpn_turn turn = {0};

	if (har->watch) {
		watch_event(har->watch, ev, &turn);
		if (turn.tracked)
			ev->turn = &turn;
	}
	hand_on(har, ev, made, &turn);
	ev->turn = NULL;
}

static void
read_line(const struct vpn_line *ln, void *arg)
{
	struct harvest *har = arg;
	struct vpn_event ev;

	if (vpn_recognise(har->kn->rules, ln, &ev) &&
	    joiner_line(har->joiner, &ev) != VPN_JOINED_NOTHING)
		take(har, &ev, NULL);
}

/* Of the devices that must be heard, every line counts. */
static void
hear(struct harvest *har, const struct vpn_line *ln)
{
	int i;

	if (!har->watch || vpn_policy_silences(har->kn->policy) == 0)
		return;
	i = vpn_policy_heard(har->kn->policy, ln->host);
	if (i < 0)
		i = vpn_policy_heard(har->kn->policy, ln->ip);
	if (i >= 0)
		watch_heard(har->watch, (size_t)i);
}

void
harvest_line(struct harvest *har, struct vpn_text text)
{
	struct vpn_line ln = {.zone_minutes = har->zone_minutes};

	har->tally.lines++;
	if (!handover_read(text, &ln))
		return;
	hear(har, &ln);
	if (ln.raw.len && ln.raw.at[0] == '{' &&
	    vpn_wrapped_each(ln.raw, &ln, read_line, har) >= 0)
		return;
	read_line(&ln, har);
}

static void
take_made(struct vpn_made *made, void *arg)
{
	take(arg, &made->event, made);
}

/* Nobody will ever read it: it is put aside, and the rest goes on. */
static void
refuse(struct harvest *har, struct vpn_text json)
{
	har->tally.malformed++;
	if (har->refused &&
	    vpn_refused_put(
		har->refused, har->why, (struct vpn_text){NULL, 0}, NULL, json) != 0 &&
	    errno != 0)
		har->starved = true;
}

/* A message without an event says nothing. */
void
harvest_made(struct harvest *har, struct vpn_text text)
{
	const char *mark = memchr(text.at, HARVEST_SEPARATOR, text.len);
	struct vpn_text input;

	har->tally.lines++;
	if (!mark)
		return;
	input = (struct vpn_text){text.at, (size_t)(mark - text.at)};
	text = (struct vpn_text){mark + 1, text.len - input.len - 1};
	if (text.len == 0 || vpn_text_same(input, VPN_TEXT(HARVEST_OURS)))
		return;
	if (text.len > VPN_EVENT_MAX) {
		snprintf(har->why, sizeof(har->why), "it has more than %d bytes",
		    VPN_EVENT_MAX);
		refuse(har, text);
	} else if (vpn_made_each(har->kn->rules, text, take_made, har, har->why,
		       sizeof(har->why)) < 0) {
		refuse(har, text);
	}
}

void
harvest_free(struct harvest *har)
{
	while (har->first) {
		struct vpn_chunk *chunk = har->first;

		har->first = chunk->next;
		vpn_chunk_leave(chunk);
	}
	free(har->records);
}

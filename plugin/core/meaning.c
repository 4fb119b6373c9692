/* SPDX-License-Identifier: Apache-2.0 */
#include "core/meaning.h"

#include "core/address.h"
#include "core/catalog.h"
#include "core/fold.h"
#include "core/identity.h"

/* A device whose clock is further off than this has no usable time. */
#define SKEW_MAX_MS INT64_C(86400000)

/* Bytes of a field that are kept: no honest one is longer. */
#define FIELD_MAX 512

static bool
is_copy(const struct vpn_event *ev)
{
	const struct vpn_copy *copy = &ev->vendor->copy;

	return copy->code && vpn_fold_same(ev->field[copy->field], copy->value);
}

/* "DPD detected*" */
static bool
is_like(struct vpn_text words, struct vpn_text like)
{
	if (like.at[like.len - 1] != '*')
		return vpn_fold_same(words, like);
	like.len--;
	words.len = words.len < like.len ? words.len : like.len;
	return vpn_fold_same(words, like);
}

/* What the vendor's own words mean. */
static const struct vpn_code *
saying_find(const struct vpn_vendor *vendor, struct vpn_text words)
{
	for (size_t i = 0; words.len > 0 && i < vendor->nreasons; i++)
		for (size_t j = 0; j < vendor->reasons[i].nwords; j++)
			if (is_like(words, vendor->reasons[i].words[j]))
				return vendor->reasons[i].code;
	return NULL;
}

void
vpn_meaning_policy(struct vpn_event *ev)
{
	ev->policy = is_copy(ev) ? ev->vendor->copy.code : ev->code;
}

/* Text wins over the number; the number helps where no rule knows the text. */
static void
find_code(const struct vpn_rules *rules, struct vpn_event *ev)
{
	ev->class = ev->message->class;
	if (ev->class == VPN_CLASS_ESTABLISHED || ev->class >= VPN_CLASS_CONTEXT)
		return;
	ev->code = ev->message->code;
	if (ev->code == NULL)
		ev->code = saying_find(ev->vendor, ev->field[VPN_REASON]);
	if (ev->code == NULL)
		ev->code = vpn_rules_by_reason(rules, ev->field[VPN_REASON]);
	if (ev->code == NULL && ev->field[VPN_REASON_CODE].len > 0)
		ev->code = vpn_rules_by_number(rules, ev->field[VPN_REASON_CODE]);
	if (ev->code && ev->message->code_decides)
		ev->class = ev->code->class;
	if (ev->code == NULL) {
		ev->code = ev->class == VPN_CLASS_NEGOTIATION
		    ? rules->unknown_negotiation
		    : rules->unknown;
		ev->unknown = true;
	}
	vpn_meaning_policy(ev);
}

static void
find_time(const struct vpn_stamp *stamp, struct vpn_event *ev)
{
	const struct vpn_line *ln = ev->line;
	int64_t ms;

	ev->time_ms = ln->received_ms;
	ev->zone = VPN_ZONE_NONE;
	if (stamp->text.len == 0)
		return;
	ms = vpn_stamp_ms(stamp, ln);
	ev->device_time = stamp->text;
	ev->zone = stamp->has_zone ? VPN_ZONE_LINE : VPN_ZONE_COLLECTOR;
	ev->zone_minutes = stamp->has_zone ? stamp->zone_minutes : ln->zone_minutes;
	ev->skew_ms = ln->received_ms - ms;
	if (ln->archived || (ev->skew_ms <= SKEW_MAX_MS && ev->skew_ms >= -SKEW_MAX_MS))
		ev->time_ms = ms;
}

/* The device's time where it is a field: "2024-12-20", "14:56:10", "-0500"; or
 * date and time in one. */
static void
field_time(struct vpn_event *ev, struct vpn_stamp *stamp)
{
	struct vpn_text date = ev->field[VPN_DATE], time = ev->field[VPN_TIME],
			offset = ev->field[VPN_OFFSET];
	struct vpn_text one = time.len > 0 ? time : date;
	struct vpn_stamp found;
	char text[48];
	size_t n;

	if (one.len == 0 || date.len + time.len + offset.len + 2 > sizeof(text))
		return;
	if (date.len > 0)
		memcpy(text, date.at, date.len);
	n = date.len;
	if (time.len > 0) {
		text[n++] = ' ';
		memcpy(text + n, time.at, time.len);
		n += time.len;
	}
	if (offset.len > 0)
		memcpy(text + n, offset.at, offset.len);
	n += offset.len;
	if (vpn_stamp_read((struct vpn_text){text, n}, &found) == 0)
		return;
	*stamp = found;
	stamp->text = one; /* the buffer goes away */
}

static struct vpn_text
first_of(struct vpn_text a, struct vpn_text b)
{
	return a.len > 0 ? a : b;
}

static void
cut_fields(struct vpn_event *ev)
{
	for (size_t i = 0; i < VPN_FIELD_COUNT; i++)
		if (ev->field[i].len > FIELD_MAX)
			ev->field[i].len = FIELD_MAX;
	if (ev->device.len > FIELD_MAX)
		ev->device.len = FIELD_MAX;
}

void
vpn_meaning_find(const struct vpn_rules *rules, struct vpn_stamp *stamp,
    struct vpn_text host, struct vpn_event *ev)
{
	const struct vpn_line *ln = ev->line;

	field_time(ev, stamp);
	ev->line_is_ip = vpn_is_ip(ln->ip);
	ev->device = first_of(
	    first_of(ln->device, first_of(ev->field[VPN_DEVICE], host)),
	    first_of(ln->host, ev->line_is_ip ? ln->ip : (struct vpn_text){NULL, 0}));
	cut_fields(ev);
	ev->peer_is_ip = vpn_is_ip(ev->field[VPN_PEER]);
	ev->local_is_ip = vpn_is_ip(ev->field[VPN_LOCAL]);
	find_time(stamp, ev);
	find_code(rules, ev);
	vpn_identity_tunnel(ev);
}

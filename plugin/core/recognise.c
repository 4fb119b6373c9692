/* SPDX-License-Identifier: Apache-2.0 */
#include "vpn/recognise.h"

#include "core/address.h"
#include "core/catalog.h"
#include "core/head.h"
#include "core/identity.h"
#include "core/pairs.h"
#include "core/pattern.h"

/* A device whose clock is further off than this has no usable time. */
#define SKEW_MAX_MS INT64_C(86400000)

/* Bytes of a field that are kept: no honest one is longer. */
#define FIELD_MAX 512

static char
lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool
ends_with(struct vpn_text text, struct vpn_text end)
{
	if (end.len == 0 || text.len < end.len)
		return false;
	text.at += text.len - end.len;
	for (size_t i = 0; i < end.len; i++)
		if (lower(text.at[i]) != lower(end.at[i]))
			return false;
	return true;
}

/* Who speaks: the tag's word, or for "ovpn-NAME" its start. */
static const struct vpn_speaker *
speaker_find(const struct vpn_rules *rules, struct vpn_text word)
{
	const struct vpn_speaker *speaker = vpn_index_get(&rules->by_speaker, word);
	const char *dash;

	if (speaker)
		return speaker;
	dash = memchr(word.at, '-', word.len);
	if (dash == NULL)
		return NULL;
	word.len = (size_t)(dash - word.at) + 1;
	return vpn_index_get(&rules->by_speaker, word);
}

/* The rest of VRP's tag: "/4/IPSECNEGOFAIL(l)[102]". A relay that writes RFC
 * 5424 leaves the module alone: then the sentence has to do. */
static bool
read_mnemonic(const struct vpn_head *head, struct vpn_text word, struct vpn_event *ev)
{
	const char *p = word.at + word.len;
	const char *end = head->tag.at + head->tag.len, *start;

	if (p == end)
		return head->rfc5424;
	if (end - p < 4 || p[0] != '/' || p[1] < '0' || p[1] > '7' || p[2] != '/')
		return false;
	ev->severity = p[1] - '0';
	start = p += 3;
	while (p < end && *p != '(' && *p != '[' && *p != ' ')
		p++;
	ev->message_id = (struct vpn_text){start, (size_t)(p - start)};
	return ev->message_id.len > 0;
}

/* H3C's header has the same shape, with "%%10" where Huawei has "%%01"; the mark
 * may stand apart, "%%01 MODULE" or "%% 01 MODULE". */
static bool
is_foreign(struct vpn_text front)
{
	const char *mark = memrchr(front.at, '%', front.len);
	struct vpn_text after;

	if (mark == NULL || mark == front.at || mark[-1] != '%')
		return false;
	after.at = mark + 1;
	after.len = front.len - (size_t)(after.at - front.at);
	after = vpn_trim_start(after);
	return after.len < 2 || memcmp(after.at, "01", 2) != 0;
}

/* A program's tag is its name alone, or goes on with "[pid]" or "(name)". */
static bool
is_program(const struct vpn_head *head, struct vpn_text word)
{
	return head->tag.len == word.len || word.at[word.len] != '/';
}

/* The field list: from the first "(" to the last ")", unless that stands in
 * the value of a list that was cut. */
static struct vpn_text
list_of(struct vpn_text body, const char *open)
{
	struct vpn_text list = {open + 1, body.len - (size_t)(open - body.at) - 1};
	const char *close = memrchr(list.at, ')', list.len);

	if (close && !memchr(close, '=', (size_t)(list.at + list.len - close)))
		list.len = (size_t)(close - list.at);
	else if (list.len > 0 && list.at[list.len - 1] == '.')
		list.len--;
	return list;
}

static const struct vpn_message *
message_by_sentence(const struct vpn_vendor *vendor, struct vpn_text sentence)
{
	for (size_t i = 0; i < vendor->nmessages; i++)
		if (ends_with(sentence, vendor->messages[i].text))
			return &vendor->messages[i];
	return NULL;
}

static const struct vpn_message *
message_by_fields(const struct vpn_vendor *vendor, const struct vpn_event *ev)
{
	uint32_t have = 0;

	for (size_t i = 0; i < VPN_FIELD_COUNT; i++)
		if (ev->field[i].len > 0)
			have |= UINT32_C(1) << i;
	for (size_t i = 0; i < vendor->nmessages; i++) {
		uint32_t needs = vendor->messages[i].needs;

		if (needs && (have & needs) == needs)
			return &vendor->messages[i];
	}
	return NULL;
}

/* An alarm that ended is no failure. */
static bool
is_cleared(const struct vpn_vendor *vendor, struct vpn_text text)
{
	for (size_t i = 0; i < vendor->ncleared; i++)
		if (text.len > 0 &&
		    memmem(text.at, text.len, vendor->cleared[i].at,
			vendor->cleared[i].len))
			return true;
	return false;
}

static bool
read_pairs(const struct vpn_vendor *vendor, struct vpn_text body, struct vpn_event *ev)
{
	const char *open = memchr(body.at, '(', body.len);
	struct vpn_text sentence = {
	    body.at, open ? (size_t)(open - body.at) : body.len};

	if (is_cleared(vendor, ev->message_id) || is_cleared(vendor, sentence))
		return false;
	if (open)
		vpn_pairs_read(vendor, list_of(body, open), ev->field);
	if (ev->message_id.len > 0)
		ev->message = vpn_index_get(vendor->by_name, ev->message_id);
	if (ev->message == NULL)
		ev->message = message_by_sentence(vendor, vpn_trim_end(sentence));
	if (ev->message == NULL)
		ev->message = message_by_fields(vendor, ev);
	return ev->message != NULL;
}

/* As vpn_pattern_match, but the event's fields change only when it matches, to
 * the end of the text if whole. Most patterns fail at their first byte. */
static long
match(const struct vpn_pattern *pattern, struct vpn_text text, bool whole,
    struct vpn_event *ev)
{
	struct vpn_text fields[VPN_FIELD_COUNT], first = pattern->piece[0].literal;
	long n;

	if (first.len > 0 && (text.len == 0 || text.at[0] != first.at[0]))
		return -1;
	memcpy(fields, ev->field, sizeof(fields));
	n = vpn_pattern_match(pattern, text, fields);
	if (n < 0 || (whole && (size_t)n != text.len))
		return -1;
	memcpy(ev->field, fields, sizeof(fields));
	return n;
}

static bool
read_pattern(
    const struct vpn_message *message, struct vpn_text body, struct vpn_event *ev)
{
	for (size_t i = 0; i < message->npatterns; i++) {
		if (match(&message->patterns[i], body, true, ev) < 0)
			continue;
		ev->message = message;
		return true;
	}
	return false;
}

static bool
read_patterns(const struct vpn_vendor *vendor, struct vpn_text body, bool bare,
    struct vpn_event *ev)
{
	for (size_t i = 0; i < vendor->nmessages; i++)
		if ((!bare || vendor->messages[i].bare) &&
		    read_pattern(&vendor->messages[i], body, ev))
			return true;
	return false;
}

/* What the vendor puts before its messages: an address, a client's name. */
static struct vpn_text
read_prefix(const struct vpn_vendor *vendor, struct vpn_text body, struct vpn_event *ev)
{
	long n;

	for (size_t i = 0; i < vendor->nprefixes; i++) {
		n = match(&vendor->prefixes[i], body, false, ev);
		if (n >= 0)
			return (struct vpn_text){body.at + n, body.len - (size_t)n};
	}
	return body;
}

static bool
read_body(const struct vpn_vendor *vendor, struct vpn_text body, bool bare,
    struct vpn_event *ev)
{
	ev->vendor = vendor;
	body = vpn_trim_end(read_prefix(vendor, body, ev));
	return read_patterns(vendor, body, bare, ev) ||
	    (vendor->nkeys > 0 && read_pairs(vendor, body, ev));
}

static bool
is_copy(const struct vpn_event *ev)
{
	const struct vpn_copy *copy = &ev->vendor->copy;

	return copy->code && ev->field[copy->field].len == copy->value.len &&
	    ends_with(ev->field[copy->field], copy->value);
}

/* Text wins over the number; the number helps where no rule knows the text. */
static void
find_code(const struct vpn_rules *rules, struct vpn_event *ev)
{
	ev->class = ev->message->class;
	if (ev->class == VPN_CLASS_ESTABLISHED)
		return;
	ev->code = ev->message->code;
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
	ev->policy = is_copy(ev) ? ev->vendor->copy.code : ev->code;
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

static void
finish(const struct vpn_rules *rules, const struct vpn_stamp *stamp,
    struct vpn_text host, struct vpn_event *ev)
{
	const struct vpn_line *ln = ev->line;

	ev->device = first_of(first_of(ln->device, host), first_of(ln->host, ln->ip));
	cut_fields(ev);
	ev->peer_is_ip = vpn_is_ip(ev->field[VPN_PEER]);
	ev->local_is_ip = vpn_is_ip(ev->field[VPN_LOCAL]);
	ev->line_is_ip = vpn_is_ip(ln->ip);
	find_time(stamp, ev);
	find_code(rules, ev);
	vpn_identity_tunnel(ev);
}

/* A line of a program's own log file: no host, no tag, at most a time. */
static bool
recognise_bare(const struct vpn_rules *rules, const struct vpn_speaker *speaker,
    struct vpn_text body, struct vpn_event *ev)
{
	struct vpn_stamp stamp;

	vpn_head_bare(&body, &stamp);
	if (!read_body(speaker->vendor, body, true, ev))
		return false;
	finish(rules, &stamp, (struct vpn_text){NULL, 0}, ev);
	vpn_identity_event(ev, &stamp, (struct vpn_text){NULL, 0}, vpn_trim_end(body));
	return true;
}

static bool
recognise_tagged(const struct vpn_rules *rules, const struct vpn_speaker *speaker,
    const struct vpn_head *head, struct vpn_event *ev)
{
	struct vpn_text body = vpn_head_body(head, ev->line->raw), host;
	struct vpn_stamp stamp;

	if (!read_body(speaker->vendor, body, false, ev))
		return false;
	vpn_head_read(head->front, &stamp, &host);
	finish(rules, &stamp, host, ev);
	vpn_identity_event(ev, &stamp, head->tag, vpn_trim_end(body));
	return true;
}

bool
vpn_recognise(
    const struct vpn_rules *rules, const struct vpn_line *ln, struct vpn_event *ev)
{
	const struct vpn_speaker *speaker;
	struct vpn_head head;
	struct vpn_text word;

	if (ln->raw.len == 0) /* it may point nowhere */
		return false;
	vpn_head_find(ln->raw, &head);
	if (head.tag.len == 0 || head.front.len >= VPN_FRONT_LONG)
		vpn_head_find_cut(ln->raw, &head);
	if (!rules->opens[vpn_opening(head.tag)])
		return false;
	word = vpn_head_word(&head);
	speaker = speaker_find(rules, word);
	if (speaker == NULL)
		return false;
	memset(ev, 0, sizeof(*ev));
	ev->line = ln;
	ev->pri = head.pri >= 0 ? head.pri : ln->pri;
	ev->severity = ev->pri >= 0 ? ev->pri & 7 : -1;
	switch (speaker->kind) {
	case VPN_SPEAKER_MODULE:
		return !is_foreign(head.front) && read_mnemonic(&head, word, ev) &&
		    recognise_tagged(rules, speaker, &head, ev);
	case VPN_SPEAKER_PROGRAM:
		return is_program(&head, word) &&
		    recognise_tagged(rules, speaker, &head, ev);
	case VPN_SPEAKER_BARE:
		return head.pri < 0 && recognise_bare(rules, speaker, ln->raw, ev);
	}
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vpn/recognise.h"

#include "core/address.h"
#include "core/catalog.h"
#include "core/columns.h"
#include "core/head.h"
#include "core/identity.h"
#include "core/pairs.h"
#include "core/pattern.h"

/* A device whose clock is further off than this has no usable time. */
#define SKEW_MAX_MS INT64_C(86400000)

/* Bytes of a field that are kept: no honest one is longer. */
#define FIELD_MAX 512

#define START_MAX 32 /* bytes of a word that opens a line */

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
	uint64_t have = 0;

	for (size_t i = 0; i < VPN_FIELD_COUNT; i++)
		if (ev->field[i].len > 0)
			have |= UINT64_C(1) << i;
	for (size_t i = 0; i < vendor->nmessages; i++) {
		uint64_t needs = vendor->messages[i].needs;

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
read_list(const struct vpn_vendor *vendor, struct vpn_text body, struct vpn_event *ev)
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
is_same(struct vpn_text a, struct vpn_text b)
{
	return a.len == b.len && (a.len == 0 || ends_with(a, b));
}

static bool
is_one_of(struct vpn_text value, const struct vpn_text *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_same(value, values[i]))
			return true;
	return false;
}

static bool
fits_pattern(
    const struct vpn_message *message, struct vpn_text text, struct vpn_event *ev)
{
	for (size_t i = 0; i < message->npatterns; i++)
		if (match(&message->patterns[i], text, true, ev) >= 0)
			return true;
	return message->npatterns == 0;
}

/* All that it states holds. Messages that are known by a sentence before a list,
 * or by fields, are for read_list. */
static bool
holds(const struct vpn_message *message, struct vpn_text text, struct vpn_event *ev)
{
	if (message->nnames + message->nwhere + message->npatterns == 0 ||
	    message->text.len > 0 || message->needs)
		return false;
	if (message->nnames > 0 &&
	    !is_one_of(ev->message_id, message->names, message->nnames))
		return false;
	for (size_t i = 0; i < message->nwhere; i++) {
		const struct vpn_where *where = &message->where[i];

		if (!is_one_of(ev->field[where->field], where->values, where->nvalues))
			return false;
	}
	return fits_pattern(message, text, ev);
}

static bool
read_messages(const struct vpn_vendor *vendor, struct vpn_text text, bool bare,
    struct vpn_event *ev)
{
	for (size_t i = 0; i < vendor->nmessages; i++) {
		const struct vpn_message *message = &vendor->messages[i];

		if ((bare && !message->bare) || !holds(message, text, ev))
			continue;
		ev->message = message;
		return true;
	}
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
is_ours(const struct vpn_vendor *vendor, struct vpn_text body)
{
	const struct vpn_where *only = &vendor->only;
	struct vpn_text value = {NULL, 0};

	if (only->nvalues == 0)
		return true;
	if (vendor->pairs != VPN_PAIRS_LIST)
		value = vpn_pairs_one(vendor, body, only->field);
	for (size_t i = 0; i < vendor->ncolumns; i++)
		if (vendor->columns[i].field == only->field)
			value = vpn_column(body, vendor->columns[i].column);
	return is_one_of(value, only->values, only->nvalues);
}

/* Where the vendor's lines are nothing but fields. */
static void
read_fields(const struct vpn_vendor *vendor, struct vpn_text body, struct vpn_event *ev)
{
	if (vendor->ncolumns > 0)
		vpn_columns_read(vendor, body, ev->field);
	if (vendor->pairs != VPN_PAIRS_LIST)
		vpn_pairs_words(vendor, body, ev->field);
	if (ev->message_id.len == 0)
		ev->message_id = ev->field[VPN_MESSAGE_ID];
}

static bool
read_body(const struct vpn_vendor *vendor, struct vpn_text body, bool bare,
    struct vpn_event *ev)
{
	struct vpn_text text;

	ev->vendor = vendor;
	if (!is_ours(vendor, body))
		return false;
	read_fields(vendor, body, ev);
	if (vendor->named && vpn_index_get(vendor->by_name, ev->message_id) == NULL)
		return false;
	text = ev->field[VPN_BODY].len > 0 ? ev->field[VPN_BODY] : body;
	text = vpn_trim_end(read_prefix(vendor, text, ev));
	return read_messages(vendor, text, bare, ev) ||
	    (vendor->pairs == VPN_PAIRS_LIST && vendor->nkeys > 0 &&
		read_list(vendor, text, ev));
}

static bool
is_copy(const struct vpn_event *ev)
{
	const struct vpn_copy *copy = &ev->vendor->copy;

	return copy->code && ev->field[copy->field].len == copy->value.len &&
	    ends_with(ev->field[copy->field], copy->value);
}

/* "DPD detected*" */
static bool
is_like(struct vpn_text words, struct vpn_text like)
{
	if (like.at[like.len - 1] != '*')
		return is_same(words, like);
	like.len--;
	words.len = words.len < like.len ? words.len : like.len;
	return is_same(words, like);
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

static void
finish(const struct vpn_rules *rules, struct vpn_stamp *stamp, struct vpn_text host,
    struct vpn_event *ev)
{
	const struct vpn_line *ln = ev->line;

	field_time(ev, stamp);
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
	struct vpn_text body = vpn_head_body(head, ev->line->raw);
	struct vpn_front front;

	if (!read_body(speaker->vendor, body, false, ev))
		return false;
	vpn_head_read(head->front, &front);
	if (!front.honest)
		return false;
	/* Cisco's own time follows its name. */
	if (speaker->kind == VPN_SPEAKER_FACILITY && front.host.len == 0)
		front.host = front.earlier;
	finish(rules, &front.stamp, front.host, ev);
	vpn_identity_event(ev, &front.stamp, head->tag, vpn_trim_end(body));
	return true;
}

/* "charon[2440]", or RFC 5424's next two fields: process and message. */
static void
read_process(const struct vpn_head *head, struct vpn_text word, struct vpn_event *ev)
{
	const char *end = ev->line->raw.at + ev->line->raw.len, *at = head->after;
	const char *tag_end = head->tag.at + head->tag.len, *p = word.at + word.len;

	if (p < tag_end && *p == '[') {
		p++;
		while (tag_end > p && tag_end[-1] != ']')
			tag_end--;
		if (tag_end > p)
			ev->field[VPN_PROCESS] =
			    (struct vpn_text){p, (size_t)(tag_end - p) - 1};
	}
	if (!head->rfc5424)
		return;
	ev->field[VPN_PROCESS] = vpn_head_token(&at, end);
	ev->message_id = vpn_head_token(&at, end);
}

static void
begin(const struct vpn_line *ln, int pri, struct vpn_event *ev)
{
	memset(ev, 0, offsetof(struct vpn_event, tunnel));
	ev->line = ln;
	ev->pri = pri >= 0 ? pri : ln->pri;
	ev->severity = ev->pri >= 0 ? ev->pri & 7 : -1;
}

static bool
recognise_speaker(const struct vpn_rules *rules, const struct vpn_line *ln,
    const struct vpn_head *head, struct vpn_event *ev)
{
	struct vpn_text word = vpn_head_word(head);
	const struct vpn_speaker *speaker = speaker_find(rules, word);

	if (speaker == NULL) { /* "I/charon" */
		word = head->tag;
		speaker = vpn_index_get(&rules->by_speaker, word);
	}
	if (speaker == NULL)
		return false;
	begin(ln, head->pri, ev);
	switch (speaker->kind) {
	case VPN_SPEAKER_MODULE:
		return !is_foreign(head->front) && read_mnemonic(head, word, ev) &&
		    recognise_tagged(rules, speaker, head, ev);
	case VPN_SPEAKER_PROGRAM:
		read_process(head, word, ev);
		return is_program(head, word) &&
		    recognise_tagged(rules, speaker, head, ev);
	case VPN_SPEAKER_BARE:
		return head->pri < 0 && recognise_bare(rules, speaker, ln->raw, ev);
	case VPN_SPEAKER_FACILITY:
	case VPN_SPEAKER_START:
		break;
	}
	return false;
}

static bool
recognise_facility(
    const struct vpn_rules *rules, const struct vpn_line *ln, struct vpn_event *ev)
{
	const struct vpn_speaker *speaker;
	struct vpn_facility facility;
	struct vpn_head head;

	if (!vpn_head_find_facility(ln->raw, &head, &facility))
		return false;
	speaker = vpn_index_get(&rules->by_facility, facility.name);
	if (speaker == NULL ||
	    vpn_index_get(speaker->vendor->by_name, facility.mnemonic) == NULL)
		return false;
	begin(ln, head.pri, ev);
	ev->severity = facility.severity;
	ev->message_id = facility.mnemonic;
	return recognise_tagged(rules, speaker, &head, ev);
}

/* Whose line it is by the word that opens it; NULL: nobody's. */
static const struct vpn_speaker *
start_find(const struct vpn_rules *rules, struct vpn_text opening)
{
	char word[START_MAX];

	if (opening.len > sizeof(word))
		return NULL;
	for (size_t i = 0; i < opening.len; i++)
		word[i] = vpn_fold_digit(opening.at[i]);
	return vpn_index_get(&rules->by_start, (struct vpn_text){word, opening.len});
}

/* A whole word is a tag; else the body begins with it. */
static bool
recognise_start(const struct vpn_rules *rules, const struct vpn_line *ln,
    const struct vpn_start *start, const struct vpn_speaker *speaker, bool whole,
    int pri, struct vpn_event *ev)
{
	struct vpn_head head = {.pri = pri,
	    .front = start->front,
	    .tag = {start->word.at, whole ? start->word.len : 0},
	    .after = whole ? start->next : start->word.at};

	begin(ln, pri, ev);
	return recognise_tagged(rules, speaker, &head, ev);
}

/* A usual tag that nobody has: "sshd[812]:". */
static bool
is_other_tag(const struct vpn_rules *rules, struct vpn_text word)
{
	unsigned char c = (unsigned char)word.at[0];

	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) &&
	    word.at[word.len - 1] == ':' && !rules->opens[vpn_opening(word)];
}

/* Does an opening word say whose line it is? Most lines end here: a usual time, a
 * host, a tag that is not ours. */
enum verdict { VERDICT_OPEN, VERDICT_OURS, VERDICT_OTHER };

static enum verdict
judge_start(
    const struct vpn_rules *rules, const struct vpn_line *ln, struct vpn_event *ev)
{
	const struct vpn_speaker *speaker;
	struct vpn_start start;
	int pri;

	vpn_head_start(ln->raw, &start, &pri);
	while (!start.rfc5424 && vpn_head_next(&start)) {
		if (rules->starts[vpn_start_opening(start.word)]) {
			struct vpn_text opening = vpn_head_opening(start.word);
			bool whole = opening.len == start.word.len;

			speaker = start_find(rules, opening);
			if (speaker &&
			    recognise_start(rules, ln, &start, speaker, whole, pri, ev))
				return VERDICT_OURS;
			if (speaker && !whole)
				return VERDICT_OTHER;
		}
		if (start.usual && start.words == 0 && is_other_tag(rules, start.word))
			return VERDICT_OTHER;
	}
	return VERDICT_OPEN;
}

bool
vpn_recognise(
    const struct vpn_rules *rules, const struct vpn_line *ln, struct vpn_event *ev)
{
	enum verdict verdict;
	struct vpn_head head;

	if (ln->raw.len == 0) /* it may point nowhere */
		return false;
	verdict = judge_start(rules, ln, ev);
	if (verdict == VERDICT_OURS ||
	    (rules->by_facility.used > 0 && recognise_facility(rules, ln, ev)))
		return true;
	if (verdict == VERDICT_OTHER)
		return false;
	vpn_head_find(ln->raw, &head);
	if (head.tag.len == 0 || head.front.len >= VPN_FRONT_LONG)
		vpn_head_find_cut(ln->raw, &head);
	return rules->opens[vpn_opening(head.tag)] &&
	    recognise_speaker(rules, ln, &head, ev);
}

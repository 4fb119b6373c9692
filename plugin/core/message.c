/* SPDX-License-Identifier: Apache-2.0 */
#include "core/message.h"

#include "core/candidate.h"
#include "core/columns.h"
#include "core/fold.h"
#include "core/head.h"
#include "core/pairs.h"

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

static bool
ends_with(struct vpn_text text, struct vpn_text end)
{
	if (end.len == 0 || text.len < end.len)
		return false;
	text.at += text.len - end.len;
	text.len = end.len;
	return vpn_fold_same(text, end);
}

static const struct vpn_message *
message_by_sentence(const struct vpn_vendor *vendor, struct vpn_text sentence)
{
	for (size_t i = 0; i < vendor->nmessages; i++)
		if (ends_with(sentence, vendor->messages[i].text))
			return &vendor->messages[i];
	return NULL;
}

static bool
carries(const struct vpn_event *ev, uint64_t needs)
{
	uint64_t have = 0;

	for (size_t i = 0; i < VPN_FIELD_COUNT; i++)
		if (ev->field[i].len > 0)
			have |= UINT64_C(1) << i;
	return (have & needs) == needs;
}

static bool
states_more(const struct vpn_message *message)
{
	return message->nnames + message->nwhere + message->npatterns > 0;
}

static const struct vpn_message *
message_by_fields(const struct vpn_vendor *vendor, const struct vpn_event *ev)
{
	for (size_t i = 0; i < vendor->nmessages; i++) {
		const struct vpn_message *message = &vendor->messages[i];

		if (message->needs && !states_more(message) &&
		    carries(ev, message->needs))
			return message;
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

	if (ev->message_id.len > 0)
		ev->message = vpn_index_get(vendor->by_name, ev->message_id);
	if ((ev->message == NULL && is_cleared(vendor, ev->message_id)) ||
	    is_cleared(vendor, sentence))
		return false;
	if (open)
		vpn_pairs_read(vendor, list_of(body, open), ev->field);
	if (ev->message == NULL)
		ev->message = message_by_sentence(vendor, vpn_trim_end(sentence));
	if (ev->message == NULL)
		ev->message = message_by_fields(vendor, ev);
	return ev->message != NULL;
}

static bool
is_one_of(struct vpn_text value, const struct vpn_text *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (vpn_fold_same(value, values[i]))
			return true;
	return false;
}

/* All that it states holds. */
static bool
holds(const struct vpn_candidate *candidate, struct vpn_text text, struct vpn_event *ev)
{
	const struct vpn_message *message = candidate->message;

	if (message->needs && !carries(ev, message->needs))
		return false;
	if (message->nnames > 0 &&
	    !is_one_of(ev->message_id, message->names, message->nnames))
		return false;
	for (size_t i = 0; i < message->nwhere; i++) {
		const struct vpn_where *where = &message->where[i];

		if (!is_one_of(ev->field[where->field], where->values, where->nvalues))
			return false;
	}
	return candidate->pattern == NULL ||
	    vpn_pattern_match(candidate->pattern, text, ev->field) >= 0;
}

static bool
read_messages(const struct vpn_vendor *vendor, struct vpn_text text, bool bare,
    struct vpn_event *ev)
{
	const struct vpn_candidates *set = vendor->candidates;
	uint64_t head = vpn_candidate_head(text);
	unsigned byte = text.len > 0 ? (unsigned char)text.at[0] : 0;

	for (unsigned i = set->start[byte]; i < set->start[byte + 1]; i++) {
		const struct vpn_candidate *candidate = &set->at[set->order[i]];

		if ((head & candidate->mask) != candidate->bytes ||
		    (bare && !candidate->message->bare) || !holds(candidate, text, ev))
			continue;
		ev->message = candidate->message;
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
		n = vpn_pattern_match(&vendor->prefixes[i], body, ev->field);
		if (n >= 0)
			return (struct vpn_text){body.at + n, body.len - (size_t)n};
	}
	return body;
}

bool
vpn_message_is_theirs(const struct vpn_vendor *vendor, struct vpn_text body)
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

bool
vpn_message_read(const struct vpn_vendor *vendor, struct vpn_text body, bool bare,
    struct vpn_event *ev)
{
	struct vpn_text text;

	ev->vendor = vendor;
	if (!vpn_message_is_theirs(vendor, body))
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "vpn/recognise.h"

#include "core/front.h"
#include "core/glance.h"
#include "core/identity.h"
#include "core/meaning.h"
#include "core/message.h"
#include "core/speaker.h"
#include "core/start.h"

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

/* A line of a program's own log file: no host, no tag, at most a time. */
static bool
recognise_bare(const struct vpn_rules *rules, const struct vpn_speaker *speaker,
    struct vpn_text body, struct vpn_event *ev)
{
	struct vpn_stamp stamp;

	vpn_head_bare(&body, &stamp);
	if (!vpn_message_read(speaker->vendor, body, true, ev))
		return false;
	vpn_meaning_find(rules, &stamp, (struct vpn_text){NULL, 0}, ev);
	vpn_identity_event(ev, &stamp, (struct vpn_text){NULL, 0}, vpn_trim_end(body));
	return true;
}

static bool
recognise_tagged(const struct vpn_rules *rules, const struct vpn_speaker *speaker,
    const struct vpn_head *head, struct vpn_event *ev)
{
	struct vpn_text body = vpn_head_body(head, ev->line->raw);
	struct vpn_front front;

	if (!vpn_message_read(speaker->vendor, body, false, ev))
		return false;
	vpn_front_read(head->front, &front);
	/* "logger: %CRYPTO-4-IKMP_NO_SA: .." is what a program says of a device. */
	if (!front.honest || (speaker->kind == VPN_SPEAKER_FACILITY && front.tagged))
		return false;
	/* Cisco's own time follows its name. */
	if (speaker->kind == VPN_SPEAKER_FACILITY && front.host.len == 0)
		front.host = front.earlier;
	vpn_meaning_find(rules, &front.stamp, front.host, ev);
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
	struct vpn_text word;
	const struct vpn_speaker *speaker = vpn_speaker_of_tag(rules, head, &word);

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
		return head->pri < 0 && vpn_speaker_may_be_bare(rules, ln->raw) &&
		    recognise_bare(rules, speaker, ln->raw, ev);
	case VPN_SPEAKER_FACILITY:
	case VPN_SPEAKER_START:
		break;
	}
	return false;
}

enum verdict { VERDICT_OPEN, VERDICT_OURS, VERDICT_OTHER };

/* A header of Cisco's is the line's, whether it is an event or not. */
static enum verdict
judge_facility(
    const struct vpn_rules *rules, const struct vpn_line *ln, struct vpn_event *ev)
{
	const struct vpn_speaker *speaker;
	struct vpn_facility facility;
	struct vpn_head head;

	if (!vpn_facility_find(ln->raw, &head, &facility))
		return VERDICT_OPEN;
	speaker = vpn_speaker_of_facility(rules, &facility);
	if (speaker == NULL)
		return head.front.len < VPN_FRONT_LONG ? VERDICT_OTHER : VERDICT_OPEN;
	begin(ln, head.pri, ev);
	ev->severity = facility.severity;
	ev->message_id = facility.mnemonic;
	return recognise_tagged(rules, speaker, &head, ev) ? VERDICT_OURS
							   : VERDICT_OTHER;
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

	/* Most lines of such devices are traffic. */
	if (!vpn_message_is_theirs(speaker->vendor, vpn_head_body(&head, ln->raw)))
		return false;
	begin(ln, pri, ev);
	return recognise_tagged(rules, speaker, &head, ev);
}

/* A tag that somebody has: "charon[2440]:". What follows is its text. */
static bool
is_tag(const struct vpn_rules *rules, struct vpn_text word)
{
	struct vpn_head head = {.tag = {word.at, word.len - 1}};

	return word.len > 1 && word.at[word.len - 1] == ':' &&
	    vpn_speaker_of_tag(rules, &head, &word) != NULL;
}

/* Does an opening word say whose line it is? */
static enum verdict
judge_start(
    const struct vpn_rules *rules, const struct vpn_line *ln, struct vpn_event *ev)
{
	const struct vpn_speaker *speaker;
	struct vpn_start start;
	int pri;

	vpn_start_begin(ln->raw, &start, &pri);
	while (vpn_start_next(&start)) {
		struct vpn_text opening;
		bool whole;

		if (!vpn_opens(&rules->opens, start.word.at, start.end))
			continue;
		if (is_tag(rules, start.word))
			return VERDICT_OPEN;
		opening = vpn_start_word(start.word);
		whole = opening.len == start.word.len;
		speaker = vpn_speaker_of_start(rules, opening);
		if (speaker &&
		    recognise_start(rules, ln, &start, speaker, whole, pri, ev))
			return VERDICT_OURS;
		/* A host may stand in quotes. */
		if (speaker && !whole && start.word.at[0] != '"')
			return VERDICT_OTHER;
	}
	return VERDICT_OPEN;
}

bool
vpn_recognise(
    const struct vpn_rules *rules, const struct vpn_line *ln, struct vpn_event *ev)
{
	enum verdict verdict = VERDICT_OPEN;
	struct vpn_head head;
	bool marked; /* Cisco's and VRP's mark may be there */

	if (ln->raw.len == 0) /* it may point nowhere */
		return false;
	if (vpn_glance_is_other(rules, ln->raw))
		return false;
	marked = vpn_start_is_marked(ln->raw);
	if (marked && rules->by_facility.used > 0)
		verdict = judge_facility(rules, ln, ev);
	if (verdict == VERDICT_OPEN)
		verdict = judge_start(rules, ln, ev);
	if (verdict != VERDICT_OPEN)
		return verdict == VERDICT_OURS;
	vpn_head_find(ln->raw, &head);
	if (marked && (head.tag.len == 0 || head.front.len >= VPN_FRONT_LONG))
		vpn_head_find_cut(ln->raw, &head);
	return (head.tag.len == 0 ||
		   vpn_opens(&rules->opens, head.tag.at, ln->raw.at + ln->raw.len)) &&
	    recognise_speaker(rules, ln, &head, ev);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/glance.h"

#include "core/byte.h"
#include "core/front.h"
#include "core/message.h"
#include "core/speaker.h"

#define WORDS_MAX 16 /* of a header that are looked at */

enum found {
	FOUND_HEADER, /* so far */
	FOUND_OTHER,  /* who is not of the rules */
	FOUND_TEXT,   /* what is no header any more, and nobody before it */
	FOUND_MAYBE   /* somebody of the rules */
};

/* From word to word. A word ends before a blank, or earlier. */
struct glance {
	const struct vpn_rules *rules;
	const char *front, *at, *stop, *end;
	bool usual; /* in front is a usual time, and no field of RFC 5424 */
	int words, names;
};

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_letter(char c)
{
	return is_upper((char)(c & ~0x20)); /* upper and lower differ in one bit */
}

static void
go_to(struct glance *look, const char *at)
{
	look->at = at;
	look->stop = vpn_word_end(at, look->end);
}

static size_t
length(const struct glance *look)
{
	return (size_t)(look->stop - look->at);
}

/* Does the word end where words of a header do? */
static bool
is_end(const struct glance *look)
{
	return look->stop == look->end || *look->stop == ' ';
}

static void
go_on(struct glance *look)
{
	const char *at = look->stop;

	while (at < look->end && *at == ' ')
		at++;
	go_to(look, at);
}

static bool
is_speaker(const struct vpn_rules *rules, struct vpn_text tag)
{
	struct vpn_head head = {.tag = tag};
	struct vpn_text word;

	return vpn_speaker_of_tag(rules, &head, &word) != NULL;
}

static bool
opens(const struct vpn_openings *set, const struct glance *look)
{
	return vpn_opens(set, look->at, look->end);
}

/* Does the word open a line without a tag? Most lines of such devices are traffic, and
 * behind a "date=" no other header follows. */
static enum found
judge_start(const struct glance *look)
{
	struct vpn_text word = {look->at, length(look)}, opening;
	struct vpn_text body = {look->at, (size_t)(look->end - look->at)};
	const struct vpn_speaker *speaker;

	if (!vpn_speaker_may_start(look->rules, word))
		return FOUND_HEADER;
	opening = vpn_start_word(word);
	speaker = vpn_speaker_of_start(look->rules, opening);
	if (speaker == NULL)
		return FOUND_HEADER;
	if (opening.at[opening.len - 1] == '=' &&
	    !vpn_message_is_theirs(speaker->vendor, body))
		return FOUND_OTHER;
	return FOUND_MAYBE;
}

/* With cut, also where the word goes on behind what ended it, or has lost its colon. */
static bool
is_tag_of_rules(const struct glance *look, bool cut)
{
	struct vpn_text tag = {look->at, length(look)};
	const char *colon = memchr(tag.at, ':', tag.len);

	if (colon)
		tag.len = (size_t)(colon - tag.at);
	return (colon || cut) && opens(&look->rules->tags, look) &&
	    is_speaker(look->rules, tag);
}

static enum found
judge_known(const struct glance *look, bool cut)
{
	enum found found = FOUND_HEADER;

	if (opens(&look->rules->starts, look))
		found = judge_start(look);
	if (found == FOUND_HEADER && is_tag_of_rules(look, cut))
		found = FOUND_MAYBE;
	return found;
}

/* Does the word open a line of the rules, or is it a tag of theirs? */
static inline enum found
judge_opening(const struct glance *look, bool cut)
{
	return opens(&look->rules->opens, look) ? judge_known(look, cut) : FOUND_HEADER;
}

static bool
knows(const struct glance *look, bool cut)
{
	return judge_opening(look, cut) != FOUND_HEADER;
}

/* "Jan" may begin a time; "us=340080" is the end of OpenVPN's. */
static bool
is_of_time(const struct glance *look)
{
	return (length(look) == 3 && is_upper(*look->at)) ||
	    (length(look) > 3 && memcmp(look->at, "us=", 3) == 0);
}

/* "sshd[87]:", anything behind a usual time; elsewhere not the "GMT:" of a time, nor
 * the "fe80::" of an address. */
static bool
is_tag(const struct glance *look)
{
	const char *colon = look->stop - 1;

	if (*colon != ':' || !is_end(look))
		return false;
	return (look->usual && look->words < 2) ||
	    (colon[-1] != ':' && (!is_upper(colon[-1]) || length(look) > VPN_ZONE_MAX));
}

/* Past the kernel's clock, "[388186.840315]". */
static void
skip_clock(struct glance *look)
{
	if (look->at < look->end && *look->at == '[' && look->stop[-1] == ']')
		go_on(look);
}

/* Another header may be behind a relay's: Cisco's mark, or a time. */
static bool
may_be_nested(const char *body, const char *end)
{
	if (body >= end || *body == '%' || *body == '*' || *body == '.' || *body == '<')
		return true;
	return end - body > 4 && body[3] == ' ' && is_upper(*body);
}

/* Cisco's "%LINK-3-UPDOWN:". */
static enum found
judge_facility(const struct glance *look)
{
	struct vpn_facility facility;

	if (!vpn_facility_read(look->at + 1, look->end, &facility) ||
	    look->at - look->front >= VPN_FRONT_LONG ||
	    vpn_speaker_of_facility(look->rules, &facility))
		return FOUND_MAYBE;
	return FOUND_OTHER;
}

/* Behind a tag with its process id no header goes on. Behind another one does not
 * where the text begins with a name. */
static enum found
judge_tag(struct glance *look)
{
	if (look->stop[-2] == ']' && memchr(look->at, '[', length(look)))
		return FOUND_OTHER;
	if (look->usual && look->words == 1 &&
	    !may_be_nested(look->stop + 1, look->end))
		return FOUND_OTHER;
	go_on(look);
	if (look->at < look->end && *look->at == '%')
		return judge_facility(look);
	skip_clock(look);
	if (look->at == look->end || !is_letter(*look->at) || is_of_time(look) ||
	    (is_upper(*look->at) && look->stop[-1] == ':') || knows(look, false))
		return FOUND_MAYBE;
	return FOUND_OTHER;
}

/* A name that a quote ends is none of a header, and a fourth one neither; either may
 * be a tag that goes on. */
static enum found
judge_name(struct glance *look)
{
	if (++look->names <= VPN_FRONT_NAMES && is_end(look))
		return FOUND_HEADER;
	if (!is_end(look) && *look->stop != '"')
		return FOUND_MAYBE;
	return knows(look, true) ? FOUND_MAYBE : FOUND_TEXT;
}

/* Another module's line, "%%01POLICY/6/..". "%%10" is H3C's; documents print a blank
 * before the number. */
static enum found
judge_mark(struct glance *look)
{
	const char *at = look->at + 2;

	if (look->end - at < 4)
		return FOUND_MAYBE;
	if (at[-1] != '%')
		return judge_facility(look);
	if (!is_digit(*at) && *at != ' ')
		return FOUND_MAYBE;
	go_to(look, memcmp(at, "01", 2) == 0 ? at + 2 : at);
	if (knows(look, true))
		return FOUND_MAYBE;
	if (look->usual && look->words == 1 && *at != ' ')
		return FOUND_OTHER;
	return is_end(look) ? FOUND_HEADER : FOUND_MAYBE;
}

/* To the word behind a usual time, whose "10:00:00" is all digits; what is left of the
 * time's word is a fraction and an offset. False: there is none. */
static bool
skip_time(struct glance *look)
{
	const char *after = vpn_head_skip_time(look->at, look->end);

	if (after == look->at ||
	    (eight_bytes(after - 8) & UINT64_C(0xf0f0fff0f0fff0f0)) !=
		UINT64_C(0x30303a30303a3030) ||
	    (is_letter(*after) && *after != 'Z'))
		return false;
	look->stop = *after == ' ' ? after : vpn_word_end(after, look->end);
	return true;
}

/* What begins with neither a letter nor a digit. A header may begin again with data
 * in brackets, a priority, Cisco's marks at a time. */
static enum found
judge_odd(struct glance *look)
{
	switch (*look->at) {
	case '%':
		return judge_mark(look);
	case '{': /* JSON */
		return judge_name(look);
	case ':': /* an ASA's, behind its name */
		go_on(look);
		return look->at < look->end && *look->at == '%' ? judge_facility(look)
								: FOUND_MAYBE;
	case '(':
	case '<':
		return FOUND_MAYBE;
	case '[':
		if (look->stop[-1] != ']')
			return FOUND_MAYBE;
		break;
	case '*':
	case '.':
		if (!is_letter(look->at[length(look) > 1]))
			return FOUND_MAYBE;
		break;
	}
	return is_end(look) ? FOUND_HEADER : FOUND_MAYBE;
}

static enum found
judge_word(struct glance *look)
{
	enum found found = judge_opening(look, false);

	if (found != FOUND_HEADER)
		return found;
	if (!is_letter(*look->at) && !is_digit(*look->at))
		return judge_odd(look);
	if (is_letter(*look->at) && !is_of_time(look)) {
		if (is_tag(look))
			return judge_tag(look);
		if (look->stop[-1] != ':')
			return judge_name(look);
	} else if (skip_time(look)) { /* a relay has put its own header in front */
		look->usual = false;
	} else if (is_digit(*look->at) && look->stop[-1] == ':') {
		return FOUND_MAYBE; /* Cisco's number */
	}
	return is_end(look) ? FOUND_HEADER : FOUND_MAYBE;
}

/* Word after word, as long as it reads like a header (vpn_front_read). Behind what
 * does not, only a program's own log file is ours. */
static enum found
walk(struct glance *look)
{
	enum found found;

	for (look->words = 0; look->words < WORDS_MAX; look->words++) {
		if (look->at == look->end)
			return FOUND_TEXT;
		found = judge_word(look);
		if (found != FOUND_HEADER)
			return found;
		go_on(look);
	}
	return FOUND_MAYBE;
}

/* RFC 5424 has a place of its own for the program, behind the time and the host.
 * Where that is empty or a number, the text has to say it. */
static enum found
judge_program(struct glance *look, const char *at)
{
	struct vpn_text program;

	vpn_head_token(&at, look->end);
	vpn_head_token(&at, look->end);
	program = vpn_head_token(&at, look->end);
	if (is_number(program))
		return FOUND_HEADER;
	go_to(look, program.at);
	if (!is_letter(*look->at) ||
	    (opens(&look->rules->tags, look) && is_speaker(look->rules, program)))
		return FOUND_MAYBE;
	return FOUND_OTHER;
}

static enum found
judge_line(struct glance *look, int pri)
{
	const char *at = look->at = look->front;
	enum found program;

	if (pri >= 0 && look->end - at > 2 && at[0] == '1' && at[1] == ' ') {
		program = judge_program(look, at + 2);
		if (program != FOUND_HEADER)
			return program;
	} else if (skip_time(look)) {
		look->usual = true;
		go_on(look);
		return walk(look);
	} else if (at == look->end || is_digit(*at) || *at == '*' || *at == '.') {
		return FOUND_MAYBE; /* another time */
	}
	go_to(look, at);
	return walk(look);
}

bool
vpn_glance_is_other(const struct vpn_rules *rules, struct vpn_text raw)
{
	struct glance look = {.rules = rules, .end = raw.at + raw.len};
	enum found found;
	int pri;

	look.front = vpn_head_skip_pri(raw.at, look.end, &pri);
	found = judge_line(&look, pri);
	if (found == FOUND_TEXT)
		return pri >= 0 || !vpn_speaker_may_be_bare(rules, raw);
	return found == FOUND_OTHER;
}

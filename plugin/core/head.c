/* SPDX-License-Identifier: Apache-2.0 */
#include "core/head.h"

#include "core/byte.h"

/* A tag that begins later than this is none: priority, two times, two names
 * of 255 bytes at most are before it. */
#define FRONT_MAX 600
#define IPV6_GROUP 4
#define CUT_FRONT_MAX 200 /* where a tag without a colon is looked for */

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

struct vpn_text
vpn_trim_start(struct vpn_text text)
{
	for (;;) {
		size_t n = 0;

		if (text.len > 0 && is_blank(text.at[0]))
			n = 1;
		else if (text.len >= 4 && memcmp(text.at, "#011", 4) == 0)
			n = 4;
		if (n == 0)
			return text;
		text.at += n;
		text.len -= n;
	}
}

/* A control byte as rsyslog writes it: "#015". */
static bool
is_escape(const char *p)
{
	return p[0] == '#' && p[1] == '0' && p[2] >= '0' && p[2] <= '3' &&
	    is_digit(p[3]);
}

struct vpn_text
vpn_trim_end(struct vpn_text text)
{
	for (;;) {
		const char *end = text.at + text.len;

		if (text.len > 0 &&
		    (is_blank(end[-1]) || end[-1] == '\n' || end[-1] == '\r'))
			text.len--;
		else if (text.len >= 4 && is_escape(end - 4))
			text.len -= 4;
		else
			return text;
	}
}

static struct vpn_text
from_to(const char *start, const char *end)
{
	return (struct vpn_text){start, (size_t)(end - start)};
}

const char *
vpn_head_skip_pri(const char *at, const char *end, int *pri)
{
	int value = 0;
	const char *p = at + 1, *limit = end - at > 4 ? at + 4 : end;

	*pri = -1;
	if (at == end || *at != '<')
		return at;
	while (p < limit && is_digit(*p))
		value = value * 10 + (*p++ - '0');
	if (p == end || *p != '>' || p == at + 1 || value > 191)
		return at;
	*pri = value;
	return p + 1;
}

/* A relay that takes "10:00:00" for a tag puts a blank after its first colon. */
static bool
is_hour(const char *start, const char *colon)
{
	return colon - start >= 3 && is_digit(colon[-2]) && is_blank(colon[-3]);
}

/* Is the colon part of a time, of an IPv6 address or of address:port? */
static bool
inside_value(const char *start, const char *colon, const char *end)
{
	char before = colon > start ? colon[-1] : ' ';
	char after = colon + 1 < end ? colon[1] : ' ';
	const char *p = colon, *group;

	if (is_digit(before) && (is_digit(after) || is_blank(after)))
		return is_digit(after) || is_hour(start, colon);
	if (after != ':' && before != ':' && !is_hex(after))
		return false;
	while (p > start && is_hex(p[-1]))
		p--;
	group = p;
	while (p > start && (is_hex(p[-1]) || p[-1] == ':'))
		p--;
	return colon - group <= IPV6_GROUP && (colon > p || after == ':') &&
	    (p == start || is_blank(p[-1]));
}

/* The token before the colon; a flag set apart, as in "hwName (t):", belongs
 * to the word before it. */
static const char *
token_start(const char *start, const char *colon)
{
	const char *p = colon;

	while (p > start && !is_blank(p[-1]))
		p--;
	if (p == colon || *p != '(' || p == start)
		return p;
	p--;
	while (p > start && !is_blank(p[-1]))
		p--;
	return p;
}

struct vpn_text
vpn_head_word(const struct vpn_head *head)
{
	struct vpn_text tag = head->tag;
	size_t i = 0;

	while (i < tag.len && tag.at[i] != '/' && tag.at[i] != '[' && tag.at[i] != '(')
		i++;
	return (struct vpn_text){tag.at, i};
}

/* "10:00:00" with its first colon at p[2]: both are inside a time. */
static bool
is_clock(const char *p)
{
	return p[2] == ':' && p[5] == ':' && is_digit(p[1]) && is_digit(p[3]);
}

const char *
vpn_head_skip_time(const char *at, const char *end)
{
	if (end - at < 24)
		return at;
	if (at[3] == ' ' && is_clock(at + 7))
		return at + 15;
	if (at[3] == ' ' && is_clock(at + 12))
		return at + 20;
	if (at[4] == '-' && is_clock(at + 11))
		return at + 19;
	return at;
}

/* Without VRP's mark. */
static struct vpn_text
unmarked(struct vpn_text tag)
{
	if (tag.len > 4 && memcmp(tag.at, "%%01", 4) == 0)
		return (struct vpn_text){tag.at + 4, tag.len - 4};
	return tag;
}

static void
find_colon(const char *at, const char *end, struct vpn_head *head)
{
	const char *limit = end - at > FRONT_MAX ? at + FRONT_MAX : end;
	const char *colon = vpn_head_skip_time(at, end), *start;

	if (at == end)
		return;
	while ((colon = memchr(colon, ':', (size_t)(limit - colon))) != NULL) {
		if (!inside_value(at, colon, end))
			break;
		colon++;
	}
	if (colon == NULL)
		return;
	start = token_start(at, colon);
	head->front = from_to(at, start);
	head->tag = unmarked(from_to(start, colon));
	head->after = colon + 1;
}

struct vpn_text
vpn_head_token(const char **at, const char *end)
{
	const char *start = *at, *stop;

	stop = memchr(start, ' ', (size_t)(end - start));
	if (stop == NULL)
		stop = end;
	*at = stop < end ? stop + 1 : end;
	if (stop - start == 1 && *start == '-')
		stop = start;
	return from_to(start, stop);
}

const char *
vpn_head_skip_fields(const char *at, const char *end)
{
	vpn_head_token(&at, end);
	vpn_head_token(&at, end);
	if (at < end && *at == '-')
		return at + 1;
	while (at < end && *at == '[') {
		while (at < end && *at != ']')
			at += *at == '\\' && at + 1 < end ? 2 : 1;
		if (at < end)
			at++;
	}
	return at;
}

/* RFC 5424: the program's name is a field of its own. Relays that wrap a
 * device's own line leave it empty, or put there what they take for a name: the
 * day of a date that they do not know. Then the tag is in the message. */
static void
find_rfc5424(const char *at, const char *end, struct vpn_head *head)
{
	const char *front = at;

	vpn_head_token(&at, end);
	vpn_head_token(&at, end);
	head->front = from_to(front, at);
	head->tag = unmarked(vpn_head_token(&at, end));
	head->after = at;
	head->rfc5424 = !is_number(head->tag);
	if (head->rfc5424)
		return;
	head->tag.len = 0;
	find_colon(vpn_head_skip_fields(at, end), end, head);
	head->front = from_to(front, head->front.at + head->front.len);
}

void
vpn_head_find(struct vpn_text raw, struct vpn_head *head)
{
	const char *end = raw.at + raw.len;
	const char *at = vpn_head_skip_pri(raw.at, end, &head->pri);

	head->tag = head->front = (struct vpn_text){at, 0};
	head->after = at;
	head->rfc5424 = false;
	if (head->pri >= 0 && end - at > 2 && at[0] == '1' && at[1] == ' ')
		find_rfc5424(at + 2, end, head);
	else
		find_colon(at, end, head);
}

void
vpn_head_find_cut(struct vpn_text raw, struct vpn_head *head)
{
	const char *end = raw.at + raw.len, *start, *stop;
	size_t len = (size_t)(end - head->front.at);

	start = memmem(
	    head->front.at, len < CUT_FRONT_MAX ? len : CUT_FRONT_MAX, " %%01", 5);
	stop = start ? memchr(start + 1, ' ', (size_t)(end - start - 1)) : NULL;
	if (stop == NULL || memchr(start, ':', (size_t)(stop - start)))
		return;
	head->front.len = (size_t)(start - head->front.at);
	head->tag = unmarked(from_to(start + 1, stop));
	head->after = stop;
}

struct vpn_text
vpn_head_body(const struct vpn_head *head, struct vpn_text raw)
{
	const char *end = raw.at + raw.len;
	const char *at =
	    head->rfc5424 ? vpn_head_skip_fields(head->after, end) : head->after;
	struct vpn_text body = vpn_trim_start(from_to(at, end));

	if (body.len == 0 && head->rfc5424) {
		const char *data = head->after;

		vpn_head_token(&data, end);
		vpn_head_token(&data, end);
		return from_to(data < at ? data : at, at);
	}

	if (body.len >= 3 &&
	    memcmp(body.at, "\xef\xbb\xbf", 3) == 0) /* RFC 5424's BOM */
		body = from_to(body.at + 3, end);
	return body;
}

void
vpn_head_bare(struct vpn_text *body, struct vpn_stamp *stamp)
{
	size_t n = vpn_stamp_read(*body, stamp);

	*body = vpn_trim_start((struct vpn_text){body->at + n, body->len - n});
}

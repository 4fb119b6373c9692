/* SPDX-License-Identifier: Apache-2.0 */
#include "core/start.h"

static struct vpn_text
text_of(const char *start, const char *end)
{
	return (struct vpn_text){start, (size_t)(end - start)};
}

/* Bytes of a line that may come before a mark. */
#define MARKED_MAX 200

static bool
is_upper(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Past the class of a message, where an ASA is told to write EMBLEM. */
static const char *
skip_class(const char *at, const char *end)
{
	const char *p = at;

	if (end - p < 2 || p[0] != '-')
		return at;
	for (p++; p < end && *p >= 'a' && *p <= 'z'; p++)
		;
	return p > at + 1 ? p : at;
}

bool
vpn_facility_read(const char *at, const char *end, struct vpn_facility *found)
{
	const char *p = at;

	while (p < end && is_upper(*p))
		p++;
	found->name = text_of(at, p);
	p = skip_class(p, end);
	if (p == at || end - p < 4 || p[0] != '-' || p[1] < '0' || p[1] > '7' ||
	    p[2] != '-')
		return false;
	found->severity = p[1] - '0';
	at = p += 3;
	while (p < end && is_upper(*p))
		p++;
	found->mnemonic = text_of(at, p);
	return p > at && (p == end || *p == ':' || (*p == ' ' || *p == '\t'));
}

bool
vpn_start_is_marked(struct vpn_text raw)
{
	size_t n = raw.len < MARKED_MAX ? raw.len : MARKED_MAX;

	return memchr(raw.at, '%', n) != NULL;
}

/* Whose message it is by RFC 5424's APP-NAME: the facility itself, where a relay took
 * it for a program; nobody's, "-" or a number; or another program's. */
enum app { APP_ITSELF, APP_NOBODY, APP_OTHER };

static enum app
read_app(const char *start, const char *mark, const char *end)
{
	struct vpn_text app;

	vpn_head_token(&start, end); /* the version */
	vpn_head_token(&start, end);
	vpn_head_token(&start, end);
	if (start == mark)
		return APP_ITSELF;
	app = vpn_head_token(&start, end);
	for (size_t i = 0; i < app.len; i++)
		if (app.at[i] < '0' || app.at[i] > '9')
			return APP_OTHER;
	return APP_NOBODY;
}

bool
vpn_facility_find(
    struct vpn_text raw, struct vpn_head *head, struct vpn_facility *found)
{
	const char *end = raw.at + raw.len, *at = raw.at, *start;
	const char *limit = raw.len > MARKED_MAX ? at + MARKED_MAX : end;
	enum app app = APP_NOBODY;

	while ((at = memchr(at, '%', (size_t)(limit - at))) != NULL) {
		at++;
		if (!vpn_facility_read(at, end, found))
			continue;
		start = vpn_head_skip_pri(raw.at, end, &head->pri);
		if (head->pri >= 0 && end - start > 2 && memcmp(start, "1 ", 2) == 0)
			app = read_app(start, at - 1, end);
		if (app == APP_OTHER)
			return false;
		head->front = text_of(start, at - 1);
		head->after = found->mnemonic.at + found->mnemonic.len;
		head->tag = text_of(at, head->after);
		head->rfc5424 = app == APP_ITSELF && head->after < end;
		if (head->after < end && (*head->after == ':' || head->rfc5424))
			head->after++;
		return true;
	}
	return false;
}

static const char *
find_blank(const char *at, const char *end)
{
	const char *blank = memchr(at, ' ', (size_t)(end - at));

	return blank ? blank : end;
}

/* RFC 5424: only a message without a program's name has to speak for itself. */
static void
skip_header(struct vpn_start *start, const char *at)
{
	vpn_head_token(&at, start->end);
	vpn_head_token(&at, start->end);
	start->words = vpn_head_token(&at, start->end).len == 0 ? 1 : 0;
	start->next = start->words ? vpn_head_skip_fields(at, start->end) : at;
}

void
vpn_start_begin(struct vpn_text raw, struct vpn_start *start, int *pri)
{
	const char *end = raw.at + raw.len, *at = vpn_head_skip_pri(raw.at, end, pri);
	const char *time_end = vpn_head_skip_time(at, end);

	start->front = text_of(at, at);
	start->end = end;
	start->usual = time_end > at;
	/* A fraction and an offset belong to the time. */
	start->next = start->usual ? find_blank(time_end, end) : at;
	start->rfc5424 = *pri >= 0 && end - at > 2 && at[0] == '1' && at[1] == ' ';
	/* Behind a usual time a host may follow, and the word itself. */
	start->words = start->usual ? 2 : VPN_START_WORDS;
	if (start->rfc5424)
		skip_header(start, at + 2);
}

bool
vpn_start_next(struct vpn_start *start)
{
	const char *at = start->next;

	while (at < start->end && *at == ' ')
		at++;
	if (start->words-- == 0 || at == start->end)
		return false;
	start->next = find_blank(at, start->end);
	start->word = text_of(at, start->next);
	start->front.len = (size_t)(at - start->front.at);
	return true;
}

struct vpn_text
vpn_start_word(struct vpn_text word)
{
	if (word.len > 0 && word.at[0] == '"') /* a name in quotes */
		return (struct vpn_text){word.at, 1};
	for (size_t i = 0; i < word.len; i++)
		if (word.at[i] == '=' || word.at[i] == ',' || word.at[i] == '[')
			return (struct vpn_text){word.at, i + 1};
	return word;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/glance.h"

#include "core/head.h"

#define WORD_MAX 64 /* bytes of a host or a tag that are looked for */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The blank that ends the word; NULL: it is none that a usual line has. */
static const char *
word_end(const char *at, const char *end)
{
	size_t left = (size_t)(end - at);

	return memchr(at, ' ', left < WORD_MAX ? left : WORD_MAX);
}

static bool
is_known(const struct vpn_rules *rules, const char *at, const char *end)
{
	struct vpn_text word = {at, (size_t)(end - at)};

	return vpn_opens(rules->opens, vpn_opening(word)) ||
	    vpn_opens(rules->starts, vpn_start_opening(word));
}

/* Behind the time and the host of RFC 5424 the program has a place of its own. */
static bool
glance_rfc5424(const struct vpn_rules *rules, const char *at, const char *end)
{
	const char *blank;

	for (int i = 0; i < 2; i++) {
		blank = word_end(at, end);
		if (blank == NULL)
			return false;
		at = blank + 1;
	}
	blank = word_end(at, end);
	return blank && is_letter(*at) && !is_known(rules, at, blank);
}

/* "%%01POLICY/6/..": another module. "%%10" is H3C's. */
static bool
glance_vrp(const struct vpn_rules *rules, const char *at, const char *end)
{
	if (end - at < 6 || at[1] != '%' || at[2] < '0' || at[2] > '9')
		return false;
	return memcmp(at + 2, "01", 2) != 0 || !is_known(rules, at + 4, end);
}

/* Another header may be behind a relay's: Cisco's mark, or a time. */
static bool
may_be_nested(const char *body, const char *end)
{
	if (body == end || *body == '%' || *body == '*' || *body == '.' || *body == '<')
		return true;
	return end - body > 4 && body[3] == ' ' && *body >= 'A' && *body <= 'Z';
}

/* "sshd[87]: Connection closed", behind the time and the host. */
static bool
is_others(const struct vpn_rules *rules, const char *tag, const char *end)
{
	const char *blank = word_end(tag, end);

	return blank && is_letter(*tag) && blank[-1] == ':' &&
	    !is_known(rules, tag, blank) && !may_be_nested(blank + 1, end);
}

/* The same where no host is: what looks like a tag may be the device's name, with
 * its own words or a sequence number behind. */
static bool
is_others_hostless(const struct vpn_rules *rules, const char *tag, const char *end)
{
	const char *body, *blank;

	if (!is_others(rules, tag, end))
		return false;
	body = word_end(tag, end) + 1;
	blank = word_end(body, end);
	return blank && is_letter(*body) && blank[-1] != ':' &&
	    !is_known(rules, body, blank);
}

bool
vpn_glance_is_other(const struct vpn_rules *rules, struct vpn_text raw)
{
	const char *end = raw.at + raw.len, *host, *blank, *at;
	int pri;

	at = vpn_head_skip_pri(raw.at, end, &pri);
	if (pri >= 0 && end - at > 2 && at[0] == '1' && at[1] == ' ')
		return glance_rfc5424(rules, at + 2, end);
	host = vpn_head_skip_time(at, end);
	if (host == at || (blank = word_end(host, end)) == NULL)
		return false;
	host = blank + 1;
	if ((blank = word_end(host, end)) == NULL)
		return false;
	if (blank[-1] == ':')
		return is_others_hostless(rules, host, end);
	if (blank + 1 < end && blank[1] == '%')
		return glance_vrp(rules, blank + 1, end);
	return !is_known(rules, host, blank) && is_others(rules, blank + 1, end);
}

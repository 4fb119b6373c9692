/* SPDX-License-Identifier: Apache-2.0 */
#include "core/front.h"

#include "core/byte.h"

/* "10:00:00" */
static bool
is_time(struct vpn_text token)
{
	for (size_t i = 0; i < token.len; i++)
		if (i % 3 == 2 ? token.at[i] != ':' : !is_digit(token.at[i]))
			return false;
	return token.len == 8;
}

static struct vpn_text
unquoted(struct vpn_text name)
{
	if (name.len >= 2 && name.at[0] == '"' && name.at[name.len - 1] == '"')
		return (struct vpn_text){name.at + 1, name.len - 2};
	return name;
}

/* VRP's mark, printed apart in some documents, is no name; nor is RFC 5424's
 * "-". */
static bool
is_name(struct vpn_text token)
{
	if (is_time(token))
		return false; /* a time without its day */
	return (token.len < 2 || memcmp(token.at, "%%", 2) != 0) &&
	    !vpn_text_same(token, VPN_TEXT("01")) &&
	    !vpn_text_same(token, VPN_TEXT("-"));
}

/* Cisco's sequence number, or its time since the start: "102", "00:31:55.123",
 * "1w2d"; not an address. */
static bool
is_count(struct vpn_text token)
{
	bool dots = false, colons = false;

	if (token.len > 0 && !is_digit(token.at[0]))
		return false;
	for (size_t i = 0; i < token.len; i++) {
		if (token.at[i] == '\0' || !strchr("0123456789:.ywdhm", token.at[i]))
			return false;
		dots |= token.at[i] == '.';
		colons |= token.at[i] == ':';
	}
	return colons || !dots;
}

/* A count, or what follows a time: "102:", ":", "GMT:". */
static bool
is_mark(struct vpn_text token, bool after_time)
{
	if (token.at[token.len - 1] != ':')
		return false;
	token.len--;
	if (is_count(token))
		return true;
	for (size_t i = 0; i < token.len; i++)
		if (token.at[i] < 'A' || token.at[i] > 'Z')
			return false;
	return after_time && token.len < VPN_ZONE_MAX;
}

static size_t
pri_len(struct vpn_text text)
{
	int pri;

	return (size_t)(vpn_head_skip_pri(text.at, text.at + text.len, &pri) - text.at);
}

/* RFC 5424's structured data, or Junos's "(FPC Slot 5, PIC Slot 0)"; 0: neither. */
static size_t
data_len(struct vpn_text rest)
{
	char end = rest.at[0] == '[' ? ']' : ')';
	const char *close = rest.at[0] == '[' || rest.at[0] == '('
	    ? memchr(rest.at, end, rest.len)
	    : NULL;

	return close ? (size_t)(close - rest.at) + 1 : 0;
}

/* A pair, a quote, data: in no name. */
static bool
is_text(struct vpn_text token)
{
	for (size_t i = 0; i < token.len; i++)
		if (token.at[i] == '=' || token.at[i] == '"' || token.at[i] == '[' ||
		    token.at[i] == '\0')
			return true;
	return false;
}

static void
take_name(struct vpn_front *read, struct vpn_text token, int *names)
{
	/* A number is Cisco's, for which a relay found a place. */
	if (!is_name(token) || is_number(token) ||
	    is_mark(token, read->stamp.text.len > 0))
		return;
	token = unquoted(token);
	/* What follows a tag, "openvpn: ..", is its text. */
	if (++*names > VPN_FRONT_NAMES || is_text(token) || read->tagged)
		read->honest = false;
	read->tagged = token.len > 1 && token.at[token.len - 1] == ':';
	read->host = token;
	read->host.len -= read->tagged;
}

/* ":Feb 18 10:49:41", as an ASA writes EMBLEM. */
static bool
is_set_apart(struct vpn_text rest)
{
	return rest.len > 1 && rest.at[0] == ':' && rest.at[1] >= 'A' &&
	    rest.at[1] <= 'Z';
}

void
vpn_front_read(struct vpn_text front, struct vpn_front *read)
{
	struct vpn_text rest = vpn_trim_start(front);
	struct vpn_stamp found;
	int names = 0;
	size_t n;

	*read = (struct vpn_front){.honest = true};
	while (rest.len > 0) {
		if (memchr("#*.", rest.at[0], 3) || is_set_apart(rest)) {
			n = 1; /* '*', '.': Cisco's clock is not set, or not any more */
		} else if ((n = pri_len(rest)) > 0 || (n = data_len(rest)) > 0) {
			; /* a relay put its own header before the device's */
		} else if ((n = vpn_stamp_read(rest, &found)) > 0) {
			read->stamp = found;
			if (read->host.len > 0)
				read->earlier = read->host;
			read->host = (struct vpn_text){NULL, 0};
			read->tagged = false;
		} else {
			for (n = 1; n < rest.len && !is_blank(rest.at[n]); n++)
				;
			take_name(read, (struct vpn_text){rest.at, n}, &names);
		}
		rest = vpn_trim_start((struct vpn_text){rest.at + n, rest.len - n});
	}
}

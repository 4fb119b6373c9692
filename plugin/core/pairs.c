/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pairs.h"

#include "core/catalog.h"
#include "core/fold.h"
#include "core/head.h"

/* A character of a name, in lower case; 0 for all others. */
static char
in_name(char c)
{
	char low = (char)(c | 0x20);

	if (low >= 'a' && low <= 'z')
		return low;
	return (c >= '0' && c <= '9') || c == '_' ? c : '\0';
}

static const struct vpn_key *
key_of(const struct vpn_vendor *vendor, struct vpn_text low)
{
	return low.len > 0 && low.len <= VPN_KEY_MAX
	    ? vpn_index_get(vendor->by_key, low)
	    : NULL;
}

const struct vpn_key *
vpn_pairs_key(const struct vpn_vendor *vendor, struct vpn_text name)
{
	char low[VPN_KEY_MAX];

	for (size_t i = 0; i < name.len && i < sizeof(low); i++)
		low[i] = vpn_fold(name.at[i]);
	return key_of(vendor, (struct vpn_text){low, name.len});
}

/* A pair up to its value; the name is empty where none begins. */
struct opening {
	struct vpn_text name, rest; /* behind the sign */
	const struct vpn_key *key;  /* NULL: none of the vendor's */
};

static struct opening
opening_at(const struct vpn_vendor *vendor, struct vpn_text text)
{
	struct opening open = {.rest = vpn_trim_start(text)};
	char low[VPN_KEY_MAX], c;
	size_t n = 0;

	for (; n < open.rest.len && (c = in_name(open.rest.at[n])) != '\0'; n++)
		if (n < sizeof(low))
			low[n] = c;
	if (n == 0 || n == open.rest.len || open.rest.at[n] != '=')
		return open;
	open.name = (struct vpn_text){open.rest.at, n};
	open.key = key_of(vendor, (struct vpn_text){low, n});
	open.rest.at += n + 1;
	open.rest.len -= n + 1;
	return open;
}

/* "[...]" with its brackets balanced, where a pair or the list ends after it;
 * else empty. */
static struct vpn_text
bracketed_at(struct vpn_text rest)
{
	int depth = 0;
	size_t i;

	for (i = 0; i < rest.len; i++) {
		depth += rest.at[i] == '[';
		depth -= rest.at[i] == ']';
		if (depth == 0)
			break;
	}
	if (i == 0 || i == rest.len || (i + 1 < rest.len && rest.at[i + 1] != ','))
		i = 0;
	return (struct vpn_text){rest.at, i ? i + 1 : 0};
}

/* The value of open, and what follows it. Behind a comma in a wide value may be such
 * things too: there only a key of the vendor's begins a pair. */
static struct vpn_text
value_of(
    const struct vpn_vendor *vendor, const struct opening *open, struct opening *next)
{
	struct vpn_text rest = open->rest, value = bracketed_at(rest);
	const char *comma = rest.at + value.len, *end = rest.at + rest.len;

	for (; (comma = memchr(comma, ',', (size_t)(end - comma))) != NULL; comma++) {
		*next = opening_at(
		    vendor, (struct vpn_text){comma + 1, (size_t)(end - comma) - 1});
		if (value.len > 0)
			return value;
		if (open->key && open->key->wide ? next->key != NULL
						 : next->name.len > 0)
			return (struct vpn_text){rest.at, (size_t)(comma - rest.at)};
	}
	*next = (struct opening){.rest = {end, 0}};
	return value.len > 0 ? value : rest;
}

/* The cloud puts every value in brackets. */
static struct vpn_text
unbracketed(struct vpn_text value)
{
	value = vpn_trim_end(vpn_trim_start(value));
	if (value.len >= 2 && value.at[0] == '[' && value.at[value.len - 1] == ']')
		return (struct vpn_text){value.at + 1, value.len - 2};
	return value;
}

void
vpn_pairs_read(
    const struct vpn_vendor *vendor, struct vpn_text list, struct vpn_text *fields)
{
	struct opening open = opening_at(vendor, list), next;

	while (open.name.len > 0 || open.rest.len > 0) {
		struct vpn_text value = value_of(vendor, &open, &next);

		if (open.key && fields[open.key->field].at == NULL)
			fields[open.key->field] = unbracketed(value);
		open = next;
	}
}

static bool
is_word(char c)
{
	return in_name(c) || c == '-' || c == '.';
}

/* The name that ends at the sign. */
static struct vpn_text
name_before(struct vpn_text body, const char *sign)
{
	const char *start = sign;

	while (start > body.at && is_word(start[-1]))
		start--;
	return (struct vpn_text){start, (size_t)(sign - start)};
}

static struct vpn_text
present(struct vpn_text value)
{
	value = vpn_trim_end(vpn_trim_start(value));
	if (vpn_text_same(value, VPN_TEXT("N/A")) ||
	    vpn_text_same(value, VPN_TEXT("(null)")))
		value.len = 0;
	return value;
}

/* The value behind the sign: quoted, or up to a blank. after is moved behind. */
static struct vpn_text
value_behind(const char *sign, const char *end, const char **after)
{
	const char *start = sign + 1, *stop;

	if (*sign == ':' && start < end && *start == ':')
		start++;
	if (start < end && *start == '"') {
		stop = ++start;
		while (stop < end && *stop != '"')
			stop += *stop == '\\' && stop + 1 < end ? 2 : 1;
		*after = stop < end ? stop + 1 : end;
	} else {
		stop = start;
		while (stop < end && *stop != ' ' && *stop != ';')
			stop++;
		*after = stop;
	}
	return present((struct vpn_text){start, (size_t)(stop - start)});
}

void
vpn_pairs_words(
    const struct vpn_vendor *vendor, struct vpn_text body, struct vpn_text *fields)
{
	const char *end = body.at + body.len, *at = body.at, *sign;
	int mark = vendor->pairs == VPN_PAIRS_COLON ? ':' : '=';

	while (at < end && (sign = memchr(at, mark, (size_t)(end - at))) != NULL) {
		const struct vpn_key *key =
		    vpn_pairs_key(vendor, name_before(body, sign));
		struct vpn_text value = value_behind(sign, end, &at);

		if (key && fields[key->field].len == 0)
			fields[key->field] = value;
	}
}

struct vpn_text
vpn_pairs_one(
    const struct vpn_vendor *vendor, struct vpn_text body, enum vpn_field field)
{
	const char *end = body.at + body.len, *at, *sign, *after;
	char mark = vendor->pairs == VPN_PAIRS_COLON ? ':' : '=';

	for (size_t i = 0; i < vendor->nkeys; i++) {
		struct vpn_text name = vendor->keys[i].name;

		if (vendor->keys[i].field != field)
			continue;
		for (at = body.at;
		     (at = memmem(at, (size_t)(end - at), name.at, name.len)) != NULL;
		     at++) {
			sign = at + name.len;
			if (sign < end && *sign == mark &&
			    (at == body.at || !is_word(at[-1])))
				return value_behind(sign, end, &after);
		}
	}
	return (struct vpn_text){NULL, 0};
}

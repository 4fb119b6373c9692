/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pairs.h"

#include "core/catalog.h"
#include "core/head.h"

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

const struct vpn_key *
vpn_pairs_key(const struct vpn_vendor *vendor, struct vpn_text name)
{
	char low[VPN_KEY_MAX];

	if (name.len == 0 || name.len > sizeof(low))
		return NULL;
	for (size_t i = 0; i < name.len; i++)
		low[i] = (char)(name.at[i] >= 'A' && name.at[i] <= 'Z'
			? name.at[i] + ('a' - 'A')
			: name.at[i]);
	return vpn_index_get(vendor->by_key, (struct vpn_text){low, name.len});
}

/* The name before "=" at the start of text; empty when there is none. */
static struct vpn_text
name_at(struct vpn_text text)
{
	size_t n = 0;

	while (n < text.len && is_name(text.at[n]))
		n++;
	if (n == text.len || text.at[n] != '=')
		n = 0;
	return (struct vpn_text){text.at, n};
}

/* Does a new pair begin after this comma? A wide value may hold such things
 * itself: there only a key of the vendor's counts. */
static bool
pair_begins(const struct vpn_vendor *vendor, struct vpn_text rest, bool wide)
{
	struct vpn_text name = name_at(vpn_trim_start(rest));

	return name.len > 0 && (!wide || vpn_pairs_key(vendor, name));
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

static struct vpn_text
value_at(const struct vpn_vendor *vendor, struct vpn_text rest, bool wide)
{
	const char *comma = rest.at, *end = rest.at + rest.len;
	struct vpn_text bracketed = bracketed_at(rest);

	if (bracketed.len > 0)
		return bracketed;
	for (; (comma = memchr(comma, ',', (size_t)(end - comma))) != NULL; comma++) {
		struct vpn_text after = {comma + 1, (size_t)(end - comma) - 1};

		if (pair_begins(vendor, after, wide))
			return (struct vpn_text){rest.at, (size_t)(comma - rest.at)};
	}
	return rest;
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
	const struct vpn_key *key;
	struct vpn_text rest = list, name, value;

	while ((rest = vpn_trim_start(rest)).len > 0) {
		name = name_at(rest);
		rest.at += name.len > 0 ? name.len + 1 : 0;
		rest.len -= name.len > 0 ? name.len + 1 : 0;
		key = vpn_pairs_key(vendor, name);
		value = value_at(vendor, rest, key && key->wide);
		if (key && fields[key->field].at == NULL)
			fields[key->field] = unbracketed(value);
		rest.at += value.len;
		rest.len -= value.len;
		if (rest.len > 0) {
			rest.at++;
			rest.len--;
		}
	}
}

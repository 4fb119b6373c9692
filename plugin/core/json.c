/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include "core/chars.h"

#define REPLACEMENT VPN_TEXT("\xef\xbf\xbd")

void
vpn_json_raw(struct vpn_json *js, struct vpn_text text)
{
	if ((size_t)(js->end - js->at) < text.len) {
		js->full = true;
		return;
	}
	if (text.len > 0)
		memcpy(js->at, text.at, text.len);
	js->at += text.len;
}

static void
put(struct vpn_json *js, char c)
{
	if (js->at == js->end)
		js->full = true;
	else
		*js->at++ = c;
}

static void
put_code(struct vpn_json *js, uint32_t c)
{
	static const char hex[] = "0123456789abcdef";
	char code[] = {'\\', 'u', hex[c >> 12 & 15], hex[c >> 8 & 15], hex[c >> 4 & 15],
	    hex[c & 15]};

	vpn_json_raw(js, (struct vpn_text){code, sizeof(code)});
}

/* One character that cannot be copied at once; returns its length. */
static size_t
put_special(struct vpn_json *js, struct vpn_text text)
{
	size_t n = vpn_char_len(text);

	if (text.at[0] == '"' || text.at[0] == '\\') {
		put(js, '\\');
		put(js, text.at[0]);
	} else if (vpn_char_unsafe(text)) {
		put_code(js, vpn_char_code(text));
	} else {
		vpn_json_raw(js, n ? (struct vpn_text){text.at, n} : REPLACEMENT);
	}
	return n ? n : 1;
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

typedef unsigned char sixteen __attribute__((vector_size(16)));

/* is_plain of sixteen bytes at once. */
static bool
all_plain(const void *at)
{
	sixteen bytes;
	uint64_t half[2];

	memcpy(&bytes, at, sizeof(bytes));
	bytes = (sixteen)((bytes - 0x20 > 0x5e) | (bytes == '"') | (bytes == '\\'));
	memcpy(half, &bytes, sizeof(half));
	return !(half[0] | half[1]);
}

/* The same of 8 to 16 bytes, or of 4 to 8: what overlaps is looked at twice. */
static bool
few_plain(const char *s, size_t len)
{
	unsigned char bytes[16];
	size_t half = len >= 8 ? 8 : 4;

	memset(bytes, ' ', sizeof(bytes));
	memcpy(bytes, s, half);
	memcpy(bytes + half, s + len - half, half);
	return all_plain(bytes);
}

/* The bytes at the start that can be copied as they are. Most texts are short. */
static size_t
plain_run(const char *s, size_t len)
{
	size_t i = 0;

	while (i + 16 <= len && all_plain(s + i))
		i += 16;
	if (i + 16 > len && len >= 4 &&
	    (len >= 16 ? all_plain(s + len - 16) : few_plain(s, len)))
		return len;
	while (i < len && is_plain((unsigned char)s[i]))
		i++;
	return i;
}

/* Kept apart: hardly a text needs it, and all would pay for its registers. */
static void __attribute__((noinline))
escape_each(struct vpn_json *js, struct vpn_text text)
{
	size_t i = 0;

	while (i < text.len && !js->full) {
		struct vpn_text rest = {text.at + i, text.len - i};

		rest.len = plain_run(rest.at, rest.len);
		vpn_json_raw(js, rest);
		i += rest.len;
		if (i < text.len)
			i += put_special(
			    js, (struct vpn_text){text.at + i, text.len - i});
	}
}

void
vpn_json_escape(struct vpn_json *js, struct vpn_text text)
{
	if (plain_run(text.at, text.len) == text.len)
		vpn_json_raw(js, text);
	else
		escape_each(js, text);
}

#define KEY_MAX 40 /* bytes of the longest key, with its comma, quotes and colon */

static void
begin(struct vpn_json *js, const char *key)
{
	char *at = js->at;

	if (js->end - at < KEY_MAX) {
		js->full = true;
		return;
	}
	if (js->comma)
		*at++ = ',';
	js->comma = true;
	if (key) {
		*at++ = '"';
		while (*key)
			*at++ = *key++;
		*at++ = '"';
		*at++ = ':';
	}
	js->at = at;
}

void
vpn_json_open(struct vpn_json *js, const char *key, char bracket)
{
	begin(js, key);
	put(js, bracket);
	js->comma = false;
}

void
vpn_json_close(struct vpn_json *js, char bracket)
{
	put(js, bracket);
	js->comma = true;
}

void
vpn_json_quote(struct vpn_json *js, const char *key)
{
	begin(js, key);
	put(js, '"');
}

void
vpn_json_text(struct vpn_json *js, const char *key, struct vpn_text text)
{
	vpn_json_quote(js, key);
	vpn_json_escape(js, text);
	put(js, '"');
}

void
vpn_json_some(struct vpn_json *js, const char *key, struct vpn_text text)
{
	if (text.len > 0)
		vpn_json_text(js, key, text);
}

void
vpn_json_number(struct vpn_json *js, const char *key, int64_t value)
{
	char digits[20];
	size_t n = sizeof(digits);
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	begin(js, key);
	if (value < 0)
		put(js, '-');
	do
		digits[--n] = (char)('0' + rest % 10);
	while (rest /= 10);
	vpn_json_raw(js, (struct vpn_text){digits + n, sizeof(digits) - n});
}

void
vpn_json_hex(struct vpn_json *js, const char *key, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	vpn_json_quote(js, key);
	for (size_t i = 0; i < n; i++) {
		put(js, digits[bytes[i] >> 4]);
		put(js, digits[bytes[i] & 15]);
	}
	put(js, '"');
}

void
vpn_json_members(struct vpn_json *js, struct vpn_text members)
{
	if (members.len == 0)
		return;
	if (js->comma)
		put(js, ',');
	vpn_json_raw(js, members);
	js->comma = true;
}

void
vpn_json_null(struct vpn_json *js, const char *key)
{
	begin(js, key);
	vpn_json_raw(js, VPN_TEXT("null"));
}

void
vpn_json_bool(struct vpn_json *js, const char *key, bool value)
{
	begin(js, key);
	vpn_json_raw(js, value ? VPN_TEXT("true") : VPN_TEXT("false"));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include "core/chars.h"
#include "vpn/hex.h"

#define REPLACEMENT VPN_TEXT("\xef\xbf\xbd")

void
vpn_json_raw(struct vpn_json *js, struct vpn_text text)
{
	if (text.len == 0 || !vpn_json_has_room(js, text.len))
		return;
	memcpy(js->at, text.at, text.len);
	js->at += text.len;
}

static void
put(struct vpn_json *js, char c)
{
	if (vpn_json_has_room(js, 1))
		*js->at++ = c;
}

static void
put_code(struct vpn_json *js, uint32_t c)
{
	const uint8_t bytes[] = {(uint8_t)(c >> 8), (uint8_t)c};
	char code[] = {'\\', 'u', '0', '0', '0', '0'};

	vpn_hex_write(code + 2, bytes, sizeof(bytes));
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
typedef uint64_t two __attribute__((vector_size(16)));

/* is_plain of sixteen bytes at once. */
static bool
all_plain(sixteen bytes)
{
	two bad = (two)((bytes - 0x20 > 0x5e) | (bytes == '"') | (bytes == '\\'));

	return !(bad[0] | bad[1]);
}

static bool
move_sixteen(char *to, const char *from)
{
	sixteen bytes;

	memcpy(&bytes, from, sizeof(bytes));
	memcpy(to, &bytes, sizeof(bytes));
	return all_plain(bytes);
}

#define BLANKS UINT64_C(0x2020202020202020)

/* From half to twice half of bytes, half at most 8: those of the middle are moved
 * twice. Inline, as half is a constant there. */
static inline bool
move_ends(char *to, const char *from, size_t len, size_t half)
{
	uint64_t first = BLANKS, last = BLANKS;

	memcpy(&first, from, half);
	memcpy(&last, from + len - half, half);
	memcpy(to, &first, half);
	memcpy(to + len - half, &last, half);
	return all_plain((sixteen)(two){first, last});
}

/* Move the bytes at the start that are plain, and say how many. Most texts are short
 * and plain. What stands behind them may be overwritten, up to len. */
static size_t
move_plain(char *to, const char *from, size_t len)
{
	size_t i = 0;

	while (i + 16 <= len && move_sixteen(to + i, from + i))
		i += 16;
	if (i + 16 > len && len >= 4 &&
	    (len >= 16         ? move_sixteen(to + len - 16, from + len - 16)
		    : len >= 8 ? move_ends(to, from, len, 8)
			       : move_ends(to, from, len, 4)))
		return len;
	for (; i < len && is_plain((unsigned char)from[i]); i++)
		to[i] = from[i];
	return i;
}

/* What is escaped is never shorter than it was. */
static size_t
put_plain(struct vpn_json *js, struct vpn_text text)
{
	size_t n =
	    vpn_json_has_room(js, text.len) ? move_plain(js->at, text.at, text.len) : 0;

	js->at += n;
	return n;
}

/* From the first byte on that is not plain. Kept apart: hardly a text needs it, and
 * all would pay for its registers. */
static void __attribute__((noinline))
escape_rest(struct vpn_json *js, struct vpn_text text)
{
	while (text.len > 0 && !js->full) {
		size_t n = put_special(js, text);

		n += put_plain(js, (struct vpn_text){text.at + n, text.len - n});
		text.at += n;
		text.len -= n;
	}
}

void
vpn_json_escape(struct vpn_json *js, struct vpn_text text)
{
	size_t n = put_plain(js, text);

	if (n < text.len)
		escape_rest(js, (struct vpn_text){text.at + n, text.len - n});
}

void
vpn_json_close(struct vpn_json *js, char bracket)
{
	put(js, bracket);
	js->comma = true;
}

void
vpn_json_string(struct vpn_json *js, struct vpn_text text)
{
	vpn_json_escape(js, text);
	put(js, '"');
}

void
vpn_json_number(struct vpn_json *js, const char *key, int64_t value)
{
	char digits[20];
	size_t n = sizeof(digits);
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	vpn_json_begin(js, key, '\0');
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
	vpn_json_quote(js, key);
	if (vpn_json_has_room(js, 2 * n))
		js->at = vpn_hex_write(js->at, bytes, n);
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
	vpn_json_begin(js, key, '\0');
	vpn_json_raw(js, VPN_TEXT("null"));
}

void
vpn_json_bool(struct vpn_json *js, const char *key, bool value)
{
	vpn_json_begin(js, key, '\0');
	vpn_json_raw(js, value ? VPN_TEXT("true") : VPN_TEXT("false"));
}

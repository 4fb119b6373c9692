/* SPDX-License-Identifier: Apache-2.0 */
#include "core/chars.h"

size_t
vpn_char_len(struct vpn_text text)
{
	const unsigned char *s = (const unsigned char *)text.at;
	unsigned char low = 0x80, high = 0xbf;
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > text.len)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

uint32_t
vpn_char_code(struct vpn_text text)
{
	const unsigned char *s = (const unsigned char *)text.at;
	size_t n = vpn_char_len(text);
	uint32_t code = n < 2 ? s[0] : s[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		code = code << 6 | (s[i] & 0x3f);
	return n == 0 ? 0 : code;
}

bool
vpn_char_unsafe(struct vpn_text text)
{
	static const struct {
		uint32_t first, last;
	} unsafe[] = {{0x00, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f},
	    {0x2028, 0x202e}, {0x2066, 0x2069}};
	uint32_t code = vpn_char_code(text);

	for (size_t i = 0; i < sizeof(unsafe) / sizeof(*unsafe); i++)
		if (code >= unsafe[i].first && code <= unsafe[i].last)
			return vpn_char_len(text) > 0;
	return false;
}

size_t
vpn_chars_tame(char *text, size_t len)
{
	struct vpn_text rest = {text, len};
	char *to = text;

	for (size_t n; rest.len > 0; rest.at += n, rest.len -= n) {
		n = vpn_char_len(rest);
		if (n == 0 || vpn_char_unsafe(rest)) {
			*to++ = '?';
			n += n == 0;
			continue;
		}
		memmove(to, rest.at, n);
		to += n;
	}
	return (size_t)(to - text);
}

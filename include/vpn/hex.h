/* SPDX-License-Identifier: Apache-2.0
 * Bytes as hexadecimal digits, two a byte. */
#ifndef VPN_HEX_H
#define VPN_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Writes 2 * n characters, no NUL; returns their end. */
static inline char *
vpn_hex_write(char *out, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	return out;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Characters of texts that strangers write. */
#ifndef CORE_CHARS_H
#define CORE_CHARS_H

#include <stdint.h>

#include "vpn/text.h"

/* Bytes of the character at the start of a text that is not empty; 0 when it is
 * none (RFC 3629: no overlong form, no surrogate, nothing past U+10FFFF). */
size_t vpn_char_len(struct vpn_text);

uint32_t vpn_char_code(struct vpn_text); /* of that character; 0: there is none */

/* May it command a terminal, or hide from a reader: a control character, also of the
 * C1 set, a line end, a mark of direction? */
bool vpn_char_unsafe(struct vpn_text);

/* For somebody's log or pager: a '?' for each character that is unsafe to show, and
 * for each byte that is none. Returns the length that is left. */
size_t vpn_chars_tame(char *text, size_t len);

#endif

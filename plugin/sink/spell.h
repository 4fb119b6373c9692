/* SPDX-License-Identifier: Apache-2.0
 * Times and ids as text. */
#ifndef SPELL_H
#define SPELL_H

#include <stddef.h>
#include <stdint.h>

void vpn_spell_time(int64_t ms, char *out, size_t cap); /* RFC 3339 */
void vpn_spell_id(const uint8_t id[16], char hex[33]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "spell.h"

#include <stdio.h>
#include <time.h>

void
vpn_spell_id(const uint8_t id[16], char hex[33])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 16; i++) {
		hex[2 * i] = digits[id[i] >> 4];
		hex[2 * i + 1] = digits[id[i] & 15];
	}
	hex[32] = '\0';
}

void
vpn_spell_time(int64_t ms, char *out, size_t cap)
{
	int64_t part = (ms % 1000 + 1000) % 1000;
	time_t seconds = (time_t)((ms - part) / 1000);
	struct tm tm = {0};
	char whole[32] = "";

	gmtime_r(&seconds, &tm);
	strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, cap, "%s.%03uZ", whole, (unsigned)part % 1000);
}

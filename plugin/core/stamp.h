/* SPDX-License-Identifier: Apache-2.0
 * The times that devices write. */
#ifndef CORE_STAMP_H
#define CORE_STAMP_H

#include "vpn/event.h"
#include "vpn/instant.h"

struct vpn_stamp {
	struct vpn_text text; /* as written */
	int year;             /* 0: not written */
	int month, day;
	int64_t day_ms; /* since midnight */
	bool has_zone;
	int zone_minutes; /* east of UTC */
};

/* Read a time at the start of text. Returns the bytes it takes, or 0. Forms:
 *	Nov  2 2026 05:13:29+08:00 DST	Nov  7 06:18:54
 *	Sun Jan 24 20:42:41 2021	2026-11-01T03:00:00.104729+00:00
 *	2026/11/5 20:52:56		2026-11-6 01:05:25.185.1 (ms, serial)
 *	2018-11-07 00:03:43 us=340080					*/
size_t vpn_stamp_read(struct vpn_text, struct vpn_stamp *);

/* The instant, in Unix milliseconds. Missing year: the last one in
 * which it is at most a day ahead; missing offset: the collector's. */
int64_t vpn_stamp_ms(const struct vpn_stamp *, const struct vpn_line *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "zone.h"

int
zone_now(struct zone *zone, const struct params *par)
{
	time_t now;
	struct tm tm;

	if (par->zoned)
		return par->zone_minutes;
	now = time(NULL);
	if (now != zone->at && localtime_r(&now, &tm)) {
		zone->at = now;
		zone->minutes = (int)(tm.tm_gmtoff / 60);
	}
	return zone->minutes;
}

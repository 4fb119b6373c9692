/* SPDX-License-Identifier: Apache-2.0
 * The offset of times that have none: the operator's, or the collector's. */
#ifndef ZONE_H
#define ZONE_H

#include <time.h>

#include "params.h"

struct zone {
	time_t at; /* when minutes was looked up */
	int minutes;
};

/* Minutes east of UTC; the collector's is looked up once a second at most. */
int zone_now(struct zone *, const struct params *);

#endif

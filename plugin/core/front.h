/* SPDX-License-Identifier: Apache-2.0
 * What stands before the tag of a line: times and names, of relays and of the
 * device. */
#ifndef CORE_FRONT_H
#define CORE_FRONT_H

#include "core/head.h"

/* Names of relays and of the device, and the word for a summer time. */
#define VPN_FRONT_NAMES 3
#define VPN_ZONE_MAX 6 /* "AEST", a colon, and one more */

/* What the front says. The last time and the last name: what stands there before
 * belongs to relays. Either may come back empty. */
struct vpn_front {
	struct vpn_stamp stamp;
	struct vpn_text host;
	struct vpn_text earlier; /* the last name before an earlier time */
	bool tagged;             /* the name before ended in a colon */
	bool honest;             /* it reads like a header, not like somebody's text */
};
void vpn_front_read(struct vpn_text front, struct vpn_front *);

#endif

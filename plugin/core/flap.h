/* SPDX-License-Identifier: Apache-2.0
 * Drops of a tunnel, and when there are so many that it flaps (alerting rule 11). */
#ifndef CORE_FLAP_H
#define CORE_FLAP_H

#include "core/estate.h"

void vpn_flap_count(struct link *);  /* it went down at its since_ms */
void vpn_flap_excuse(struct link *); /* the last one was meant */
bool vpn_flap_is(const struct vpn_engine *, const struct link *);
unsigned vpn_flap_drops(const struct vpn_engine *, const struct link *); /* in 24 h */
/* For how many seconds one that flaps has to be down to be down. */
int vpn_flap_hold(const struct vpn_engine *);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What an event does to its tunnel. */
#ifndef CORE_TURN_H
#define CORE_TURN_H

#include "core/who.h"

/* Established or disconnected. */
void vpn_turn_over(struct vpn_engine *, struct end *, struct who *,
    const struct vpn_event *, const struct vpn_ruling *, bool late, struct vpn_turn *);

/* A failed negotiation; end is NULL when its tunnel is not known. */
void vpn_turn_failure(struct vpn_engine *, struct end *, struct who *,
    const struct vpn_event *, const struct vpn_ruling *, struct vpn_turn *);

#endif

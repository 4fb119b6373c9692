/* SPDX-License-Identifier: Apache-2.0
 * What a message with its fields means: whose it is, when it was, which code. */
#ifndef CORE_MEANING_H
#define CORE_MEANING_H

#include "core/stamp.h"
#include "vpn/rules.h"

/* stamp, host: of the line's front; a time among the fields takes its place. */
void vpn_meaning_find(const struct vpn_rules *, struct vpn_stamp *,
    struct vpn_text host, struct vpn_event *);

/* Whose alert policy and effect hold: the code's, or a standby's copy's. */
void vpn_meaning_policy(struct vpn_event *);

#endif

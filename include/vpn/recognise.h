/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VPN_RECOGNISE_H
#define VPN_RECOGNISE_H

#include "vpn/event.h"
#include "vpn/rules.h"

/* Recognise a VPN event in one line. Returns true and fills ev, or false when
 * the line is not ours (the usual case: decided from its header alone).
 * No allocation, no clock, no lock; ev refers to rules and line. */
bool vpn_recognise(
    const struct vpn_rules *, const struct vpn_line *, struct vpn_event *ev);

#endif

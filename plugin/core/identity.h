/* SPDX-License-Identifier: Apache-2.0
 * Who an event is about (tunnel id) and which event it is (event id). */
#ifndef CORE_IDENTITY_H
#define CORE_IDENTITY_H

#include "core/stamp.h"
#include "vpn/rules.h"

/* "HQ-USG6000/6/10/203.0.113.101": the device and the vendor's identifying
 * fields, "-" for an absent one, bytes outside [A-Za-z0-9._:-] as %XX. */
void vpn_identity_tunnel(struct vpn_event *);

/* 128 bits of SHA-256 over device, device time, tag and body, so that copies of
 * a line over several ways have one id. */
void vpn_identity_event(struct vpn_event *, const struct vpn_stamp *,
    struct vpn_text tag, struct vpn_text body);

#endif

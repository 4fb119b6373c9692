/* SPDX-License-Identifier: Apache-2.0
 * An instant as text, in the form of RFC 3339. */
#ifndef VPN_INSTANT_H
#define VPN_INSTANT_H

#include <stdint.h>

/* Unix milliseconds -> "2026-11-23T09:00:00.000Z", 24 bytes, no NUL. */
#define VPN_STAMP_LEN 24
void vpn_stamp_write(int64_t ms, char out[VPN_STAMP_LEN]);

#endif

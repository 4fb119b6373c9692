/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_PAIRS_H
#define CORE_PAIRS_H

#include "vpn/rules.h"

#define VPN_KEY_MAX 32 /* bytes of the longest key; the loader refuses longer ones */

/* Read "Key=value, Key=[value], ..." in one pass: what the vendor's keys name
 * goes to fields, the first of each; nothing else is kept. */
void vpn_pairs_read(
    const struct vpn_vendor *, struct vpn_text list, struct vpn_text *fields);

/* The same of a whole body: key=value key="a value" (VPN_PAIRS_BLANK), or
 * key:"a value"; key::"a value" (VPN_PAIRS_COLON). "N/A" is no value. */
void vpn_pairs_words(
    const struct vpn_vendor *, struct vpn_text body, struct vpn_text *fields);

/* One field of such a body, without reading all of it; empty: it is not there. */
struct vpn_text vpn_pairs_one(
    const struct vpn_vendor *, struct vpn_text body, enum vpn_field);

/* The key by any spelling of its case, or NULL. */
const struct vpn_key *vpn_pairs_key(const struct vpn_vendor *, struct vpn_text);

#endif

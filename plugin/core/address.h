/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ADDRESS_H
#define CORE_ADDRESS_H

#include "vpn/text.h"

/* Is it an IPv4 or IPv6 address, in full? */
bool vpn_is_ip(struct vpn_text);

/* An IPv6 address in its one canonical form, in buf; anything else unchanged. */
#define VPN_IP_MAX 46
struct vpn_text vpn_canonical(struct vpn_text, char buf[VPN_IP_MAX]);

/* Does it look like one, even if masked as "xx.xx.xx.xx"? */
bool vpn_is_address(struct vpn_text);

#endif

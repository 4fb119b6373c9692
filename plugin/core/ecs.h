/* SPDX-License-Identifier: Apache-2.0
 * What those who read events again share with those who write them. */
#ifndef CORE_ECS_H
#define CORE_ECS_H

#include "vpn/event.h"

/* Members of omipsec.tunnel that are fields as they are. */
#define VPN_ATTRIBUTES 14

struct vpn_attribute {
	const char *key;
	enum vpn_field field;
};

extern const struct vpn_attribute vpn_attributes[VPN_ATTRIBUTES];

#endif

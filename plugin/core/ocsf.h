/* SPDX-License-Identifier: Apache-2.0
 * What events and findings in OCSF have in common. */
#ifndef CORE_OCSF_H
#define CORE_OCSF_H

#include "core/json.h"

/* Members that never change. A value that the schema numbers, and its caption: */
#define VPN_OCSF_ENUM(name, id, caption) \
	"\"" name "_id\":" id ",\"" name "\":\"" caption "\""
/* uid is class_uid * 100 + activity_id. */
#define VPN_OCSF_ACTIVITY(class, id, name, uid, type)                             \
	"\"activity_id\":" id ",\"activity_name\":\"" name "\",\"type_uid\":" uid \
	",\"type_name\":\"" class ": " type "\""
/* Us. */
#define VPN_OCSF_PRODUCT                                     \
	"\"product\":{\"name\":\"omipsec\",\"vendor_name\":" \
	"\"omipsec\",\"version\":\"" VPN_VERSION "\"}"

void vpn_ocsf_members(struct vpn_json *, const char *members);

/* "device", of which the vendor may be unknown. */
void vpn_ocsf_device(struct vpn_json *, struct vpn_text hostname, struct vpn_text ip,
    struct vpn_text vendor);

/* "ip", or "name" where it is none; no member for an empty address. */
void vpn_ocsf_endpoint(struct vpn_json *, const char *key, bool is_ip,
    struct vpn_text address, struct vpn_text port);

/* What can be searched for without knowing where in an event it is. */
enum vpn_ocsf_kind { VPN_OCSF_HOSTNAME, VPN_OCSF_IP, VPN_OCSF_USER };
void vpn_ocsf_observable(
    struct vpn_json *, enum vpn_ocsf_kind, const char *name, struct vpn_text value);

#endif

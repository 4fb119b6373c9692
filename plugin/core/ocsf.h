/* SPDX-License-Identifier: Apache-2.0
 * What events and findings in OCSF have in common. */
#ifndef CORE_OCSF_H
#define CORE_OCSF_H

#include "core/json.h"

/* Members that never change, written as they are. */
#define VPN_OCSF_TEXT(name, value) "\"" name "\":\"" value "\""
#define VPN_OCSF_NUMBER(name, value) "\"" name "\":" value
/* A value that the schema numbers, and its caption. */
#define VPN_OCSF_ENUM(name, id, caption) \
	VPN_OCSF_NUMBER(name "_id", id) "," VPN_OCSF_TEXT(name, caption)
/* type_uid is class_uid * 100 + activity_id. */
#define VPN_OCSF_ACTIVITY(class, id, name, uid, type)                 \
	VPN_OCSF_NUMBER("activity_id", id)                            \
	"," VPN_OCSF_TEXT("activity_name", name) "," VPN_OCSF_NUMBER( \
	    "type_uid", uid) "," VPN_OCSF_TEXT("type_name", class ": " type)

/* Us, as a product. */
#define VPN_OCSF_OMIPSEC                                                    \
	"\"product\":{" VPN_OCSF_TEXT("name", "omipsec") "," VPN_OCSF_TEXT( \
	    "vendor_name", "omipsec") "," VPN_OCSF_TEXT("version", VPN_VERSION) "}"

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

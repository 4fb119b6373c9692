/* SPDX-License-Identifier: Apache-2.0
 * What an event says alike in every format: to those who write events, and to those
 * who read them again. */
#ifndef CORE_OWN_H
#define CORE_OWN_H

#include "core/render.h"
#include "vpn/event.h"

/* Members of omipsec.tunnel that are fields as they are. */
#define VPN_ATTRIBUTES 14

struct vpn_attribute {
	const char *key;
	enum vpn_field field;
};

extern const struct vpn_attribute vpn_attributes[VPN_ATTRIBUTES];

enum vpn_outcome {
	VPN_OUTCOME_SUCCESS,
	VPN_OUTCOME_FAILURE,
	VPN_OUTCOME_UNKNOWN /* it may have been wanted */
};
enum vpn_outcome vpn_outcome(const struct vpn_event *);

/* Who began the negotiation, seen from the gateway. */
enum vpn_side { VPN_SIDE_UNKNOWN, VPN_SIDE_INITIATOR, VPN_SIDE_RESPONDER };
enum vpn_side vpn_side(const struct vpn_event *);

/* The line as an event keeps it. */
struct vpn_text vpn_original(const struct vpn_line *);
/* Its length before it was cut. */
size_t vpn_original_bytes(const struct vpn_line *);

void vpn_put_message(
    const struct vpn_render *, struct vpn_json *, const struct vpn_event *);
void vpn_put_port(struct vpn_json *, struct vpn_text port);
/* ECS lets only a whole address into "ip"; a masked one is an "address". */
void vpn_put_endpoint(struct vpn_json *, const char *key, bool is_ip,
    struct vpn_text address, struct vpn_text port);
void vpn_put_endpoints(
    struct vpn_json *, const struct vpn_event *, const char *local, const char *peer);
/* "error": the device's number of the reason. */
void vpn_put_error(struct vpn_json *, const struct vpn_event *);
/* "log": what syslog says. */
void vpn_put_log(
    const struct vpn_render *, struct vpn_json *, const struct vpn_event *);
/* "omipsec": what no schema has a name for. */
void vpn_put_own(
    const struct vpn_render *, struct vpn_json *, const struct vpn_event *);

#endif

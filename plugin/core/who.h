/* SPDX-License-Identifier: Apache-2.0
 * Whose event it is: names and addresses as the overrides have them, and the
 * end that they lead to. */
#ifndef CORE_WHO_H
#define CORE_WHO_H

#include "core/address.h"
#include "core/estate.h"

/* Parts point into the event, the overrides, this struct or the end. */
struct who {
	struct vpn_text part[END_TEXTS];
	char local[VPN_IP_MAX], peer[VPN_IP_MAX];
	char pair[2 * VPN_IP_MAX];
	struct vpn_text subject;
	uint64_t id;  /* of the tunnel id */
	uint64_t kin; /* as id, but whatever the interface (rule 2) */
	uint64_t
	    slot; /* device, interface, sequence; 0 when the device names neither */
	uint64_t
	    place; /* slot and flow: a tunnel whoever its peer (rule 4); 0: no flow */
};

void vpn_who(const struct vpn_engine *, const struct vpn_event *, struct who *);
bool vpn_who_is_any(struct vpn_text ip); /* 0.0.0.0 or :: */

/* Does the event say whose it is? A tunnel that nothing names would take the place
 * of all the device's. */
bool vpn_who_is_named(const struct vpn_event *);

/* The end that is known, or NULL; the end, made when it is not known. */
struct end *vpn_who_find(
    struct vpn_engine *, const struct who *, const struct vpn_event *);
struct end *vpn_who_make(
    struct vpn_engine *, const struct who *, const struct vpn_event *);

/* What was not known before about the end: its address, its interface. */
void vpn_who_learn(
    struct vpn_engine *, struct end *, struct who *, const struct vpn_event *);

/* An end whose other address became known belongs to the pair, unless an alarm
 * is open under its old name. */
void vpn_who_rehome(struct vpn_engine *, struct end *, struct vpn_text subject);

#endif

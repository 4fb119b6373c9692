/* SPDX-License-Identifier: Apache-2.0
 * How the overrides are kept: for plugin/core, and for plugin/load which fills
 * them. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/catalog.h"
#include "vpn/policy.h"

#define VPN_NAME_MAX 255 /* bytes of a device, a cluster or a peer */

/* As names are compared: an address in its canonical form, anything else in
 * lower case. In buf; absent when it is longer than VPN_NAME_MAX. */
struct vpn_text vpn_policy_key(struct vpn_text, char buf[VPN_NAME_MAX]);

/* A network, "203.0.113.0/24". */
struct vpn_net {
	uint8_t bytes[16];
	size_t len; /* 4 or 16; 0: no network */
	unsigned bits;
};

/* Read an address (bits: all of them) or a network. False: it is neither, or
 * has bits beyond its length. */
bool vpn_net_read(struct vpn_text, struct vpn_net *);

/* What a text must be. Neither text nor wild: anything. */
struct vpn_like {
	struct vpn_text text;
	bool wild; /* it only begins so */
};

struct vpn_match {
	struct vpn_like device, peer; /* keys */
	struct vpn_net net;           /* a network instead of a peer */
	struct vpn_like tunnel;
	struct vpn_text code; /* a slug; empty: any */
};

/* Of `tunnels`. What is not said is 0, VPN_UNSAID, -1 or empty. */
struct vpn_entry {
	struct vpn_entry *next; /* of its chain, in the order of the file */
	struct vpn_match match;
	enum vpn_choice page, dynamic, decommissioned;
	int mode, hold; /* enum vpn_mode; seconds; -1 */
	int64_t mute_from_ms, mute_until_ms;
	struct vpn_text name, owner, site, runbook;
	unsigned row; /* of the file */
};

struct vpn_chain {
	struct vpn_entry *first, *last;
};

struct vpn_cluster {
	struct vpn_text name, key;
};

struct vpn_gateway {
	struct vpn_text device; /* key */
	struct vpn_text *addresses;
	size_t naddresses;
};

struct vpn_policy {
	struct vpn_arena arena;
	struct vpn_entry *entries;
	struct vpn_cluster *clusters;
	struct vpn_gateway *gateways;
	struct vpn_silence *silences;
	size_t nentries, nclusters, ngateways, nsilences;
	/* Chains of the entries that name one exactly; the first that fits. */
	struct vpn_index by_tunnel, by_peer, by_device;
	struct vpn_chain others;
	struct vpn_index by_member;              /* clusters */
	struct vpn_index by_address, by_gateway; /* gateways */
	struct vpn_index by_silence;
};

/* Add an entry to its chain; entries come in their order. False when memory is
 * out. */
bool vpn_policy_add(struct vpn_policy *, struct vpn_entry *);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What an operator says about the own estate: the overrides file. Built once by
 * vpn_policy_load (load/load.h), never changed afterwards, shared without a
 * lock. Every function takes NULL for "no overrides". */
#ifndef VPN_POLICY_H
#define VPN_POLICY_H

#include <stdint.h>

#include "vpn/rules.h"

struct vpn_policy;

enum vpn_mode {
	VPN_MODE_AUTO,      /* an expired child SA alone is no outage */
	VPN_MODE_ALWAYS_ON, /* it is */
	VPN_MODE_ON_DEMAND  /* no disconnect is; only failing negotiation pages */
};

enum vpn_choice { VPN_UNSAID, VPN_NO, VPN_YES };

/* Whom an entry is asked for. Empty texts and NULL match only entries that do
 * not name them. */
struct vpn_whom {
	struct vpn_text device, peer, tunnel;
	const struct vpn_code *code;
};

/* What all matching entries say together; a later entry overrides an earlier
 * one, key by key. Texts are owned by the policy. */
struct vpn_ruling {
	bool named; /* an entry names this very peer or tunnel: it is known */
	enum vpn_choice page, dynamic;
	bool decommissioned;
	enum vpn_mode mode;
	int hold;                            /* seconds; -1: not said */
	int64_t mute_from_ms, mute_until_ms; /* Unix time; until 0: not muted */
	struct vpn_text name, owner, site, runbook;
};

void vpn_policy_rule(
    const struct vpn_policy *, const struct vpn_whom *, struct vpn_ruling *);

/* The cluster that the device is a member of, or the device itself. */
struct vpn_text vpn_policy_device(const struct vpn_policy *, struct vpn_text device);

/* The first address of the gateway that has this address among its own, else
 * the address itself. An absent address is the device's first, if it has one. */
struct vpn_text vpn_policy_address(
    const struct vpn_policy *, struct vpn_text device, struct vpn_text address);

/* A device that must be heard: any line counts, not just those of its VPN. */
struct vpn_silence {
	struct vpn_text device; /* name or address as rsyslog knows the sender */
	int after;              /* seconds */
	struct vpn_text owner, site, runbook; /* may be empty */
};

size_t vpn_policy_silences(const struct vpn_policy *);
const struct vpn_silence *vpn_policy_silence(const struct vpn_policy *, size_t i);
/* The place of the device among them, or -1. */
int vpn_policy_heard(const struct vpn_policy *, struct vpn_text device);

void vpn_policy_free(struct vpn_policy *);

#endif

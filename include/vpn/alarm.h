/* SPDX-License-Identifier: Apache-2.0
 * A condition that opens, may be reminded of, and ends: what the engine has
 * decided, before it is put into words (vpn/page.h). */
#ifndef VPN_ALARM_H
#define VPN_ALARM_H

#include "vpn/rules.h"

enum vpn_alarm_kind {
	VPN_ALARM_NONE,
	/* Of a tunnel, of which at most one is open at a time. */
	VPN_ALARM_DOWN,
	VPN_ALARM_FAILING,  /* a known peer's negotiation fails again and again */
	VPN_ALARM_FLAPPING, /* drops and heals, over and over */
	VPN_ALARM_DEGRADED, /* some of its flows are down */
	/* Of more than a tunnel. */
	VPN_ALARM_GATEWAY,  /* many tunnels of a device, interface or peer are down */
	VPN_ALARM_SESSIONS, /* many sessions of a remote-access policy dropped */
	VPN_ALARM_LIMIT,    /* a device has no room for another tunnel */
	VPN_ALARM_NOISE,    /* a device refuses negotiations at a high rate */
	VPN_ALARM_UNKNOWN,  /* peers that nobody knows try to connect */
	VPN_ALARM_SILENCE,  /* a device that must be heard is not */
	VPN_ALARM_CROWD,    /* too many are open: the others are not told singly */
	VPN_ALARM_WATCHDOG, /* always open: its absence says that omipsec is dead */
	VPN_ALARM_COUNT
};

enum vpn_severity { VPN_SEVERITY_CRITICAL, VPN_SEVERITY_WARNING, VPN_SEVERITY_NONE };

enum vpn_step_of_alarm {
	VPN_ALARM_OPENED,
	VPN_ALARM_REMINDED, /* still open after maxFiring */
	VPN_ALARM_RESOLVED,
	/* Not open here, but perhaps where another replica posts to: a tunnel
	 * that was never seen before is up (alerting rule 20). */
	VPN_ALARM_CLEARED
};

/* Why it ended. */
enum vpn_ending {
	VPN_ENDING_NONE, /* it has not */
	VPN_ENDING_RECOVERED,
	VPN_ENDING_MOVED,    /* the peer has another address now: moved_to */
	VPN_ENDING_SILENT,   /* its vendor logs no recovery, and nothing came since */
	VPN_ENDING_REPLACED, /* by another alarm of the same tunnel */
	VPN_ENDING_ENDED,    /* the user's session, or an operator, ended it */
	VPN_ENDING_FORGOTTEN /* vpnlog forget, or decommissioned in the overrides */
};

#define VPN_TOP_PEERS 5

struct vpn_alarm {
	enum vpn_alarm_kind kind;
	enum vpn_step_of_alarm step;
	enum vpn_ending ending;
	enum vpn_severity severity;
	/* What it is about, the same from both ends and on every replica:
	 * "198.51.100.1~203.0.113.7" (a pair of gateways, the smaller first), a
	 * tunnel id where one address is unknown, "device", "device/interface",
	 * an address, "device/code", of a crowd the severity. */
	struct vpn_text subject;
	/* Of the end that spoke first; empty where there is none. */
	struct vpn_text tunnel, device, local, peer, interface, connection;
	struct vpn_text moved_to;
	/* From the overrides; may be empty. */
	struct vpn_text name, owner, site, runbook;
	const struct vpn_code *reason;  /* of the disconnect, or the limit; or NULL */
	const struct vpn_code *failure; /* the peer's most frequent one; or NULL */
	unsigned failures;              /* of negotiation, of this peer, device.. */
	unsigned drops;                 /* in 24 hours, this one too */
	unsigned down, members;         /* tunnels, sessions or flows */
	bool late;                      /* its lines came after maxAge */
	/* Unix milliseconds. When it began (by the gateway's corrected clock), when
	 * it was opened here, when it ended (0: it has not). */
	int64_t start_ms, opened_ms, end_ms;
	int64_t told_ms;          /* likewise: now, as the engine sees it */
	struct vpn_text lines[2]; /* raw: of the disconnect, of the failure */
	struct {
		struct vpn_text peer;
		unsigned failures;
	} top[VPN_TOP_PEERS]; /* unknown peers, the busiest first */
	size_t ntop;
};

/* "IPsecTunnelDown": the alert's name for receivers. */
struct vpn_text vpn_alarm_name(enum vpn_alarm_kind);

#endif

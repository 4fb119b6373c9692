/* SPDX-License-Identifier: Apache-2.0
 * The values that pass through omipsec: a line as it was received, and the
 * event that was recognised in it. */
#ifndef VPN_EVENT_H
#define VPN_EVENT_H

#include <stdint.h>

#include "vpn/text.h"

struct vpn_code;
struct vpn_message;
struct vpn_turn; /* vpn/engine.h */
struct vpn_vendor;

enum vpn_class {
	VPN_CLASS_NEGOTIATION, /* a tunnel could not be negotiated */
	VPN_CLASS_DISCONNECT,  /* a tunnel was deleted */
	VPN_CLASS_ESTABLISHED, /* a tunnel came up */
	VPN_CLASS_CLIENT,      /* a remote-access client failed to connect */
	VPN_CLASS_SYMPTOM,     /* catalogue only: a symptom section of the guide */
	VPN_CLASS_CONTEXT,     /* no event: who an IKE SA is between (vpn/join.h) */
	VPN_CLASS_FRESH,       /* no event: the daemon has started anew */
	VPN_CLASS_COUNT
};

/* What a vendor's field means. Names as the rule files write them are in
 * core/vocabulary.c, in this order. */
enum vpn_field {
	VPN_PEER,
	VPN_PEER_PORT,
	VPN_LOCAL,
	VPN_LOCAL_PORT,
	VPN_REASON,      /* the device's own words */
	VPN_REASON_CODE, /* its number */
	VPN_POLICY,
	VPN_SEQUENCE, /* sequence number of the policy */
	VPN_IF_INDEX,
	VPN_INTERFACE,
	VPN_VSYS,
	VPN_TUNNEL_INDEX, /* changes at rekey: never identity */
	VPN_RULE_NUMBER,
	VPN_FLOW, /* traffic selectors */
	VPN_INSIDE_IP,
	VPN_ROLE, /* initiator or responder */
	VPN_INBOUND_SPI,
	VPN_UNIT_STATE, /* Normal, or Backup for a standby unit's copy */
	VPN_CONN_ID,
	VPN_USER,
	VPN_CONNECTION,
	VPN_DETAIL,  /* what else the message names: a file, an error text */
	VPN_PROCESS, /* its id */
	VPN_SA,      /* of the IKE SA within its process: a number, a cookie */
	VPN_THREAD,  /* that says the lines of one job in a row */
	VPN_SUBTYPE,
	VPN_ACTION,
	VPN_STATUS,
	VPN_TITLE,
	VPN_BODY,       /* the text of a message that comes in a field */
	VPN_MESSAGE_ID, /* likewise its mnemonic or number */
	VPN_DATE,       /* the device's time, where it is not in front of the line */
	VPN_TIME,
	VPN_OFFSET,
	VPN_DEVICE, /* who speaks, where the line's front does not say it */
	VPN_FIELD_COUNT
};

/* Where the offset of event time came from (event.timezone tells it). */
enum vpn_zone { VPN_ZONE_LINE, VPN_ZONE_COLLECTOR, VPN_ZONE_NONE };

/* A line as it was received. All slices belong to the caller. */
struct vpn_line {
	struct vpn_text raw;    /* the whole line, as rsyslog's %rawmsg% has it */
	size_t bytes;           /* its length, where raw is not all of it; else 0 */
	struct vpn_text host;   /* the collector's idea of the sender; may be empty */
	struct vpn_text ip;     /* address that the line came from; may be empty */
	struct vpn_text device; /* overrides the name in the line; may be empty */
	int pri;          /* the collector's, for lines that carry none; -1 unknown */
	int zone_minutes; /* east of UTC, for times without an offset */
	int64_t received_ms; /* Unix time in milliseconds */
	bool archived;       /* from a file: its time holds, however old it is */
	uint64_t number;     /* of the line in its input, from 1; 0 when unknown */
};

#define VPN_TUNNEL_ID_MAX 256 /* bytes with the closing NUL */
#define VPN_KEPT_MAX 1024     /* bytes that an earlier line brings to an event */

/* A recognised event. Slices point into the line, the rules or this struct:
 * it lives as long as both. */
struct vpn_event {
	const struct vpn_vendor *vendor;
	const struct vpn_message *message;
	const struct vpn_code *code; /* NULL for VPN_CLASS_ESTABLISHED */
	/* Whose alert policy and effect hold: code's, or that of a standby's copy. */
	const struct vpn_code *policy;
	const struct vpn_line *line;
	const struct vpn_turn *turn; /* what it did to its tunnel; NULL: not asked */
	enum vpn_class class;
	bool unknown; /* a failure whose reason no rule knows */
	bool repeat;  /* it says again what another has said (vpn/join.h) */
	bool peer_is_ip, local_is_ip, line_is_ip; /* whole addresses, unmasked */
	struct vpn_text field[VPN_FIELD_COUNT];
	struct vpn_text device;      /* who speaks */
	struct vpn_text message_id;  /* the vendor's mnemonic or number; may be empty */
	struct vpn_text device_time; /* as written; empty when the line has none */
	int64_t time_ms;             /* event time, UTC, Unix milliseconds */
	int64_t skew_ms;             /* received - device time; 0 without one */
	int zone_minutes;
	enum vpn_zone zone;
	int pri;        /* -1 unknown */
	int severity;   /* the device's own number; -1 unknown */
	uint8_t id[16]; /* see "The event" in README.md */
	/* From earlier lines (vpn/join.h): the one that named what this one does not,
	 * and how many of the same cause were not told of since the last. */
	struct vpn_text context;
	unsigned repeated;
	char tunnel[VPN_TUNNEL_ID_MAX]; /* NUL-ended printable ASCII */
	size_t tunnel_len;
	char kept[VPN_KEPT_MAX]; /* where fields that were brought stand */
};

#endif

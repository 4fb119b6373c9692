/* SPDX-License-Identifier: Apache-2.0
 * How a vendor says it: where its lines are known by, how they hold their fields,
 * which messages there are. What each key of a rule file means is told in
 * rules/vendors/README.md. Owned by the rules. */
#ifndef VPN_VENDOR_H
#define VPN_VENDOR_H

#include "vpn/event.h"

/* An example line in a rule file, run by `vpnlog check`. */
struct vpn_example {
	struct vpn_text line, slug, peer, local, connection;
	unsigned row; /* line of the rule file */
};

struct vpn_pattern;    /* literal text with typed holes; core/pattern.h */
struct vpn_index;      /* words -> items; core/catalog.h */
struct vpn_candidates; /* messages by first bytes; core/candidate.h */

/* A field that has one of these values, in any case. */
struct vpn_where {
	enum vpn_field field;
	struct vpn_text *values;
	size_t nvalues;
};

/* One sentence that a vendor says. It is recognised by all that it states of:
 * names (the mnemonic), where, patterns (one fits the whole text); or by text
 * (ends the part before the field list) or needs (the fields that it carries). */
struct vpn_message {
	struct vpn_text id;
	enum vpn_class class;
	bool code_decides;     /* a known code's class overrides class */
	bool bare;             /* may stand in a line without a program's tag */
	bool stateless;        /* says nothing of whether the tunnel carries traffic */
	bool announces;        /* what comes next with its code says it again */
	struct vpn_text phase; /* overrides the code's */
	struct vpn_where *where;
	size_t nwhere;
	/* What it means when its IKE SA is known to be established; code NULL: the
	 * same. */
	enum vpn_class up_class;
	const struct vpn_code *up_code;
	struct vpn_text *names;
	size_t nnames;
	struct vpn_text text;
	struct vpn_pattern *patterns;
	size_t npatterns;
	uint64_t needs;              /* bit per enum vpn_field */
	const struct vpn_code *code; /* for patterns; else by reason */
	struct vpn_example *examples;
	size_t nexamples;
};

struct vpn_key {
	struct vpn_text name; /* lower case */
	enum vpn_field field;
	bool wide; /* its value may hold commas: only a known key ends it */
};

/* How a vendor marks the standby unit's copy of an event, and the code whose
 * alert policy and effect such a copy has. */
struct vpn_copy {
	enum vpn_field field;
	struct vpn_text value;
	const struct vpn_code *code; /* NULL: the vendor has no such thing */
};

/* The vendor's own words for a code. */
struct vpn_saying {
	struct vpn_text *words; /* one that ends in '*' stands for all that begin so */
	size_t nwords;
	const struct vpn_code *code;
};

/* A column of CSV, from 1. */
struct vpn_column {
	int column;
	enum vpn_field field;
};

/* How a body holds its fields. */
enum vpn_pairs {
	VPN_PAIRS_LIST,  /* "sentence (Key=value, Key=value)" */
	VPN_PAIRS_BLANK, /* key=value key="a value" */
	VPN_PAIRS_COLON  /* [key:"a value"; key::"a value"] */
};

struct vpn_vendor {
	size_t index; /* position in the rules */
	struct vpn_text id, name, product, network_type, network_protocol;
	struct vpn_text file; /* of the rules, for messages to people */
	bool recovery;        /* says when a tunnel is back */
	bool joins;           /* one fault of it is several lines (vpn/join.h) */
	bool named;           /* all its messages have names */
	enum vpn_pairs pairs;
	struct vpn_where only; /* lines with another value are not ours */
	struct vpn_column *columns;
	size_t ncolumns;
	struct vpn_saying *reasons;
	size_t nreasons;
	struct vpn_copy copy;
	struct vpn_text *cleared; /* marks of an alarm that has ended */
	size_t ncleared;
	enum vpn_field tunnel[VPN_FIELD_COUNT]; /* identity beside the device */
	size_t ntunnel;
	struct vpn_key *keys;
	size_t nkeys;
	struct vpn_pattern *prefixes; /* what may stand before a pattern */
	size_t nprefixes;
	struct vpn_message *messages;
	size_t nmessages;
	struct vpn_candidates *candidates;
	struct vpn_index *by_key, *by_name; /* of keys; of messages' names */
};

#endif

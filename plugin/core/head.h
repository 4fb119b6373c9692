/* SPDX-License-Identifier: Apache-2.0
 * What stands before the text of a line: priority, times, names, tag. */
#ifndef CORE_HEAD_H
#define CORE_HEAD_H

#include "core/stamp.h"

struct vpn_head {
	int pri;               /* -1: none */
	struct vpn_text front; /* between the priority and the tag */
	struct vpn_text tag;   /* "sshd[123]", "IPSEC/4/NAME(l)[1]"; or empty */
	const char *after;     /* where the tag was left */
	bool rfc5424;          /* fields stand between the tag and the text */
};

/* Find the tag, without VRP's mark "%%01", and nothing else: this is all that
 * most lines cost. */
void vpn_head_find(struct vpn_text raw, struct vpn_head *);

/* A relay may have cut VRP's tag at 32 bytes, colon and all: find it by its
 * mark, if it is there. For lines whose front is too long to be one. */
#define VPN_FRONT_LONG 64
void vpn_head_find_cut(struct vpn_text raw, struct vpn_head *);

/* Cisco's "%ASA-5-713119:" or "%CRYPTO-4-IKMP_NO_SA:", wherever sequence numbers
 * and times before it end. False: there is none. */
struct vpn_facility {
	struct vpn_text name, mnemonic;
	int severity;
};
bool vpn_head_find_facility(
    struct vpn_text raw, struct vpn_head *, struct vpn_facility *);

/* The first words of a line after its priority and a usual time, one after the
 * other: one of them may open a line that has no tag. */
#define VPN_START_WORDS 5
struct vpn_start {
	const char *next, *end;
	bool usual; /* a usual time is in front */
	bool rfc5424;
	int words; /* that may still come */
	struct vpn_text front, word;
};
void vpn_head_start(struct vpn_text raw, struct vpn_start *, int *pri);
bool vpn_head_next(struct vpn_start *); /* false: there is none, or none that may */

/* As much of the word as says whose line it is: up to the first of "=,[", and that. */
struct vpn_text vpn_head_opening(struct vpn_text word);

/* What opens the tag: "sshd", "IPSEC". */
struct vpn_text vpn_head_word(const struct vpn_head *);

/* The next word, up to a blank; RFC 5424's "-" comes back empty. */
struct vpn_text vpn_head_token(const char **at, const char *end);

/* The text after the tag; RFC 5424's structured data where there is none. */
struct vpn_text vpn_head_body(const struct vpn_head *, struct vpn_text raw);

/* What the front says. The last time and the last name: what stands there before
 * belongs to relays. Either may come back empty. */
struct vpn_front {
	struct vpn_stamp stamp;
	struct vpn_text host;
	struct vpn_text earlier; /* the last name before an earlier time */
	bool honest;             /* it reads like a header, not like somebody's text */
};
void vpn_head_read(struct vpn_text front, struct vpn_front *);

/* A time at the start of body is skipped and kept. */
void vpn_head_bare(struct vpn_text *body, struct vpn_stamp *);

/* Without the blanks, and rsyslog's "#011" for a tab, at its start. */
struct vpn_text vpn_trim_start(struct vpn_text);

/* Without what relays leave at the end: blanks, line ends, also as "#015". */
struct vpn_text vpn_trim_end(struct vpn_text);

#endif

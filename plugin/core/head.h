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

/* Past "<188>"; pri is -1 where there is none. */
const char *vpn_head_skip_pri(const char *at, const char *end, int *pri);

/* Past the usual times, whose colons need no look: "Nov 23 10:00:00",
 * "Nov 23 2026 10:00:00", "2026-11-23T10:00:00". */
const char *vpn_head_skip_time(const char *at, const char *end);

/* Past the process id, the message id and the structured data: "-", or
 * "[...][...]" with escaped brackets. */
const char *vpn_head_skip_fields(const char *at, const char *end);

/* Find the tag, without VRP's mark "%%01", and nothing else: this is all that
 * most lines cost. */
void vpn_head_find(struct vpn_text raw, struct vpn_head *);

/* A relay may have cut VRP's tag at 32 bytes, colon and all: find it by its
 * mark, if it is there. For lines whose front is too long to be one. */
#define VPN_FRONT_LONG 64
void vpn_head_find_cut(struct vpn_text raw, struct vpn_head *);

/* What opens the tag: "sshd", "IPSEC". */
struct vpn_text vpn_head_word(const struct vpn_head *);

/* The next word, up to a blank; RFC 5424's "-" comes back empty. */
struct vpn_text vpn_head_token(const char **at, const char *end);

/* The text after the tag; RFC 5424's structured data where there is none. */
struct vpn_text vpn_head_body(const struct vpn_head *, struct vpn_text raw);

/* A time at the start of body is skipped and kept. */
void vpn_head_bare(struct vpn_text *body, struct vpn_stamp *);

/* Without the blanks, and rsyslog's "#011" for a tab, at its start. */
struct vpn_text vpn_trim_start(struct vpn_text);

/* Without what relays leave at the end: blanks, line ends, also as "#015". */
struct vpn_text vpn_trim_end(struct vpn_text);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What stands before the text of a line: priority, times, names, tag. */
#ifndef CORE_HEAD_H
#define CORE_HEAD_H

#include "core/stamp.h"

struct vpn_head {
	int pri;	       /* -1: none */
	struct vpn_text front; /* between the priority and the tag */
	struct vpn_text tag;   /* "sshd[123]", "%%01IPSEC/4/NAME(l)[1]"; or empty */
	struct vpn_text word;  /* what opens the tag: "sshd", "IPSEC"; or empty */
	struct vpn_text body;  /* after the tag; all after the priority without one */
};

/* Find the tag without reading times or names: cheap, for every line. */
void vpn_head_find(struct vpn_text raw, struct vpn_head *);

/* The last time and the last name in the front: what stands there before
 * belongs to relays. Either may come back empty. */
void vpn_head_read(struct vpn_text front, struct vpn_stamp *, struct vpn_text *host);

/* A time at the start of body is skipped and kept. */
void vpn_head_bare(struct vpn_text *body, struct vpn_stamp *);

/* Without the blanks, and rsyslog's "#011" for a tab, at its start. */
struct vpn_text vpn_trim_start(struct vpn_text);

/* Without what relays leave at the end: blanks, line ends, "#015", "#012". */
struct vpn_text vpn_trim_end(struct vpn_text);

#endif

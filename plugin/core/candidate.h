/* SPDX-License-Identifier: Apache-2.0
 * Which of its vendor's messages a text may be, by its first bytes: of some hundred
 * patterns one or two are tried. */
#ifndef CORE_CANDIDATE_H
#define CORE_CANDIDATE_H

#include "core/pattern.h"

struct vpn_candidate {
	uint64_t mask, bytes; /* the literal text in front, as far as eight bytes go */
	const struct vpn_message *message;
	const struct vpn_pattern *pattern; /* one of the message's; NULL: it has none */
};

struct vpn_candidates {
	struct vpn_candidate *at; /* in the order of the file */
	uint16_t *order;          /* numbers of those that may begin with a byte: */
	unsigned start[257];      /* from here, up to the next byte's */
};

/* Of the vendor's messages, which must stay. 0, or -1 when memory is out. */
int vpn_candidates_build(
    struct vpn_candidates *, struct vpn_arena *, const struct vpn_vendor *);

/* The first eight bytes, behind the text's end zero. */
static inline uint64_t
vpn_candidate_head(struct vpn_text text)
{
	uint64_t head = 0;

	memcpy(&head, text.at, text.len < sizeof(head) ? text.len : sizeof(head));
	return head;
}

#endif

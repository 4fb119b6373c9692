/* SPDX-License-Identifier: Apache-2.0
 * Codes by what people type. */
#ifndef CLI_MATCH_H
#define CLI_MATCH_H

#include "vpn/rules.h"

#define MATCH_MAX 12

struct match {
	const struct vpn_code *code[MATCH_MAX]; /* the best first */
	size_t n;
	size_t more; /* that did not fit */
};

/* Codes that the words name exactly: a slug, a ReasonCode, a wording in any
 * case and punctuation, a section of the guide, a whole message. Then those
 * in whose texts all the words are. False when there is none. */
bool match_words(const struct vpn_rules *, struct vpn_text words, struct match *);

/* The names nearest to words that match nothing. */
void match_nearest(const struct vpn_rules *, struct vpn_text words, struct match *);

/* Codes that belong to this one: variants, details, what it is a detail of. */
void match_related(const struct vpn_rules *, const struct vpn_code *, struct match *);

#endif

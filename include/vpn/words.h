/* SPDX-License-Identifier: Apache-2.0
 * The words for the values of our enums, as rule files, events and people
 * write them. */
#ifndef VPN_WORDS_H
#define VPN_WORDS_H

#include "vpn/text.h"

enum vpn_words {
	VPN_WORDS_CLASS,
	VPN_WORDS_FIELD,
	VPN_WORDS_ALERT,
	VPN_WORDS_EFFECT,
	VPN_WORDS_ROLE,
	VPN_WORDS_END,
	VPN_WORDS_STEP,
	VPN_WORDS_FORMAT,
	VPN_WORDS_LANGUAGE,
	VPN_WORDS_MODE,
	VPN_WORDS_STATE,
	VPN_WORDS_PAIRS
};

/* The word for a value of that enum. */
struct vpn_text vpn_word(enum vpn_words, int value);

/* The value behind a word, or -1. */
int vpn_word_value(enum vpn_words, struct vpn_text word);

/* The i-th word of a list, for "one of ..." messages; absent past the end. */
struct vpn_text vpn_word_at(enum vpn_words, size_t i);

#endif

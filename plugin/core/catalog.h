/* SPDX-License-Identifier: Apache-2.0
 * How the rules are kept: for plugin/core, and for plugin/load which fills
 * them. */
#ifndef CORE_CATALOG_H
#define CORE_CATALOG_H

#include "vpn/rules.h"

/* Memory that is freed all at once. */
struct vpn_arena {
	struct vpn_block *blocks;
};

/* Zeroed and aligned; NULL when memory is out. */
void *vpn_arena_take(struct vpn_arena *, size_t size);
/* A copy; its at is NULL when memory is out. */
struct vpn_text vpn_arena_text(struct vpn_arena *, struct vpn_text);
void vpn_arena_free(struct vpn_arena *);

/* Words -> items, open addressing at half load at most. Zeroed, it is empty. */
struct vpn_index {
	struct vpn_slot {
		struct vpn_text word;
		const void *item;
	} * slot;
	size_t mask, used;
};

enum vpn_put_word { VPN_WORD_NEW, VPN_WORD_TAKEN, VPN_WORD_NO_MEMORY };

/* Word and item must stay. */
enum vpn_put_word vpn_index_put(
    struct vpn_index *, struct vpn_arena *, struct vpn_text word, const void *item);
/* The word's item, or NULL. */
const void *vpn_index_get(const struct vpn_index *, struct vpn_text word);

/* Who speaks in a line, by the word that opens its tag: the module of a VRP
 * header, a program, the word before the first colon of a program's own log
 * file, which has no tag ("" where no colon is), a facility, a start. */
enum vpn_speaker_kind {
	VPN_SPEAKER_MODULE,
	VPN_SPEAKER_PROGRAM,
	VPN_SPEAKER_BARE,
	VPN_SPEAKER_FACILITY, /* of Cisco's "%FACILITY-severity-NAME" */
	VPN_SPEAKER_START     /* what opens a line that has no tag (core/head.h) */
};

struct vpn_speaker {
	struct vpn_text word; /* ends in '-': stands for any that begins so */
	enum vpn_speaker_kind kind;
	const struct vpn_vendor *vendor;
};

/* The first three bytes of a word, mixed; by them nearly all lines are dismissed. */
#define VPN_OPENINGS 65536
#define VPN_OPENING_LEN 3

static inline size_t
vpn_opening_mix(const unsigned char byte[VPN_OPENING_LEN])
{
	return (unsigned)(byte[0] << 8 | byte[1]) ^
	    (unsigned)(byte[2] << 3 ^ byte[2] << 8);
}

static inline size_t
vpn_opening(struct vpn_text tag)
{
	unsigned char byte[VPN_OPENING_LEN] = {0};

	for (size_t i = 0; i < VPN_OPENING_LEN && i < tag.len; i++) {
		char c = tag.at[i];

		if (i > 0 && (c == '[' || c == '(' || c == '/' || c == ':'))
			break; /* a short word ends here */
		byte[i] = (unsigned char)c;
	}
	return vpn_opening_mix(byte);
}

static inline char
vpn_fold_digit(char c)
{
	return (char)(c >= '0' && c <= '9' ? '#' : c);
}

/* The same of a start, whose digits are all one. */
static inline size_t
vpn_start_opening(struct vpn_text word)
{
	unsigned char byte[VPN_OPENING_LEN] = {0};

	for (size_t i = 0; i < VPN_OPENING_LEN && i < word.len; i++) {
		char c = vpn_fold_digit(word.at[i]);

		byte[i] = (unsigned char)c;
		/* Any name in quotes; or a short word ends here. */
		if (c == '"' || c == '=' || c == ',' || c == '[')
			break;
	}
	return vpn_opening_mix(byte);
}

static inline bool
vpn_opens(const uint64_t set[VPN_OPENINGS / 64], size_t opening)
{
	return set[opening / 64] >> opening % 64 & 1;
}

static inline void
vpn_opens_add(uint64_t set[VPN_OPENINGS / 64], size_t opening)
{
	set[opening / 64] |= UINT64_C(1) << opening % 64;
}

struct vpn_rules {
	struct vpn_arena arena;
	struct vpn_guide guide;
	struct vpn_check *checks;
	struct vpn_code **codes;
	struct vpn_vendor **vendors;
	size_t nchecks, ncodes, nvendors;
	struct vpn_index by_reason, by_slug, by_number;
	struct vpn_index by_speaker, by_facility, by_start;
	/* Openings that some speaker has, or some start. */
	uint64_t opens[VPN_OPENINGS / 64], starts[VPN_OPENINGS / 64];
	/* For reasons that no rule knows, of a disconnect and of a negotiation. */
	const struct vpn_code *unknown, *unknown_negotiation;
};

#endif

/* SPDX-License-Identifier: Apache-2.0
 * How the rules are kept: for plugin/core, and for plugin/load which fills
 * them. */
#ifndef CORE_CATALOG_H
#define CORE_CATALOG_H

#include "core/opening.h"
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

struct vpn_rules {
	struct vpn_arena arena;
	struct vpn_guide guide;
	struct vpn_check *checks;
	struct vpn_code **codes;
	struct vpn_vendor **vendors;
	size_t nchecks, ncodes, nvendors;
	struct vpn_index by_reason, by_slug, by_number;
	struct vpn_index by_speaker, by_facility, by_start;
	/* Of words that open a line without a tag, of tags, and of both. */
	struct vpn_openings starts, tags, opens;
	bool after_digits[256]; /* behind those that a start begins with */
	/* Of messages that may stand in a program's own log file; and what may stand
	 * before them there. */
	struct vpn_openings bare;
	const struct vpn_pattern **bare_prefixes;
	size_t nbare_prefixes;
	/* For reasons that no rule knows, of a disconnect and of a negotiation. */
	const struct vpn_code *unknown, *unknown_negotiation;
};

#endif

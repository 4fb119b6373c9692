/* SPDX-License-Identifier: Apache-2.0
 * Literal text with typed holes, in the spelling of liblognorm:
 *	"TCP: connect to [AF_INET]%peer:ip%:%peer_port:number% failed: %detail:rest%"
 * A hole names a field, or "-" for what is not kept. Types: ip; address (an
 * ip, or one masked as xx.xx.xx.xx); number; word (no blank); text (up to the
 * literal that follows); rest (to the end). "%%" is a percent sign. */
#ifndef CORE_PATTERN_H
#define CORE_PATTERN_H

#include "core/catalog.h"

enum vpn_hole {
	VPN_HOLE_NONE,
	VPN_HOLE_IP,
	VPN_HOLE_ADDRESS,
	VPN_HOLE_NUMBER,
	VPN_HOLE_WORD,
	VPN_HOLE_TEXT,
	VPN_HOLE_REST
};

struct vpn_piece {
	enum vpn_hole hole;
	int field;               /* enum vpn_field, or -1 */
	struct vpn_text literal; /* what follows the hole */
};

#define VPN_PIECES_MAX 32

struct vpn_pattern {
	struct vpn_piece *piece;
	size_t npieces;
	bool whole; /* it must fit the text to its end */
};

/* NULL, or what is wrong with the text. */
const char *vpn_pattern_compile(
    struct vpn_pattern *, struct vpn_arena *, struct vpn_text);

/* May a text that fits begin with this byte? */
bool vpn_pattern_may_begin(const struct vpn_pattern *, char first);

/* May it fit a text whose first word this is? Cheap. */
bool vpn_pattern_may_fit(const struct vpn_pattern *, struct vpn_text word);

/* Match at the start of text, and set the fields. Returns the bytes that were
 * matched, or -1: then no field has changed. */
long vpn_pattern_match(
    const struct vpn_pattern *, struct vpn_text, struct vpn_text *fields);

#endif

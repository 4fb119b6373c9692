/* SPDX-License-Identifier: Apache-2.0
 * What opens a line that has no usual tag. */
#ifndef CORE_START_H
#define CORE_START_H

#include "core/head.h"

/* Is there a percent sign where a header may have one? */
bool vpn_start_is_marked(struct vpn_text raw);

/* Cisco's "%ASA-5-713119:" or "%CRYPTO-4-IKMP_NO_SA:", wherever sequence numbers
 * and times before it end. False: there is none. */
struct vpn_facility {
	struct vpn_text name, mnemonic;
	int severity;
};
/* Without its percent sign, or "ASA-vpn-5-713119". */
bool vpn_facility_read(const char *at, const char *end, struct vpn_facility *);
bool vpn_facility_find(struct vpn_text raw, struct vpn_head *, struct vpn_facility *);

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
void vpn_start_begin(struct vpn_text raw, struct vpn_start *, int *pri);
bool vpn_start_next(struct vpn_start *); /* false: there is none, or none that may */

/* As much of the word as says whose line it is: up to the first of "=,[", and that. */
struct vpn_text vpn_start_word(struct vpn_text word);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Whose line it is, by the word that says so. */
#ifndef CORE_SPEAKER_H
#define CORE_SPEAKER_H

#include "core/catalog.h"
#include "core/start.h"

/* By the tag; NULL: nobody's. word: as much of it as says so. */
const struct vpn_speaker *vpn_speaker_of_tag(
    const struct vpn_rules *, const struct vpn_head *, struct vpn_text *word);

/* By Cisco's facility; NULL also where its vendor has no such message. */
const struct vpn_speaker *vpn_speaker_of_facility(
    const struct vpn_rules *, const struct vpn_facility *);

/* Not so for most numbers and addresses. Cheap. */
bool vpn_speaker_may_start(const struct vpn_rules *, struct vpn_text word);

/* By the word that opens a line that has no tag, its digits as they are. */
const struct vpn_speaker *vpn_speaker_of_start(
    const struct vpn_rules *, struct vpn_text word);

/* May it be a line of a program's own log file? Cheap. */
bool vpn_speaker_may_be_bare(const struct vpn_rules *, struct vpn_text raw);

#endif

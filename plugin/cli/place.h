/* SPDX-License-Identifier: Apache-2.0
 * Where something stands in the rule files, for messages: the rules in memory
 * do not know it. */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "vpn/rules.h"

struct place {
	const char *file;
	unsigned row; /* 0: not known */
};

/* The text of guide.yaml and codes-*.yaml. */
struct places;

/* NULL when memory is out. What cannot be read has no places. */
struct places *places_new(const char *dir);
void places_free(struct places *);

struct place places_check(const struct places *, const struct vpn_check *);
struct place places_code(
    const struct places *, const struct vpn_rules *, const struct vpn_code *);
/* The text inside the code's entry; the entry where it is not found. */
struct place places_text(const struct places *, struct place code, struct vpn_text);

#endif

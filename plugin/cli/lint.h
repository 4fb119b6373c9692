/* SPDX-License-Identifier: Apache-2.0
 * What is wrong with rules that can be loaded. */
#ifndef CLI_LINT_H
#define CLI_LINT_H

#include "cli/page.h"
#include "cli/place.h"
#include "core/policy.h"

struct lint {
	const struct vpn_rules *rules;
	const struct places *places;
	struct page page;
	size_t problems;
	size_t messages, examples; /* that were run */
};

/* "file:row: sentence" on standard output. */
void lint_problem(struct lint *, struct place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The guide's checks and codes: texts, lengths, what is used. */
void lint_codes(struct lint *);

/* Every example of every vendor, through vpn_recognise. */
void lint_examples(struct lint *);

/* Entries of the overrides that no event can match. */
void lint_overrides(struct lint *, const char *file, const struct vpn_policy *);

#endif

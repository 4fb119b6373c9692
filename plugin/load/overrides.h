/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOAD_OVERRIDES_H
#define LOAD_OVERRIDES_H

#include "load/plain.h"

/* The doc that readers are handed is the first member of this. */
struct overrides {
	struct load_doc doc;
	const struct vpn_rules *rules;
	struct vpn_policy *policy;
	struct vpn_index clusters; /* by name, to find one that is there twice */
};

static inline struct overrides *
overrides(struct load_doc *doc)
{
	return (struct overrides *)doc;
}

/* An item of `tunnels`: a struct vpn_entry of the policy. */
load_reader load_entry;

#endif

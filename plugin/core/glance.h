/* SPDX-License-Identifier: Apache-2.0
 * What most lines cost: a look at who speaks. */
#ifndef CORE_GLANCE_H
#define CORE_GLANCE_H

#include "core/catalog.h"

/* Is it certainly nobody's of the rules? From word to word of its header no one is
 * known that may open a line of theirs, up to another's tag, module or facility, or to
 * what is no header any more. What this overlooks nobody sees: in doubt it says no. */
bool vpn_glance_is_other(const struct vpn_rules *, struct vpn_text raw);

#endif

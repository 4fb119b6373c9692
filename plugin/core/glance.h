/* SPDX-License-Identifier: Apache-2.0
 * What most lines cost: a look at who speaks. */
#ifndef CORE_GLANCE_H
#define CORE_GLANCE_H

#include "core/catalog.h"

/* Is it certainly nobody's of the rules? A usual time, a host and another program's
 * tag, in either form of syslog, or a module of a VRP device that is none of ours. */
bool vpn_glance_is_other(const struct vpn_rules *, struct vpn_text raw);

#endif

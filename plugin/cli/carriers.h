/* SPDX-License-Identifier: Apache-2.0
 * vpnlog codes --vendors: which message of which vendor carries a code. */
#ifndef CLI_CARRIERS_H
#define CLI_CARRIERS_H

#include "vpn/rules.h"

/* A table in Markdown, a row a code that some vendor has; class -1: of any class. */
void carriers_print(const struct vpn_rules *, int class);

#endif

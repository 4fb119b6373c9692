/* SPDX-License-Identifier: Apache-2.0
 * A code as one line of JSON, with the names that events use. */
#ifndef CLI_CODE_JSON_H
#define CLI_CODE_JSON_H

#include <stdio.h>

#include "vpn/rules.h"
#include "vpn/render.h"

/* False when memory is out. */
bool code_json_write(FILE *, const struct vpn_code *, enum vpn_language);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What a code means and what to do, as HTML. */
#ifndef CLI_ADVICE_H
#define CLI_ADVICE_H

#include "cli/html.h"

/* "dpd_timeout", or "auth_failed/connect" for a variant. */
void advice_slug(struct html *, const struct vpn_code *);
/* Explanation, causes, steps; under headings of that level. */
void advice_write(struct html *, const struct vpn_code *, int level);

#endif

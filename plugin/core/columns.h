/* SPDX-License-Identifier: Apache-2.0
 * A body of comma-separated values, "with quotes, where they hold commas". */
#ifndef CORE_COLUMNS_H
#define CORE_COLUMNS_H

#include "vpn/rules.h"

/* The vendor's columns into the fields. */
void vpn_columns_read(
    const struct vpn_vendor *, struct vpn_text body, struct vpn_text *fields);

/* The column, from 1; empty when there are fewer. */
struct vpn_text vpn_column(struct vpn_text body, int column);

#endif

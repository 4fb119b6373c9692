/* SPDX-License-Identifier: Apache-2.0
 * Where the page of a code is: `vpnlog runbook` writes them, rule.reference points
 * at them. */
#ifndef VPN_RUNBOOK_H
#define VPN_RUNBOOK_H

#include "vpn/rules.h"

/* "dpd_timeout.html", "authentication_fail-no_key.html": slugs and variants have
 * nothing but lower-case letters, digits and '_' (load/guide.c). With its NUL. */
#define VPN_RUNBOOK_MAX (2 * VPN_SLUG_MAX + 8)
size_t vpn_runbook_page(const struct vpn_code *, char page[VPN_RUNBOOK_MAX]);

/* An http or https address in printable ASCII, without blanks, quotes and '<'. */
bool vpn_is_url(struct vpn_text);
bool vpn_is_folder_url(struct vpn_text); /* one that ends in '/' */

#endif

/* SPDX-License-Identifier: Apache-2.0
 * An event, or a code, as a card for people. */
#ifndef CLI_CARD_H
#define CLI_CARD_H

#include "cli/page.h"

/* The event; place says where the line came from, as "FILE:12". */
void card_event(
    struct page *, const struct vpn_event *, enum vpn_language, const char *place);
void card_code(struct page *, const struct vpn_code *, enum vpn_language);

/* The first language of a choice. */
enum vpn_lang card_lang(enum vpn_language);

/* "dpd_timeout", or "auth_failed/connect" for a variant. */
void card_slug(struct page *, const struct vpn_code *);

/* The colour that goes with an alert policy. */
enum page_style card_style(enum vpn_alert);

#endif

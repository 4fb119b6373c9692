/* SPDX-License-Identifier: Apache-2.0
 * Which of its vendor's messages a text is, and the fields in it. */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H

#include "vpn/rules.h"

/* bare: the line had no tag, so that only messages that may stand so count. */
bool vpn_message_read(
    const struct vpn_vendor *, struct vpn_text body, bool bare, struct vpn_event *);

#endif

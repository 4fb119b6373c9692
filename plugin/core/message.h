/* SPDX-License-Identifier: Apache-2.0
 * Which of its vendor's messages a text is, and the fields in it. */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H

#include "vpn/rules.h"

/* Has the body the value that the vendor's lines have (`only`)? Cheap. */
bool vpn_message_is_theirs(const struct vpn_vendor *, struct vpn_text body);

/* bare: the line had no tag, so that only messages that may stand so count. */
bool vpn_message_read(
    const struct vpn_vendor *, struct vpn_text body, bool bare, struct vpn_event *);

#endif

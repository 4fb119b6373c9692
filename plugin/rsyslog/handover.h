/* SPDX-License-Identifier: Apache-2.0
 * A line, with what rsyslog knows of it, as one string: nothing else can be handed over
 * in rsyslog's transactions. */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "vpn/event.h"

/* Bytes of the string. */
size_t handover_size(const struct vpn_line *);
void handover_write(const struct vpn_line *, char *out);
/* False when the string is none. The line points into it. */
bool handover_read(struct vpn_text, struct vpn_line *);

#endif

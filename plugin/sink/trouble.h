/* SPDX-License-Identifier: Apache-2.0
 * What goes wrong is told to the operator once, until it is over. */
#ifndef TROUBLE_H
#define TROUBLE_H

#include "vpn/sink.h"

struct vpn_trouble {
	atomic_bool told;
};

/* Tell the sentence, with the action's name before it, unless this trouble was
 * told already and is not over. Safe from any thread. */
void vpn_trouble_tell(struct vpn_trouble *, const struct vpn_sink_conf *,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

void vpn_trouble_over(struct vpn_trouble *);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What lines that belong together have told so far, for all workers of an action. */
#ifndef JOINER_H
#define JOINER_H

#include <pthread.h>

#include "vpn/join.h"

struct joiner {
	pthread_mutex_t lock;
	struct vpn_join *join;
};

bool joiner_open(struct joiner *); /* false: no memory */
void joiner_close(struct joiner *);

/* Locks only for a line that has something to join. */
enum vpn_joined joiner_line(struct joiner *, struct vpn_event *);

#endif

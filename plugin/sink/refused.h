/* SPDX-License-Identifier: Apache-2.0
 * errorFile: what nobody will ever take, put aside as one line of JSON each. */
#ifndef REFUSED_H
#define REFUSED_H

#include <pthread.h>

#include "sink/append.h"
#include "sink/trouble.h"

struct vpn_refused {
	pthread_mutex_t lock; /* of file */
	struct vpn_append file;
	struct vpn_trouble told;
};

/* path: NULL when it is not set; the caller's. */
void vpn_refused_open(struct vpn_refused *, const char *path);
void vpn_refused_close(struct vpn_refused *);

/* It may have been rotated: the next refusal opens it again. */
void vpn_refused_hup(struct vpn_refused *);

/* Put it aside, on the disk; key, id (16 bytes or NULL) and value as far as they are
 * known. 0, or -1 and errno: 0 there when errorFile is not set. Any thread. */
int vpn_refused_put(struct vpn_refused *, const char *reason, struct vpn_text key,
    const uint8_t *id, struct vpn_text value);

#endif

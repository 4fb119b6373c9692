/* SPDX-License-Identifier: Apache-2.0
 * An action of mmipsec, and the workers that it runs in. */
#ifndef TAGGER_H
#define TAGGER_H

#include "instance.h"

struct fjson_object;

struct tagger {
	struct tagger *next; /* in the module's list */
	const struct host *host;
	struct params par;
	struct stats stats;
	pthread_mutex_t lock; /* of a new generation of rules */
	_Atomic(struct knowledge *) kn;
	struct joiner joiner;
};

struct tag_worker {
	struct tagger *tagger;
	struct knowledge *kn;
	struct zone zone;
	bool seen;                  /* the message at hand is not nobody's */
	struct fjson_object *found; /* its events */
	char json[VPN_EVENT_MAX];
};

struct tagger *tagger_new(
    struct nvlst *, const char *default_name, const struct host *);
void tagger_open(struct tagger *);
void tagger_hup(struct tagger *);
void tagger_free(struct tagger *);

struct tag_worker *tag_worker_new(struct tagger *);
void tag_worker_free(struct tag_worker *);

/* Does a gateway speak in the message? Costs an ordinary line no lock. */
bool tag_worker_knows(struct tag_worker *, struct vpn_text raw);

/* Its event as a tree, with the others that are in the message under "more", or
 * NULL: the line only tells something about others. */
struct fjson_object *tag_worker_event(struct tag_worker *, const struct vpn_line *);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * An action, and the workers of its queue.
 *
 * An instance is shared by its workers and freed by the last of them. Its lock
 * guards the list of workers, the opening of the sink and the publishing of a
 * new generation of rules; a worker takes it only when one of these changed.
 * What a worker has, only its own thread touches. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include <pthread.h>

#include "harvest.h"
#include "stats.h"
#include "zone.h"

/* What an instance needs of rsyslog. */
struct host {
	bool (*stopping)(void);
	void (*complain)(const char *sentence);
	struct statsobj_if_s *statsobj;
};

struct instance {
	struct instance *next; /* in the module's list */
	const struct host *host;
	struct params par;
	struct stats stats;
	atomic_uint users;
	pthread_mutex_t lock;
	_Atomic(struct knowledge *) kn;
	_Atomic(struct vpn_sink *) snk; /* NULL: not open yet */
	struct joiner joiner;
	struct vpn_refused refused; /* of input="event" */
	struct watch *watch;        /* of the tunnels, opened before snk is set */
	struct worker *workers;
	bool closed, complained;
};

struct worker {
	struct worker *next; /* in inst->workers */
	struct instance *inst;
	struct knowledge *kn;
	struct vpn_sink_worker *sink;
	struct harvest har;
	struct zone zone;
	bool begun;     /* rsyslog may go on with the transaction */
	bool retrying;  /* the last commit did not get through */
	bool put_aside; /* but what is malformed in it did */
};

/* Read and check the configuration; opens nothing. NULL: told why. */
struct instance *instance_new(
    struct nvlst *, const char *default_name, const struct host *);
void instance_open(struct instance *); /* privileges are dropped, no message yet */
void instance_hup(struct instance *);
void instance_close(struct instance *); /* workers may still have to be freed */

struct worker *worker_new(struct instance *);
void worker_free(struct worker *);
bool worker_ready(struct worker *);
bool worker_begin(struct worker *);
/* A commit: start, a worker_message() for each message, finish. False from
 * start: rsyslog keeps these messages, there is nothing to do. */
bool worker_start(struct worker *);
void worker_message(struct worker *, struct vpn_text);
enum vpn_put worker_finish(struct worker *);

#endif

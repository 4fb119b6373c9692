/* SPDX-License-Identifier: Apache-2.0
 * What the files of the watch share. */
#ifndef WATCH_INSIDE_H
#define WATCH_INSIDE_H

#include <pthread.h>

#include "store/store.h"
#include "watch/outbox.h"
#include "watch/watch.h"

struct watch {
	struct watch_conf conf;
	const struct vpn_sink_ops *ops;
	struct vpn_sink *snk;
	struct watch_counters *counters;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;  /* of the postman: a page is to be sent */
	pthread_cond_t tick;  /* of the ticker: the end has come */
	struct vpn_engine *engine;
	const struct vpn_render *render;
	struct outbox box;
	struct vpn_store *store; /* NULL: it cannot be used */
	int64_t store_next_ms;   /* mono: when to try it again */
	int64_t kept;            /* number of the last page that it has */
	uint64_t spilled;        /* pages of what is over, that the outbox dropped */
	bool stale;              /* the store has missed something */
	bool unread;             /* nor was it read at the start */
	bool told;               /* and the operator knows */
	bool running, posting, stopping;
	pthread_t ticker, postman;
	char page[VPN_PAGE_MAX];
};

struct vpn_now watch_now(void);

/* What a page is kept under: receivers of alerts want the latest step of an outage,
 * and where events go each step is a record of its own. */
struct vpn_text watch_key(
    const struct watch *, const struct vpn_page *, char key[ITEM_KEY]);

/* keep.c: the store. The lock is held. */
void keep_open(struct watch *);
void keep_restore(struct watch *);
void keep_page(struct watch *, const struct item *);
void keep_drop(struct watch *, const struct item *);
void keep_flush(struct watch *); /* all that has changed, in one transaction */
void keep_sent(struct watch *, struct item *const *, size_t n);
void keep_asked(struct watch *); /* what vpnlog wants forgotten */
void keep_trouble(struct watch *, const char *err);

/* post.c: the thread that hands pages to the sink. */
void *post_run(void *watch);

#endif

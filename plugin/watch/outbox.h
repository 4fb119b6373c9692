/* SPDX-License-Identifier: Apache-2.0
 * The pages that are open, to be sent, or resolved a short while ago. The
 * lock of the watch guards all of it; a page itself never changes, so that it
 * can be sent while another takes its place. */
#ifndef OUTBOX_H
#define OUTBOX_H

#include <stdatomic.h>

#include "core/table.h"
#include "vpn/page.h"

#define ITEM_KEY 40

/* A page with its texts, shared by the outbox and who is sending it. */
struct leaf {
	atomic_uint users;
	struct vpn_page page;
	char text[];
};

struct item {
	struct node node; /* by key */
	struct node kin;  /* by the page's key: the outages of one subject */
	char key[ITEM_KEY];
	size_t key_len;
	struct item *prev, *next; /* by number */
	struct leaf *leaf;
	int64_t number;
	int64_t sent_ms; /* mono, of the last success, or as if; 0: none */
	bool pending;    /* a step that nobody has got yet */
	bool passing;    /* not stored, and dropped when it was sent */
};

struct outbox {
	struct table table, kin;
	struct item *first, *last;
	int64_t number;
	size_t pending;
};

struct item *outbox_find(const struct outbox *, struct vpn_text key);
/* A copy of the page in the item of that key, which goes to the end: it takes the
 * place of what was there. NULL: no memory. */
struct item *outbox_put(
    struct outbox *, struct vpn_text key, const struct vpn_page *, bool pending);
/* Has its subject a later outage? Then its end is no news. */
bool outbox_is_past(const struct outbox *, const struct item *);
void outbox_drop(struct outbox *, struct item *);
void outbox_sent(struct outbox *, struct item *, int64_t mono_ms);
/* The oldest item that is to be sent although it is over; or NULL. */
struct item *outbox_spare(const struct outbox *);
void outbox_free(struct outbox *);

struct leaf *leaf_use(struct leaf *);
void leaf_leave(struct leaf *);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What must outlive rsyslogd, in one SQLite file (WAL, synchronous=FULL): the
 * engine's saved items, and the pages that are open or still to be sent. One
 * writer, of one thread at a time; any number of readers. */
#ifndef STORE_H
#define STORE_H

#include "vpn/page.h"

struct vpn_store;

/* Open, or make, the file for writing (mode 0640). NULL with a sentence in err
 * that names the file and what to do: no SQLite file, a damaged one, one of a
 * newer schema, no permission, a full disk, another writer. */
struct vpn_store *vpn_store_open(const char *path, char *err, size_t cap);

/* For reading, while another process writes or after it has stopped (then
 * without -wal and perhaps without the right to make one: immutable). */
struct vpn_store *vpn_store_read(const char *path, char *err, size_t cap);

void vpn_store_close(struct vpn_store *);

/* A transaction; all between begin and commit is there after a crash, or none
 * of it. Each returns 0, or -1: then the rest up to commit does nothing, commit
 * rolls back and answers -1 with the sentence in err. */
int vpn_store_begin(struct vpn_store *);
int vpn_store_put(struct vpn_store *, struct vpn_text key, struct vpn_text data);
int vpn_store_drop(struct vpn_store *, struct vpn_text key);
int vpn_store_clear(struct vpn_store *); /* every item and every page */
/* One row an item: a later page replaces the earlier one. pending: it has yet to
 * be sent. order: rows are read back by it. */
int vpn_store_put_page(struct vpn_store *, struct vpn_text item,
    const struct vpn_page *, bool pending, int64_t order);
int vpn_store_sent(struct vpn_store *, struct vpn_text item); /* not pending */
int vpn_store_drop_page(struct vpn_store *, struct vpn_text item);
/* Forget what vpnlog asked for, up to that number. */
int vpn_store_drop_asked(struct vpn_store *, int64_t number);
int vpn_store_commit(struct vpn_store *, char *err, size_t cap);

/* Read all. Slices live until each() returns. 0, or -1 with err. */
int vpn_store_each(struct vpn_store *,
    void (*each)(struct vpn_text key, struct vpn_text data, void *arg), void *arg,
    char *err, size_t cap);
int vpn_store_each_page(struct vpn_store *,
    void (*each)(const struct vpn_page *, bool pending, int64_t order, void *arg),
    void *arg, char *err, size_t cap);

/* vpnlog forget: ask the writer, now or when it starts, to forget a tunnel.
 * 0, or -1 with err. */
int vpn_store_ask(const char *path, struct vpn_text tunnel, char *err, size_t cap);
/* What was asked for; cheap enough for once a second. */
int vpn_store_each_asked(struct vpn_store *,
    void (*each)(struct vpn_text tunnel, int64_t number, void *arg), void *arg,
    char *err, size_t cap);

#endif

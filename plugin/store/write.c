/* SPDX-License-Identifier: Apache-2.0
 * A transaction: what is to be kept, and what no longer. */
#include <stdio.h>

#include "store/inside.h"

static int
bind_text(struct vpn_store *store, enum statement which, int at, struct vpn_text text)
{
	return sqlite3_bind_text(store->statement[which], at, text.at ? text.at : "",
	    (int)text.len, SQLITE_STATIC);
}

static int
bind_blob(struct vpn_store *store, enum statement which, int at, struct vpn_text text)
{
	return sqlite3_bind_blob(store->statement[which], at, text.at ? text.at : "",
	    (int)text.len, SQLITE_STATIC);
}

/* What was bound is done; the first failure of a transaction is kept. */
static int
run(struct vpn_store *store, enum statement which)
{
	int code;

	if (store->failed) {
		sqlite3_reset(store->statement[which]);
		return -1;
	}
	code = sqlite3_step(store->statement[which]);
	sqlite3_reset(store->statement[which]);
	sqlite3_clear_bindings(store->statement[which]);
	if (code == SQLITE_DONE || code == SQLITE_ROW)
		return 0;
	store->failed = code;
	return -1;
}

int
vpn_store_begin(struct vpn_store *store)
{
	store->failed = 0;
	if (store_inode(store->path) != store->inode)
		store->failed = SQLITE_CANTOPEN;
	return run(store, BEGIN);
}

int
vpn_store_put(struct vpn_store *store, struct vpn_text key, struct vpn_text data)
{
	bind_blob(store, PUT, 1, key);
	bind_blob(store, PUT, 2, data);
	return run(store, PUT);
}

int
vpn_store_drop(struct vpn_store *store, struct vpn_text key)
{
	bind_blob(store, DROP, 1, key);
	return run(store, DROP);
}

int
vpn_store_clear(struct vpn_store *store)
{
	run(store, CLEAR);
	return run(store, CLEAR_PAGES);
}

int
vpn_store_put_page(struct vpn_store *store, struct vpn_text item,
    const struct vpn_page *page, bool pending, int64_t order)
{
	sqlite3_stmt *at = store->statement[PUT_PAGE];

	bind_text(store, PUT_PAGE, 1, item);
	sqlite3_bind_int(at, 2, (int)page->step);
	sqlite3_bind_int(at, 3, pending);
	sqlite3_bind_int64(at, 4, order);
	sqlite3_bind_int64(at, 5, page->start_ms);
	sqlite3_bind_int64(at, 6, page->opened_ms);
	sqlite3_bind_int64(at, 7, page->end_ms);
	for (size_t i = 0; i < STORE_COLUMNS; i++)
		bind_text(store, PUT_PAGE, (int)i + 8,
		    *(const struct vpn_text *)((const char *)page + store_columns[i]));
	return run(store, PUT_PAGE);
}

int
vpn_store_sent(struct vpn_store *store, struct vpn_text item)
{
	bind_text(store, SENT, 1, item);
	return run(store, SENT);
}

int
vpn_store_drop_page(struct vpn_store *store, struct vpn_text item)
{
	bind_text(store, DROP_PAGE, 1, item);
	return run(store, DROP_PAGE);
}

int
vpn_store_drop_asked(struct vpn_store *store, int64_t number)
{
	sqlite3_bind_int64(store->statement[DROP_ASKED], 1, number);
	return run(store, DROP_ASKED);
}

int
vpn_store_commit(struct vpn_store *store, char *err, size_t cap)
{
	int failed;

	if (run(store, COMMIT) == 0)
		return 0;
	failed = store->failed;
	store->failed = 0;
	if (!sqlite3_get_autocommit(store->db))
		run(store, ROLLBACK);
	store->failed = 0;
	if (store_inode(store->path) != store->inode) {
		snprintf(err, cap, "%s was removed or replaced while it was in use",
		    store->path);
		return -1;
	}
	return store_explain(store, failed, err, cap);
}

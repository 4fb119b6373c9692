/* SPDX-License-Identifier: Apache-2.0
 * What the files of the store share. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store/store.h"

/* The columns of a page that are texts, in the order of the table: where they
 * are in the struct. */
#define STORE_COLUMNS 11
extern const size_t store_columns[STORE_COLUMNS];

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	PUT,
	DROP,
	CLEAR,
	CLEAR_PAGES,
	PUT_PAGE,
	SENT,
	DROP_PAGE,
	DROP_ASKED,
	EACH,
	EACH_PAGE,
	EACH_ASKED,
	STATEMENTS
};

struct vpn_store {
	sqlite3 *db;
	char *path;
	int lock; /* of the one writer; -1 */
	ino_t inode;
	sqlite3_stmt *statement[STATEMENTS];
	int failed; /* in this transaction: SQLite's extended code */
};

ino_t store_inode(const char *path); /* 0: there is none */

/* A sentence for SQLite's code. Always -1. */
int store_explain(const struct vpn_store *, int code, char *err, size_t cap);

#endif

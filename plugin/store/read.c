/* SPDX-License-Identifier: Apache-2.0
 * What the store holds, row by row. */
#include "store/inside.h"

static struct vpn_text
column(sqlite3_stmt *at, int i)
{
	const char *text = sqlite3_column_blob(at, i);

	return (struct vpn_text){text, (size_t)sqlite3_column_bytes(at, i)};
}

static int
done(struct vpn_store *store, enum statement which, int code, char *err, size_t cap)
{
	sqlite3_reset(store->statement[which]);
	return code == SQLITE_DONE ? 0 : store_explain(store, code, err, cap);
}

int
vpn_store_each(struct vpn_store *store,
    void (*each)(struct vpn_text key, struct vpn_text data, void *arg), void *arg,
    char *err, size_t cap)
{
	sqlite3_stmt *at = store->statement[EACH];
	int code;

	while ((code = sqlite3_step(at)) == SQLITE_ROW)
		each(column(at, 0), column(at, 1), arg);
	return done(store, EACH, code, err, cap);
}

int
vpn_store_each_page(struct vpn_store *store,
    void (*each)(const struct vpn_page *, bool pending, int64_t order, void *arg),
    void *arg, char *err, size_t cap)
{
	sqlite3_stmt *at = store->statement[EACH_PAGE];
	struct vpn_page page;
	int code;

	while ((code = sqlite3_step(at)) == SQLITE_ROW) {
		page = (struct vpn_page){
		    .step = (enum vpn_step_of_alarm)sqlite3_column_int(at, 1),
		    .start_ms = sqlite3_column_int64(at, 4),
		    .opened_ms = sqlite3_column_int64(at, 5),
		    .end_ms = sqlite3_column_int64(at, 6)};
		for (size_t i = 0; i < STORE_COLUMNS; i++)
			*(struct vpn_text *)((char *)&page + store_columns[i]) =
			    column(at, (int)i + 7);
		each(&page, sqlite3_column_int(at, 2) != 0, sqlite3_column_int64(at, 3),
		    arg);
	}
	return done(store, EACH_PAGE, code, err, cap);
}

int
vpn_store_each_asked(struct vpn_store *store,
    void (*each)(struct vpn_text tunnel, int64_t number, void *arg), void *arg,
    char *err, size_t cap)
{
	sqlite3_stmt *at = store->statement[EACH_ASKED];
	int code;

	while ((code = sqlite3_step(at)) == SQLITE_ROW)
		each(column(at, 1), sqlite3_column_int64(at, 0), arg);
	return done(store, EACH_ASKED, code, err, cap);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION 0x6f6d6970 /* "omip": the file is ours */
#define SCHEMA 1
#define BUSY_MS 2000
#define PATH_MAX_LEN 4096

const size_t store_columns[STORE_COLUMNS] = {
    offsetof(struct vpn_page, outage),
    offsetof(struct vpn_page, key),
    offsetof(struct vpn_page, name),
    offsetof(struct vpn_page, severity),
    offsetof(struct vpn_page, summary),
    offsetof(struct vpn_page, source),
    offsetof(struct vpn_page, code),
    offsetof(struct vpn_page, runbook),
    offsetof(struct vpn_page, labels),
    offsetof(struct vpn_page, annotations),
    offsetof(struct vpn_page, record),
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS state(key BLOB PRIMARY KEY, data BLOB NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS page(item TEXT PRIMARY KEY, step INTEGER,"
    " pending INTEGER, number INTEGER, start_ms INTEGER, opened_ms INTEGER,"
    " end_ms INTEGER, outage TEXT, key TEXT, name TEXT, severity TEXT, summary TEXT, "
    "source TEXT,"
    " code TEXT, runbook TEXT, labels TEXT, annotations TEXT, record TEXT);"
    "CREATE TABLE IF NOT EXISTS asked(number INTEGER PRIMARY KEY, tunnel TEXT);";

static const char *const statements[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [PUT] = "INSERT INTO state VALUES(?1, ?2)"
	    " ON CONFLICT(key) DO UPDATE SET data = excluded.data",
    [DROP] = "DELETE FROM state WHERE key = ?1",
    [CLEAR] = "DELETE FROM state",
    [CLEAR_PAGES] = "DELETE FROM page",
    [PUT_PAGE] = "INSERT OR REPLACE INTO page VALUES"
		 "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)",
    [SENT] = "UPDATE page SET pending = 0 WHERE item = ?1",
    [DROP_PAGE] = "DELETE FROM page WHERE item = ?1",
    [DROP_ASKED] = "DELETE FROM asked WHERE number <= ?1",
    [EACH] = "SELECT key, data FROM state",
    [EACH_PAGE] = "SELECT * FROM page ORDER BY number",
    [EACH_ASKED] = "SELECT number, tunnel FROM asked ORDER BY number",
};

static const struct {
	int code;
	const char *sentence;
} troubles[] = {
    {SQLITE_NOTADB, "is no state file of omipsec; move it away, a new one is made"},
    {SQLITE_CORRUPT, "is damaged; move it away, a new one is made"},
    {SQLITE_FULL, "cannot grow, the disk is full"},
    {SQLITE_READONLY,
	"cannot be written; it and its folder must belong to the user "
	"that rsyslogd runs as"},
    {SQLITE_CANTOPEN,
	"cannot be opened; its folder must be there and belong to the "
	"user that rsyslogd runs as"},
    {SQLITE_PERM, "cannot be opened; it must belong to the user that rsyslogd runs as"},
    {SQLITE_BUSY, "is in use by another process"},
};

int
store_explain(const struct vpn_store *store, int code, char *err, size_t cap)
{
	for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++) {
		if ((code & 0xff) != troubles[i].code)
			continue;
		snprintf(err, cap, "%s %s", store->path, troubles[i].sentence);
		return -1;
	}
	snprintf(err, cap, "%s: %s", store->path, sqlite3_errstr(code));
	return -1;
}

void
vpn_store_close(struct vpn_store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statement[i]);
	sqlite3_close(store->db);
	if (store->lock >= 0)
		close(store->lock);
	free(store->path);
	free(store);
}

static struct vpn_store *
store_new(const char *path, char *err, size_t cap)
{
	struct vpn_store *store = calloc(1, sizeof(*store));

	if (store) {
		store->lock = -1;
		store->path = strdup(path);
	}
	if (store && store->path)
		return store;
	free(store);
	snprintf(err, cap, "%s: out of memory", path);
	return NULL;
}

static int
number_of(struct vpn_store *store, const char *pragma, int *value)
{
	sqlite3_stmt *at = NULL;
	int code = sqlite3_prepare_v2(store->db, pragma, -1, &at, NULL);

	if (code == SQLITE_OK && (code = sqlite3_step(at)) == SQLITE_ROW) {
		*value = sqlite3_column_int(at, 0);
		code = SQLITE_OK;
	}
	sqlite3_finalize(at);
	return code;
}

/* A file that somebody else made, or a later omipsec, is not touched. */
static int
check(struct vpn_store *store, char *err, size_t cap, bool *fresh)
{
	int application = 0, version = 0, tables = 0, code;

	code = number_of(store, "PRAGMA application_id", &application);
	if (code == SQLITE_OK)
		code = number_of(store, "PRAGMA user_version", &version);
	if (code == SQLITE_OK)
		code = number_of(store, "SELECT count(*) FROM sqlite_master", &tables);
	if (code != SQLITE_OK)
		return store_explain(store, code, err, cap);
	*fresh = tables == 0;
	if (!*fresh && application != APPLICATION)
		return store_explain(store, SQLITE_NOTADB, err, cap);
	if (version <= SCHEMA)
		return 0;
	snprintf(err, cap,
	    "%s has schema %d, written by a newer omipsec; this one knows schema %d: "
	    "install the newer one, or move the file away",
	    store->path, version, SCHEMA);
	return -1;
}

/* One writer at a time: SQLite's own locks are held for a moment only. */
static int
lock(struct vpn_store *store, char *err, size_t cap)
{
	char path[PATH_MAX_LEN];

	snprintf(path, sizeof(path), "%s.lock", store->path);
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (store->lock < 0) {
		snprintf(err, cap,
		    "%s: %s; it and its folder must belong to the user that "
		    "rsyslogd runs as",
		    path, strerror(errno));
		return -1;
	}
	if (flock(store->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return store_explain(store, SQLITE_BUSY, err, cap);
}

static int
prepare(struct vpn_store *store, char *err, size_t cap)
{
	for (size_t i = 0; i < STATEMENTS; i++) {
		int code = sqlite3_prepare_v3(store->db, statements[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &store->statement[i], NULL);

		if (code != SQLITE_OK)
			return store_explain(
			    store, sqlite3_extended_errcode(store->db), err, cap);
	}
	return 0;
}

static int
make(struct vpn_store *store, bool fresh, char *err, size_t cap)
{
	char pragmas[300];
	int code;

	snprintf(pragmas, sizeof(pragmas),
	    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	    "PRAGMA journal_size_limit=16777216;");
	code = sqlite3_exec(store->db, pragmas, NULL, NULL, NULL);
	if (code == SQLITE_OK && fresh) {
		snprintf(pragmas, sizeof(pragmas),
		    "PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION,
		    SCHEMA);
		code = sqlite3_exec(store->db, pragmas, NULL, NULL, NULL);
	}
	if (code == SQLITE_OK)
		code = sqlite3_exec(store->db, schema, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return 0;
	return store_explain(store, sqlite3_extended_errcode(store->db), err, cap);
}

static int
open_db(struct vpn_store *store, const char *name, int flags, char *err, size_t cap)
{
	int code = sqlite3_open_v2(name, &store->db, flags, NULL);

	if (code != SQLITE_OK)
		return store_explain(store, code, err, cap);
	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	/* On a system that is read-only there is no place for a temporary file. */
	code = sqlite3_exec(store->db, "PRAGMA temp_store=MEMORY", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return store_explain(store, code, err, cap);
	return 0;
}

ino_t
store_inode(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

struct vpn_store *
vpn_store_open(const char *path, char *err, size_t cap)
{
	struct vpn_store *store = store_new(path, err, cap);
	mode_t mask = umask(0027);
	bool fresh = false;
	int result = -1;

	if (store && lock(store, err, cap) == 0 &&
	    open_db(store, path,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, err,
		cap) == 0 &&
	    check(store, err, cap, &fresh) == 0 && make(store, fresh, err, cap) == 0)
		result = prepare(store, err, cap);
	umask(mask);
	if (result == 0) {
		store->inode = store_inode(path);
		return store;
	}
	vpn_store_close(store);
	return NULL;
}

/* As a URI, where '?', '#' and '%' of the path mean themselves. */
static void
immutable(const char *path, char *uri, size_t cap)
{
	size_t n = (size_t)snprintf(uri, cap, "file:");

	for (; *path && n + 20 < cap; path++)
		n += (size_t)snprintf(uri + n, cap - n,
		    strchr("?#%", *path) ? "%%%02x" : "%c", (unsigned char)*path);
	snprintf(uri + n, cap - n, "?immutable=1");
}

struct vpn_store *
vpn_store_read(const char *path, char *err, size_t cap)
{
	struct vpn_store *store = store_new(path, err, cap);
	char uri[3 * PATH_MAX_LEN];
	bool fresh = false;
	int result = -1;

	if (store == NULL)
		return NULL;
	if (open_db(store, path, SQLITE_OPEN_READONLY, err, cap) == 0) {
		result = check(store, err, cap, &fresh);
		if (result < 0 && access(path, R_OK) == 0) {
			/* After a clean stop there is no -wal, and a reader may not
			 * have the right to make one. */
			sqlite3_close(store->db);
			store->db = NULL;
			immutable(path, uri, sizeof(uri));
			result = open_db(store, uri,
			    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err, cap);
			if (result == 0)
				result = check(store, err, cap, &fresh);
		}
	}
	if (result == 0 && fresh)
		result = store_explain(store, SQLITE_NOTADB, err, cap);
	if (result == 0)
		result = prepare(store, err, cap);
	if (result == 0)
		return store;
	vpn_store_close(store);
	return NULL;
}

int
vpn_store_ask(const char *path, struct vpn_text tunnel, char *err, size_t cap)
{
	struct vpn_store *store = store_new(path, err, cap);
	sqlite3_stmt *at = NULL;
	bool fresh = false;
	int result = -1, code;

	if (store && open_db(store, path, SQLITE_OPEN_READWRITE, err, cap) == 0 &&
	    check(store, err, cap, &fresh) == 0) {
		code = sqlite3_prepare_v2(
		    store->db, "INSERT INTO asked(tunnel) VALUES(?1)", -1, &at, NULL);
		if (code == SQLITE_OK)
			sqlite3_bind_text(
			    at, 1, tunnel.at, (int)tunnel.len, SQLITE_STATIC);
		if (code == SQLITE_OK)
			code = sqlite3_step(at);
		sqlite3_finalize(at);
		result = code == SQLITE_DONE ? 0 : store_explain(store, code, err, cap);
	}
	vpn_store_close(store);
	return result;
}

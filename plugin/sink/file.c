/* SPDX-License-Identifier: Apache-2.0
 * output="file": JSON Lines, one write for each batch. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <time.h>

#include "append.h"
#include "sinks.h"
#include "trouble.h"
#include "unsent.h"

/* After a failed write, how long ready() says no without looking. */
#define HOLD_S 1

struct vpn_sink {
	const struct vpn_sink_conf *conf;
	struct vpn_sink_counters *counters;
	pthread_mutex_t lock; /* of all below */
	struct vpn_append out;
	size_t failed; /* bytes that could not be written; 0: all is well */
	time_t failed_at;
	bool unhanded; /* the hand-over file could not be written */
	struct vpn_trouble writing, handing;
};

struct vpn_sink_worker {
	struct vpn_sink *snk;
	struct iovec *parts; /* of the batch: a value, the end of its line, .. */
	size_t cap;
};

static int
file_check(const struct vpn_sink_conf *conf, char *err, size_t cap)
{
	if (!conf->file) {
		snprintf(err, cap,
		    "output=\"file\" needs file=, the path of the file to write");
		return -1;
	}
	return vpn_append_check("file", conf->file, err, cap);
}

static time_t
now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Append the values, each as a line. 0, or -1 and errno. The lock is held. */
static int
append(struct vpn_sink_worker *worker, const struct vpn_record *records, size_t n)
{
	static char end[] = "\n";

	if (2 * n > worker->cap) {
		void *grown = realloc(worker->parts, 2 * n * sizeof(*worker->parts));

		if (!grown)
			return -1;
		worker->parts = grown;
		worker->cap = 2 * n;
	}
	for (size_t i = 0; i < n; i++) {
		worker->parts[2 * i] =
		    (struct iovec){(void *)records[i].value.at, records[i].value.len};
		worker->parts[2 * i + 1] = (struct iovec){end, 1};
	}
	return vpn_append_write(&worker->snk->out, worker->parts, 2 * n);
}

static size_t
size_of(const struct vpn_record *records, size_t n)
{
	size_t size = n;

	for (size_t i = 0; i < n; i++)
		size += records[i].value.len;
	return size;
}

/* The lock is held. */
static int
write_lines(struct vpn_sink_worker *worker, const struct vpn_record *records, size_t n)
{
	struct vpn_sink *snk = worker->snk;

	if (append(worker, records, n) == 0) {
		snk->failed = 0;
		vpn_trouble_over(&snk->writing);
		return 0;
	}
	snk->failed = size_of(records, n);
	snk->failed_at = now_s();
	vpn_trouble_tell(&snk->writing, snk->conf,
	    "cannot write to file=\"%s\": %s; events wait in rsyslog's queue until it "
	    "works again",
	    snk->conf->file, strerror(errno));
	return -1;
}

/* A stop must not be answered with "later" (rsyslog would ask for ever), so
 * the batch goes into the hand-over file. */
static void
hand_over(struct vpn_sink *snk, const struct vpn_record *records, size_t n)
{
	char err[512] = "stateDir is not set";

	if (snk->conf->state_dir &&
	    vpn_unsent_append(snk->conf, records, n, err, sizeof(err)) == 0)
		return;
	snk->unhanded = true;
	vpn_trouble_tell(&snk->handing, snk->conf,
	    "stopped while events could not be written; the last batch is lost: %s",
	    err);
}

static enum vpn_put
file_commit(struct vpn_sink_worker *worker, struct vpn_record *records, size_t n)
{
	struct vpn_sink *snk = worker->snk;
	enum vpn_put put = VPN_PUT_DONE;

	if (n == 0)
		return put;
	pthread_mutex_lock(&snk->lock);
	if (write_lines(worker, records, n) == 0)
		atomic_fetch_add(&snk->counters->delivered, n);
	else if (snk->conf->stopping())
		hand_over(snk, records, n);
	else
		put = VPN_PUT_SUSPENDED;
	if (put == VPN_PUT_SUSPENDED)
		atomic_fetch_add(&snk->counters->retried, n);
	pthread_mutex_unlock(&snk->lock);
	return put;
}

static bool
has_room(struct vpn_sink *snk)
{
	struct statvfs fs;

	return fstatvfs(snk->out.fd, &fs) != 0 ||
	    (uint64_t)fs.f_bavail * fs.f_frsize >= snk->failed;
}

static bool
file_ready(struct vpn_sink_worker *worker)
{
	struct vpn_sink *snk = worker->snk;
	bool ready = true;

	pthread_mutex_lock(&snk->lock);
	/* At a stop commit hands over what it cannot write; without it rsyslog
	 * would drop a batch that was answered with "later" before. */
	if (snk->failed &&
	    !(snk->conf->stopping() && snk->conf->state_dir && !snk->unhanded))
		ready = now_s() > snk->failed_at + HOLD_S &&
		    (snk->out.fd >= 0 || vpn_append_open(&snk->out) == 0) &&
		    has_room(snk);
	pthread_mutex_unlock(&snk->lock);
	return ready;
}

static struct vpn_sink_worker *
file_worker(struct vpn_sink *snk)
{
	struct vpn_sink_worker *worker = calloc(1, sizeof(*worker));

	if (worker)
		worker->snk = snk;
	return worker;
}

static void
file_worker_free(struct vpn_sink_worker *worker)
{
	if (!worker)
		return;
	free(worker->parts);
	free(worker);
}

static void
file_hup(struct vpn_sink *snk)
{
	pthread_mutex_lock(&snk->lock);
	if (vpn_append_open(&snk->out) != 0)
		vpn_trouble_tell(&snk->writing, snk->conf,
		    "cannot open file=\"%s\" again: %s; writing to the old one",
		    snk->conf->file, strerror(errno));
	else
		vpn_trouble_over(&snk->writing);
	pthread_mutex_unlock(&snk->lock);
}

static void
file_close(struct vpn_sink *snk)
{
	if (!snk)
		return;
	vpn_append_close(&snk->out);
	pthread_mutex_destroy(&snk->lock);
	free(snk);
}

/* Write what the last run left. */
static int
take_over(struct vpn_sink *snk, char *err, size_t cap)
{
	struct vpn_unsent un;
	struct vpn_sink_worker worker = {.snk = snk};
	int result = 0;

	if (!snk->conf->state_dir)
		return 0;
	if (vpn_unsent_load(snk->conf, &un, err, cap) != 0)
		return -1;
	if (un.n &&
	    (append(&worker, un.records, un.n) != 0 ||
		vpn_append_sync(&snk->out) != 0)) {
		snprintf(err, cap, "cannot write to file=\"%s\": %s", snk->conf->file,
		    strerror(errno));
		result = -1;
	} else if (un.n || un.damaged) {
		atomic_fetch_add(&snk->counters->delivered, un.n);
		vpn_unsent_done(snk->conf, &un);
	}
	free(worker.parts);
	vpn_unsent_free(&un);
	return result;
}

static struct vpn_sink *
file_open(const struct vpn_sink_conf *conf, struct vpn_sink_counters *counters,
    char *err, size_t cap)
{
	struct vpn_sink *snk = calloc(1, sizeof(*snk));

	if (!snk) {
		snprintf(err, cap, "out of memory");
		return NULL;
	}
	snk->conf = conf;
	snk->counters = counters;
	snk->out = (struct vpn_append){.path = conf->file, .mode = 0640, .fd = -1};
	pthread_mutex_init(&snk->lock, NULL);
	if (vpn_append_open(&snk->out) != 0) {
		snprintf(err, cap, "cannot open file=\"%s\": %s", conf->file,
		    strerror(errno));
		file_close(snk);
		return NULL;
	}
	if (take_over(snk, err, cap) != 0) {
		file_close(snk);
		return NULL;
	}
	return snk;
}

const struct vpn_sink_ops vpn_sink_file = {
    .name = "file",
    .check = file_check,
    .open = file_open,
    .worker = file_worker,
    .worker_free = file_worker_free,
    .ready = file_ready,
    .commit = file_commit,
    .hup = file_hup,
    .close = file_close,
};

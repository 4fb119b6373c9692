/* SPDX-License-Identifier: Apache-2.0
 * The file sink: whole lines or nothing, and nothing lost at a stop. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "vpn/sink.h"

#define BATCH 3000 /* more than IOV_MAX */

struct lab {
	char dir[64], path[96], moved[96];
	struct vpn_sink_conf conf;
	struct vpn_sink_counters counters;
	const struct vpn_sink_ops *ops;
	struct vpn_sink *snk;
	struct vpn_sink_worker *worker;
	struct vpn_record records[BATCH];
	char values[BATCH][32];
};

static bool is_stopping;
static unsigned complaints;
static char last_complaint[1024];

static bool
stopping(void)
{
	return is_stopping;
}

static void
complain(const char *sentence)
{
	complaints++;
	snprintf(last_complaint, sizeof(last_complaint), "%s", sentence);
}

static void
open_sink(struct lab *lab)
{
	char err[512] = "";

	is_stopping = false;
	lab->snk = lab->ops->open(&lab->conf, &lab->counters, err, sizeof(err));
	assert_string_equal(err, "");
	lab->worker = lab->ops->worker(lab->snk);
}

static void
close_sink(struct lab *lab)
{
	lab->ops->worker_free(lab->worker);
	lab->ops->close(lab->snk);
}

static int
setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	complaints = 0;
	strcpy(lab->dir, "/tmp/vpn-file-XXXXXX");
	assert_non_null(mkdtemp(lab->dir));
	snprintf(lab->path, sizeof(lab->path), "%s/events", lab->dir);
	snprintf(lab->moved, sizeof(lab->moved), "%s/events.1", lab->dir);
	lab->conf = (struct vpn_sink_conf){.name = "vpn",
	    .file = lab->path,
	    .state_dir = lab->dir,
	    .stopping = stopping,
	    .complain = complain};
	lab->ops = vpn_sink_find("file");
	for (int i = 0; i < BATCH; i++) {
		snprintf(lab->values[i], sizeof(lab->values[i]), "{\"n\":%d}", i);
		lab->records[i].value = vpn_text(lab->values[i]);
	}
	open_sink(lab);
	*state = lab;
	return 0;
}

static int
teardown(void **state)
{
	struct lab *lab = *state;
	char command[128];

	close_sink(lab);
	snprintf(command, sizeof(command), "rm -rf %s", lab->dir);
	assert_int_equal(system(command), 0);
	free(lab);
	return 0;
}

static enum vpn_put
commit(struct lab *lab, size_t n)
{
	return lab->ops->commit(lab->worker, lab->records, n);
}

static unsigned
lines_of(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];
	unsigned n = 0;

	while (file && fgets(line, sizeof(line), file)) {
		assert_int_equal(line[0], '{');
		assert_non_null(strchr(line, '\n'));
		n++;
	}
	if (file)
		fclose(file);
	return n;
}

static void
limit(rlim_t bytes)
{
	struct rlimit lim;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &lim);
	lim.rlim_cur = bytes;
	setrlimit(RLIMIT_FSIZE, &lim);
}

/* A commit while no file may grow beyond bytes; cmocka's output is a file too. */
static enum vpn_put
commit_limited(struct lab *lab, size_t n, rlim_t bytes)
{
	enum vpn_put put;

	limit(bytes);
	put = commit(lab, n);
	limit(RLIM_INFINITY);
	return put;
}

static void
test_writes_lines(void **state)
{
	struct lab *lab = *state;
	struct stat st;

	assert_int_equal(commit(lab, BATCH), VPN_PUT_DONE);
	assert_int_equal(commit(lab, 1), VPN_PUT_DONE);
	assert_int_equal(commit(lab, 0), VPN_PUT_DONE);
	assert_int_equal(lines_of(lab->path), BATCH + 1);
	assert_int_equal(lab->counters.delivered, BATCH + 1);
	assert_int_equal(stat(lab->path, &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640u, 0);
}

static void
test_short_write_leaves_no_part(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(commit(lab, 10), VPN_PUT_DONE);
	for (int i = 0; i < 5; i++)
		assert_int_equal(commit_limited(lab, BATCH, 1000), VPN_PUT_SUSPENDED);
	assert_false(lab->ops->ready(lab->worker));
	assert_int_equal(complaints, 1);
	assert_non_null(strstr(last_complaint, lab->path));
	assert_int_equal(lines_of(lab->path), 10);
	assert_int_equal(commit(lab, BATCH), VPN_PUT_DONE);
	assert_int_equal(lines_of(lab->path), BATCH + 10);
	assert_int_equal(complaints, 1);
	assert_true(lab->ops->ready(lab->worker));
}

static void
test_hup_opens_the_new_file(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(commit(lab, 2), VPN_PUT_DONE);
	assert_int_equal(rename(lab->path, lab->moved), 0);
	assert_int_equal(commit(lab, 3), VPN_PUT_DONE);
	lab->ops->hup(lab->snk);
	assert_int_equal(commit(lab, 4), VPN_PUT_DONE);
	assert_int_equal(lines_of(lab->moved), 5);
	assert_int_equal(lines_of(lab->path), 4);
}

/* A stop is never answered with "later"; the next start writes it first. */
static void
test_stop_with_a_full_disk_hands_over(void **state)
{
	struct lab *lab = *state;
	char unsent[128];

	snprintf(unsent, sizeof(unsent), "%s/vpn.unsent", lab->dir);
	assert_int_equal(commit(lab, 10), VPN_PUT_DONE);
	is_stopping = true;
	/* no room for that either */
	assert_int_equal(commit_limited(lab, 1, 40), VPN_PUT_DONE);
	assert_non_null(strstr(last_complaint, "is lost"));
	close_sink(lab);

	assert_int_equal(unlink(lab->path), 0);
	lab->conf.file = "/dev/full";
	open_sink(lab);
	is_stopping = true;
	assert_int_equal(commit(lab, 5), VPN_PUT_DONE);
	assert_int_equal(commit(lab, 2), VPN_PUT_DONE);
	close_sink(lab);
	assert_int_equal(access(unsent, F_OK), 0);

	lab->conf.file = lab->path;
	open_sink(lab);
	assert_int_equal(lines_of(lab->path), 7);
	assert_int_equal(access(unsent, F_OK), -1);
}

/* A batch that was answered with "later" is asked for once more. */
static void
test_stop_after_a_full_disk_hands_over(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(commit_limited(lab, 5, 20), VPN_PUT_SUSPENDED);
	assert_false(lab->ops->ready(lab->worker));
	is_stopping = true;
	assert_true(lab->ops->ready(lab->worker));
	close_sink(lab);

	lab->conf.file = "/dev/full";
	open_sink(lab);
	assert_int_equal(commit(lab, 5), VPN_PUT_SUSPENDED);
	is_stopping = true;
	assert_true(lab->ops->ready(lab->worker));
	assert_int_equal(commit(lab, 5), VPN_PUT_DONE);
	close_sink(lab);

	lab->conf.file = lab->path;
	open_sink(lab);
	assert_int_equal(lines_of(lab->path), 5);
}

static void
test_checks_the_path(void **state)
{
	static const struct {
		const char *file, *says;
	} rows[] = {
	    {NULL, "needs file="},
	    {"events", "not an absolute path"},
	    {"/nonexistent/events", "does not exist"},
	    {"/tmp", "is not a file"},
	    {"/dev/null", NULL},
	};
	struct lab *lab = *state;
	char err[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vpn_sink_conf conf = lab->conf;
		int want = rows[i].says ? -1 : 0;

		conf.file = rows[i].file;
		assert_int_equal(lab->ops->check(&conf, err, sizeof(err)), want);
		if (rows[i].says)
			assert_non_null(strstr(err, rows[i].says));
	}
}

static void
test_sinks_are_named(void **state)
{
	size_t n = 0;

	(void)state;
	for (; vpn_sink_name(n); n++)
		assert_string_equal(
		    vpn_sink_find(vpn_sink_name(n))->name, vpn_sink_name(n));
	assert_true(n >= 2);
	assert_non_null(vpn_sink_find("FILE"));
	assert_null(vpn_sink_find("pigeon"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_writes_lines),
	    TEST(test_short_write_leaves_no_part),
	    TEST(test_hup_opens_the_new_file),
	    TEST(test_stop_with_a_full_disk_hands_over),
	    TEST(test_stop_after_a_full_disk_hands_over),
	    TEST(test_checks_the_path),
	    cmocka_unit_test(test_sinks_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

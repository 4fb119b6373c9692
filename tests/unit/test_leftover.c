/* SPDX-License-Identifier: Apache-2.0
 * A sink that was closed, with the watch over it, leaves no descriptor and no thread.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"
#include "vpn/render.h"
#include "watch/watch.h"

#define ROUNDS 3

struct lab {
	struct vpn_rules *rules;
	struct vpn_render *render;
	struct vpn_sink_conf conf;
	char dir[64], path[96];
};

static atomic_bool is_stopping;

static bool
stopping(void)
{
	return is_stopping;
}

static void
complain(const char *sentence)
{
	(void)sentence;
}

static int
setup(void **state)
{
	static const char *const broker[] = {"127.0.0.1:1"};
	static const char *const url[] = {"http://127.0.0.1:1"};
	static struct lab lab = {.dir = "/tmp/vpn-leftover-XXXXXX"};
	FILE *key;

	assert_int_equal(unit_setup(state), 0);
	lab.rules = *state;
	lab.render = vpn_render_new(lab.rules, VPN_FORMAT_ECS, VPN_LANGUAGE_EN, NULL);
	assert_non_null(lab.render);
	assert_non_null(mkdtemp(lab.dir));
	snprintf(lab.path, sizeof(lab.path), "%s/file", lab.dir);
	umask(077); /* nobody else may read a key */
	key = fopen(lab.path, "w");
	assert_non_null(key);
	fputs("0123456789abcdef0123456789abcdef\n", key);
	fclose(key);
	lab.conf = (struct vpn_sink_conf){.name = "leftover",
	    .file = lab.path,
	    .broker = broker,
	    .nbroker = 1,
	    .topic = "vpn",
	    .url = url,
	    .nurl = 1,
	    .key_file = lab.path,
	    .state_dir = lab.dir,
	    .shutdown_ms = 100,
	    .stopping = stopping,
	    .complain = complain};
	*state = &lab;
	return 0;
}

static int
teardown(void **state)
{
	struct lab *lab = *state;
	char command[80];

	vpn_render_free(lab->render);
	vpn_rules_free(lab->rules);
	snprintf(command, sizeof(command), "rm -rf %s", lab->dir);
	return system(command);
}

static unsigned
count(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* A life as an instance gives it one, with an event that the watch has to tell of. */
static void
live(const struct lab *lab, const struct vpn_sink_ops *ops)
{
	static const char line[] =
	    "<188>Nov 23 2026 08:59:00 gw %%01IPSEC/4/IPSECNEGOFAIL(l)[1]:OID "
	    "1.3.6.1.4.1.2011.6.122.26.6.14 IPSec tunnel negotiation fails. "
	    "(Ifindex=8, SeqNum=1, Reason=dpd timeout, ReasonCode=1, "
	    "PeerAddress=203.0.113.7, PeerPort=500, VsysName=public)";
	struct vpn_sink_counters counters = {0};
	struct watch_counters watched = {0};
	struct watch_conf conf = {.sink = &lab->conf};
	struct vpn_line ln = unit_line(line);
	struct timespec moment = {0, 200 * 1000000};
	struct vpn_sink_worker *worker = NULL;
	struct vpn_turn turn;
	struct vpn_event ev;
	struct vpn_sink *snk;
	struct watch *watch;
	char err[512] = "";

	is_stopping = false;
	vpn_engine_defaults(&conf.engine);
	snk = ops->open(&lab->conf, &counters, err, sizeof(err));
	if (snk == NULL)
		fail_msg("%s: %s", ops->name, err);
	watch = watch_open(&conf, ops, snk, &watched, err, sizeof(err));
	assert_non_null(watch);
	watch_use(watch, lab->rules, NULL, lab->render);
	if (!ops->pages)
		worker = ops->worker(snk);
	assert_true(vpn_recognise(lab->rules, &ln, &ev));
	watch_event(watch, &ev, &turn);
	watch_end(watch);
	nanosleep(&moment, NULL);
	is_stopping = true;
	watch_close(watch);
	if (worker)
		ops->worker_free(worker);
	ops->close(snk);
}

/* A thread that was joined may be seen for a moment still. */
static unsigned
count_threads(unsigned most)
{
	struct timespec moment = {0, 10 * 1000000};
	unsigned n;

	for (int i = 0; (n = count("/proc/self/task")) > most && i < 200; i++)
		nanosleep(&moment, NULL);
	return n;
}

/* The first life also opens what the libraries keep for the next ones. */
static void
test_nothing_is_left(void **state)
{
	for (size_t i = 0; vpn_sink_name(i); i++) {
		const struct vpn_sink_ops *ops = vpn_sink_find(vpn_sink_name(i));
		unsigned threads, descriptors;

		live(*state, ops);
		threads = count("/proc/self/task");
		descriptors = count("/proc/self/fd");
		for (int round = 0; round < ROUNDS; round++)
			live(*state, ops);
		assert_in_range(count_threads(threads), 1, threads);
		unit_number(
		    ops->name, "descriptors", count("/proc/self/fd"), descriptors);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_is_left)};

	return cmocka_run_group_tests(tests, setup, teardown);
}

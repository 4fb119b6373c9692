/* SPDX-License-Identifier: Apache-2.0
 * bench-tunnels RULES: what a tunnel costs in memory, up and down, what an event
 * costs with few tunnels and with many, and what the second costs in which all
 * gateways are found to be down at once; in one run, in rows as of bench-core. The
 * ratio is of the time of an event. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/gateway.h"
#include "load/load.h"
#include "vpn/engine.h"
#include "vpn/recognise.h"

#define BATCH 1000
#define EVENTS 200000
#define ROUNDS 5
#define BASE_MS INT64_C(1795000000000)

static struct vpn_rules *rules;
static size_t saved;

static void
count_saved(struct vpn_text key, struct vpn_text data, void *arg)
{
	(void)arg;
	saved += key.len + data.len;
}

static size_t
heap(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* CPU seconds of an event, recognised and taken by the engine. */
static double
play(struct vpn_engine *eng, size_t hubs, size_t tunnels, size_t events, bool in_order,
    bool up)
{
	static char text[BATCH][800];
	struct vpn_turn turn;
	struct vpn_event ev;
	uint64_t random = 1;
	double all = 0, begun;

	for (size_t done = 0; done < events; done += BATCH) {
		for (size_t i = 0; i < BATCH; i++) {
			random = random * UINT64_C(6364136223846793005) + 1;
			gateway_line(text[i], sizeof(text[i]), hubs,
			    (in_order ? done + i : (size_t)(random >> 33)) % tunnels,
			    done + i, up);
		}
		begun = seconds();
		for (size_t i = 0; i < BATCH; i++) {
			struct vpn_line ln = {.raw = vpn_text(text[i]),
			    .pri = -1,
			    .received_ms = BASE_MS};

			if (vpn_recognise(rules, &ln, &ev))
				vpn_engine_event(eng, &ev,
				    (struct vpn_now){BASE_MS, 10000000}, &turn);
		}
		all += seconds() - begun;
	}
	return all / (double)events;
}

static struct vpn_engine *
new_engine(size_t tunnels)
{
	struct vpn_engine_conf conf;
	struct vpn_engine *eng;

	vpn_engine_defaults(&conf);
	conf.max_tunnels = 2 * tunnels;
	eng = vpn_engine_new(&conf);
	vpn_engine_use(eng, rules, NULL);
	return eng;
}

static struct bed {
	size_t tunnels;
	struct vpn_engine *engine;
	size_t before, up; /* bytes */
	double cost;       /* seconds of an event */
} beds[] = {{.tunnels = 1000}, {.tunnels = 100000}, {.tunnels = 1000000}};

#define BEDS (sizeof(beds) / sizeof(*beds))

static void
fill(struct bed *bed)
{
	bed->before = heap();
	bed->engine = new_engine(bed->tunnels);
	play(bed->engine, 1, bed->tunnels, bed->tunnels + BATCH, true, true);
	bed->up = heap() - bed->before;
}

/* In turn, and of each the quietest round: others use the machine too. */
static void
measure(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		for (struct bed *bed = beds; bed < beds + BEDS; bed++) {
			double took =
			    play(bed->engine, 1, bed->tunnels, EVENTS, false, true);

			if (i == 0 || took < bed->cost)
				bed->cost = took;
		}
	}
}

static void
empty(struct bed *bed)
{
	size_t rest = heap(), down;

	saved = 0;
	vpn_engine_save(bed->engine, count_saved, NULL);
	play(bed->engine, 1, bed->tunnels, bed->tunnels + BATCH, true, false);
	down = bed->up + heap() - rest;
	printf("of %zu, each : one of %zu\t%.2f\t\t%zu bytes up, %zu down, %zu saved; "
	       "%.0f ns an event\n",
	    bed->tunnels, beds->tunnels, bed->cost / beds->cost, bed->up / bed->tunnels,
	    down / bed->tunnels, saved / bed->tunnels, bed->cost * 1e9);
	vpn_engine_free(bed->engine);
}

/* All tunnels of so many hubs go down at once: the dearest second after it. */
static void
storm(size_t hubs, size_t tunnels)
{
	struct vpn_engine *eng = new_engine(tunnels);
	struct vpn_now now = {BASE_MS, 10000000};
	double begun, took, most = 0, all = 0;

	play(eng, hubs, tunnels, tunnels, true, true);
	play(eng, hubs, tunnels, tunnels, true, false);
	for (int s = 0; s < 120; s++) {
		now.wall_ms += 1000;
		now.mono_ms += 1000;
		begun = seconds();
		vpn_engine_tick(eng, now);
		took = seconds() - begun;
		most = took > most ? took : most;
		all += took;
	}
	printf("%zu of %zu hubs down at once\t\t\tdearest second %.0f ms, two minutes "
	       "%.0f ms; %llu alerts\n",
	    tunnels, hubs, most * 1e3, all * 1e3,
	    (unsigned long long)vpn_engine_counts(eng)->firing);
	vpn_engine_free(eng);
}

int
main(int argc, char **argv)
{
	char err[500];

	if (argc != 2) {
		fprintf(stderr, "usage: bench-tunnels RULES\n");
		return 2;
	}
	rules = vpn_rules_load(argv[1], err, sizeof(err));
	if (rules == NULL) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	for (struct bed *bed = beds; bed < beds + BEDS; bed++)
		fill(bed);
	measure();
	for (struct bed *bed = beds; bed < beds + BEDS; bed++)
		empty(bed);
	storm(10, 100000);
	storm(1000, 100000);
	vpn_rules_free(rules);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 * What the core costs, beside one memmem over the same lines, in one run; each row of
 * four columns: what, ratio, asked, absolute.
 * usage: bench-core RULES ORDINARY-LINES TEMPLATES VPN-LINES.. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "golden/ordinary.h"
#include "load/load.h"
#include "vpn/join.h"
#include "vpn/recognise.h"
#include "vpn/render.h"

#define LINES_MAX 512
#define ROUNDS 7          /* the fastest counts: a shared machine is noisy */
#define LINES_WORK 100000 /* lines a round */
#define EVENTS_WORK 20000
#define NOW INT64_C(1795428000000) /* the lines' own month */
#define CLASSES_MAX 32
#define MADE 100000 /* enough for LINES_MAX of every class */

struct lines {
	struct vpn_line line[LINES_MAX];
	size_t n;
};

/* Lines of one kind of device or program. */
struct class
{
	struct vpn_text name;
	struct lines lines;
};

struct bench {
	const struct vpn_rules *rules;
	const struct vpn_render *render;
	struct vpn_join *join;
	const struct lines *lines;
	char *out;
};

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t
run_memmem(const struct bench *b, size_t i)
{
	const struct vpn_text raw = b->lines->line[i].raw;

	return memmem(raw.at, raw.len, "IPSEC/4/", 8) != NULL;
}

static size_t
run_recognise(const struct bench *b, size_t i)
{
	struct vpn_event ev;

	return vpn_recognise(b->rules, &b->lines->line[i], &ev);
}

static size_t
run_event(const struct bench *b, size_t i)
{
	struct vpn_event ev;

	if (!vpn_recognise(b->rules, &b->lines->line[i], &ev))
		return 0;
	if (vpn_join_wants(&ev))
		vpn_join_line(b->join, &ev);
	return vpn_render_event(b->render, &ev, b->out, VPN_EVENT_MAX);
}

/* Nanoseconds a line, of the fastest round. */
static double
measure(size_t (*run)(const struct bench *, size_t), const struct bench *b, size_t work)
{
	volatile size_t sink = 0;
	double best = 1e9, start, took;

	for (int round = 0; round < ROUNDS; round++) {
		start = seconds();
		for (size_t i = 0; i < work; i++)
			sink += run(b, i % b->lines->n);
		took = (seconds() - start) / (double)work * 1e9;
		(void)sink;
		if (took < best)
			best = took;
	}
	return best;
}

static void
add_line(struct lines *lines, const char *at, size_t len)
{
	lines->line[lines->n++] = (struct vpn_line){
	    .raw = {strndup(at, len), len}, .pri = -1, .received_ms = NOW};
}

static void
read_lines(const char *path, struct lines *lines)
{
	FILE *in = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (in == NULL) {
		perror(path);
		exit(1);
	}
	while ((n = getline(&line, &cap, in)) > 1 && lines->n < LINES_MAX)
		add_line(lines, line, (size_t)n - 1);
	free(line);
	fclose(in);
}

static struct lines *
lines_of(struct class *classes, struct vpn_text name)
{
	size_t i = 0;

	while (i < CLASSES_MAX - 1 && classes[i].name.len > 0 &&
	    !vpn_text_same(classes[i].name, name))
		i++;
	classes[i].name = name;
	return &classes[i].lines;
}

static void
make_lines(const struct ordinary *ordinary, struct class *classes)
{
	static char line[ORDINARY_MAX];
	struct lines *lines;

	for (uint64_t n = 0; n < MADE; n++) {
		lines = lines_of(classes, ordinary_class(ordinary, n));
		if (lines->n < LINES_MAX)
			add_line(lines, line, ordinary_make(ordinary, n, line));
	}
}

/* Only lines that are events by themselves, by what says them. */
static void
sort_events(const struct vpn_rules *rules, const char *path, struct class *vendors)
{
	static struct lines all;
	struct vpn_event ev;
	struct lines *lines;

	all.n = 0;
	read_lines(path, &all);
	for (size_t i = 0; i < all.n; i++) {
		if (!vpn_recognise(rules, &all.line[i], &ev) || !vpn_is_event(&ev))
			continue;
		lines = lines_of(vendors, ev.vendor->id);
		lines->line[lines->n++] = all.line[i];
	}
}

static size_t
mean_length(const struct lines *lines)
{
	size_t sum = 0;

	for (size_t i = 0; i < lines->n; i++)
		sum += lines->line[i].raw.len;
	return sum / lines->n;
}

static void
report_ordinary(
    struct bench *b, const char *what, const struct lines *lines, const char *asked)
{
	double needle, other;

	b->lines = lines;
	needle = measure(run_memmem, b, LINES_WORK);
	other = measure(run_recognise, b, LINES_WORK);
	printf("%s : one memmem\t%.2f\t%s\t%.0f ns; memmem %.0f ns; %zu bytes\n", what,
	    other / needle, asked, other, needle, mean_length(lines));
}

static void
report_event(
    struct bench *b, const char *what, const struct lines *lines, const char *asked)
{
	double event, recognise;

	b->lines = lines;
	recognise = measure(run_recognise, b, EVENTS_WORK);
	event = measure(run_event, b, EVENTS_WORK);
	printf("%s\t\t%s\t%.0f ns, of it recognising %.0f ns; %zu bytes\n", what, asked,
	    event, recognise, mean_length(lines));
}

/* The first vendor is Huawei. */
static void
report_events(struct bench *b, const struct class *vendors)
{
	char what[80];

	for (const struct class *class = vendors; class->name.len > 0; class ++) {
		snprintf(what, sizeof(what), "%s%.*s line to ECS, both languages",
		    class == vendors ? "" : "  ", (int)class->name.len, class->name.at);
		report_event(b, what, &class->lines,
		    class == vendors ? "at most 3000 ns" : "at most 5000 ns");
	}
}

static void
report_classes(struct bench *b, const struct class *classes)
{
	char what[80];

	for (const struct class *class = classes; class->name.len > 0; class ++) {
		snprintf(what, sizeof(what), "  ordinary line of %.*s",
		    (int)class->name.len, class->name.at);
		report_ordinary(b, what, &class->lines, "");
	}
}

int
main(int argc, char **argv)
{
	static struct lines ordinary;
	static struct class classes[CLASSES_MAX], vendors[CLASSES_MAX];
	char err[1024] = "usage: bench-core RULES ORDINARY TEMPLATES VPN..";
	struct bench b = {0};
	struct vpn_rules *rules =
	    argc > 4 ? vpn_rules_load(argv[1], err, sizeof(err)) : NULL;
	const struct ordinary *templates =
	    rules ? ordinary_read(argv[3], err, sizeof(err)) : NULL;

	if (templates == NULL) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	b.rules = rules;
	b.render = vpn_render_new(rules, VPN_FORMAT_ECS, VPN_LANGUAGE_BOTH, NULL);
	b.join = vpn_join_new();
	b.out = malloc(VPN_EVENT_MAX);
	read_lines(argv[2], &ordinary);
	report_ordinary(&b, "ordinary line", &ordinary, "at most 1.0");
	for (int i = 4; i < argc; i++)
		sort_events(rules, argv[i], vendors);
	report_events(&b, vendors);
	make_lines(templates, classes);
	report_classes(&b, classes);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 * The hot paths, one function each, for callgrind to count (programs.py). Prints how
 * many lines went that way.
 * usage: bench-instructions RULES ORDINARY-LINES ordinary|event|tunnel */
#include <stdio.h>
#include <stdlib.h>

#include "bench/gateway.h"
#include "load/load.h"
#include "vpn/engine.h"
#include "vpn/recognise.h"
#include "vpn/render.h"

#define TUNNELS 1000
#define WORK (2 * TUNNELS) /* every tunnel comes up, then goes down */
#define LINE_MAX 1024
#define HOT static __attribute__((noinline))
#define NOW INT64_C(1795000000000)

struct bench {
	const struct vpn_rules *rules;
	const struct vpn_render *render;
	struct vpn_engine *engine;
	struct vpn_line line[WORK];
	struct vpn_event event[WORK];
	char out[VPN_EVENT_MAX];
};

HOT size_t
hot_ordinary(struct bench *b)
{
	size_t ours = 0;

	for (size_t i = 0; i < WORK; i++)
		ours += vpn_recognise(b->rules, &b->line[i], &b->event[0]);
	return ours == 0 ? WORK : 0;
}

HOT size_t
hot_event(struct bench *b)
{
	size_t n = 0;

	for (size_t i = 0; i < WORK; i++)
		n += vpn_recognise(b->rules, &b->line[i], &b->event[0]) &&
		    vpn_render_event(b->render, &b->event[0], b->out, sizeof(b->out)) >
			0;
	return n;
}

HOT size_t
hot_tunnel(struct bench *b)
{
	struct vpn_turn turn;
	size_t n = 0;

	for (size_t i = 0; i < WORK; i++) {
		vpn_engine_event(
		    b->engine, &b->event[i], (struct vpn_now){NOW, 10000000}, &turn);
		n += turn.tracked;
	}
	return n;
}

static const struct {
	const char *name;
	size_t (*run)(struct bench *);
} paths[] = {{"ordinary", hot_ordinary}, {"event", hot_event}, {"tunnel", hot_tunnel}};

#define PATHS (sizeof(paths) / sizeof(*paths))

static void
add_line(struct bench *b, size_t i, const char *text)
{
	b->line[i] = (struct vpn_line){
	    .raw = vpn_text(strdup(text)), .pri = -1, .received_ms = NOW};
}

static void
read_ordinary(struct bench *b, const char *path)
{
	FILE *in = fopen(path, "r");
	char text[LINE_MAX];

	if (!in) {
		perror(path);
		exit(1);
	}
	for (size_t i = 0; i < WORK; i++) {
		if (!fgets(text, sizeof(text), in)) {
			rewind(in);
			i--;
			continue;
		}
		text[strcspn(text, "\n")] = '\0';
		add_line(b, i, text);
	}
	fclose(in);
}

static void
make_events(struct bench *b)
{
	char text[LINE_MAX];

	for (size_t i = 0; i < WORK; i++) {
		gateway_line(text, sizeof(text), 1, i % TUNNELS, i, i < TUNNELS);
		add_line(b, i, text);
		if (!vpn_recognise(b->rules, &b->line[i], &b->event[i]))
			exit(1);
	}
}

static struct vpn_engine *
new_engine(const struct vpn_rules *rules)
{
	struct vpn_engine_conf conf;
	struct vpn_engine *engine;

	vpn_engine_defaults(&conf);
	engine = vpn_engine_new(&conf);
	vpn_engine_use(engine, rules, NULL);
	return engine;
}

int
main(int argc, char **argv)
{
	static struct bench b;
	char err[500] =
	    "usage: bench-instructions RULES ORDINARY ordinary|event|tunnel";

	b.rules = argc == 4 ? vpn_rules_load(argv[1], err, sizeof(err)) : NULL;
	if (!b.rules) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	b.render = vpn_render_new(b.rules, VPN_FORMAT_ECS, VPN_LANGUAGE_BOTH, NULL);
	b.engine = new_engine(b.rules);
	make_events(&b);
	if (strcmp(argv[3], "ordinary") == 0)
		read_ordinary(&b, argv[2]);
	for (size_t i = 0; i < PATHS; i++)
		if (strcmp(paths[i].name, argv[3]) == 0)
			printf("%zu\n", paths[i].run(&b));
	return 0;
}

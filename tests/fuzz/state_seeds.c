/* SPDX-License-Identifier: Apache-2.0
 * state-seeds DIR FILE..: what the engine saves after each log, as fuzz_state reads
 * it; one file of DIR a log. */
#include "fuzz.h"
#include "vpn/engine.h"
#include "vpn/join.h"
#include "vpn/recognise.h"

static void
write_item(struct vpn_text key, struct vpn_text data, void *arg)
{
	if (data.at == NULL || key.len > UINT8_MAX || data.len > UINT16_MAX)
		return;
	fputc((int)key.len, arg);
	fwrite(key.at, 1, key.len, arg);
	fputc((int)(data.len >> 8), arg);
	fputc((int)(data.len & 0xff), arg);
	fwrite(data.at, 1, data.len, arg);
}

static void
hear(struct vpn_engine *engine, struct vpn_join *join, struct vpn_text raw)
{
	static struct vpn_now now = {FUZZ_NOW, 1000000};
	struct vpn_line ln = {.raw = raw,
	    .host = VPN_TEXT("collector-saw"),
	    .pri = -1,
	    .received_ms = now.wall_ms};
	struct vpn_turn turn;
	struct vpn_event ev;

	if (!vpn_recognise(fuzz_rules(), &ln, &ev) ||
	    (vpn_join_wants(&ev) && vpn_join_line(join, &ev) == VPN_JOINED_NOTHING))
		return;
	now.wall_ms += 5000;
	now.mono_ms += 5000;
	vpn_engine_event(engine, &ev, now, &turn);
	vpn_engine_tick(engine, now);
}

static void
play(FILE *in, FILE *out)
{
	struct vpn_join *join = vpn_join_new();
	struct vpn_engine_conf conf;
	struct vpn_engine *engine;
	size_t cap = 0;
	char *line = NULL;
	ssize_t n;

	vpn_engine_defaults(&conf);
	engine = vpn_engine_new(&conf);
	vpn_engine_use(engine, fuzz_rules(), NULL);
	while ((n = getline(&line, &cap, in)) > 1)
		hear(engine, join, (struct vpn_text){line, (size_t)n - 1});
	vpn_engine_touch(engine);
	vpn_engine_save(engine, write_item, out);
	free(line);
	vpn_engine_free(engine);
	vpn_join_free(join);
}

int
main(int argc, char **argv)
{
	char path[4096];

	for (int i = 2; i < argc; i++) {
		FILE *in = fopen(argv[i], "r"), *out;

		snprintf(path, sizeof(path), "%s/%d", argv[1], i);
		out = fopen(path, "w");
		FUZZ_HOLDS(in && out);
		play(in, out);
		fclose(in);
		FUZZ_HOLDS(fclose(out) == 0);
	}
	return 0;
}

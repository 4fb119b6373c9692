/* SPDX-License-Identifier: Apache-2.0
 * A raw line to JSON: whatever comes, the event is one object of valid JSON, and the
 * tunnel hears it. */
#include <libfastjson/json.h>
#include <libfastjson/json_tokener.h>

#include "fuzz.h"
#include "load/made.h"
#include "vpn/join.h"
#include "vpn/recognise.h"
#include "vpn/render.h"

static struct vpn_engine *engine;
static struct vpn_join *join;
static struct vpn_render *render;
static struct vpn_now now = {FUZZ_NOW, 1000000};

static void
warn(const char *sentence, void *arg)
{
	(void)arg;
	FUZZ_HOLDS(*sentence);
}

static void
begin(const struct vpn_rules *rules)
{
	struct vpn_engine_conf conf;

	vpn_engine_defaults(&conf);
	conf.warn = warn;
	conf.max_tunnels = 1000;
	engine = vpn_engine_new(&conf);
	vpn_engine_use(engine, rules, NULL);
	join = vpn_join_new();
	render = vpn_render_new(rules, VPN_FORMAT_ECS, VPN_LANGUAGE_ZH, NULL);
}

/* What was rendered can be read again. */
static void
read_back(struct vpn_made *made, void *arg)
{
	const struct vpn_event *ev = arg;

	FUZZ_HOLDS(made->event.class == ev->class && made->event.code == ev->code);
	FUZZ_HOLDS(
	    vpn_text_same((struct vpn_text){made->event.tunnel, made->event.tunnel_len},
		(struct vpn_text){ev->tunnel, ev->tunnel_len}));
}

static void
hear(const struct vpn_line *ln, void *arg)
{
	static char json[VPN_EVENT_MAX];
	const struct vpn_rules *rules = arg;
	struct vpn_turn turn;
	struct vpn_event ev;
	char err[200];
	size_t n;

	if (!vpn_recognise(rules, ln, &ev))
		return;
	if (vpn_join_wants(&ev) && vpn_join_line(join, &ev) == VPN_JOINED_NOTHING)
		return;
	now.wall_ms += 7000;
	now.mono_ms += 7000;
	vpn_engine_event(engine, &ev, now, &turn);
	vpn_engine_tick(engine, now);
	ev.turn = &turn;
	n = vpn_render_event(render, &ev, json, sizeof(json));
	FUZZ_HOLDS(n > 0 && n < sizeof(json));
	FUZZ_HOLDS(vpn_made_each(rules, (struct vpn_text){json, n}, read_back, &ev, err,
		       sizeof(err)) == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct vpn_rules *rules = fuzz_rules();
	struct vpn_line ln = {.raw = {(const char *)data, size},
	    .host = VPN_TEXT("collector-saw"),
	    .ip = VPN_TEXT("192.0.2.9"),
	    .pri = -1,
	    .received_ms = FUZZ_NOW};

	if (engine == NULL)
		begin(rules);
	if (vpn_wrapped_each(ln.raw, &ln, hear, (void *)rules) < 0)
		hear(&ln, (void *)rules);
	return 0;
}

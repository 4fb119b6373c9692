/* SPDX-License-Identifier: Apache-2.0
 * An event that was made earlier: refused with a sentence, or heard by the engine and
 * rendered anew. */
#include "fuzz.h"
#include "load/made.h"
#include "vpn/render.h"

static struct vpn_render *render;

static struct vpn_engine *
new_engine(const struct vpn_rules *rules)
{
	struct vpn_engine_conf conf;
	struct vpn_engine *engine;

	vpn_engine_defaults(&conf);
	conf.max_tunnels = 1000;
	engine = vpn_engine_new(&conf);
	vpn_engine_use(engine, rules, NULL);
	return engine;
}

static void
hear(struct vpn_made *made, void *arg)
{
	static char json[VPN_EVENT_MAX];
	static struct vpn_now now = {FUZZ_NOW, 1000000};
	struct vpn_turn turn;

	now.wall_ms += 7000;
	now.mono_ms += 7000;
	vpn_engine_event(arg, &made->event, now, &turn);
	vpn_engine_tick(arg, now);
	FUZZ_HOLDS(vpn_render_event(render, &made->event, json, sizeof(json)) > 0);
	FUZZ_HOLDS(vpn_made_turn(made, &turn));
	FUZZ_HOLDS(made->json.len > 0 && made->json.at[0] == '{');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vpn_engine *engine;
	const struct vpn_rules *rules = fuzz_rules();
	char err[200] = "";

	if (engine == NULL) {
		engine = new_engine(rules);
		render =
		    vpn_render_new(rules, VPN_FORMAT_OCSF, VPN_LANGUAGE_BOTH, NULL);
	}
	if (vpn_made_each(rules, (struct vpn_text){(const char *)data, size}, hear,
		engine, err, sizeof(err)) < 0)
		FUZZ_HOLDS(*err);
	return 0;
}

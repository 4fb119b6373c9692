/* SPDX-License-Identifier: Apache-2.0
 * Saved items: a length byte, a key, two length bytes, data, and so on. A damaged one
 * is refused; what was taken can be saved, told and forgotten. */
#include "fuzz.h"
#include "vpn/engine.h"

static void
put(struct vpn_text key, struct vpn_text data, void *arg)
{
	(void)data;
	*(size_t *)arg += key.len > 0;
}

static void
see(const struct vpn_standing *standing, void *arg)
{
	*(size_t *)arg += standing->state < VPN_STATE_COUNT;
}

static struct vpn_text
cut(struct vpn_text *rest, size_t len)
{
	struct vpn_text part = {rest->at, len < rest->len ? len : rest->len};

	rest->at += part.len;
	rest->len -= part.len;
	return part;
}

static void
restore(struct vpn_engine *engine, struct vpn_text rest, struct vpn_now now)
{
	while (rest.len > 3) {
		size_t len = (uint8_t)rest.at[0];
		struct vpn_text key, data;

		cut(&rest, 1);
		key = cut(&rest, len);
		if (rest.len < 2)
			return;
		len = (size_t)(uint8_t)rest.at[0] << 8 | (uint8_t)rest.at[1];
		cut(&rest, 2);
		data = cut(&rest, len);
		vpn_engine_restore(engine, key, data, now);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vpn_now now = {FUZZ_NOW, 1000000};
	struct vpn_engine_conf conf;
	struct vpn_engine *engine;
	size_t saved = 0, seen = 0;

	vpn_engine_defaults(&conf);
	conf.max_tunnels = 100;
	engine = vpn_engine_new(&conf);
	vpn_engine_use(engine, fuzz_rules(), NULL);
	restore(engine, (struct vpn_text){(const char *)data, size}, now);
	for (int i = 0; i < 20; i++) {
		now.wall_ms += 30000;
		now.mono_ms += 30000;
		vpn_engine_tick(engine, now);
	}
	vpn_engine_each(engine, see, &seen);
	vpn_engine_touch(engine);
	vpn_engine_save(engine, put, &saved);
	FUZZ_HOLDS(seen <= conf.max_tunnels + 1);
	vpn_engine_free(engine);
	return 0;
}

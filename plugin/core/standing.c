/* SPDX-License-Identifier: Apache-2.0
 * The tunnels as they stand, for people. */
#include "core/estate.h"

static const char *const withheld[WITHHELD_COUNT] = {
    [WITHHELD_PAGE] = "page: false",
    [WITHHELD_MODE] = "mode: on_demand",
    [WITHHELD_MUTE] = "mute",
    [WITHHELD_GATEWAY] = "gateway",
    [WITHHELD_DYNAMIC] = "dynamic",
    [WITHHELD_CROWD] = "too many alerts",
};

void
vpn_engine_each(const struct vpn_engine *eng,
    void (*each)(const struct vpn_standing *, void *arg), void *arg)
{
	static const enum list order[] = {LIST_DOWN, LIST_REST, LIST_FRESH, LIST_UP};
	struct vpn_standing it;

	for (size_t i = 0; i < LISTS; i++) {
		for (const struct link *link = eng->list[order[i]].first; link;
		     link = link->next) {
			it = (struct vpn_standing){.state = (enum vpn_state)link->state,
			    .since_ms = link->since_ms,
			    .withheld = withheld[link->withheld]};
			vpn_raise_fill(eng, link, &it.alarm);
			each(&it, arg);
		}
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flap.h"

#define HOLDS 5 /* a flapping tunnel has so many to come back */

/* In the same second it is what the other end says of the same drop. */
void
vpn_flap_count(struct link *link)
{
	uint32_t now_s = (uint32_t)(link->since_ms / 1000);

	if (link->ndrops > 0 && link->drop_s[0] == now_s)
		return;
	memmove(link->drop_s + 1, link->drop_s, (DROPS - 1) * sizeof(*link->drop_s));
	link->drop_s[0] = now_s;
	if (link->ndrops < DROPS)
		link->ndrops++;
}

void
vpn_flap_excuse(struct link *link)
{
	link->ndrops--;
	memmove(link->drop_s, link->drop_s + 1, link->ndrops * sizeof(*link->drop_s));
}

bool
vpn_flap_is(const struct vpn_engine *eng, const struct link *link)
{
	size_t n = (size_t)eng->conf.flap_count;

	if (n <= link->ndrops &&
	    link->drop_s[0] - link->drop_s[n - 1] <= (uint32_t)eng->conf.flap_window)
		return true;
	return link->ndrops >= DROPS &&
	    link->drop_s[0] - link->drop_s[DROPS - 1] <= DAY;
}

int
vpn_flap_hold(const struct vpn_engine *eng)
{
	return HOLDS * eng->conf.hold_down;
}

unsigned
vpn_flap_drops(const struct vpn_engine *eng, const struct link *link)
{
	unsigned n = 0;

	while (n < link->ndrops && wall_s(eng) - link->drop_s[n] < DAY)
		n++;
	return n;
}

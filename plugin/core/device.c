/* SPDX-License-Identifier: Apache-2.0
 * The clocks of devices: a line is late by what its device usually is, not by
 * what its clock says (alerting rule 10). */
#include "core/estate.h"

#include <stdlib.h>

#define SAMPLE_S 10  /* one sample of a clock in so many seconds */
#define AGREE_S 60   /* samples that are further apart tell nothing */
#define ENOUGH 3     /* samples */
#define BACKLOG_S 10 /* a device is behind for so long after a late line */
#define WORTH_S 5    /* smaller offsets are the network's */
#define PATIENCE 10  /* holds that old news are believed beside fresh ones */

struct device *
vpn_device_of(struct vpn_engine *eng, struct vpn_text name)
{
	uint64_t hash;
	struct device *dev;

	if (name.len > UINT8_MAX)
		name.len = UINT8_MAX;
	hash = vpn_hash(0, name);
	for (struct node *node = vpn_table_get(&eng->devices, hash); node;
	     node = vpn_table_more(node)) {
		dev = HOLDER(struct device, node, node);
		if (vpn_text_same(dev->name, name))
			return dev;
	}
	if (eng->devices.n >= eng->conf.max_tunnels)
		return NULL;
	dev = calloc(1, sizeof(*dev) + name.len + 1);
	if (dev == NULL || !vpn_table_put(&eng->devices, &dev->node, hash)) {
		free(dev);
		return NULL;
	}
	if (name.len > 0)
		memcpy(dev + 1, name.at, name.len);
	dev->name = (struct vpn_text){(const char *)(dev + 1), name.len};
	return dev;
}

static void
sort(int32_t *at, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		for (size_t j = i; j > 0 && at[j] < at[j - 1]; j--) {
			int32_t swap = at[j];

			at[j] = at[j - 1];
			at[j - 1] = swap;
		}
	}
}

static void
dirty(struct vpn_engine *eng, struct device *dev)
{
	if (dev->dirty)
		return;
	dev->dirty = true;
	dev->dirty_next = eng->dirty_devices;
	eng->dirty_devices = dev;
}

/* A backlog that is being read has samples that run away from each other. True:
 * another offset has been learned. */
static bool
learn(const struct vpn_engine *eng, struct clock *clock, int32_t skew_s)
{
	int32_t sorted[SKEWS], median;
	size_t n;

	if (clock->nskews > 0 && mono_s(eng) < clock->sampled_s + SAMPLE_S)
		return false;
	clock->sampled_s = mono_s(eng);
	memmove(clock->skew_s + 1, clock->skew_s, (SKEWS - 1) * sizeof(*clock->skew_s));
	clock->skew_s[0] = skew_s;
	n = clock->nskews < SKEWS ? ++clock->nskews : SKEWS;
	if (n < ENOUGH)
		return false;
	memcpy(sorted, clock->skew_s, n * sizeof(*sorted));
	sort(sorted, n);
	median = sorted[n / 2];
	if (sorted[n - 1] - sorted[0] > AGREE_S)
		return false;
	if (median > -WORTH_S && median < WORTH_S)
		median = 0;
	if (median - clock->offset_s < WORTH_S && clock->offset_s - median < WORTH_S &&
	    (median == 0) == (clock->offset_s == 0))
		return false;
	clock->offset_s = median;
	return true;
}

/* How long ago was it received? What is old news to all that hear of it may be
 * over by now. Fresh ones may come of another partition; only when that goes on and
 * on do they show that the others' clocks are to blame. */
static void
hear_lag(struct vpn_engine *eng, int64_t received_ms)
{
	int64_t lag_s = (eng->now.wall_ms - received_ms) / 1000;
	uint32_t s = mono_s(eng);

	if (lag_s < DAY && lag_s > -DAY)
		learn(eng, &eng->lag, (int32_t)lag_s);
	if (lag_s - eng->lag.offset_s > eng->conf.hold_down) {
		if (s > eng->lagged_s + BACKLOG_S)
			eng->lagging_since_s = s;
		eng->lagged_s = s;
		eng->lagging_until_s = s + BACKLOG_S;
	} else if (s > eng->lagging_since_s + PATIENCE * eng->conf.hold_down) {
		eng->lagging_until_s = 0;
	}
}

static void
tell(struct vpn_engine *eng, struct device *dev)
{
	static const char before[] = "the clock of the device \"",
			  after[] = "\" is off by more than maxAge; its lines are read "
				    "with the learned offset, set its time zone or NTP";
	char text[sizeof(before) + sizeof(after) + UINT8_MAX];
	size_t n = sizeof(before) - 1;
	int32_t offset_s = dev->clock.offset_s;

	if (dev->told ||
	    (offset_s <= eng->conf.max_age && -offset_s <= eng->conf.max_age))
		return;
	dev->told = true;
	memcpy(text, before, n);
	for (size_t i = 0; i < dev->name.len; i++) {
		unsigned char c = (unsigned char)dev->name.at[i];

		text[n++] = (char)(c < 0x20 || c == 0x7f ? '?' : c);
	}
	memcpy(text + n, after, sizeof(after));
	eng->conf.warn(text, eng->conf.arg);
}

bool
vpn_device_hear(struct vpn_engine *eng, struct device *dev, const struct vpn_event *ev)
{
	int64_t skew_s = ev->skew_ms / 1000;
	bool late;

	hear_lag(eng, ev->line->received_ms);
	if (dev == NULL)
		return skew_s > eng->conf.max_age;
	if (ev->zone != VPN_ZONE_NONE && skew_s < DAY && skew_s > -DAY &&
	    learn(eng, &dev->clock, (int32_t)skew_s))
		dirty(eng, dev);
	tell(eng, dev);
	late = skew_s - dev->clock.offset_s > eng->conf.max_age;
	dev->late_until_s = late ? mono_s(eng) + BACKLOG_S : 0;
	eng->counts.late += late;
	return late;
}

bool
vpn_device_behind(const struct vpn_engine *eng, const struct device *dev)
{
	return dev && dev->late_until_s > mono_s(eng);
}

void
vpn_devices_free(struct vpn_engine *eng)
{
	for (size_t i = 0; eng->devices.bucket && i <= eng->devices.mask; i++) {
		while (eng->devices.bucket[i]) {
			struct device *dev =
			    HOLDER(struct device, node, eng->devices.bucket[i]);

			vpn_table_remove(&eng->devices, &dev->node);
			free(dev);
		}
	}
	vpn_table_free(&eng->devices);
}

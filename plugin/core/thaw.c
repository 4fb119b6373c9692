/* SPDX-License-Identifier: Apache-2.0
 * Saved items, read back. Whoever can write the state file chooses the bytes. */
#include "core/frozen.h"

#define TIME_MAX INT64_C(253402300799999) /* the end of the year 9999 */

struct reader {
	const uint8_t *at, *end;
	bool bad;
};

static uint64_t
get(struct reader *in, size_t bytes)
{
	uint64_t value = 0;

	if ((size_t)(in->end - in->at) < bytes) {
		in->bad = true;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)*in->at++ << 8 * i;
	return value;
}

/* Unix milliseconds, such as can be reckoned with. */
static int64_t
get_time(struct reader *in)
{
	int64_t ms = (int64_t)get(in, 8);

	if (ms < -TIME_MAX || ms > TIME_MAX)
		in->bad = true;
	return in->bad ? 0 : ms;
}

static struct vpn_text
get_text(struct reader *in)
{
	size_t len = (size_t)get(in, 2);
	struct vpn_text text = {(const char *)in->at, len};

	if ((size_t)(in->end - in->at) < len) {
		in->bad = true;
		return (struct vpn_text){NULL, 0};
	}
	in->at += len;
	return text;
}

/* A wall clock that jumped must not keep anybody waiting for ever. */
static uint32_t
get_due(struct reader *in, const struct vpn_engine *eng)
{
	uint32_t due_s = (uint32_t)get(in, 4), left = 1;

	if (due_s == 0)
		return 0;
	if (due_s > wall_s(eng))
		left = due_s - wall_s(eng);
	if (left > (uint32_t)eng->conf.max_firing)
		left = (uint32_t)eng->conf.max_firing;
	return mono_s(eng) + left;
}

static uint16_t
get_code(struct reader *in, struct vpn_engine *eng)
{
	struct vpn_text name = get_text(in);

	return in->bad ? 0 : vpn_codes_find(eng, name);
}

static void
read_rings(struct reader *in, struct vpn_engine *eng, struct link *link)
{
	link->ndrops = (uint8_t)get(in, 1);
	if (link->ndrops > DROPS)
		in->bad = true;
	for (size_t i = 0; !in->bad && i < link->ndrops; i++)
		link->drop_s[i] = (uint32_t)get(in, 4);
	link->nfails = (uint16_t)get(in, 2);
	for (size_t i = 0; i < FAILURES; i++)
		link->fail_s[i] = (uint32_t)get(in, 4);
	for (size_t i = 0; i < CAUSES; i++) {
		link->cause[i].code = get_code(in, eng);
		link->cause[i].n = (uint16_t)get(in, 2);
		link->cause[i].last_s = (uint32_t)get(in, 4);
		link->cause[i].responder = get(in, 1) != 0;
	}
	for (size_t i = 0; i < TURNS; i++) {
		link->turn[i].id = (uint32_t)get(in, 4);
		link->turn[i].state = (uint8_t)get(in, 1) % VPN_STATE_COUNT;
		link->turn[i].previous = (uint8_t)get(in, 1) % VPN_STATE_COUNT;
		link->turn[i].changed = get(in, 1) != 0;
	}
	link->nturns = (uint8_t)get(in, 1);
}

static void
read_children(struct reader *in, struct end *end)
{
	end->nchildren = (uint8_t)get(in, 1);
	if (end->nchildren > CHILDREN)
		in->bad = true;
	for (size_t i = 0; !in->bad && i < end->nchildren; i++) {
		end->child[i].index = (uint32_t)get(in, 4);
		end->child[i].spi = (uint32_t)get(in, 4);
		end->child[i].flow = (uint32_t)get(in, 4) & INT32_MAX;
		end->child[i].up_s = (uint32_t)get(in, 4);
		end->child[i].live = get(in, 1) != 0;
	}
}

/* The end's own values, into a struct that is no end yet. */
static uint64_t
read_values(struct reader *in, struct vpn_engine *eng, struct end *end, uint64_t *kin,
    uint64_t *place)
{
	uint64_t slot, flags;

	*kin = get(in, 8);
	*place = get(in, 8);
	slot = get(in, 8);
	end->up_ms = get_time(in);
	end->down_ms = get_time(in);
	end->torn_ms = get_time(in);
	end->lost_ms = get_time(in);
	for (size_t i = 0; i < TORN; i++)
		end->torn[i] = (uint32_t)get(in, 4);
	end->torn_code = get_code(in, eng);
	end->ahead = (int16_t)get(in, 2);
	end->ups = (uint16_t)get(in, 2);
	end->more = (uint16_t)get(in, 2);
	end->role = (uint8_t)get(in, 1) % (ROLE_RESPONDER + 1);
	flags = get(in, 1);
	end->down = flags & 1;
	end->passer = (flags & 2) != 0;
	end->recovers = (flags & 4) != 0;
	read_children(in, end);
	return slot;
}

static bool
read_end(struct reader *in, struct vpn_engine *eng, struct link *link)
{
	struct vpn_text part[END_TEXTS], device;
	struct end values = {0}, *end;
	uint64_t kin, place, slot;

	for (size_t i = 0; i < END_TEXTS; i++)
		part[i] = get_text(in);
	device = get_text(in);
	slot = read_values(in, eng, &values, &kin, &place);
	if (in->bad || part[END_ID].len == 0 ||
	    vpn_end_find(eng, part[END_ID], vpn_hash(0, part[END_ID])))
		return false;
	end = vpn_end_new(eng, link, part);
	if (end == NULL)
		return false;
	end->up_ms = values.up_ms;
	end->down_ms = values.down_ms;
	end->torn_ms = values.torn_ms;
	end->lost_ms = values.lost_ms;
	memcpy(end->torn, values.torn, sizeof(end->torn));
	end->torn_code = values.torn_code;
	end->ahead = values.ahead;
	end->ups = values.ups;
	end->more = values.more;
	end->role = values.role;
	end->down = values.down;
	end->recovers = values.recovers;
	end->nchildren = values.nchildren;
	memcpy(end->child, values.child, sizeof(end->child));
	end->device = vpn_device_of(eng, device);
	if (end->device)
		end->device->ends++;
	vpn_end_kin(eng, end, kin);
	if (place)
		vpn_end_place(eng, end, place);
	vpn_group_restore(eng, end, slot, values.passer);
	return true;
}

static void
read_head(struct reader *in, struct vpn_engine *eng, struct link *link)
{
	uint64_t flags;

	link->state = (uint8_t)get(in, 1);
	link->alarm = (uint8_t)get(in, 1);
	link->withheld = (uint8_t)get(in, 1);
	flags = get(in, 1);
	link->confirmed = flags & 1;
	link->late = (flags & 2) != 0;
	link->dynamic = (flags & 4) != 0;
	link->failing = (flags & 8) != 0;
	link->since_ms = get_time(in);
	link->start_ms = get_time(in);
	link->alarm_ms = get_time(in);
	link->opened_ms = get_time(in);
	link->up_ms = get_time(in);
	link->down_ms = get_time(in);
	link->streak_s = (uint32_t)get(in, 4);
	link->mark_s = (uint32_t)get(in, 4);
	link->marked = (uint16_t)get(in, 2);
	link->failures = (uint16_t)get(in, 2);
	link->reason = get_code(in, eng);
	link->failure = get_code(in, eng);
	if (link->state >= VPN_STATE_COUNT || link->alarm > VPN_ALARM_DEGRADED ||
	    link->withheld >= WITHHELD_COUNT)
		in->bad = true;
}

static bool
read_link(struct reader *in, struct vpn_engine *eng, struct link *link)
{
	uint32_t due_s[DUES];

	read_head(in, eng, link);
	for (int i = 0; i < 2; i++) {
		struct vpn_text line = get_text(in);

		if (line.len > 0 && !in->bad)
			vpn_link_keep_line(link, i, line);
	}
	for (size_t i = 0; i < DUES; i++)
		due_s[i] = get_due(in, eng);
	read_rings(in, eng, link);
	while (!in->bad && get(in, 1) == 1)
		if (!read_end(in, eng, link))
			in->bad = true;
	if (in->bad || link->ends == NULL)
		return false;
	for (size_t i = 0; i < DUES; i++)
		if (due_s[i] > 0)
			vpn_wheel_set(eng, link, (enum due)i, due_s[i]);
	return true;
}

/* Take it into the counts of the engine. */
static void
count_link(struct vpn_engine *eng, struct link *link)
{
	vpn_link_list(eng, link);
	vpn_group_count(eng, link);
	eng->counts.down += link->state == VPN_STATE_DOWN;
	if (link->alarm != VPN_ALARM_NONE)
		vpn_crowd_count(eng, (enum vpn_alarm_kind)link->alarm, 1);
	if (link->dynamic && link->state == VPN_STATE_UP)
		vpn_scope_session(eng, link->ends, 1, false);
}

/* It was heard of before it could be restored: what is known is newer, but its alarm
 * still has to end. */
static bool
restore_alarm(struct vpn_engine *eng, struct link *link, struct reader *in)
{
	struct link saved = {0};

	read_head(in, eng, &saved);
	if (in->bad || saved.alarm == VPN_ALARM_NONE || link->alarm != VPN_ALARM_NONE)
		return !in->bad;
	link->alarm = saved.alarm;
	link->alarm_ms = saved.alarm_ms;
	link->opened_ms = saved.opened_ms;
	link->reason = saved.reason;
	link->failure = saved.failure;
	link->failures = saved.failures;
	vpn_crowd_count(eng, (enum vpn_alarm_kind)link->alarm, 1);
	if (link->state == VPN_STATE_UP)
		vpn_wheel_set(eng, link, DUE_HEAL, after_s(eng, eng->conf.hold_up));
	vpn_wheel_set(eng, link, DUE_FLAP, after_s(eng, eng->conf.flap_window));
	vpn_wheel_set(eng, link, DUE_REMIND, after_s(eng, eng->conf.max_firing));
	vpn_link_dirty(eng, link);
	return true;
}

static bool
restore_link(struct vpn_engine *eng, struct vpn_text subject, struct reader *in)
{
	struct link *link = vpn_link_find(eng, subject);
	bool good;

	if (link)
		return restore_alarm(eng, link, in);
	if (subject.len == 0)
		return false;
	link = vpn_link_new(eng, subject, NULL);
	if (link == NULL)
		return false;
	good = read_link(in, eng, link);
	if (good) {
		count_link(eng, link);
		return true;
	}
	link->state = VPN_STATE_UNKNOWN;
	vpn_link_free(eng, link);
	return false;
}

static bool
restore_scope(struct vpn_engine *eng, struct vpn_text name, struct reader *in)
{
	uint8_t kind = (uint8_t)get(in, 1), group = (uint8_t)get(in, 1);
	uint64_t hash = get(in, 8);
	struct vpn_text device = get_text(in);
	uint16_t code = get_code(in, eng);
	struct scope *scope;

	if (in->bad || name.len < 2 || kind <= VPN_ALARM_DEGRADED ||
	    kind >= VPN_ALARM_WATCHDOG || group >= GROUPS ||
	    (kind == VPN_ALARM_CROWD && group >= VPN_SEVERITY_NONE))
		return false;
	scope = vpn_scope_of(eng, (enum vpn_alarm_kind)kind,
	    (struct vpn_text){name.at + 1, name.len - 1}, device);
	if (scope == NULL || scope->open)
		return scope != NULL;
	scope->group = group;
	scope->group_hash = hash;
	scope->code = code;
	scope->start_ms = get_time(in);
	scope->opened_ms = get_time(in);
	scope->count = (uint32_t)get(in, 4);
	scope->close_s = get_due(in, eng);
	scope->remind_s = get_due(in, eng);
	if (in->bad)
		return false;
	scope->open = true;
	vpn_crowd_count(eng, (enum vpn_alarm_kind)kind, 1);
	vpn_crowd_restore(eng, scope);
	return true;
}

bool
vpn_engine_restore(struct vpn_engine *eng, struct vpn_text key, struct vpn_text data,
    struct vpn_now now)
{
	struct reader in = {
	    (const uint8_t *)data.at, (const uint8_t *)data.at + data.len, false};
	struct vpn_text name = {key.at + 2, key.len - 2};
	struct device *dev;
	int32_t offset;

	vpn_engine_begin(eng, now);
	if (key.len < 3 || data.len == 0 || get(&in, 1) != FROZEN_VERSION)
		return false;
	if (key.at[0] == 't')
		return restore_link(eng, name, &in);
	if (key.at[0] == 'a')
		return restore_scope(eng, name, &in);
	offset = (int32_t)get(&in, 4);
	dev = in.bad || key.at[0] != 'd' ? NULL : vpn_device_of(eng, name);
	if (dev)
		dev->clock.offset_s = offset;
	return dev != NULL;
}

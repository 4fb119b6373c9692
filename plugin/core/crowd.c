/* SPDX-License-Identifier: Apache-2.0
 * Nobody reads a thousand pages: no more alarms of one severity are open at once
 * than conf.max_alarms. Who finds no room is asked again each minute, and one alarm
 * says that there are such. */
#include "core/estate.h"

static const enum vpn_severity severities[VPN_ALARM_COUNT] = {
    [VPN_ALARM_DOWN] = VPN_SEVERITY_CRITICAL,
    [VPN_ALARM_FAILING] = VPN_SEVERITY_CRITICAL,
    [VPN_ALARM_FLAPPING] = VPN_SEVERITY_WARNING,
    [VPN_ALARM_DEGRADED] = VPN_SEVERITY_WARNING,
    [VPN_ALARM_GATEWAY] = VPN_SEVERITY_CRITICAL,
    [VPN_ALARM_SESSIONS] = VPN_SEVERITY_CRITICAL,
    [VPN_ALARM_LIMIT] = VPN_SEVERITY_WARNING,
    [VPN_ALARM_NOISE] = VPN_SEVERITY_WARNING,
    [VPN_ALARM_UNKNOWN] = VPN_SEVERITY_WARNING,
    [VPN_ALARM_SILENCE] = VPN_SEVERITY_WARNING,
};

static const char *const subjects[VPN_SEVERITY_NONE] = {
    [VPN_SEVERITY_CRITICAL] = "critical", [VPN_SEVERITY_WARNING] = "warning"};

enum vpn_severity
vpn_crowd_severity(enum vpn_alarm_kind kind)
{
	return severities[kind];
}

bool
vpn_crowd_room(struct vpn_engine *eng, enum vpn_alarm_kind kind)
{
	struct crowd *crowd = &eng->crowd[severities[kind]];

	if (kind == VPN_ALARM_CROWD || eng->conf.max_alarms == 0 ||
	    crowd->open < eng->conf.max_alarms)
		return true;
	crowd->turned_s = mono_s(eng);
	return false;
}

void
vpn_crowd_count(struct vpn_engine *eng, enum vpn_alarm_kind kind, int change)
{
	eng->counts.firing += (uint64_t)change;
	if (kind != VPN_ALARM_CROWD)
		eng->crowd[severities[kind]].open += (size_t)change;
}

void
vpn_crowd_restore(struct vpn_engine *eng, const struct scope *scope)
{
	if (scope->kind == VPN_ALARM_CROWD)
		eng->crowd[scope->group].turned_s = mono_s(eng);
}

/* Tunnels that are down and found no room, or whose gateway found none. */
static unsigned
count_waiting(const struct vpn_engine *eng)
{
	unsigned n = 0;

	for (const struct link *link = eng->list[LIST_DOWN].first; link;
	     link = link->next)
		n += link->withheld == WITHHELD_CROWD ||
		    (link->withheld == WITHHELD_NOT && link->confirmed &&
			link->alarm == VPN_ALARM_NONE);
	return n;
}

/* Told at once, and when there are twice as many as told last. */
static void
speak(struct vpn_engine *eng, struct scope *scope, size_t open)
{
	unsigned waiting =
	    scope->group == VPN_SEVERITY_CRITICAL ? count_waiting(eng) : 0;

	if (!scope->open)
		vpn_scope_open(eng, scope, waiting, (unsigned)open);
	else if (waiting > 2 * scope->down)
		vpn_scope_remind(eng, scope, waiting, (unsigned)open);
}

void
vpn_crowd_tick(struct vpn_engine *eng, uint32_t s)
{
	for (int i = 0; i < VPN_SEVERITY_NONE; i++) {
		struct crowd *crowd = &eng->crowd[i];
		struct scope *scope = crowd->turned_s == 0
		    ? NULL
		    : vpn_scope_of(eng, VPN_ALARM_CROWD, vpn_text(subjects[i]),
			  (struct vpn_text){NULL, 0});

		if (scope == NULL)
			continue;
		scope->group = (uint8_t)i;
		if (s <= crowd->turned_s + MINUTE + (uint32_t)eng->conf.hold_up) {
			speak(eng, scope, crowd->open);
		} else {
			crowd->turned_s = 0;
			vpn_scope_close(eng, scope, VPN_ENDING_RECOVERED);
		}
	}
}

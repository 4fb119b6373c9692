/* SPDX-License-Identifier: Apache-2.0
 * Alarms about more than a tunnel: what a device refuses, who knocks at it,
 * whose sessions drop, who is not heard (alerting rules 7, 12, 13). */
#include "core/estate.h"

#include <stdlib.h>

#define SCOPES_MAX 4096
#define RATE_S (10 * MINUTE) /* failures are counted over that */
#define NOISE_COUNT 60
#define UNKNOWN_COUNT 10
#define SESSIONS_S MINUTE /* sessions that drop within that.. */
#define SESSIONS_MIN 20   /* ..of at least so many.. */
#define SESSIONS_PART 2   /* ..and one in so many */
#define SESSIONS_CLOSE_S (10 * MINUTE)
#define SKETCH 16

/* The busiest peers in a fixed space: a new one takes the place, and the
 * count, of the least busy. */
struct sketch {
	struct {
		char peer[48];
		uint8_t len;
		uint32_t n;
	} at[SKETCH];
};

static void
scope_free(struct vpn_engine *eng, struct scope *scope)
{
	struct scope **at = &eng->all_scopes;

	while (*at != scope)
		at = &(*at)->next;
	*at = scope->next;
	for (at = &eng->dirty_scopes; scope->dirty && *at != scope;
	     at = &(*at)->dirty_next)
		;
	if (scope->dirty)
		*at = scope->dirty_next;
	vpn_table_remove(&eng->scopes, &scope->node);
	eng->nscopes--;
	free(scope->sketch);
	free((char *)scope->subject.at);
	free(scope);
}

/* The one that has been quiet for the longest time. */
static bool
make_room(struct vpn_engine *eng)
{
	struct scope *found = NULL;

	for (struct scope *it = eng->all_scopes; it; it = it->next)
		if (!it->open && it->live == 0 &&
		    (found == NULL || it->last_s < found->last_s))
			found = it;
	if (found == NULL) {
		eng->counts.overflowed++;
		return false;
	}
	scope_free(eng, found);
	return true;
}

static struct scope *
scope_new(struct vpn_engine *eng, struct vpn_text subject, struct vpn_text device)
{
	struct scope *scope;
	char *own;

	if (eng->nscopes >= SCOPES_MAX && !make_room(eng))
		return NULL;
	scope = calloc(1, sizeof(*scope));
	own = malloc(subject.len + device.len + 1);
	if (scope == NULL || own == NULL) {
		free(scope);
		free(own);
		return NULL;
	}
	memcpy(own, subject.at, subject.len);
	if (device.len > 0)
		memcpy(own + subject.len, device.at, device.len);
	scope->subject = (struct vpn_text){own, subject.len};
	scope->device = (struct vpn_text){own + subject.len, device.len};
	scope->last_s = mono_s(eng);
	return scope;
}

static uint64_t
hash_of(enum vpn_alarm_kind kind, struct vpn_text subject)
{
	return vpn_hash((uint64_t)kind, subject);
}

struct scope *
vpn_scope_find(
    const struct vpn_engine *eng, enum vpn_alarm_kind kind, struct vpn_text subject)
{
	for (struct node *node = vpn_table_get(&eng->scopes, hash_of(kind, subject));
	     node; node = vpn_table_more(node)) {
		struct scope *scope = HOLDER(struct scope, node, node);

		if (scope->kind == kind && vpn_text_same(scope->subject, subject))
			return scope;
	}
	return NULL;
}

struct scope *
vpn_scope_of(struct vpn_engine *eng, enum vpn_alarm_kind kind, struct vpn_text subject,
    struct vpn_text device)
{
	struct scope *scope = vpn_scope_find(eng, kind, subject);

	if (scope)
		return scope;
	scope = subject.len > 0 ? scope_new(eng, subject, device) : NULL;
	if (scope == NULL)
		return NULL;
	scope->kind = (uint8_t)kind;
	if (!vpn_table_put(&eng->scopes, &scope->node, hash_of(kind, subject))) {
		free((char *)scope->subject.at);
		free(scope);
		return NULL;
	}
	scope->next = eng->all_scopes;
	eng->all_scopes = scope;
	eng->nscopes++;
	return scope;
}

void
vpn_scope_dirty(struct vpn_engine *eng, struct scope *scope)
{
	if (scope->dirty)
		return;
	scope->dirty = true;
	scope->dirty_next = eng->dirty_scopes;
	eng->dirty_scopes = scope;
}

static void
fill_top(const struct sketch *sketch, struct vpn_alarm *alarm)
{
	bool used[SKETCH] = {false};

	while (sketch && alarm->ntop < VPN_TOP_PEERS) {
		int most = -1;

		for (int i = 0; i < SKETCH; i++)
			if (!used[i] && sketch->at[i].n > 0 &&
			    (most < 0 || sketch->at[i].n > sketch->at[most].n))
				most = i;
		if (most < 0)
			return;
		used[most] = true;
		alarm->top[alarm->ntop].peer =
		    (struct vpn_text){sketch->at[most].peer, sketch->at[most].len};
		alarm->top[alarm->ntop++].failures = sketch->at[most].n;
	}
}

static void
fill_words(
    const struct vpn_engine *eng, const struct scope *scope, struct vpn_alarm *alarm)
{
	struct vpn_whom whom = {
	    .device = scope->device, .code = vpn_codes_code(eng, scope->code)};
	struct vpn_ruling rule;

	if (scope->kind == VPN_ALARM_GATEWAY && scope->group == GROUP_PEER)
		alarm->peer = whom.peer = scope->subject;
	vpn_policy_rule(eng->policy, &whom, &rule);
	alarm->name = rule.name;
	alarm->owner = rule.owner;
	alarm->site = rule.site;
	alarm->runbook = rule.runbook;
	for (size_t i = 0;
	     scope->kind == VPN_ALARM_SILENCE && i < vpn_policy_silences(eng->policy);
	     i++) {
		const struct vpn_silence *it = vpn_policy_silence(eng->policy, i);

		if (!vpn_text_same(it->device, scope->subject))
			continue;
		alarm->owner = it->owner;
		alarm->site = it->site;
		alarm->runbook = it->runbook;
	}
}

static void
tell(struct vpn_engine *eng, struct scope *scope, enum vpn_step_of_alarm step,
    enum vpn_ending ending)
{
	struct vpn_alarm alarm = {.kind = (enum vpn_alarm_kind)scope->kind,
	    .step = step,
	    .ending = ending,
	    .severity = scope->kind == VPN_ALARM_CROWD
		? (enum vpn_severity)scope->group
		: vpn_crowd_severity((enum vpn_alarm_kind)scope->kind),
	    .subject = scope->subject,
	    .device = scope->device,
	    .reason = vpn_codes_code(eng, scope->code),
	    .failures = scope->count,
	    .down = scope->down,
	    .members = scope->members,
	    .start_ms = scope->start_ms,
	    .opened_ms = scope->opened_ms,
	    .told_ms = eng->now.wall_ms,
	    .end_ms = step == VPN_ALARM_RESOLVED ? eng->now.wall_ms : 0};

	if (scope->kind == VPN_ALARM_GATEWAY || scope->kind == VPN_ALARM_SESSIONS)
		alarm.failures = 0;
	if (step == VPN_ALARM_RESOLVED)
		alarm.down = alarm.members = 0;
	fill_top(scope->sketch, &alarm);
	fill_words(eng, scope, &alarm);
	vpn_scope_dirty(eng, scope);
	eng->conf.alarm(&alarm, eng->conf.arg);
}

void
vpn_scope_open(
    struct vpn_engine *eng, struct scope *scope, unsigned down, unsigned members)
{
	if (scope->open || is_lagging(eng))
		return;
	if (!vpn_crowd_room(eng, (enum vpn_alarm_kind)scope->kind)) {
		eng->counts.overflowed += !scope->turned_away;
		scope->turned_away = true;
		return;
	}
	scope->open = true;
	scope->turned_away = false;
	scope->down = down;
	scope->members = members;
	scope->opened_ms = eng->now.wall_ms;
	if (scope->start_ms == 0)
		scope->start_ms = eng->now.wall_ms;
	scope->remind_s = after_s(eng, eng->conf.max_firing);
	eng->counts.opened++;
	vpn_crowd_count(eng, (enum vpn_alarm_kind)scope->kind, 1);
	tell(eng, scope, VPN_ALARM_OPENED, VPN_ENDING_NONE);
}

void
vpn_scope_remind(
    struct vpn_engine *eng, struct scope *scope, unsigned down, unsigned members)
{
	scope->down = down;
	scope->members = members;
	scope->remind_s = after_s(eng, eng->conf.max_firing);
	eng->counts.reminded++;
	tell(eng, scope, VPN_ALARM_REMINDED, VPN_ENDING_NONE);
}

void
vpn_scope_close(struct vpn_engine *eng, struct scope *scope, enum vpn_ending ending)
{
	if (!scope->open)
		return;
	tell(eng, scope, VPN_ALARM_RESOLVED, ending);
	scope->open = false;
	scope->start_ms = 0;
	scope->count = 0;
	scope->close_s = 0;
	eng->counts.resolved++;
	vpn_crowd_count(eng, (enum vpn_alarm_kind)scope->kind, -1);
}

/* One more; how many in the current window. */
static uint32_t
count(struct vpn_engine *eng, struct scope *scope, uint32_t window)
{
	uint32_t s = mono_s(eng);

	if (!scope->open && (scope->count == 0 || s - scope->window_s > window)) {
		scope->window_s = s;
		scope->count = 0;
		scope->start_ms = eng->now.wall_ms;
	}
	scope->last_s = s;
	return ++scope->count;
}

static void
note_peer(struct scope *scope, struct vpn_text peer)
{
	size_t least = 0;

	if (scope->sketch == NULL)
		scope->sketch = calloc(1, sizeof(*scope->sketch));
	if (scope->sketch == NULL || peer.len == 0)
		return;
	if (peer.len > sizeof(scope->sketch->at[0].peer))
		peer.len = sizeof(scope->sketch->at[0].peer);
	for (size_t i = 0; i < SKETCH; i++) {
		if (vpn_text_same(peer,
			(struct vpn_text){
			    scope->sketch->at[i].peer, scope->sketch->at[i].len})) {
			scope->sketch->at[i].n++;
			return;
		}
		if (scope->sketch->at[i].n < scope->sketch->at[least].n)
			least = i;
	}
	memcpy(scope->sketch->at[least].peer, peer.at, peer.len);
	scope->sketch->at[least].len = (uint8_t)peer.len;
	scope->sketch->at[least].n++;
}

static bool
is_silenced(const struct vpn_engine *eng, const struct vpn_event *ev)
{
	struct vpn_whom whom = {.device = ev->device, .code = ev->code};
	struct vpn_ruling rule;

	vpn_policy_rule(eng->policy, &whom, &rule);
	return rule.page == VPN_NO || rule.decommissioned ||
	    (eng->now.wall_ms >= rule.mute_from_ms &&
		eng->now.wall_ms < rule.mute_until_ms);
}

static void
rate(struct vpn_engine *eng, enum vpn_alarm_kind kind, const struct vpn_event *ev,
    struct vpn_text subject, uint32_t enough)
{
	struct vpn_text device = vpn_policy_device(eng->policy, ev->device);
	struct scope *scope =
	    vpn_scope_of(eng, kind, subject.len ? subject : device, device);

	/* What is read of a backlog came less often than it is read. */
	if (scope == NULL || is_lagging(eng) || is_silenced(eng, ev))
		return;
	if (kind == VPN_ALARM_LIMIT)
		scope->code = vpn_codes_number(eng, ev->code);
	if (kind == VPN_ALARM_UNKNOWN)
		note_peer(scope, ev->field[VPN_PEER]);
	if (count(eng, scope, RATE_S) >= enough)
		vpn_scope_open(eng, scope, 0, 0);
	if (scope->open)
		scope->close_s = after_s(eng, QUIET_S);
}

void
vpn_scope_failure(struct vpn_engine *eng, const struct vpn_event *ev, bool known)
{
	struct vpn_text none = {NULL, 0},
			device = vpn_policy_device(eng->policy, ev->device);
	char buf[UINT8_MAX + VPN_SLUG_MAX + 2];
	size_t n = device.len < UINT8_MAX ? device.len : UINT8_MAX;

	if (ev->code->role == VPN_ROLE_NOISE)
		rate(eng, VPN_ALARM_NOISE, ev, none, NOISE_COUNT);
	if (ev->code->role == VPN_ROLE_FAULT && !known)
		rate(eng, VPN_ALARM_UNKNOWN, ev, none, UNKNOWN_COUNT);
	if (ev->code->role != VPN_ROLE_CAPACITY || n == 0)
		return;
	memcpy(buf, device.at, n);
	buf[n++] = '/';
	memcpy(buf + n, ev->code->slug.at, ev->code->slug.len);
	rate(eng, VPN_ALARM_LIMIT, ev, (struct vpn_text){buf, n + ev->code->slug.len},
	    1);
}

void
vpn_scope_session(struct vpn_engine *eng, const struct end *end, int change, bool drop)
{
	struct vpn_text device = vpn_end_text(end, END_DEVICE),
			interface = vpn_end_text(end, END_INTERFACE);
	char buf[2 * UINT8_MAX + 2];
	struct scope *scope;
	size_t n = device.len;

	memcpy(buf, device.at, n);
	if (interface.len > 0) {
		buf[n++] = '/';
		memcpy(buf + n, interface.at, interface.len);
		n += interface.len;
	}
	scope =
	    vpn_scope_of(eng, VPN_ALARM_SESSIONS, (struct vpn_text){buf, n}, device);
	if (scope == NULL)
		return;
	if (mono_s(eng) - scope->window_s > SESSIONS_S || scope->count == 0)
		scope->live_then = scope->live;
	if (change > 0 || scope->live > 0)
		scope->live += (uint32_t)change;
	if (!drop)
		return;
	if (count(eng, scope, SESSIONS_S) * SESSIONS_PART >= scope->live_then &&
	    scope->live_then >= SESSIONS_MIN)
		vpn_scope_open(eng, scope, scope->count, scope->live_then);
	if (scope->open)
		scope->close_s = after_s(eng, SESSIONS_CLOSE_S);
}

static void
tick_silence(struct vpn_engine *eng, uint32_t s)
{
	for (size_t i = 0; i < eng->nheard; i++) {
		const struct vpn_silence *it = vpn_policy_silence(eng->policy, i);
		struct scope *scope;

		if (eng->heard_s[i] == 0)
			eng->heard_s[i] = s;
		if (s < eng->heard_s[i] + (uint32_t)it->after)
			continue;
		scope = vpn_scope_of(eng, VPN_ALARM_SILENCE, it->device, it->device);
		if (scope && !scope->open)
			vpn_scope_open(eng, scope, 0, 0);
	}
}

void
vpn_scope_tick(struct vpn_engine *eng, uint32_t s)
{
	tick_silence(eng, s);
	for (struct scope *scope = eng->all_scopes; scope; scope = scope->next) {
		if (!scope->open)
			continue;
		if (s >= scope->remind_s)
			vpn_scope_remind(eng, scope, scope->down, scope->members);
		/* A gateway's end is for group.c to see, a silent device's to hear. */
		if (scope->kind != VPN_ALARM_GATEWAY && scope->close_s > 0 &&
		    s >= scope->close_s)
			vpn_scope_close(eng, scope, VPN_ENDING_SILENT);
	}
}

void
vpn_scopes_free(struct vpn_engine *eng)
{
	while (eng->all_scopes)
		scope_free(eng, eng->all_scopes);
	vpn_table_free(&eng->scopes);
}

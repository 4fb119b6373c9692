/* SPDX-License-Identifier: Apache-2.0
 * Failed negotiations of a known peer: they explain an outage, and when there
 * are many they are one (alerting rules 8 and 12). */
#include "core/estate.h"

#define FAILING 5              /* failures.. */
#define FAILING_S (10 * 60)    /* ..within that time.. */
#define FAILING_MIN_S (2 * 60) /* ..and over at least that */
#define ADMIN_FAILURES 3 /* after which a tunnel taken down on purpose is missed */
#define IDLE_S (15 * 60) /* a failure so soon after the last child SA expired */
#define KNOWN_S (30 * DAY)

/* What a failure means for the cause: the least telling makes room. */
static void
keep_cause(struct vpn_engine *eng, struct link *link, uint16_t code, bool responder)
{
	uint32_t now = wall_s(eng);
	size_t at = 0;

	for (size_t i = 0; i < CAUSES; i++) {
		if (link->cause[i].code == code) {
			at = i;
			break;
		}
		if (link->cause[i].last_s < link->cause[at].last_s)
			at = i;
	}
	if (link->cause[at].code != code || now - link->cause[at].last_s > CAUSE_S)
		link->cause[at].n = 0;
	link->cause[at].code = code;
	link->cause[at].last_s = now;
	link->cause[at].responder = responder;
	if (link->cause[at].n < UINT16_MAX)
		link->cause[at].n++;
}

/* Does a say more of why than b? Any reason more than none; then the responder,
 * who knows best; then the one that came more often. */
static bool
says_more(const struct vpn_engine *eng, const struct cause *a, const struct cause *b)
{
	const struct vpn_code *code = vpn_codes_code(eng, a->code);
	const struct vpn_code *other = b ? vpn_codes_code(eng, b->code) : NULL;
	bool vague = code == NULL || code->vague,
	     beside = other == NULL || other->vague;

	if (b == NULL || vague != beside)
		return b == NULL || beside;
	if (a->responder != b->responder)
		return a->responder;
	return a->n > b->n;
}

uint16_t
vpn_failure_cause(const struct vpn_engine *eng, const struct link *link,
    int64_t start_ms, unsigned *n)
{
	uint32_t since = (uint32_t)(start_ms / 1000) - CAUSE_S;
	const struct cause *found = NULL;

	*n = 0;
	for (int i = 0; i < CAUSES; i++) {
		const struct cause *cause = &link->cause[i];

		if (cause->code == 0 || cause->last_s < since)
			continue;
		*n += cause->n;
		if (says_more(eng, cause, found))
			found = cause;
	}
	return found ? found->code : 0;
}

static bool
is_responder(const struct end *end, const struct vpn_event *ev)
{
	struct vpn_text role = ev->field[VPN_ROLE];

	if (role.len > 0)
		return role.at[0] == 'R' || role.at[0] == 'r';
	return end->role == ROLE_RESPONDER;
}

static void
count(struct vpn_engine *eng, struct link *link)
{
	uint32_t now = wall_s(eng);

	if (link->nfails > 0 && now - link->fail_s[0] > FAILING_S)
		link->nfails = 0;
	if (link->nfails == 0)
		link->streak_s = now;
	memmove(link->fail_s + 1, link->fail_s, (FAILURES - 1) * sizeof(*link->fail_s));
	link->fail_s[0] = now;
	if (link->nfails < UINT16_MAX)
		link->nfails++;
}

static bool
is_failing(const struct vpn_engine *eng, const struct link *link)
{
	uint32_t now = wall_s(eng);

	return link->nfails >= FAILING &&
	    now - link->fail_s[FAILING - 1] <= FAILING_S &&
	    now - link->streak_s >= FAILING_MIN_S;
}

static bool
is_known(const struct vpn_engine *eng, const struct link *link)
{
	struct vpn_ruling rule;

	if (link->up_ms > 0 && eng->now.wall_ms - link->up_ms < (int64_t)KNOWN_S * 1000)
		return true;
	if (link->down_ms > 0 &&
	    eng->now.wall_ms - link->down_ms < (int64_t)KNOWN_S * 1000)
		return true;
	vpn_link_rule(eng, link, 0, &rule);
	return rule.named;
}

/* A tunnel that ended on purpose, or unused, is missed after all. */
static void
miss(struct vpn_engine *eng, struct link *link, int64_t time_ms)
{
	if (link->marked < UINT16_MAX)
		link->marked++;
	if (link->state == VPN_STATE_ADMIN && link->marked >= ADMIN_FAILURES)
		vpn_state_input(eng, link, IN_FAILED, time_ms, 0);
	if (link->state == VPN_STATE_IDLE && wall_s(eng) - link->mark_s <= IDLE_S)
		vpn_state_input(eng, link, IN_FAILED, time_ms, eng->conf.hold_down);
}

void
vpn_failure(struct vpn_engine *eng, struct end *end, const struct vpn_event *ev)
{
	struct link *link = end->link;

	/* One that came late says nothing about what was negotiated since. */
	if (end->up_ms > ev->time_ms)
		return;
	keep_cause(eng, link, vpn_codes_number(eng, ev->code), is_responder(end, ev));
	vpn_link_keep_line(link, 1, ev->line->raw);
	count(eng, link);
	vpn_link_dirty(eng, link);
	miss(eng, link, ev->time_ms);
	if (!end->recovers || link->state == VPN_STATE_UP)
		vpn_wheel_set(eng, link, DUE_QUIET, after_s(eng, QUIET_S));
	if (link->failing || link->dynamic || !is_failing(eng, link) ||
	    !is_known(eng, link))
		return;
	link->failing = true;
	vpn_link_list(eng, link);
	vpn_group_count(eng, link);
	/* Others of its gateway may follow. */
	vpn_wheel_set(eng, link, DUE_FAILING,
	    after_s(eng, vpn_group_large(link) ? eng->conf.gateway_hold : 0));
}

void
vpn_failure_forget(struct link *link)
{
	link->nfails = 0;
	link->streak_s = 0;
	link->marked = 0;
	link->failing = false;
}

/* SPDX-License-Identifier: Apache-2.0
 * What the engine knows, for the files that are the engine.
 *
 * A link is what an alarm is about: a pair of gateways, or one end's tunnel as
 * long as the other address is not known. Its ends are what devices say: one
 * for each tunnel id, with the children (child SAs) that it has. A group counts
 * the ends of a device, an interface, a peer; a scope is an alarm that is about
 * more than a link. */
#ifndef CORE_ESTATE_H
#define CORE_ESTATE_H

#include "core/link.h"
#include "core/scope.h"

/* A key that was saved and is no more. */
struct gone {
	struct gone *next;
	size_t len;
	char key[];
};

#define WHEEL 1024
#define MOVING 16

struct vpn_engine {
	struct vpn_engine_conf conf;
	const struct vpn_rules *rules;
	const struct vpn_policy *policy;
	struct vpn_engine_counts counts;
	struct crowd crowd[VPN_SEVERITY_NONE];
	struct table links, ends, kin, places, groups, devices, scopes;
	struct {
		struct link *first, *last;
	} list[LISTS];
	struct link *wheel[WHEEL];
	struct link *dirty_links;
	struct device *dirty_devices;
	struct scope *dirty_scopes, *all_scopes;
	struct gone *gone;
	size_t nscopes;
	struct vpn_now now;
	struct clock lag;         /* of what is heard: now minus its reception */
	uint32_t lagging_until_s; /* mono; 0: what is heard is news */
	uint32_t lagging_since_s, lagged_s; /* mono, of old news: the first, the last */
	uint32_t ticked_s;                  /* mono */
	uint32_t *heard_s; /* mono, of vpn_policy_silence; 0: as of now */
	size_t nheard;
	struct {
		uint64_t slot, id; /* as struct who has them */
		uint32_t until_s;
	} moving[MOVING]; /* peers that may come back with another address */
	struct code_name {
		char *text; /* slug, and "/variant" */
		const struct vpn_code *code;
	} * codes; /* the numbers that links and scopes keep */
	size_t ncodes;
	bool overflow_told;
};

/* codes.c */
uint16_t vpn_codes_number(struct vpn_engine *, const struct vpn_code *); /* 0: none */
uint16_t vpn_codes_find(struct vpn_engine *, struct vpn_text name);
struct vpn_text vpn_codes_name(const struct vpn_engine *, uint16_t);
const struct vpn_code *vpn_codes_code(const struct vpn_engine *, uint16_t);
void vpn_codes_use(struct vpn_engine *);
void vpn_codes_free(struct vpn_engine *);

/* links.c: to find, make and drop them. NULL: no memory, or no room. */
struct vpn_text vpn_end_text(const struct end *, enum end_text);
/* hash: vpn_hash(0, id) */
struct end *vpn_end_find(struct vpn_engine *, struct vpn_text id, uint64_t hash);
struct end *vpn_end_new(
    struct vpn_engine *, struct link *, const struct vpn_text part[END_TEXTS]);
bool vpn_end_rename(struct end *, const struct vpn_text part[END_TEXTS]);
void vpn_end_kin(struct vpn_engine *, struct end *, uint64_t hash);
void vpn_end_place(struct vpn_engine *, struct end *, uint64_t hash);
void vpn_end_move(struct vpn_engine *, struct end *, struct link *to);
struct link *vpn_link_find(const struct vpn_engine *, struct vpn_text subject);
/* keep, or NULL: is not forgotten to make room for it. */
struct link *vpn_link_new(
    struct vpn_engine *, struct vpn_text subject, const struct link *keep);
void vpn_link_free(struct vpn_engine *, struct link *);
void vpn_link_list(struct vpn_engine *, struct link *); /* to where it belongs */
void vpn_link_dirty(struct vpn_engine *, struct link *);
void vpn_link_keep_line(struct link *, int which, struct vpn_text);
void vpn_engine_gone(struct vpn_engine *, char kind, struct vpn_text key);
void vpn_links_free(struct vpn_engine *);

/* wheel.c */
void vpn_wheel_set(struct vpn_engine *, struct link *, enum due, uint32_t due_s);
void vpn_wheel_remove(struct vpn_engine *, struct link *);
/* The links that are due at that second, one after the other; NULL: no more. */
struct link *vpn_wheel_next(struct vpn_engine *, uint32_t s);

/* child.c: false when nothing is known to live any more. */
enum child_result { CHILD_LIVES, CHILD_GONE, CHILD_IGNORED };
bool vpn_child_up(struct end *, const struct vpn_event *);
enum child_result vpn_child_down(struct end *, const struct vpn_event *);
unsigned vpn_child_lost(const struct end *); /* flows */
unsigned vpn_child_live(const struct end *);
bool vpn_child_named(const struct vpn_event *);

/* group.c */
void vpn_group_join(struct vpn_engine *, struct end *, struct vpn_text sequence);
void vpn_group_restore(struct vpn_engine *, struct end *, uint64_t slot, bool passer);
void vpn_group_leave(struct vpn_engine *, struct end *);
void vpn_group_count(struct vpn_engine *, struct link *); /* down, or not any more */
bool vpn_group_firing(const struct link *);
uint32_t vpn_group_wait(const struct vpn_engine *, const struct link *); /* until; 0 */
bool vpn_group_large(const struct link *); /* enough members to be down together */
bool vpn_group_dynamic(const struct end *);
struct group *vpn_group_find(struct vpn_engine *, uint64_t hash);
unsigned vpn_group_enough(const struct group *);
void vpn_groups_free(struct vpn_engine *);

/* gateway.c */
void vpn_gateway_tick(struct vpn_engine *, uint32_t s);

/* device.c */
struct device *vpn_device_of(struct vpn_engine *, struct vpn_text name);
/* Learn its clock from the event; is the line late? */
bool vpn_device_hear(struct vpn_engine *, struct device *, const struct vpn_event *);
bool vpn_device_behind(const struct vpn_engine *, const struct device *);
void vpn_devices_free(struct vpn_engine *);

/* state.c */
enum input { IN_UP, IN_DOWN, IN_ADMIN, IN_IDLE, IN_USER, IN_FAILED, INPUTS };
void vpn_state_input(
    struct vpn_engine *, struct link *, enum input, int64_t time_ms, int hold_s);
void vpn_state_excuse(struct vpn_engine *, struct link *); /* its drop was none */
void vpn_state_due(struct vpn_engine *, struct link *, uint32_t s);
void vpn_state_degraded(struct vpn_engine *, struct link *);
void vpn_state_again(struct vpn_engine *, struct link *); /* decide a withheld one */
void vpn_state_close(struct vpn_engine *, struct link *, enum vpn_ending,
    int64_t end_ms, struct vpn_text moved_to);

/* ruling.c */
void vpn_link_rule(
    const struct vpn_engine *, const struct link *, uint16_t code, struct vpn_ruling *);
/* Until when no new alarm may open: after a start, and while what is heard is old
 * news. Mono seconds; 0: now. */
uint32_t vpn_engine_quiet(const struct vpn_engine *);
/* Not now, not yet, or not at all: then link->withheld or a new due says so. */
bool vpn_link_may_open(
    struct vpn_engine *, struct link *, enum due, enum vpn_alarm_kind);

/* failure.c */
void vpn_failure(struct vpn_engine *, struct end *, const struct vpn_event *);
void vpn_failure_forget(struct link *); /* it is up */
uint16_t vpn_failure_cause(
    const struct vpn_engine *, const struct link *, int64_t start_ms, unsigned *n);

/* scope.c */
struct scope *vpn_scope_find(const struct vpn_engine *, enum vpn_alarm_kind,
    struct vpn_text subject); /* or NULL */
struct scope *vpn_scope_of(struct vpn_engine *, enum vpn_alarm_kind,
    struct vpn_text subject, struct vpn_text device);
void vpn_scope_failure(struct vpn_engine *, const struct vpn_event *, bool known);
void vpn_scope_session(struct vpn_engine *, const struct end *, int change, bool drop);
void vpn_scope_tick(struct vpn_engine *, uint32_t s);
void vpn_scope_open(
    struct vpn_engine *, struct scope *, unsigned down, unsigned members);
/* As it is by now; it stays open. */
void vpn_scope_remind(
    struct vpn_engine *, struct scope *, unsigned down, unsigned members);
void vpn_scope_close(struct vpn_engine *, struct scope *, enum vpn_ending);
void vpn_scope_dirty(struct vpn_engine *, struct scope *);
void vpn_scopes_free(struct vpn_engine *);

/* crowd.c */
enum vpn_severity vpn_crowd_severity(enum vpn_alarm_kind);
/* May another alarm open? When not, it has been turned away. */
bool vpn_crowd_room(struct vpn_engine *, enum vpn_alarm_kind);
void vpn_crowd_count(struct vpn_engine *, enum vpn_alarm_kind, int change);
void vpn_crowd_restore(struct vpn_engine *, const struct scope *);
void vpn_crowd_tick(struct vpn_engine *, uint32_t s);

/* engine.c: from here on it is now. */
void vpn_engine_begin(struct vpn_engine *, struct vpn_now);

/* raise.c: tell an alarm, and a change of state that is no alarm. */
void vpn_moved(
    const struct vpn_engine *, const struct link *, int64_t ms, struct vpn_text former);
void vpn_raise_fill(const struct vpn_engine *, const struct link *, struct vpn_alarm *);
void vpn_raise(struct vpn_engine *, struct link *, enum vpn_alarm_kind,
    enum vpn_step_of_alarm, enum vpn_ending, int64_t end_ms, struct vpn_text moved_to);

static inline uint32_t
mono_s(const struct vpn_engine *eng)
{
	return (uint32_t)(eng->now.mono_ms / 1000);
}

/* What is heard is old news, which may be over by now. */
static inline bool
is_lagging(const struct vpn_engine *eng)
{
	return eng->lagging_until_s > mono_s(eng);
}

/* The second at which so many will have passed. */
static inline uint32_t
after_s(const struct vpn_engine *eng, int seconds)
{
	return (uint32_t)((eng->now.mono_ms + 999) / 1000) + (uint32_t)seconds;
}

static inline uint32_t
wall_s(const struct vpn_engine *eng)
{
	return (uint32_t)(eng->now.wall_ms / 1000);
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The knowledge: the guide's checks and codes, and how each vendor says them.
 * Built once by plugin/load, never changed afterwards, safe to share between
 * threads without a lock. Every string is owned by the rules. */
#ifndef VPN_RULES_H
#define VPN_RULES_H

#include "vpn/vendor.h"

enum vpn_lang { VPN_EN, VPN_ZH, VPN_LANG_COUNT };

/* One text in every language; loaders see to it that none is empty. */
struct vpn_prose {
	struct vpn_text in[VPN_LANG_COUNT];
};

enum vpn_alert { VPN_ALERT_PAGE, VPN_ALERT_WARN, VPN_ALERT_INFO, VPN_ALERT_NEVER };

/* What a disconnect does to the tunnel's state. */
enum vpn_effect {
	VPN_EFFECT_NONE, /* proof of life, or nothing at all */
	VPN_EFFECT_COPY, /* the standby unit's copy of another event */
	VPN_EFFECT_DOWN,
	VPN_EFFECT_ADMIN_DOWN, /* an operator did it */
	VPN_EFFECT_IDLE,
	VPN_EFFECT_USER /* a remote-access session ended */
};

/* What a failure to connect counts as. */
enum vpn_role {
	VPN_ROLE_NONE,
	VPN_ROLE_FAULT,
	VPN_ROLE_NOISE,
	VPN_ROLE_CAPACITY,
	VPN_ROLE_USER
};

enum vpn_end {
	VPN_END_BOTH,
	VPN_END_LOCAL,
	VPN_END_PEER,
	VPN_END_CLOUD,
	VPN_END_CUSTOMER
};

enum vpn_step_kind {
	VPN_STEP_CHECK,
	VPN_STEP_FIX,
	VPN_STEP_WAIT,
	VPN_STEP_COLLECT,
	VPN_STEP_NONE
};

/* A check that the guide knows. */
struct vpn_check {
	struct vpn_text id, section, edition;
	enum vpn_end end;
	struct vpn_prose console; /* path in the console; may be empty */
	struct vpn_prose text;
};

struct vpn_step {
	const struct vpn_check *check; /* NULL: general knowledge, not the guide's */
	enum vpn_step_kind kind;
	struct vpn_prose own; /* what is specific to the code */
};

struct vpn_code {
	struct vpn_text slug, variant, name, origin, phase, guide, parent;
	enum vpn_class class;
	enum vpn_end end;
	enum vpn_role role;
	enum vpn_effect effect;
	enum vpn_alert alert;
	int hold;   /* seconds, for VPN_EFFECT_DOWN */
	bool vague; /* that it is so, not why: a code beside it tells more */
	struct vpn_prose alert_why, why /* the file's "short" */, explanation;
	struct vpn_prose *causes;
	struct vpn_step *steps;
	size_t ncauses, nsteps;
	int *numbers; /* ReasonCodes */
	size_t nnumbers;
	struct vpn_text *also; /* further spellings of name */
	size_t nalso;
	size_t index; /* position in the catalogue */
};

struct vpn_guide {
	struct vpn_text id, version;
	struct vpn_prose title;
};

struct vpn_rules;

const struct vpn_guide *vpn_rules_guide(const struct vpn_rules *);
size_t vpn_rules_codes(const struct vpn_rules *);
const struct vpn_code *vpn_rules_code(const struct vpn_rules *, size_t i);
size_t vpn_rules_checks(const struct vpn_rules *);
const struct vpn_check *vpn_rules_check(const struct vpn_rules *, size_t i);
size_t vpn_rules_vendors(const struct vpn_rules *);
const struct vpn_vendor *vpn_rules_vendor(const struct vpn_rules *, size_t i);

/* The code behind a device's words (any case, any punctuation) or behind the
 * slug itself; symptoms are not found. NULL when no rule knows it. */
const struct vpn_code *vpn_rules_by_reason(const struct vpn_rules *, struct vpn_text);

/* The code with that slug and variant (empty: none), symptoms too; or NULL. */
const struct vpn_code *vpn_rules_by_slug(
    const struct vpn_rules *, struct vpn_text slug, struct vpn_text variant);

/* The code behind a ReasonCode number, or NULL. */
const struct vpn_code *vpn_rules_by_number(const struct vpn_rules *, struct vpn_text);

#define VPN_SLUG_MAX 158 /* bytes; a reason has at most 128 (hwIPSecReason) */

/* Fold words to a slug: lower case, every run of other bytes than letters and
 * digits one '_', none at the ends. Returns its length, at most cap. */
size_t vpn_slug(struct vpn_text words, char *slug, size_t cap);

void vpn_rules_free(struct vpn_rules *);

#endif

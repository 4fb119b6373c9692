/* SPDX-License-Identifier: Apache-2.0
 * One generation of the rules and overrides, with what is rendered from them. A
 * HUP brings another; the last user of the old one frees it. */
#ifndef KNOWLEDGE_H
#define KNOWLEDGE_H

#include <stdatomic.h>

#include "vpn/policy.h"
#include "vpn/render.h"

struct knowledge {
	struct vpn_rules *rules;
	struct vpn_policy *policy; /* NULL: no overrides */
	struct vpn_render *render;
	atomic_uint users;
};

/* For one user; NULL and "file:line: sentence" in err. */
struct knowledge *knowledge_load(const char *dir, const char *overrides,
    enum vpn_format, enum vpn_language, const char *runbook, char *err, size_t cap);
struct knowledge *knowledge_use(struct knowledge *); /* one more user */
void knowledge_leave(struct knowledge *);

#endif

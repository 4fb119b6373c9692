/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "knowledge.h"
#include "load/load.h"

struct knowledge *
knowledge_load(const char *dir, const char *overrides, enum vpn_format format,
    enum vpn_language language, const char *runbook, char *err, size_t cap)
{
	struct knowledge *kn = calloc(1, sizeof(*kn));

	if (!kn) {
		snprintf(err, cap, "out of memory");
		return NULL;
	}
	atomic_store(&kn->users, 1);
	kn->rules = vpn_rules_load(dir, err, cap);
	if (!kn->rules)
		goto fail;
	if (overrides) {
		kn->policy = vpn_policy_load(overrides, kn->rules, err, cap);
		if (!kn->policy)
			goto fail;
	}
	kn->render = vpn_render_new(kn->rules, format, language, runbook);
	if (kn->render)
		return kn;
	snprintf(err, cap, "out of memory");
fail:
	knowledge_leave(kn);
	return NULL;
}

struct knowledge *
knowledge_use(struct knowledge *kn)
{
	atomic_fetch_add(&kn->users, 1);
	return kn;
}

void
knowledge_leave(struct knowledge *kn)
{
	if (!kn || atomic_fetch_sub(&kn->users, 1) > 1)
		return;
	vpn_render_free(kn->render);
	vpn_policy_free(kn->policy);
	vpn_rules_free(kn->rules);
	free(kn);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "learn.h"

#include <stdio.h>

static const char *
rules_dir(const struct params *par)
{
	return par->rules ? par->rules : OMIPSEC_RULES_DIR;
}

/* mmipsec has no overrides: they are NULL. */
struct knowledge *
learn_rules(const struct params *par, char *err, size_t cap)
{
	return knowledge_load(rules_dir(par), par->overrides, par->vpn_format,
	    par->vpn_language, par->runbook_url, err, cap);
}

struct knowledge *
learn_first(const struct params *par)
{
	char err[600], sentence[800];
	struct knowledge *kn = learn_rules(par, err, sizeof(err));

	if (kn)
		return kn;
	snprintf(sentence, sizeof(sentence), "rules=\"%s\" cannot be used: %s",
	    rules_dir(par), err);
	params_complain(par, sentence);
	return NULL;
}
